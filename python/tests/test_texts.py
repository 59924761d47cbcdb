"""Texts: tokens and weights as scikit-learn's, padding that changes nothing, every character."""

import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, OneClassSVM

from nestor import families
from nestor.conversion import Served, compare
from nestor.errors import NestorError, UnsupportedModel
from nestor.families import kernels
from nestor.fields import fields_of
from nestor.given import given
from nestor.text_encoders import Tfidf, Tokens
from nestor.texts import ODD, TextMaker, code_points
from nestor.torch_text import Shape, TextClassifier
from nestor_demonstrations import sentiment_deep

GOOD = ["a good and good-hearted film", "great fun", "it's good", "the best of the year", "fun for all"]
BAD = ["a bad and boring film", "not good , not fun", "dull", "the worst of the year", "it is n't a film at all"]
TEXTS = pd.DataFrame({"text": GOOD + BAD, "class": [1] * 5 + [0] * 5})
FRAME = TEXTS[["text"]]
POOL = TEXTS["text"].tolist()
FIELDS = fields_of(given(FRAME), {"text": {"type": "text", "maximum_length": 500}})


@pytest.fixture
def many() -> pd.DataFrame:
    """Every character, and 500 natural, odd and very long texts."""
    rows = list(TextMaker(FIELDS[0], POOL).take(len(code_points()) // 16 + 500))
    return pd.DataFrame([row for _, row in rows])


def test_the_sweep_holds_every_character_that_unicode_assigns() -> None:
    assert unicodedata.unidata_version == "14.0.0"
    assert len(code_points()) > 280_000
    swept = set("".join(TextMaker(FIELDS[0], POOL).sweep()))
    assert swept == set(code_points())


def test_short_and_default_patterns_find_the_same_tokens(many: pd.DataFrame) -> None:
    for text in many["text"]:
        assert re.findall(r"\w{2,}", text.lower()) == re.findall(r"(?u)\b\w\w+\b", text.lower())


def test_weights_are_scikit_learns(many: pd.DataFrame) -> None:
    vectorizer = TfidfVectorizer().fit(TEXTS["text"])
    encoder = Tfidf("text", vectorizer.get_feature_names_out().tolist(), r"\w{2,}", vectorizer.idf_)
    found = encoder.encode(given(many))
    dense = np.zeros((len(many), len(encoder.terms)))
    np.add.at(dense, (np.arange(len(many))[:, None], found["ids"]), found["weights"])
    assert np.abs(dense - vectorizer.transform(many["text"]).toarray()).max() <= 1e-15
    assert (np.diff(found["ids"], axis=1) > 0)[found["weights"][:, 1:] > 0].all()


def test_naive_bayes_is_equal_on_every_text(many: pd.DataFrame) -> None:
    estimator = make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(TEXTS["text"], TEXTS["class"])
    conversion = families.convert(estimator, FIELDS)
    found = compare(conversion, given(many), "generated")
    assert max(found.values()) <= 1e-12
    empty = Served(conversion).answer(given(pd.DataFrame({"text": ["", "xyzzy"]})))
    assert empty.probabilities is not None
    assert np.allclose(empty.probabilities, np.exp(estimator[1].class_log_prior_), atol=1e-15)


def _own(text: str) -> str:
    return text


REFUSED = [
    (TfidfVectorizer(tokenizer=str.split, token_pattern=None), "tokenizer=.* is code of your own"),
    (TfidfVectorizer(preprocessor=_own), "preprocessor=.* do its work before the model"),
    (CountVectorizer(analyzer=str.split), "analyzer=.* is code of your own"),
    (TfidfVectorizer(strip_accents=_own), "strip_accents=.* is code of your own"),
    (TfidfVectorizer(dtype=np.float32), "fit it with dtype=numpy.float64"),
    (HashingVectorizer(n_features=16, alternate_sign=False), "HashingVectorizer is unsupported; use TfidfVectorizer"),
    (TfidfVectorizer(token_pattern=r"(?i)[a-z]+"), "has flags"),
    (TfidfVectorizer(token_pattern=r"(\w+)!?"), "has a group that is captured"),
    (TfidfVectorizer(token_pattern=r"\w++"), "JavaScript has no possessive_repeat"),
]  # fmt: skip


@pytest.mark.parametrize(("vectorizer", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_what_the_server_cannot_do_is_refused_by_name(vectorizer: Any, reason: str) -> None:
    estimator = make_pipeline(vectorizer, MultinomialNB()).fit(TEXTS["text"], TEXTS["class"])
    with pytest.raises(UnsupportedModel, match=reason):
        families.convert(estimator, FIELDS)


KEPT_SPARSE = {
    "rbf": SVC(),
    "linear": SVC(kernel="linear"),
    "several": SVC(),
    "neighbours": KNeighborsClassifier(1),
    "calibrated": CalibratedClassifierCV(SVC(), ensemble=False, cv=2),
    "clusters": KMeans(3, n_init=1, random_state=0),
    "boundary": OneClassSVM(nu=0.3),
    "weights": SGDClassifier(loss="log_loss", random_state=0),
}


@pytest.mark.parametrize("kind", KEPT_SPARSE)
def test_an_estimator_that_keeps_its_training_rows_sparse(kind: str) -> None:
    goal = [*TEXTS["class"][:-3], 2, 2, 2] if kind == "several" else TEXTS["class"]
    estimator = make_pipeline(TfidfVectorizer(), KEPT_SPARSE[kind]).fit(TEXTS["text"], goal)
    if kind == "weights":
        estimator[1].sparsify()
    rows = pd.DataFrame([row for _, row in TextMaker(FIELDS[0], POOL).samples(100)])
    if kind == "neighbours":  # texts of unknown words alone are equally near to all
        rows = FRAME
    found = compare(families.convert(estimator, FIELDS), given(rows), "generated")
    assert max(found.values()) <= 1e-12


def test_more_support_vectors_than_a_graph_should_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "MOST_NUMBERS", 100)
    estimator = make_pipeline(TfidfVectorizer(), SVC()).fit(TEXTS["text"], TEXTS["class"])
    with pytest.raises(UnsupportedModel, match="SVC keeps 10 rows of 2. columns.* use a linear model"):
        families.convert(estimator, FIELDS)


def test_a_text_model_takes_one_text() -> None:
    estimator = make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(TEXTS["text"], TEXTS["class"])
    with pytest.raises(NestorError, match="takes one input"):
        families.convert(estimator, fields_of(given(pd.DataFrame({"text": ["a", "b"], "n": [1, 2]})), {}))


@pytest.fixture(scope="module")
def net() -> TextClassifier:
    """A small net that has learnt the ten texts."""
    classifier = sentiment_deep.untrained(TEXTS["text"], Shape(members=2, embedding=6, filters=5))
    for _ in sentiment_deep.epochs(TEXTS, classifier, 300):
        pass
    return classifier


def test_the_net_learns(net: TextClassifier) -> None:
    assert (net.raw(TEXTS["text"].tolist())[:, 0] > 0).tolist() == [True] * 5 + [False] * 5


@pytest.mark.parametrize("length", [1, 2, 3, 5, 17, 63, 64, 65, 200])
@pytest.mark.parametrize("batch", [1, 2, 7, 64])
def test_the_nets_graph_holds_at_every_length_and_batch(net: TextClassifier, length: int, batch: int) -> None:
    words = " ".join(TEXTS["text"]).split() + ["unseen"]
    random = np.random.default_rng(length * 100 + batch)
    texts = [" ".join(random.choice(words, size=length)) for _ in range(batch)]
    compare(families.convert(net, FIELDS), given(pd.DataFrame({"text": texts})), f"length {length}, batch {batch}")


def test_the_nets_graph_holds_for_every_character(net: TextClassifier, many: pd.DataFrame) -> None:
    found = compare(families.convert(net, FIELDS), given(many), "generated")
    assert found["probability"] <= 1e-5


def test_padding_never_changes_a_score(net: TextClassifier) -> None:
    short = torch.tensor([[3, 4, 5]])
    padded = torch.nn.functional.pad(short, (0, 60))
    with torch.no_grad():
        assert torch.allclose(net.net.eval()(short), net.net(padded), atol=1e-6)


def test_tokens_are_capped_padded_and_never_absent() -> None:
    encoder = Tokens("text", ["good", "n't"], Shape().pattern, 4)
    ids = encoder.encode(given(pd.DataFrame({"text": ["", "Good!", "do n't don't good bad good"]})))["ids"]
    assert ids.tolist() == [[1, 0, 0, 0], [2, 1, 0, 0], [1, 3, 1, 3]]


def test_odd_texts_are_all_among_the_samples() -> None:
    samples = [row["text"] for _, row in TextMaker(FIELDS[0], POOL).samples()]
    assert set(ODD) <= set(samples)
    assert len(samples) >= 500
