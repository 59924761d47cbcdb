"""From a function's parameters to the schema that a runner declares, and what is refused with words to mend it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

import nestor
from nestor.training import context, trainables
from nestor.training.arguments import ArgumentsError, checked, schema_of

HERE = Path("here")


@pytest.fixture(autouse=True)
def _nothing_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainables, "_declared", {})


def every_form(
    trees: Annotated[int, nestor.Between(1, 500), "How many trees"] = 100,
    rate: Annotated[float, nestor.Between(0.01)] = 1,
    depth: Annotated[int, nestor.Between(1, 9)] | None = None,
    kernel: Literal["rbf", "linear"] = "rbf",
    level: Literal[1, 2] | None = 2,
    note: str = "",
    exact: bool = False,
) -> Path:
    """Train nothing."""
    return HERE


def test_parameters_make_the_schema() -> None:
    assert schema_of(every_form) == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "trees": {
                "type": "integer",
                "minimum": 1,
                "maximum": 500,
                "description": "How many trees",
                "default": 100,
            },
            "rate": {"type": "number", "minimum": 0.01, "default": 1},
            "depth": {"type": ["integer", "null"], "minimum": 1, "maximum": 9, "default": None},
            "kernel": {"type": "string", "enum": ["rbf", "linear"], "default": "rbf"},
            "level": {"type": ["integer", "null"], "enum": [1, 2, None], "default": 2},
            "note": {"type": "string", "default": ""},
            "exact": {"type": "boolean", "default": False},
        },
    }


def test_arguments_are_taken_as_their_types_have_them() -> None:
    schema = schema_of(every_form)
    taken = checked({"trees": 5.0, "rate": 2, "depth": None, "level": None, "exact": True}, schema)
    assert taken == {"trees": 5, "rate": 2.0, "depth": None, "level": None, "exact": True}
    assert [type(taken[name]) for name in ("trees", "rate")] == [int, float]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"trees": 0}, "trees: must be at least 1"),
        ({"trees": 501}, "trees: must be at most 500"),
        ({"trees": 1.5}, "trees: must be integer"),
        ({"trees": True}, "trees: must be integer"),
        ({"rate": float("nan")}, "rate: must be number"),
        ({"depth": "deep"}, "depth: must be integer or null"),
        ({"kernel": "poly"}, "kernel: must be one of 'rbf', 'linear'"),
        ({"level": 3}, "level: must be one of 1, 2, None"),
        ({"exact": 1}, "exact: must be boolean"),
        ({"note": None, "leaves": 3, "trees": "9"}, "leaves: is no argument of this training, which takes trees, rate, "
         "depth, kernel, level, note, exact; note: must be string; trees: must be integer"),
    ],
)  # fmt: skip
def test_arguments_outside_the_schema_are_named(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        checked(arguments, schema_of(every_form))
    assert str(caught.value) == said


def no_type(trees=3) -> Path:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return HERE


def no_default(trees: int) -> Path:
    return HERE


def no_schema(trees: list[int] = []) -> Path:  # noqa: B006
    return HERE


def two_types(trees: int | str = 3) -> Path:
    return HERE


def bad_default(trees: Annotated[int, nestor.Between(1, 5)] = 9) -> Path:
    return HERE


def text_between(name: Annotated[str, nestor.Between(1, 5)] = "x") -> Path:
    return HERE


def unknown_note(trees: Annotated[int, 5] = 3) -> Path:
    return HERE


def unnamed(*trees: int) -> Path:
    return HERE


def unread(trees: "Nowhere" = 3) -> Path:  # type: ignore[name-defined]  # noqa: F821
    return HERE


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (no_type, "parameter 'trees' has no type; give it one of int, float, str, bool, Literal"),
        (no_default, "parameter 'trees' has no default; a training can be asked for without arguments"),
        (no_schema, r"parameter 'trees': list\[int\] has no schema; it may be int, float"),
        (two_types, r"parameter 'trees': int \| str has no schema"),
        (bad_default, "parameter 'trees': its default 9 must be at most 5"),
        (text_between, "parameter 'name': only numbers can be between two others"),
        (unknown_note, "parameter 'trees': 5 says nothing; after the type come nestor.Between"),
        (unnamed, "parameter 'trees' cannot be given by its name"),
        (unread, "unread: its types cannot be read: name 'Nowhere' is not defined"),
    ],
)
def test_a_function_that_makes_no_schema_is_refused(function: Callable[..., Path], said: str) -> None:
    with pytest.raises(nestor.NestorError, match=said):
        nestor.trainable(model="iris")(function)


def test_a_function_stays_as_it_is_and_a_second_one_is_refused() -> None:
    assert nestor.trainable(model="iris")(every_form) is every_form
    nestor.trainable(model="iris")(every_form)
    with pytest.raises(nestor.NestorError, match=r"two functions train the model 'iris': .*every_form and .*other;"):

        @nestor.trainable(model="iris")
        def other() -> Path:
            return HERE

    with pytest.raises(nestor.NestorError, match="name 'Iris' must match"):
        nestor.trainable(model="Iris")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages, beside all others."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("own_trainings", "own_broken"):
        sys.modules.pop(name, None)


def install(folder: Path, module: str, code: str) -> None:
    """Put a package with one module and its entry point into the folder."""
    (folder / f"{module}.py").write_text(code)
    about = folder / f"{module}-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[nestor.trainables]\nmine = {module}\n")


CODE = """
import nestor
from pathlib import Path

@nestor.trainable(model="own")
def train(seed: int = 0):
    return Path(str(seed))
"""


def test_functions_of_installed_packages_are_found(installed: Path) -> None:
    install(installed, "own_trainings", CODE)
    trainable = trainables.found()["own"]
    assert (trainable.name, trainable.train({"seed": 7})) == ("own_trainings.train", Path("7"))


def test_what_cannot_be_imported_is_named(installed: Path) -> None:
    with pytest.raises(
        nestor.NestorError, match="the module 'no_such' cannot be imported: ModuleNotFoundError: No mod"
    ):
        trainables.found(["no_such"])
    install(installed, "own_broken", "raise RuntimeError('half a file')")
    said = r"the entry point 'mine' of nestor.trainables \(own_broken\) cannot be imported: RuntimeError: half a file"
    with pytest.raises(nestor.NestorError, match=said):
        trainables.found()


def test_without_any_function_the_way_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainables, "entry_points", lambda group: [])
    with pytest.raises(nestor.NestorError, match=r"no training function: decorate one with @nestor\.trainable"):
        trainables.found()


def test_by_hand_a_report_is_a_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_told", context._Told())
    for share in (0.1, 0.2, 1.5):
        nestor.report("trees", share, loss=0.25, gone=float("inf"))
    nestor.report("export")
    assert capsys.readouterr().err == "nestor: trees: 10%, loss 0.25\nnestor: trees: 100%, loss 0.25\nnestor: export\n"
    with pytest.raises(nestor.NestorError, match="report needs a stage"):
        nestor.report(" ")


def test_the_folder_of_the_data_is_the_operators(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINING_DATA", str(tmp_path))
    assert nestor.training_data() == tmp_path
    monkeypatch.setenv("TRAINING_DATA", str(tmp_path / "gone"))
    with pytest.raises(nestor.DataError, match=r"TRAINING_DATA names '.*gone', which is no folder"):
        nestor.training_data()
    monkeypatch.delenv("TRAINING_DATA")
    with pytest.raises(nestor.DataError, match="set TRAINING_DATA, where the runner is started"):
        nestor.training_data()


def test_the_demonstrations_declare_every_model_with_its_own_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nestor_demonstrations.trainables", raising=False)
    monkeypatch.setattr(trainables, "entry_points", lambda group: [])
    from nestor_demonstrations import MODELS, iris, turnover

    known = trainables.found(["nestor_demonstrations.trainables"])
    assert sorted(known) == sorted(MODELS)
    defaults = {name: {k: v["default"] for k, v in each.schema["properties"].items()} for name, each in known.items()}
    assert defaults["iris"] == {name: iris.ARGUMENTS[name] for name in ("C", "kernel")}
    assert list(defaults["turnover"].values()) == list(turnover.ARGUMENTS.values())
