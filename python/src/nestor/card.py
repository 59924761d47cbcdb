"""The model card: what the model is for, what it was made from, how good it is and where it must not be used."""

from collections.abc import Mapping
from typing import Any

from .evaluate import MEANINGS
from .fields import LISTED

SECTIONS = (("intended_use", "Intended use"), ("data", "Data"), ("limits", "Limits"), ("bias", "Bias and fairness"))

# What is legal of types that have no bounds.
ANY = {"boolean": "true or false", "datetime": "any date"}
# What a reader is told of an input whose values a server does not keep.
KEPT = {"keep": "", "hash": "; records keep a keyed hash of it", "drop": "; records leave it out"}


def write(manifest: Mapping[str, Any], notes: Mapping[str, str], meanings: Mapping[str, str]) -> str:
    """Return card.md. `notes` has the prose of `SECTIONS`; `meanings` explains metrics that are the model's own."""
    training = manifest["training"]
    lines = [f"# {manifest['model']}, version {manifest['version']}", "", manifest["description"], ""]
    for key, title in SECTIONS:
        if key not in notes and key != "data":
            continue
        lines += [f"## {title}", "", *([_prose(notes[key]), ""] if key in notes else [])]
        if key == "data":
            lines += [_facts(training), ""]
    if manifest["metrics"]:
        lines += ["## Metrics", "", "| metric | value | what it means |", "| --- | --- | --- |"]
        for name, value in manifest["metrics"].items():
            lines.append(f"| {name} | {value:.4f} | {meanings.get(name) or MEANINGS.get(name, '')} |")
        lines.append("")
    lines += [
        "## Inputs",
        "",
        "| input | type | meaning | legal | seen in training |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [_input(entry) for entry in manifest["inputs"]]
    lines += ["", "## Fidelity", "", _fidelity(manifest), ""]
    return "\n".join(lines)


def _prose(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


def _facts(training: Mapping[str, Any]) -> str:
    facts = [
        f"Training rows: {training['rows']:,}; hold-out rows: {training['holdout_rows']:,}.",
        f"Data set `{training['dataset']}`, sha256 `{training['sha256']}`.",
    ]
    if "holdout_sha256" in training:
        facts.append(f"Hold-out file: sha256 `{training['holdout_sha256']}`.")
    facts.append(f"Split: {training['split']}.")
    return " ".join(facts)


def _input(entry: Mapping[str, Any]) -> str:
    unit = f" ({entry['unit']})" if "unit" in entry else ""
    legal = _values(entry) if "categories" in entry else _range(entry)
    if entry.get("nullable"):
        legal += "; may be missing (null)"
    if "missing_values" in entry:
        legal += f"; {', '.join(map(str, entry['missing_values']))} means missing"
    legal += KEPT[entry.get("record", "keep")]
    seen = _range(entry["observed"]) if "observed" in entry else ""
    return f"| `{entry['name']}` | {entry['type']} | {entry['description']}{unit} | {legal} | {seen} |"


def _values(entry: Mapping[str, Any]) -> str:
    values = entry["categories"]
    more = f" and {len(values) - LISTED:,} more" if len(values) > LISTED else ""
    first = ", ".join(map(str, values[:LISTED]))
    return f"any value; known: {first}{more}" if entry.get("open") else first + more


def _range(entry: Mapping[str, Any]) -> str:
    if "maximum_length" in entry:
        return f"up to {entry['maximum_length']:,} characters"
    if entry.get("type") in ANY:
        return ANY[entry["type"]]
    low, high = entry.get("minimum"), entry.get("maximum")
    if low is None:
        return "any number" if high is None else f"at most {high}"
    return f"at least {low}" if high is None else f"{low} to {high}"


def _fidelity(manifest: Mapping[str, Any]) -> str:
    tolerance, found = manifest["tolerance"], []
    if manifest["decision"]["kind"] != "labelled":
        raw = "equal bit for bit" if tolerance["raw"] == 0 else f"within {tolerance['raw']:.3g}"
        found.append(f"raw outputs {raw}")
    if "probability" in tolerance:
        found.append(f"probabilities within {tolerance['probability']:.3g}")
    if manifest["task"] != "regression":
        found.append("every label equal")
    whose = "the fitted estimator"
    if manifest["training"].get("reference") == "graph":
        given = manifest["training"].get("given_answers")
        right = f"{given:,} answers given with it were compared too" if given else "nobody has said what is right"
        whose = f"the graph as it was given ({right})"
    text = f"`model.onnx` was compared with {whose} before this folder was written: " + ", ".join(found)
    return text + f". `samples.json` holds rows with {_whose(manifest)} answers to repeat this by."


def _whose(manifest: Mapping[str, Any]) -> str:
    return "that graph's" if manifest["training"].get("reference") == "graph" else "the estimator's"
