"""CatBoost's JSON model: its trees as arrays, and what a row goes through before them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import catboost
import numpy as np

from ..errors import UnsupportedModel
from .catboost_words import Axis, Counter, tables
from .chain import Chain
from .tree_ensemble import Tree, leaf

# The key of an empty place in a table of counts.
EMPTY = str(2**64 - 1)


class Model:
    """A model whose features have `names`; `words` are those of the frame, by feature, where it has words."""

    def __init__(self, document: dict[str, Any], names: Sequence[str], words: Mapping[str, Sequence[str]]) -> None:
        info = document["features_info"]
        for kind in ("text_features", "embedding_features"):
            if info.get(kind):
                raise UnsupportedModel(f"CatBoost {kind} are unsupported; fit without them, words as cat_features")
        self.document, self.names = document, list(names)
        self.numbers: list[dict[str, Any]] = info.get("float_features", [])
        self.categories: list[dict[str, Any]] = info.get("categorical_features", [])
        self.counts: list[dict[str, Any]] = info.get("ctrs", [])
        self.words = {(name := names[each["flat_feature_index"]]): words.get(name, ()) for each in self.categories}
        if numbers := [name for name, known in self.words.items() if not known]:
            raise UnsupportedModel(
                f"CatBoost takes {numbers[:10]} as words; give X with .astype(str) there, which the model takes as well"
            )
        self.met: dict[Counter, dict[int, tuple[int, int]]] = {}
        for tree, place, split in self._splits():
            if split["split_type"] != "FloatFeature":
                counter, border = self._counter(split)
                self.met.setdefault(counter, {}).setdefault(border, (tree, place))

    @property
    def width(self) -> int:
        """The number of raw scores per row."""
        return len(self.document["scale_and_bias"][1])

    def _splits(self) -> list[tuple[int, int, dict[str, Any]]]:
        """Return every split with its tree and place; in trees that are not symmetric it has no place in the leaf."""
        if "trees" in self.document:
            found = [split for root in self.document["trees"] for split in _below(root)]
            return [(i, 0, split) for i, split in enumerate(found)]
        trees = enumerate(self.document["oblivious_trees"])
        return [(i, place, split) for i, tree in trees for place, split in enumerate(tree["splits"])]

    def _counter(self, split: dict[str, Any]) -> tuple[Counter, int]:
        """Return what a split on words compares, and the number of its border."""
        if split["split_type"] == "OneHotFeature":
            return Counter((self._axis(split["cat_feature_index"]),), f"is {split['value']}"), 0
        # Splits are numbered through: those on numbers, on single words, on counts.
        at = split["split_index"] - sum(len(each["borders"] or ()) for each in self.numbers)
        at -= sum(len(each.get("values", ())) for each in self.categories)
        for i, each in enumerate(self.counts):
            if at < len(each["borders"]):
                assert each["borders"][at] == split["border"]
                return Counter(self._axes(each["elements"]), f"count {i}"), at
            at -= len(each["borders"])
        raise UnsupportedModel(f"CatBoost splits of type {split['split_type']} are unsupported; fit without them")

    def _axis(self, category: int) -> Axis:
        column = next(each["flat_feature_index"] for each in self.categories if each["feature_index"] == category)
        return Axis(column, tuple(self.words[self.names[column]]))

    def _axes(self, elements: Sequence[dict[str, Any]]) -> tuple[Axis, ...]:
        words = sorted({each["cat_feature_index"] for each in elements if "cat_feature_index" in each})
        borders: dict[int, set[float]] = {}
        for each in elements:
            if "float_feature_index" in each:
                borders.setdefault(self._column(each["float_feature_index"]), set()).add(each["border"])
        sides = [Axis(column, borders=tuple(sorted(values))) for column, values in sorted(borders.items())]
        return (*(self._axis(category) for category in words), *sides)

    def _column(self, number: int) -> int:
        return next(each["flat_feature_index"] for each in self.numbers if each["feature_index"] == number)

    def tables(self, model: Any) -> dict[Counter, np.ndarray]:
        """Return for each counter how many of its borders each combination of words is above, as the model says."""
        first = {name: words[0] for name, words in self.words.items()}
        asked = self._one_by_one() if "trees" in self.document and self.met else model
        return tables(asked, [first.get(name, 0.0) for name in self.names], self.met)

    def _one_by_one(self) -> catboost.CatBoost:
        """Return a model with a tree for each split alone, so that a leaf's number says its answer."""
        trees = [
            {"splits": [split], "leaf_values": [0.0, 1.0], "leaf_weights": [1, 1]} for _, _, split in self._splits()
        ]
        parts = {key: value for key, value in self.document.items() if key != "trees"}
        made = {**parts, "oblivious_trees": trees, "scale_and_bias": [1, [0.0]]}
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.json"
            path.write_text(json.dumps(made), encoding="utf-8")
            return catboost.CatBoost().load_model(str(path), format="json")

    def unknown(self, found: Mapping[Counter, np.ndarray]) -> dict[str, float | None]:
        """Return by feature the code of other words; None where the model may know words that the frame has not."""
        return {name: float(len(words)) if self._complete(name, found) else None for name, words in self.words.items()}

    def _complete(self, name: str, found: Mapping[Counter, np.ndarray]) -> bool:
        column = self.names.index(name)
        of_it = [counter for counter in self.met if any(axis.column == column for axis in counter.axes)]
        if any(counter.name.startswith("is") and not found[counter].any() for counter in of_it):
            return False
        if not any(counter.name.startswith("count") for counter in of_it):
            return True
        alone = [each["identifier"] for each in self.counts if self._axes(each["elements"]) == (self._axis_of(column),)]
        stored = [self.document["ctr_data"][key] for key in alone]
        keys = [set(each["hash_map"][:: each["hash_stride"]]) - {EMPTY} for each in stored]
        return bool(keys) and len(keys[0]) <= len(self.words[name])

    def _axis_of(self, column: int) -> Axis:
        return Axis(column, tuple(self.words[self.names[column]]))

    def before(self, steps: Chain, found: Mapping[Counter, np.ndarray]) -> None:
        """Append what a row goes through before the trees: numbers in float32, and a column for each counter."""
        steps.cast("FP32")
        columns = steps.cast("FP64")
        largest = [each["flat_feature_index"] for each in self.numbers if each["nan_value_treatment"] == "AsTrue"]
        if largest:
            high = np.isin(np.arange(len(self.names)), largest)
            gaps = steps.add("And", steps.add("IsNaN", columns), high)
            columns = steps.add("Where", gaps, np.array(np.inf), columns)
        made = [columns]
        for axes in dict.fromkeys(counter.axes for counter in found):
            of_it = [found[counter] for counter in found if counter.axes == axes]
            index = _index(steps, columns, axes)
            made.append(steps.add("Gather", np.stack(of_it, axis=1).astype(np.float64), index))
        if len(made) > 1:
            steps.add("Concat", *made, axis=1)

    def trees(self, found: Mapping[Counter, np.ndarray]) -> list[Tree]:
        """Return the trees, one for each raw score of each, over the columns that `before` makes."""
        order = [counter for axes in dict.fromkeys(c.axes for c in found) for counter in found if counter.axes == axes]
        places = {counter: len(self.names) + i for i, counter in enumerate(order)}
        if "trees" in self.document:
            return [tree for each in self.document["trees"] for tree in self._grown(each, places)]
        made: list[Tree] = []
        for tree in self.document["oblivious_trees"]:
            asked = [self._asked(split, places) for split in tree["splits"]]
            leaves = np.array(tree["leaf_values"]).reshape(-1, self.width)
            made += [_symmetric(asked, leaves[:, target], target) for target in range(self.width)]
        return made

    def _asked(self, split: dict[str, Any], places: Mapping[Counter, int]) -> tuple[int, float]:
        if split["split_type"] == "FloatFeature":
            return self._column(split["float_feature_index"]), float(np.float32(split["border"]))
        counter, border = self._counter(split)
        return places[counter], sorted(self.met[counter]).index(border) + 0.5

    def _grown(self, root: dict[str, Any], places: Mapping[Counter, int]) -> list[Tree]:
        """Return a tree that is not symmetric, for each raw score."""
        nodes: list[tuple[int, float, int, int]] = []
        leaves: list[Any] = []

        def grow(node: dict[str, Any]) -> int:
            if "split" not in node:
                leaves.append(np.ravel(node["value"]))
                return ~(len(leaves) - 1)
            at = len(nodes)
            nodes.append((0, 0.0, 0, 0))
            nodes[at] = (*self._asked(node["split"], places), grow(node["left"]), grow(node["right"]))
            return at

        grow(root)
        values = np.stack(leaves)
        if not nodes:
            return [leaf(values[0, target], target) for target in range(self.width)]
        feature, border, left, right = (np.array(each) for each in zip(*nodes, strict=True))
        everywhere = np.ones(len(nodes), dtype=np.int64)
        return [Tree(feature, border, left, right, everywhere, values[:, k], k) for k in range(self.width)]


def _below(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the splits of a tree that is not symmetric."""
    if "split" not in node:
        return []
    return [node["split"], *_below(node["left"]), *_below(node["right"])]


def _index(steps: Chain, columns: str, axes: Sequence[Axis]) -> str:
    """Append the place [n] of each row in a table over these axes."""
    index = ""
    for axis in axes:
        code = steps.add("Gather", columns, np.array([axis.column]), axis=1)
        if axis.borders:
            above = steps.add("Greater", code, np.array([[float(np.float32(each)) for each in axis.borders]]))
            steps.cast("FP64")
            code = steps.then("ReduceSum", np.array([1]), keepdims=1)
            assert above
        if index:
            code = steps.add("Add", steps.add("Mul", index, np.array(float(axis.size))), code)
        index = code
    steps.add("Squeeze", index, np.array([1]))
    return steps.cast("INT64")


def _symmetric(asked: Sequence[tuple[int, float]], leaves: np.ndarray, target: int) -> Tree:
    """Return the tree that asks the same at each node of a level; bit i of a leaf's number is the answer of level i."""
    if not asked:
        return leaf(float(leaves[0]), target)
    levels = np.repeat(np.arange(len(asked)), 2 ** np.arange(len(asked)))
    place = np.arange(len(levels)) - (2**levels - 1)
    below, last = 2 ** (levels + 1) - 1, levels == len(asked) - 1
    features, borders = (np.array(each) for each in zip(*asked, strict=True))
    return Tree(
        feature=features[levels],
        threshold=borders[levels],
        left=np.where(last, ~place, below + place),
        right=np.where(last, ~(place + 2**levels), below + place + 2**levels),
        missing_left=np.ones(len(levels), dtype=np.int64),
        leaves=leaves,
        target=target,
    )
