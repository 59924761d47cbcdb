"""scikit-learn's CountVectorizer and TfidfVectorizer as what the server encodes a text by."""

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from .errors import UnsupportedModel
from .patterns import javascript
from .text_encoders import Terms, Tfidf

DEFAULT = r"(?u)\b\w\w+\b"
# What would be code of the user's own, and the mend.
CODE = {
    "tokenizer": "use token_pattern",
    "preprocessor": "do its work before the model",
}


def is_vectorizer(step: Any) -> bool:
    """Whether it makes columns of texts."""
    return isinstance(step, CountVectorizer | HashingVectorizer)


def text_columns(estimator: Any, columns: Sequence[Any]) -> list[Any]:
    """Return those of the columns that an estimator's vectorizers read."""
    columns, found = list(columns), []
    if is_vectorizer(estimator):
        return columns[:1] if len(columns) == 1 else []
    for step, own in _inside(estimator, columns):
        found += [name for name in text_columns(step, own) if name not in found]
    return found


def reads_texts(estimator: Any) -> bool:
    """Whether an estimator takes one text for a row, and no table."""
    if isinstance(estimator, ColumnTransformer):
        return False
    return is_vectorizer(estimator) or any(reads_texts(step) for step, _ in _inside(estimator, []))


def without_addresses(estimator: Any) -> Any:
    """Return a copy without the vectorizers' notes of memory addresses, which differ from run to run."""
    if next(_vectorizers(estimator), None) is None:
        return estimator
    made = copy.deepcopy(estimator)
    for each in _vectorizers(made):
        vars(each).pop("_stop_words_id", None)
    return made


def _vectorizers(estimator: Any) -> Iterator[Any]:
    if is_vectorizer(estimator):
        yield estimator
    for step, _ in _inside(estimator, []):
        yield from _vectorizers(step)


def _inside(estimator: Any, columns: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Yield the estimators that the inputs of one reach, with the columns that each gets."""
    if isinstance(estimator, Pipeline):
        yield estimator.steps[0][1], columns
    elif isinstance(estimator, ColumnTransformer):
        known = list(getattr(estimator, "feature_names_in_", columns))
        for name, step, _ in estimator.transformers_:
            places = estimator._transformer_to_input_indices.get(name, ())
            yield step, [known[i] for i in places if i < len(known)]
    elif isinstance(estimator, FeatureUnion):
        yield from ((step, columns) for _, step in estimator.transformer_list)
    else:
        calibrated = [each.estimator for each in getattr(estimator, "calibrated_classifiers_", ())]
        several = getattr(estimator, "estimators_", ())
        alone = [getattr(estimator, name) for name in ("best_estimator_", "estimator_") if hasattr(estimator, name)]
        for each in (*alone, *calibrated, *(several.ravel() if isinstance(several, np.ndarray) else several)):
            yield each, columns


def encoded(step: Any, input_: str, number: int = 1, weights: TfidfTransformer | None = None) -> Tfidf:
    """Return the encoder of a fitted vectorizer, with the TfidfTransformer that stands behind it, if there is one.

    Raises UnsupportedModel for what the server cannot do.
    """
    kind = type(step).__name__
    if type(step) not in (CountVectorizer, TfidfVectorizer):
        mend = (
            "use TfidfVectorizer, whose vocabulary can be taken along" if "Hashing" in kind else "use TfidfVectorizer"
        )
        raise UnsupportedModel(f"{kind} is unsupported; {mend}")
    for name, mend in CODE.items():
        if (code := getattr(step, name)) is not None:
            raise UnsupportedModel(f"{kind} {name}={code!r} is code of your own, which the server does not run; {mend}")
    for name in ("analyzer", "strip_accents"):
        if callable(code := getattr(step, name)):
            raise UnsupportedModel(f"{kind} {name}={code!r} is code of your own, which the server does not run")
    if step.input != "content":
        raise UnsupportedModel(f"{kind} input={step.input!r} is unsupported; read the texts before the model")
    if step.dtype == np.float32:
        raise UnsupportedModel(f"{kind} dtype=float32 is unsupported; fit it with dtype=numpy.float64")
    weighing = weights if weights is not None else step if isinstance(step, TfidfVectorizer) else None
    if weights is not None and isinstance(step, TfidfVectorizer):
        raise UnsupportedModel("a TfidfTransformer behind a TfidfVectorizer is unsupported; use one of them")
    words = step.analyzer == "word"
    pattern = javascript(step.token_pattern) if words and step.token_pattern != DEFAULT else None
    options = Terms(
        analyzer=step.analyzer,
        ngram_range=tuple(step.ngram_range),
        lowercase=step.lowercase,
        strip_accents=step.strip_accents,
        token_pattern=pattern,
        binary=step.binary,
        sublinear_tf=weighing is not None and weighing.sublinear_tf,
        norm=None if weighing is None else weighing.norm,
    )
    terms = sorted(step.vocabulary_, key=step.vocabulary_.__getitem__)
    return Tfidf(
        input_,
        terms,
        r"\w{2,}",
        idf=np.asarray(weighing.idf_) if weighing is not None and weighing.use_idf else None,
        terms_of=step.build_analyzer(),
        options=options,
        stop_words=sorted(step.get_stop_words() or ()) if words else (),
        number=number,
    )
