"""The one way from a fitted estimator to an artifact folder; every model of this repository takes it too."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import numpy as np

from . import card, evaluate, families, folder, plausible, proof, refusals, unsaid
from . import holdout as held_out
from .answers import Answers
from .baseline import baseline
from .conversion import Conversion
from .encoders import settled, tabular
from .errors import NestorError
from .fields import fields_of
from .frames import Frame
from .front import as_pandas
from .given import given, is_pandas, known_names
from .labels import Labels, check_target, check_values, entries, labels_of, named, plain
from .libraries import need
from .progress import Progress
from .rows import RowMaker, maker_of, pools_of
from .samples import samples
from .texts import with_texts
from .training import context

ADVERSARIAL_ROWS = 50_000


def encode(
    frame: Any,
    inputs: Mapping[str, Mapping[str, Any]] | None = None,
    like: Any = None,
) -> Any:
    """Return the numbers to fit an estimator on, float64: those of `frame` as they are, categories one-hot.

    `frame` [rows, inputs] has a column per input, `inputs` their options as `export` takes them. For a pandas frame
    a pandas frame is returned, a category's column called `input_category`; else an array. Rows that are to be
    predicted take the columns of those that were trained on: `encode(test, like=train)`. Raises NestorError for a
    column that is neither numbers nor texts, and for a category that `like` has not.
    """
    rows, trained = given(frame), given(frame if like is None else like)
    if lacking := [name for name in trained.names if name not in rows.columns]:
        raise NestorError(f"the frame lacks {lacking[:10]}, which the frame that it is to be like has")
    encoder = tabular(fields_of(trained, inputs or {}))
    numbers = encoder.matrix(rows)
    return as_pandas(encoder.named(numbers)) if is_pandas(frame) or is_pandas(like) else numbers


def export(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    name: str,
    description: str = "",
    inputs: Mapping[str, Mapping[str, Any]] | None = None,
    classes: Mapping[Any, str] | None = None,
    holdout: tuple[Any, Any] | None = None,
    metrics: Mapping[str, float] | None = None,
    meanings: Mapping[str, str] | None = None,
    training: Mapping[str, Any] | None = None,
    floors: Mapping[str, float] | None = None,
    changes: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
    authors: Sequence[str] = (),
    license: str | None = None,
    artifacts: str | Path = "artifacts",
    version: str | None = None,
    verbose: bool = True,
) -> Path:
    """Export a fitted estimator; return the folder `artifacts/<name>/<version>`, written whole.

    The graph is compared with the estimator on your rows and on 50,000 made to be difficult before anything is written.

    Parameters:
        estimator: the fitted estimator: LightGBM's, XGBoost's, CatBoost's, scikit-learn's or `nestor.torch_text`'s.
        X: its training rows as callers will send them, [rows, inputs]: a pandas frame or a dict of columns, whose
            categories are not yet one-hot (fit on `encode(X)`); or an array, whose columns are called `x0`, `x1`, ...,
            or as the estimator calls them.
        y: their target [rows] or [rows, targets], as the estimator was fitted with it; checked against X and the
            estimator's classes. The columns of a frame name the targets.
        name: stands in the routes: `[a-z0-9][a-z0-9._-]{0,62}`.
        description: a sentence of what is predicted; begins the card and the documentation.
        inputs: by column: description, unit, minimum, maximum (the legal bounds, in that unit), example, nullable,
            missing_values, categories, type, maximum_length, record ("hash" or "drop": what a server keeps of a value).
        classes: label by class value (or number of a cluster), in the estimator's order.
        holdout: rows and target that were not trained on; figures and pictures are made from them, and they go into the
            folder (holdout.ndjson, at most 20,000 rows), so that a later version can be compared with this one on them.
        metrics: figures of your own by name; `meanings` says in words what they mean.
        training: facts: dataset, sha256, split, arguments.
        floors: what a figure must reach, by its name, for the version to replace another: {"accuracy": 0.8}; of errors
            and losses it is the most that they may be.
        changes: by input (or "answer"): in words, what callers have to do otherwise than with the version before. A
            change of the inputs that is not named is refused at the gate.
        notes: prose of the card: intended_use, data, limits, bias.
        authors: who made the model; `license`: how it may be used, by SPDX name.
        artifacts: the folder to write below; `version`: digits, by default the next free number. A runner decides both
            of a training that it runs.
        verbose: whether stages, warnings and a call to try go to standard error.

    Raises UnsupportedModel for an estimator that cannot be exported, FidelityError (with row and both answers) if graph
    and estimator differ, LibraryError for a library that is missing or too old, NestorError for arguments that are
    wrong. In each case nothing is left behind.
    """
    progress = Progress(verbose)
    root, version = context.place(artifacts, checked_name(name), version)
    model = root / name
    version = version or folder.next_version(model)
    folder.check_free(model, version)
    refusals.check_said(description, authors, license, metrics)
    refusals.check_fitted(estimator)
    frame = given(X, estimator, progress.say)
    said = with_texts(estimator, frame.names, {str(column): options for column, options in (inputs or {}).items()})
    fields = fields_of(frame, said)
    refusals.check_inputs(fields)
    kept = None if holdout is None else _held_out(holdout, frame, estimator)
    refusals.check_width(estimator, fields)
    progress.say(f"{name}: {len(frame):,} rows, {len(fields)} inputs, {type(estimator).__module__.split('.')[0]}")
    check_values(estimator)
    conversion = families.convert(estimator, fields, list(classes) if classes else None, progress.say)
    fields = settled(fields, conversion.encoder, frame, said)
    conversion = plain(named(conversion, y))
    labels = labels_of(conversion, classes)
    refusals.check_classes(conversion.task, labels)
    check_target(y, len(frame), conversion, labels)
    frames = [frame] if kept is None else [frame, kept[0]]
    by_name = known_names(estimator) is not None
    if not by_name:
        plausible.check_order(conversion, fields, estimator)
    for rows, truth, what in ((frame, y, "training"), *([] if kept is None else [(*kept, "hold-out")])):
        if truth is not None:
            plausible.check_better_than_chance(conversion, rows, np.asarray(truth), what, by_name)
    pools = pools_of(frame, fields)
    maker = maker_of(conversion, fields, pools)
    if isinstance(maker, RowMaker):
        fields = proof.above(conversion, fields, maker, progress)
        # Made anew even where nothing changed: what was asked has moved its random numbers on.
        maker = maker_of(conversion, fields, pools)
    smallest = proof.scale(conversion, frame, y)
    found = proof.compared(conversion, frames, maker, ADVERSARIAL_ROWS, smallest, progress)
    if isinstance(maker, RowMaker):
        fields = proof.bounded(conversion, fields, maker, smallest, progress)
    kinds = maker.samples()
    found = proof.replayed(conversion, fields, kinds, found, smallest)
    facts = {"dataset": name, "sha256": hashlib.sha256(frame.csv()).hexdigest()}
    facts |= {"split": "none" if kept is None else "made by the caller", "arguments": {}} | dict(training or {})
    both = 0 if kept is None else plausible.overlap(frame, kept[0])
    if both:
        progress.say(f"warning: {both:,} of the hold-out rows are training rows too, equal in each input")
    progress.say("figures, pictures and samples")
    figures, pictures = _evaluation(conversion, frames, kept, labels, progress)
    figures |= metrics or {}
    asked: dict[str, Any] = {"floors": refusals.checked_floors(floors, figures, conversion.task)} if floors else {}
    asked |= {"changes": refusals.checked_changes(changes)} if changes else {}
    manifest = {
        "schema": 1,
        "model": name,
        "version": version,
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "task": conversion.task,
        "description": description or f"The model {name}.",
        "authors": list(authors) or [unsaid.UNSAID],
        "license": license or unsaid.UNSAID,
        "inputs": [field.manifest() for field in fields],
        "encoding": conversion.encoder.manifest(),
        "tensors": {"inputs": conversion.encoder.tensors, "outputs": conversion.outputs},
        **entries(conversion, labels),
        "decision": conversion.decision,
        "tolerance": proof.tolerance(conversion, found),
        "metrics": figures,
        "training": {
            **{key: facts.pop(key) for key in ("dataset", "sha256")},
            "rows": len(frame),
            "holdout_rows": len(kept[0]) if kept else 0,
            **({"overlap": both} if both else {}),
            **asked,
            **facts,
            "libraries": {each: version_of(each) for each in (*conversion.libraries, "numpy", "onnx", "onnxruntime")},
        },
    }
    files = {
        "model.onnx": conversion.graph.SerializeToString(deterministic=True),
        "manifest.json": folder.document(manifest),
        "samples.json": samples(conversion, fields, kinds),
        "baseline.json": baseline(conversion, frame, fields, labels, kept and kept[0]),
        "card.md": card.write(manifest, notes or {}, meanings or {}).encode(),
        **conversion.files,
        **pictures,
    }
    is_number = conversion.task == "regression"
    if kept and conversion.task != "clustering" and (rows_held := held_out.document(*kept, fields, is_number)):
        files[held_out.FILE] = rows_held
    written = folder.write(model, version, files)
    if context.inside is not None:
        target = None if y is None or conversion.task in ("anomaly", "clustering") else np.asarray(y)
        context.inside.note_rows(held_out.digests(frame, target, fields, is_number), target is not None)
    folder.set_first_champion(model, version)
    for sentence in unsaid.warnings(manifest, description, notes or {}):
        progress.say(sentence)
    # A runner brings the version away, so nobody can call it from here.
    for sentence in unsaid.call(manifest, written) if context.inside is None else ():
        progress.say(sentence)
    return written


def _held_out(holdout: tuple[Any, Any], frame: Frame, estimator: Any) -> tuple[Frame, np.ndarray]:
    rows, target = given(holdout[0], estimator), np.asarray(holdout[1])
    if lacking := [name for name in frame.names if name not in rows.columns]:
        raise NestorError(f"holdout: its rows lack {lacking[:10]}, which X has")
    if len(target) != len(rows) or not len(rows):
        raise NestorError(f"holdout: {len(rows)} rows have {len(target)} answers; give one for each row")
    return rows.only(frame.names), target


def checked_name(name: str) -> str:
    """Return the model's name; raise NestorError if it cannot stand in a path and a URL."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}", name):
        raise NestorError(f"name {name!r} must match [a-z0-9][a-z0-9._-]{{0,62}}")
    return name


def _evaluation(
    conversion: Conversion,
    frames: list[Frame],
    holdout: tuple[Frame, np.ndarray] | None,
    labels: Labels,
    progress: Progress,
) -> tuple[dict[str, float], dict[str, bytes]]:
    """Return figures and pictures of the hold-out, as far as the libraries are there that make them."""
    answers: Answers = conversion.answer(frames[-1])
    truth = None if holdout is None else holdout[1]
    figures: dict[str, float] = {}
    if truth is not None:
        answer_classes = () if conversion.classes is None or truth.ndim != 1 else conversion.classes
        if answer_classes and (lacks := evaluate.left_out(truth, answer_classes)):
            progress.say(lacks)
        try:
            figures = evaluate.figures(conversion, truth, answers)
        except ImportError:
            progress.say("without scikit-learn there are no figures of the hold-out; pip install 'nestor[sklearn]'")
    try:
        need("matplotlib", "sklearn")
        from . import plots
    except ImportError as error:
        progress.say(f"there are no pictures: {error}")
        return figures, {}
    shown = None if conversion.task == "clustering" else truth
    names = {} if conversion.targets else labels[0]
    return figures, plots.draw(shown, answers, conversion.score(answers), names, conversion.importance)
