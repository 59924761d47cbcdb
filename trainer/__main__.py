"""The command line: `python -m trainer fetch|train|rows <model>`."""

import argparse
import sys
from pathlib import Path

from .errors import TrainerError
from .models import MODELS


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    root = argparse.ArgumentParser(prog="python -m trainer", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("model", choices=sorted(MODELS), help="which model")
        return made

    fetch = command("fetch", "Download a model's data files from their public origin and check their digests.")
    fetch.add_argument("--data", type=Path, required=True, help="folder to put the files in")
    fetch.add_argument("--url", help="other address of the file (for a mirror; only for models with one file)")
    train = command("train", "Train a model, compare its export with it, and write artifacts/<model>/<version>/.")
    train.add_argument("--data", type=Path, required=True, help="folder that holds the data files")
    train.add_argument("--artifacts", type=Path, default=Path("artifacts"), help="where to write (default: artifacts)")
    train.add_argument("--version", help="version number to write (default: the next free one)")
    return root


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code. Refusals are one line on standard error."""
    options = parser().parse_args(arguments)
    model = MODELS[options.model]
    try:
        if options.command == "fetch":
            if options.url and len(model.DATA) != 1:
                raise TrainerError(f"--url needs a model with one data file; {options.model} has {len(model.DATA)}")
            for file in model.DATA:
                print(file.fetch(options.data, options.url))
        else:
            print(model.train(options.data, options.artifacts, options.version))
    except TrainerError as error:
        print(f"trainer: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
