"""The command line: `python -m nestor_demonstrations fetch|train|rows <model>`."""

import argparse
import sys
from pathlib import Path

from nestor import Artifact, NestorError, write_rows

from . import MODELS, Model, model


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    root = argparse.ArgumentParser(prog="python -m nestor_demonstrations", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("model", choices=sorted(MODELS), help="which model")
        return made

    options = command("fetch", "Download a model's data files from their public origin and check their digests.")
    options.add_argument("--data", type=Path, required=True, help="folder to put the files in")
    options.add_argument("--url", help="other address of the file (for a mirror; only for models with one file)")
    options = command("train", "Train a model, compare its export with it, and write artifacts/<model>/<version>/.")
    options.add_argument("--data", type=Path, help="folder that holds the data files (iris needs none)")
    options.add_argument(
        "--artifacts", type=Path, default=Path("artifacts"), help="where to write (default: artifacts)"
    )
    options.add_argument("--version", help="version number to write (default: the next free one)")
    options = command("rows", "Write generated rows with the exported estimator's answers, one JSON sample per line.")
    options.add_argument("--count", type=int, default=20_000, help="number of generated rows (default: 20000)")
    options.add_argument("--out", type=Path, required=True, help="file to write, for example rows.ndjson")
    options.add_argument("--artifacts", type=Path, default=Path("artifacts"), help="where to read (default: artifacts)")
    options.add_argument("--version", help="version number to read (default: the champion)")
    options.add_argument("--all", action="store_true", help="before them, write every row of the model's data")
    options.add_argument("--data", type=Path, help="folder that holds the data files (needed by --all)")
    options.add_argument("--seed", type=int, default=1, help="another seed gives other rows (default: 1)")
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code. Refusals are one line on standard error."""
    options = parser().parse_args(arguments)
    try:
        COMMANDS[options.command](model(options.model), options)
    except NestorError as error:
        print(f"nestor: {error}", file=sys.stderr)
        return 1
    return 0


def fetch(model: Model, options: argparse.Namespace) -> None:
    """Download what is missing of a model's data."""
    if options.url and len(model.DATA) != 1:
        raise NestorError(f"--url needs a model with one data file; {options.model} has {len(model.DATA)}")
    for file in model.DATA:
        print(file.fetch(options.data, options.url))


def train(model: Model, options: argparse.Namespace) -> None:
    """Train a model and print the folder that was written."""
    needs_data(model, options)
    print(model.train(options.data, options.artifacts, options.version))


def rows(model: Model, options: argparse.Namespace) -> None:
    """Write rows for a replay and print their number."""
    if options.all:
        needs_data(model, options)
    folder = options.artifacts / options.model
    data = model.read(options.data) if options.all else None
    artifact = Artifact(folder / options.version) if options.version else Artifact.champion(folder)
    print(write_rows(artifact, options.count, options.out, data, options.seed))


def needs_data(model: Model, options: argparse.Namespace) -> None:
    """Raise NestorError if the model has data files and the folder was not given."""
    if model.DATA and options.data is None:
        raise NestorError(f"--data is needed: the folder that holds {', '.join(file.name for file in model.DATA)}")


COMMANDS = {"fetch": fetch, "train": train, "rows": rows}

if __name__ == "__main__":
    sys.exit(main())
