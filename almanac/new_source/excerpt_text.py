"""Excerpts of Markdown and of JSON, and the words of others in any of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from almanac.new_source.draft import ModelList
from almanac.new_source.excerpt import Cutter, smallest

LONGEST = 60
"""Characters of a text that may be a label or a name, though it has several words."""
SHORTEST = 40
"""Characters from which on several words are left out, where the page is read the same."""
GONE = "…"
FILLER = "Here stood a sentence of which only that it stood here matters."
_CELL = re.compile(r"(?<=\|)[^|\n]+(?=\|)")
_SHOWN = re.compile(r"(?<=>)[^<>]+(?=<)")
_WORDS = re.compile(r"[^\W\d_]{2,}")


def cut_lines(cutter: Cutter, text: str) -> str:
    """Return the excerpt of a Markdown page: those of its lines without which it says less."""
    lines = text.replace("\r\n", "\n").split("\n")

    def joined(rest: Sequence[str]) -> str:
        return "\n".join(rest).strip("\n") + "\n"

    short = [line for line in lines if _may_matter(line)]
    if cutter.holds(joined(short)):
        lines = short
    return joined(smallest(lines, lambda rest: cutter.holds(joined(rest))))


def _may_matter(line: str) -> bool:
    return "|" in line or len(line) <= 2 * LONGEST or line.lstrip()[:1] in ("#", "<", "{")


def cut_answer(cutter: Cutter, text: str, models: ModelList) -> str:
    """Return the excerpt of an answer: the models that are kept, with all their keys."""
    answer = json.loads(text, parse_float=_Printed, parse_int=_Printed)
    records: list[Any] = answer
    for key in models.under.split("/") if models.under else ():
        records = records[key]  # type: ignore[call-overload]

    def written(rest: Sequence[Any]) -> str:
        inner: Any = list(rest)
        for key in reversed(models.under.split("/") if models.under else []):
            inner = {key: inner}
        return dumped(inner) + "\n"

    return written(smallest(records, lambda rest: cutter.holds(written(rest))))


class _Printed(str):
    """A number as it is printed."""

    __slots__ = ()


def dumped(value: Any, depth: int = 0) -> str:
    """Return JSON with numbers as they were printed; what others wrote in sentences is left out."""
    gap = "\n" + " " * (depth + 1)
    if isinstance(value, dict):
        inner = [f"{dumped(key)}: {dumped(held, depth + 1)}" for key, held in value.items()]
        return "{" + gap + f",{gap}".join(inner) + "}" if inner else "{}"
    if isinstance(value, list):
        inner = [dumped(v, depth + 1) for v in value]
        wide = any(isinstance(v, (dict, list)) for v in value)
        return "[" + (f",{gap}" if wide else ", ").join(inner) + "]"
    if isinstance(value, _Printed):
        return str(value)
    if isinstance(value, str) and is_sentence(value):
        return json.dumps(GONE, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False)


def is_sentence(text: str) -> bool:
    """Whether a text may be others' words: longer than most labels, with several words in it.

    >>> is_sentence("Input, up to 200K tokens"), is_sentence("one two three four five " * 4)
    (False, True)
    """
    return len(text.strip()) > SHORTEST and len(_WORDS.findall(text)) > 4


def without_sentences(cutter: Cutter, text: str, units: Sequence[str]) -> tuple[str, list[str]]:
    """Return a text in which others' sentences are left out, and those that had to stay.

    Where one says the unit of prices, our own words say it: `units` are those of the page.
    """
    stay: list[str] = []
    for sentence in dict.fromkeys(_sentences(text)):
        replaced = _first(text, sentence, (GONE, *units, FILLER), cutter.holds)
        if replaced is None:
            shorter = _shortened(cutter, text, sentence)
            text = text.replace(sentence, shorter)
            stay += [shorter.strip()] if len(shorter) > LONGEST else []
        else:
            text = replaced
    return text, stay


def _sentences(text: str) -> list[str]:
    """Return what of a text is a sentence: a cell, what an element shows, or a line."""
    if text.lstrip()[:1] == "<":
        shown = _SHOWN.findall(text)
    else:
        lines = text.split("\n")
        cells = [cell for line in lines for cell in _CELL.findall(line)]
        shown = cells + [line for line in lines if "|" not in line]
    return [part for part in shown if is_sentence(part)]


def _first(
    text: str, sentence: str, words: Sequence[str], holds: Callable[[str], bool]
) -> str | None:
    """Return a text with a sentence put in other words, the first with which it says the same."""
    for other in words:
        replaced = text.replace(sentence, _as_marked(sentence, other))
        if holds(replaced):
            return replaced
    return None


def _shortened(cutter: Cutter, text: str, sentence: str) -> str:
    """Return of several sentences those without which the page says less."""
    parts = re.split(r"(?<=[.!?。；])\s*", sentence)

    def holds(rest: Sequence[str]) -> bool:
        return cutter.holds(text.replace(sentence, " ".join(rest)))

    return " ".join(smallest(parts, holds)) if len(parts) > 1 else sentence


def _as_marked(sentence: str, words: str) -> str:
    """Return words behind the mark of a list or a heading that a sentence has."""
    m = re.match(r"\s*(?:[-*+>]|#{1,6}|\d+\.)?\s*", sentence)
    return (m[0] if m else "") + words
