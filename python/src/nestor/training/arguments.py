"""From the parameters of a training function to the JSON Schema of its arguments, and the check against it."""

import inspect
import math
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from ..errors import NestorError

TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", types.NoneType: "null"}
NAMES = {name: kind for kind, name in TYPES.items()}
TAKEN = "int, float, str, bool, Literal[...], one of these | None, or Annotated[..., nestor.Between(...), 'what it is']"


class ArgumentsError(NestorError):
    """Arguments that a training does not take; the message names each."""


@dataclass(frozen=True)
class Between:
    """The least and the greatest legal number of a parameter, both included; None: without a bound on that side."""

    least: float | None = None
    most: float | None = None


def schema_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the keyword arguments of a training function.

    Raises NestorError for a parameter without type or default, for a type that has no schema, and for a default that
    the schema refuses.
    """
    where = f"{function.__module__}.{function.__qualname__}"
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception as error:  # whatever the text of an annotation raises when it is evaluated
        raise NestorError(f"{where}: its types cannot be read: {error}") from error
    properties = {}
    for name, parameter in inspect.signature(function).parameters.items():
        place = f"{where}: parameter {name!r}"
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise NestorError(f"{place} cannot be given by its name; arguments of a training are named")
        if name not in hints:
            raise NestorError(f"{place} has no type; give it one of {TAKEN}")
        if parameter.default is parameter.empty:
            raise NestorError(f"{place} has no default; a training can be asked for without arguments")
        schema = _schema(hints[name], place)
        if fault := _fault(parameter.default, schema):
            raise NestorError(f"{place}: its default {parameter.default!r} {fault}")
        properties[name] = {**schema, "default": parameter.default}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def checked(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as their types have them (1 is 1.0 for a float); raise ArgumentsError naming each fault."""
    properties = schema["properties"]
    known = ", ".join(properties) or "none"
    faults = [f"{name}: is no argument of this training, which takes {known}" for name in arguments.keys() - properties]
    faults += [
        f"{name}: {fault}"
        for name, value in arguments.items()
        if name in properties and (fault := _fault(value, properties[name]))
    ]
    if faults:
        raise ArgumentsError("; ".join(sorted(faults)))
    return {name: _typed(value, properties[name]) for name, value in arguments.items()}


def _schema(hint: Any, place: str) -> dict[str, Any]:
    if hint in TYPES and hint is not types.NoneType:
        return {"type": TYPES[hint]}
    origin = get_origin(hint)
    if origin is Literal:
        values = list(get_args(hint))
        if any(type(value) not in TYPES for value in values):
            raise NestorError(f"{place}: a Literal may hold texts, numbers, True, False and None")
        kinds = list(dict.fromkeys(TYPES[type(value)] for value in values))
        return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": values}
    if origin is Annotated:
        kind, *said = get_args(hint)
        return _annotated(_schema(kind, place), said, place)
    if origin in (Union, types.UnionType):
        others = [each for each in get_args(hint) if each is not types.NoneType]
        if len(others) == 1:
            return _or_null(_schema(others[0], place))
    raise NestorError(f"{place}: {hint!r} has no schema; it may be {TAKEN}")


def _annotated(schema: dict[str, Any], said: list[Any], place: str) -> dict[str, Any]:
    for each in said:
        if isinstance(each, str):
            schema["description"] = each
        elif isinstance(each, Between):
            if not {"integer", "number"} & set(_kinds(schema)):
                raise NestorError(f"{place}: only numbers can be between two others")
            bounds = {"minimum": each.least, "maximum": each.most}
            schema |= {key: bound for key, bound in bounds.items() if bound is not None}
        else:
            raise NestorError(f"{place}: {each!r} says nothing; after the type come nestor.Between(...) and a text")
    return schema


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    schema["type"] = list(dict.fromkeys([*_kinds(schema), "null"]))
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"].append(None)
    return schema


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    return [schema["type"]] if isinstance(schema["type"], str) else schema["type"]


def _fault(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a value, as the end of a sentence; None where it fits."""
    if not any(_is(value, kind) for kind in _kinds(schema)):
        return f"must be {' or '.join(_kinds(schema))}"
    # True == 1, but is not the same in JSON.
    if "enum" in schema and not any(value == each and _is_like(value, each) for each in schema["enum"]):
        return f"must be one of {', '.join(map(repr, schema['enum']))}"
    if _is(value, "number"):
        if value < schema.get("minimum", -math.inf):
            return f"must be at least {schema['minimum']:g}"
        if value > schema.get("maximum", math.inf):
            return f"must be at most {schema['maximum']:g}"
    return None


def _is(value: Any, kind: str) -> bool:
    """Return whether JSON Schema takes the value for one of that kind: 2.0 is an integer, True is none."""
    if kind in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return False
        return kind == "number" or float(value).is_integer()
    return isinstance(value, NAMES[kind])


def _is_like(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool)


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    if not _is(value, "number") or "enum" in schema:
        return value
    return float(value) if "number" in _kinds(schema) else int(value)
