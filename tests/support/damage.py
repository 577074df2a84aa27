"""Ways a page is damaged between its author and us.

Also how to tell that a damaged page was believed too much.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from almanac.flows.normalise.vocabulary import normalise
from almanac.flows.validation.layout_check import LastGood, cell, collapse
from almanac.schemas.dates import utc
from almanac.schemas.terms import Terms
from almanac.spiders import base
from almanac.spiders.page import Page

Span = tuple[int, int]
ROW = re.compile(r"<tr\b.*?</tr>", re.S | re.I)
CELL = re.compile(r"<(t[dh])\b[^>]*>(.*?)</\1>", re.S | re.I)
PIPED = re.compile(r"^[ \t]*\|.*\|[ \t]*$", re.M)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
HEADS = (
    "Input",
    "Output",
    "Model",
    "Price",
    "Context",
    "Cached",
    "input",
    "output",
    "price",
    "context",
    "model",
)
MARKUP = (
    "<b>",
    "</td>",
    "<td>",
    "<script>alert(1)</script>",
    "<!-- -->",
    "|",
    "\x00",
    "&nbsp;",
    "<table>",
    '"',
    "}",
    "\n\n",
)


def rows(text: str) -> list[list[Span]]:
    """Return the cells of every table row of HTML or Markdown, as spans of the text inside them."""
    table = []
    for tr in ROW.finditer(text):
        table.append([(tr.start() + m.start(), tr.start() + m.end()) for m in CELL.finditer(tr[0])])
    if not table:
        for line in PIPED.finditer(text):
            if re.fullmatch(r"[ \t|:-]+", line[0]):
                continue
            bars = [line.start() + m.start() for m in re.finditer(r"(?<!\\)\|", line[0])]
            table.append([(a + 1, b) for a, b in pairwise(bars)])
    return [r for r in table if len(r) > 1]


def cell_dropped(text: str, rng: random.Random) -> str:
    """One cell of one row is gone, and those after it move up."""
    start, end = rng.choice(rng.choice(rows(text)))
    return text[:start] + text[end + (text[start - 1] == "|") :]


def cells_swapped(text: str, rng: random.Random) -> str:
    """Two cells of one row change places."""
    (a, b), (c, d) = sorted(rng.sample(rng.choice(rows(text)), 2))
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def columns_swapped(text: str, rng: random.Random) -> str:
    """Two columns change places in every row that has them, the head as well or not."""
    every = rows(text)
    width = Counter(len(r) for r in every).most_common(1)[0][0]
    i, j = sorted(rng.sample(range(width), 2))
    head = rng.random() < 0.5
    for row in reversed(every if head else every[1:]):
        if len(row) == width:
            (a, b), (c, d) = row[i], row[j]
            text = text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
    return text


def head_renamed(text: str, rng: random.Random) -> str:
    heads = [h for h in HEADS if h in text]
    return (
        text.replace(rng.choice(heads), rng.choice(("Wort", "Note", "", "列")))
        if heads
        else text[1:]
    )


def body_cut(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text))]


def stretch_lost(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + text[at + rng.randrange(1, 60) :]


def markup_injected(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(MARKUP) + text[at:]


def number_mangled(text: str, rng: random.Random) -> str:
    start, end = rng.choice([m.span() for m in NUMBER.finditer(text)])
    return (
        text[:start]
        + rng.choice(("1e400", "1e9991048576", "9" * 40, "-1", "null", "NaN"))
        + text[end:]
    )


def line_dropped(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    del lines[rng.randrange(len(lines))]
    return "\n".join(lines)


def lines_swapped(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    i, j = rng.sample(range(len(lines)), 2)
    lines[i], lines[j] = lines[j], lines[i]
    return "\n".join(lines)


def member_dropped(text: str, rng: random.Random) -> str:
    document = json.loads(text)
    members = rng.choice([o for o in _objects(document) if o])
    del members[rng.choice(list(members))]
    return json.dumps(document)


def members_swapped(text: str, rng: random.Random) -> str:
    document = json.loads(text)
    members = rng.choice([o for o in _objects(document) if len(o) > 1])
    a, b = rng.sample(list(members), 2)
    members[a], members[b] = members[b], members[a]
    return json.dumps(document)


def encoding_changed(text: str, rng: random.Random) -> bytes:
    return text.encode(rng.choice(["utf-16", "latin-1", "cp1251", "utf-32"]), "replace")


def _objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(o for v in value.values() for o in _objects(v))]
    return [o for v in value for o in _objects(v)] if isinstance(value, list) else []


Damage = Callable[[str, random.Random], str | bytes]
ANY: tuple[Damage, ...] = (
    head_renamed,
    body_cut,
    stretch_lost,
    markup_injected,
    number_mangled,
    encoding_changed,
)
TABLE: tuple[Damage, ...] = (cell_dropped, cells_swapped, columns_swapped)
LINES: tuple[Damage, ...] = (line_dropped, lines_swapped)
JSON: tuple[Damage, ...] = (member_dropped, members_swapped)


def damages(text: str) -> tuple[Damage, ...]:
    """Return the ways a text of its form can be damaged."""
    with contextlib.suppress(ValueError):
        return (*ANY, *JSON) if isinstance(json.loads(text), (dict, list)) else ANY
    return (*ANY, *(TABLE if rows(text) else ()), *(() if text.lstrip().startswith("<") else LINES))


class Recorded:
    """A recorded page, and how its reader takes it whole and damaged."""

    def __init__(self, body: Path) -> None:
        about = json.loads(body.with_name("capture.json").read_text(encoding="utf-8"))
        self.source = base.source(body.parent.parent.name)
        self.url, self.moment, self.text = (
            about["url"],
            utc(about["fetched_at"]),
            body.read_text(encoding="utf-8"),
        )
        self.name = "/".join(body.parts[-3:-1])
        whole = self.read(self.text)
        self.facts, self.refused = _facts(whole), _refused(whole)
        self.last = LastGood.of(map(cell, whole.claims))
        self.normalised = len(normalise(whole.claims)[1])

    def read(self, text: str | bytes) -> base.Reading:
        body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        return base.read_page(self.source, Page(self.source.name, self.url, body, self.moment))

    def slipped(self, reading: base.Reading) -> list[str]:
        """Return what a damaged page says that the whole one does not.

        Nothing if more was refused than of the whole one.
        """
        new = _facts(reading) - self.facts
        return [] if reading.failed or _refused(reading) - self.refused else sorted(map(str, new))

    def moved(self, reading: base.Reading) -> bool:
        """Whether a figure of the whole page now stands elsewhere.

        That is under another field, or on another of its models.
        """
        stood = {(*fact[2:5], fact[6:8], _benchmark(fact)) for fact in self.facts}
        models = {fact[2] for fact in self.facts}
        figures = {fact[6:8] for fact in self.facts if not isinstance(fact[6], bool)}
        return any(
            fact[2] in models
            and fact[6:8] in figures
            and (*fact[2:5], fact[6:8], _benchmark(fact)) not in stood
            for fact in _facts(reading) - self.facts
            if fact[3] != "score" or self._scored(fact)
        )

    def _scored(self, fact: tuple[object, ...]) -> bool:
        """Whether a score is of another benchmark than the model's same score on the whole page."""
        same = {f for f in self.facts if f[2:4] == fact[2:4] and f[6:8] == fact[6:8]}
        return not any(_benchmark(f) in _benchmark(fact) for f in same)

    def held(self, reading: base.Reading) -> bool:
        """Whether the line holds a reading back.

        It does so because of what the whole page said at the look before.
        """
        refused = normalise(reading.claims)[1]
        return len(refused) > self.normalised or bool(
            collapse(LastGood.of(map(cell, reading.claims)), self.last, None)
        )


def _facts(reading: base.Reading) -> set[tuple[object, ...]]:
    return {
        (c.subject, c.provider, c.model, c.field, c.meter, c.terms, c.value, c.unit, c.state)
        for c in reading.claims
    }


def _benchmark(fact: tuple[object, ...]) -> str:
    """Return the benchmark of a score's terms; for another fact its terms as a whole."""
    terms = fact[5]
    return terms.get("benchmark") if fact[3] == "score" and isinstance(terms, Terms) else str(terms)


def _refused(reading: base.Reading) -> Counter[tuple[str, str, str]]:
    return Counter((r.reason, r.printed, r.model) for r in reading.refusals)
