"""Training functions that a runner can be asked for: declared by a decorator, found by entry points and modules."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeVar

from ..errors import NestorError, first_line
from ..exporting import checked_name
from .arguments import checked, schema_of

GROUP = "nestor.trainables"
Function = TypeVar("Function", bound=Callable[..., Path])


@dataclass(frozen=True)
class Trainable:
    """A training function, the model it trains, and the JSON Schema of its arguments."""

    model: str
    function: Callable[..., Path]
    schema: dict[str, Any]

    @property
    def name(self) -> str:
        """Where the function stands."""
        return f"{self.function.__module__}.{self.function.__qualname__}"

    def train(self, arguments: dict[str, Any]) -> Path:
        """Run the training; return the folder of the version. Raises ArgumentsError before it begins."""
        return self.function(**checked(arguments, self.schema))


_declared: dict[str, Trainable] = {}


def trainable(*, model: str) -> Callable[[Function], Function]:
    """Declare a function that trains `model`; a runner runs it, by hand it is called as before.

    Its parameters have types and defaults; they become the arguments that `POST /models/<model>/train` takes. It
    returns what `nestor.export` or `nestor.wrap` returns. Raises NestorError for parameters that make no schema, and
    for a second function of the same model.
    """
    checked_name(model)

    def declare(function: Function) -> Function:
        made = Trainable(model, function, schema_of(function))
        known = _declared.setdefault(model, made)
        # A module that is imported anew declares its functions again.
        if known.name != made.name:
            raise NestorError(f"two functions train the model {model!r}: {known.name} and {made.name}; keep one")
        _declared[model] = made
        return function

    return declare


def found(modules: Iterable[str] = ()) -> dict[str, Trainable]:
    """Return by model every training function of the installed packages and of `modules`.

    Raises NestorError if a module or an entry point cannot be imported, and if there is no function at all.
    """
    for entry in entry_points(group=GROUP):
        with _importing(f"the entry point {entry.name!r} of {GROUP} ({entry.value})"):
            entry.load()
    for module in modules:
        with _importing(f"the module {module!r}"):
            import_module(module)
    if not _declared:
        raise NestorError(
            f"there is no training function: decorate one with @nestor.trainable(model=...) and name its module by "
            f"--module, or by an entry point of the group {GROUP}"
        )
    return dict(_declared)


@contextmanager
def _importing(what: str) -> Iterator[None]:
    """Say whose import has failed."""
    try:
        yield
    except NestorError as error:
        raise NestorError(f"{what}: {error}") from error
    except Exception as error:  # a module may raise anything while it is imported
        raise NestorError(f"{what} cannot be imported: {type(error).__name__}: {first_line(error)}") from error
