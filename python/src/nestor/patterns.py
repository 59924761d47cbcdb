"""A regular expression of Python's, written so that JavaScript (flags g and u) finds the same in every text."""

import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from .errors import UnsupportedModel

# How Python itself reads a pattern; Python 3.10 has the two modules under older names.
code = import_module("re._constants" if sys.version_info >= (3, 11) else "sre_constants")
parser = import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

# What Python's classes hold; JavaScript's \w is ASCII, and its \s another set.
WORD, DIGIT = r"\p{L}\p{N}_", r"\p{Nd}"
SPACE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
CLASSES = {
    code.CATEGORY_WORD: WORD, code.CATEGORY_DIGIT: DIGIT, code.CATEGORY_SPACE: SPACE,
}  # fmt: skip
OTHERS = {
    code.CATEGORY_NOT_WORD: WORD, code.CATEGORY_NOT_DIGIT: DIGIT, code.CATEGORY_NOT_SPACE: SPACE,
}  # fmt: skip
PLACES = {
    code.AT_BEGINNING: "^",
    code.AT_BEGINNING_STRING: "^",
    code.AT_END: r"(?=\n?$)",
    code.AT_END_STRING: "$",
    code.AT_BOUNDARY: f"(?:(?<=[{WORD}])(?![{WORD}])|(?<![{WORD}])(?=[{WORD}]))",
    code.AT_NON_BOUNDARY: f"(?:(?<=[{WORD}])(?=[{WORD}])|(?<![{WORD}])(?![{WORD}]))",
}
PLAIN = re.compile(r"[A-Za-z0-9_ ]")


def javascript(pattern: str) -> str:
    """Return the pattern as JavaScript writes it; raise UnsupportedModel for what the two do not read alike."""
    found = parser.parse(pattern)
    flags = found.state.flags & ~re.UNICODE
    if flags:
        raise UnsupportedModel(f"token_pattern={pattern!r} has flags {re.RegexFlag(flags)!r}; write it without them")
    if found.state.groups > 1:
        raise UnsupportedModel(
            f"token_pattern={pattern!r} has a group that is captured; write (?:...) instead of (...)"
        )
    return _sequence(found, pattern)


def _sequence(items: Sequence[Any], pattern: str) -> str:
    return "".join(_one(kind, value, pattern) for kind, value in items)


def _one(kind: Any, value: Any, pattern: str) -> str:
    if kind is code.LITERAL:
        return _character(value)
    if kind is code.NOT_LITERAL:
        return f"[^{_character(value)}]"
    if kind is code.ANY:
        return r"[^\n]"
    if kind is code.IN:
        return _set(value, pattern)
    if kind is code.AT and value in PLACES:
        return PLACES[value]
    if kind is code.BRANCH:
        return f"(?:{'|'.join(_sequence(each, pattern) for each in value[1])})"
    if kind is code.SUBPATTERN and value[0] is None and not value[1] and not value[2]:
        return f"(?:{_sequence(value[3], pattern)})"
    if kind in (code.ASSERT, code.ASSERT_NOT):
        side = "<" if value[0] < 0 else ""
        return f"(?{side}{'=' if kind is code.ASSERT else '!'}{_sequence(value[1], pattern)})"
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        least, most, inner = value
        times = f"{{{least},{'' if most is code.MAXREPEAT else most}}}"
        return f"(?:{_sequence(inner, pattern)}){times}{'?' if kind is code.MIN_REPEAT else ''}"
    raise UnsupportedModel(f"token_pattern={pattern!r}: JavaScript has no {str(kind).lower()}; write it without")


def _set(items: Sequence[Any], pattern: str) -> str:
    """Return a set of characters; of classes that are left out in it (`[\\W_]`) a choice is made."""
    turned = items[0][0] is code.NEGATE
    inside, choices = "", []
    for kind, value in items[turned:]:
        if kind is code.LITERAL:
            inside += _character(value)
        elif kind is code.RANGE:
            inside += f"{_character(value[0])}-{_character(value[1])}"
        elif kind is code.CATEGORY and value in CLASSES:
            inside += CLASSES[value]
        elif kind is code.CATEGORY and value in OTHERS:
            choices.append(f"[^{OTHERS[value]}]")
        else:
            raise UnsupportedModel(f"token_pattern={pattern!r}: JavaScript has no {str(value).lower()} in a set")
    if not turned:
        choices = [*([f"[{inside}]"] if inside else []), *choices]
        return choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})"
    ahead = "".join(f"(?!{each})" for each in choices)
    return f"(?:{ahead}[^{inside}])" if inside else f"(?:{ahead}[^])"


def _character(number: int) -> str:
    return chr(number) if PLAIN.fullmatch(chr(number)) else f"\\u{{{number:x}}}"
