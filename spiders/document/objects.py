"""Objects within a text: its front matter, and the literals of scripts and MDX components."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import chompjs

from almanac.schemas import safe_yaml
from almanac.spiders.bounds import on_time

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.S)
_GAP = r"\s{0,40}"
_PROPERTY = re.compile(
    rf"(?<![\w-])(?P<name>[A-Za-z_][\w-]{{0,60}}){_GAP}={_GAP}\{{(?={_GAP}[{{\[])"
)
_EXPORTED = re.compile(
    rf"^[ \t]{{0,40}}(?:export{_GAP} )?(?:const|let|var) {_GAP}(?P<name>\w{{1,60}}){_GAP}"
    rf"(?::[^=\n]{{1,200}})?={_GAP}(?=[{{\[])",
    re.M,
)
LONGEST_OBJECT = 200_000
"""Characters of one object in a text."""
MOST_OBJECTS = 500
"""Beginnings of objects that are looked at, of each form."""


@dataclass(frozen=True, slots=True)
class Cut:
    """An object that stood in a text, where it began, and the name it stood under."""

    name: str
    line: int
    text: str
    value: Any = None
    problem: str = ""


def cut_out(text: str) -> tuple[str, list[Cut]]:
    """Return a text without the objects in it, its lines kept in number, and the objects."""
    cuts: list[Cut] = []
    if m := _FRONT.match(text):
        cuts.append(_front(m[1]))
        text = _blank(text, 0, m.end())
    for pattern in (_PROPERTY, _EXPORTED):
        at = tried = 0
        while tried < MOST_OBJECTS and (m := pattern.search(text, at)):
            on_time()
            tried += 1
            start = m.end()
            end = _closed(text, start + len(text[start:]) - len(text[start:].lstrip()))
            if end < 0:
                at = m.end()
                continue
            cuts.append(_parsed(m["name"], text, start, end))
            lines = text.count("\n", start, end)
            text = _blank(text, start, end)
            at = start + lines
    return text, cuts


def _front(body: str) -> Cut:
    try:
        return Cut("front matter", 1, body, safe_yaml.load(body))
    except ValueError as error:
        return Cut("front matter", 1, body, problem=str(error).splitlines()[0])


def _parsed(name: str, text: str, start: int, end: int) -> Cut:
    line, body = text.count("\n", 0, start) + 1, text[start:end]
    try:
        return Cut(name, line, body, chompjs.parse_js_object(_quoted(body)))
    except (ValueError, RecursionError) as error:
        return Cut(name, line, body, problem=f"no object: {str(error)[:80]}")


def _quoted(body: str) -> str:
    """Return an object with names such as `Capability.ToolUse` as texts, which they stand for."""
    return re.sub(r"(?<=[\[,:\s])([A-Za-z_]\w*\.[A-Za-z_]\w*)(?=\s*[,\]}\n])", r'"\1"', body)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + "\n" * text.count("\n", start, end) + text[end:]


def _closed(text: str, start: int) -> int:
    """Return where the bracket that opens at a place closes, past strings; -1 if it does not."""
    depth, at, quote = 0, start, ""
    stop = min(len(text), start + LONGEST_OBJECT)
    while at < stop:
        c = text[at]
        if quote:
            at += c == "\\"
            quote = "" if c == quote else quote
        elif c in "\"'`":
            quote = c
        elif c in "{[(":
            depth += 1
        elif c in "}])":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return -1
