"""The command line: `python -m nestor describe|export|wrap|check|runner`."""

import argparse
import sys
from pathlib import Path

from . import commands
from .errors import NestorError
from .wrapping.reference import KINDS


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    root = argparse.ArgumentParser(prog="python -m nestor", description="Exports fitted estimators for Nestor.")
    parsers = root.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return parsers.add_parser(name, help=text, description=text)

    pickle = "A pickle runs code when it is opened, as MLflow's folders may: name only what you made or trust."
    kinds = "a pickle (or joblib file), what a library saved, or an MLflow model folder"
    options = command("describe", f"Say what a model would become, or what a version folder is. {pickle}")
    options.add_argument("path", type=Path, help=f"{kinds}; or a version folder")
    options = command("export", f"Export a fitted estimator that lies in a file or an MLflow folder. {pickle}")
    options.add_argument("path", type=Path, help=kinds)
    rows = "CSV file of the training rows, a column per input (default: the input example of an MLflow folder)"
    options.add_argument("--data", type=Path, help=rows)
    options.add_argument("--target", help="the column of the data that is no input but the target")
    options.add_argument("--holdout", type=Path, help="CSV file of rows that were held out, with the target's column")
    _about_the_version(options)
    options = command("wrap", "Make a version folder of an ONNX graph that another exporter wrote.")
    options.add_argument("path", type=Path, help="the graph's file, for example model.onnx, or an MLflow model folder")
    options.add_argument("--data", type=Path, help=rows)
    options.add_argument("--target", help="the column of the data that is no input but the graph's right answer")
    options.add_argument("--gives", choices=KINDS, help="what the graph's numbers are, where it cannot be seen")
    options.add_argument("--classes", nargs="+", metavar="LABEL", help="labels of the classes 0, 1, ... of the graph")
    _about_the_version(options)
    options = command("check", "Replay the samples of a version folder; exit code 1 if it would be refused.")
    options.add_argument("folder", type=Path, help="a version folder, for example artifacts/iris/1")
    options = command("runner", "Run the trainings that a server is asked for, one at a time, until SIGTERM.")
    options.add_argument("--server", required=True, metavar="URL", help="the server, as http://127.0.0.1:3000")
    options.add_argument("--once", action="store_true", help="end after one job, or when none came within 20 seconds")
    options.add_argument(
        "--data", type=Path, help="folder of the data for trainings; without it the one of TRAINING_DATA"
    )
    options.add_argument(
        "--until-eof", action="store_true", help="end when standard input does: whoever started it is gone"
    )
    options.add_argument(
        "--module",
        action="append",
        default=[],
        metavar="M",
        help="a module with functions that @nestor.trainable declares, beside those of installed packages",
    )
    options.add_argument("--name", help="what people know the runner by (default: machine and process)")
    key = "file with the key for the server, - for a line of standard input (default: NESTOR_API_KEY, if it is set)"
    options.add_argument("--key-file", type=Path, metavar="FILE", help=key)
    return root


def _about_the_version(options: argparse.ArgumentParser) -> None:
    options.add_argument("--name", required=True, help="the model's name, as it will stand in the routes")
    options.add_argument("--description", default="", help="a sentence: what is predicted")
    options.add_argument(
        "--artifacts", type=Path, default=Path("artifacts"), help="where to write (default: artifacts)"
    )
    options.add_argument("--version", help="version number to write (default: the next free one)")
    options.add_argument("--quiet", action="store_true", help="print the written folder alone")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code. Refusals are a few words on standard error."""
    options = parser().parse_args(arguments)
    try:
        getattr(commands, options.command)(options)
    except NestorError as error:
        print(f"nestor: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
