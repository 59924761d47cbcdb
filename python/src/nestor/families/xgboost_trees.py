"""XGBoost's JSON model: its trees as arrays, and the categories that it was fitted on."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import UnsupportedModel
from .tree_ensemble import Tree


def model_of(learner: dict[str, Any]) -> dict[str, Any]:
    """Return where the trees of a learner stand, or the weights of a linear one."""
    booster = learner["gradient_booster"]
    model: dict[str, Any] = booster.get("gbtree", booster)["model"]
    return model


def trees_of(learner: dict[str, Any]) -> list[Tree]:
    """Return the trees of gbtree; those whose leaves have a vector once for each of its numbers."""
    model = model_of(learner)
    pairs = zip(model["trees"], model["tree_info"], strict=True)
    return [made for tree, target in pairs for made in _trees(tree, target)]


def has_vectors(learner: dict[str, Any]) -> bool:
    """Whether leaves have a number for each target."""
    return any(_vector(tree) > 1 for tree in model_of(learner).get("trees", ()))


def times_asked(learner: dict[str, Any], features: int) -> list[float]:
    """Return how many splits each feature has [features]."""
    trees = model_of(learner)["trees"]
    asked = [np.array(tree["split_indices"])[np.array(tree["left_children"]) >= 0] for tree in trees]
    return np.bincount(np.concatenate(asked).astype(int), minlength=features).astype(float).tolist()


def without_leaves(document: dict[str, Any]) -> dict[str, Any]:
    """Return the same model with a 0 in every leaf, and for every weight of a linear one."""
    document = copy.deepcopy(document)
    model = model_of(document["learner"])
    if "weights" in model:
        model["weights"] = [0.0] * len(model["weights"])
    for tree in model.get("trees", ()):
        pairs = zip(tree["split_conditions"], tree["left_children"], strict=True)
        tree["split_conditions"] = [0.0 if child < 0 else value for value, child in pairs]
        if _vector(tree) > 1:
            for weights in {"base_weights", "leaf_weights"} & tree.keys():
                tree[weights] = [0.0] * len(tree[weights])
    return document


def without_weights(document: dict[str, Any], bases: Sequence[float] | None) -> dict[str, Any]:
    """Return the model of booster dart as one of gbtree, with the weights of its trees in their leaves.

    Since 3.4 dart is a gbtree with weights, and multiplies what each tree says. Before, a booster does that too, but
    the wrapper first adds the base margin and takes it off again, which rounds otherwise: then `bases` has it for each
    target. A model without weights is returned as it is.
    """
    learner = document["learner"]
    model = model_of(learner)
    if "weight_drop" in model:
        weights, bases = model["weight_drop"], None
    else:
        weights = learner["gradient_booster"].get("weight_drop")
    if not weights:
        return document
    for tree, target, weight in zip(model["trees"], model["tree_info"], weights, strict=True):
        said = np.array(tree["split_conditions"], dtype=np.float32)
        base = np.float32(0 if bases is None else bases[target])
        leaves = ((base + said) - base) * np.float32(weight)
        at_leaf = np.array(tree["left_children"]) < 0
        tree["split_conditions"] = np.where(at_leaf, leaves, said).tolist()
        if _vector(tree) > 1:
            tree["leaf_weights"] = (np.array(tree["leaf_weights"], dtype=np.float32) * np.float32(weight)).tolist()
    plain = {key: value for key, value in model.items() if key != "weight_drop"}
    return {**document, "learner": {**learner, "gradient_booster": {"model": plain, "name": "gbtree"}}}


def _vector(tree: dict[str, Any]) -> int:
    """Return how many numbers a leaf has; 0 and 1 are one."""
    return int(tree["tree_param"]["size_leaf_vector"])


def _trees(tree: dict[str, Any], target: int) -> list[Tree]:
    one, width = _tree(tree, target), _vector(tree)
    if width <= 1:
        return [one]
    weights = np.array(tree.get("leaf_weights", tree["base_weights"]), dtype=np.float32).reshape(-1, width)
    at_leaf = np.array(tree["left_children"]) < 0
    # Since 3.2 the vectors stand in a list of their own, and a leaf has the place of its vector for a right child.
    own = "leaf_weights" in tree
    leaves = weights[np.array(tree["right_children"])[at_leaf]] if own else weights[at_leaf]
    return [replace(one, leaves=leaves[:, i], target=i) for i in range(width)]


def _tree(tree: dict[str, Any], target: int) -> Tree:
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    inner = left >= 0
    # Nodes and leaves share one numbering there; here nodes count from 0 and leaves are ~0, ~1, ...
    places = np.where(inner, np.cumsum(inner) - 1, ~(np.cumsum(~inner) - 1))
    sets = {int(places[node]): codes for node, codes in _sets(tree)}
    # The members go right there, and left here.
    swapped = np.isin(np.arange(inner.sum()), list(sets))
    yes, no, missing = places[left[inner]], places[right[inner]], np.array(tree["default_left"])[inner] > 0
    return Tree(
        feature=np.array(tree["split_indices"])[inner],
        threshold=np.where(swapped, np.float32(0), conditions[inner]),
        left=np.where(swapped, no, yes),
        right=np.where(swapped, yes, no),
        missing_left=missing ^ swapped,
        leaves=conditions[~inner],
        target=target,
        members=sets,
    )


def _sets(tree: dict[str, Any]) -> list[tuple[int, np.ndarray]]:
    codes = np.array(tree["categories"], dtype=np.int64)
    bounds = zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True)
    return [(node, codes[first : first + size]) for node, first, size in bounds]


def categories_of(
    learner: dict[str, Any], names: Sequence[str], words: Mapping[str, Sequence[str]]
) -> dict[str, list[Any]]:
    """Return by feature the categories that it was fitted on, in the order of their codes; 3.0 and before save none.

    `words` are those of the frame.
    """
    entries = model_of(learner).get("cats", {}).get("enc", [])
    found = {name: _values(entry, name, words.get(name, ())) for name, entry in zip(names, entries, strict=False)}
    return {name: values for name, values in found.items() if values}


def _values(entry: dict[str, Any], name: str, words: Sequence[str]) -> list[Any]:
    if "offsets" not in entry:
        return list(entry["values"])
    content, bounds = bytes(each % 256 for each in entry["values"]), entry["offsets"]
    if content.isascii():
        return [content[a:b].decode() for a, b in zip(bounds[:-1], bounds[1:], strict=True)]
    # 3.2 counts characters where it cuts bytes, so what it has saved is no text any more; it can only be compared.
    joined = "".join(words).encode()
    for lengths in ([len(word) for word in words], [len(word.encode()) for word in words]):
        if bounds == [0, *np.cumsum(lengths).tolist()] and content == joined[: bounds[-1]]:
            return list(words)
    raise UnsupportedModel(
        f"XGBoost saved other categories of {name} than the frame has; "
        "give the frame that it was fitted on, its categories in order of the alphabet"
    )
