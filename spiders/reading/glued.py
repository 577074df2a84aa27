"""Tables in lines of text whose cells are glued, as `Context window1.05m128k` of two models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from almanac.schemas.quantity import split_glued
from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Block, Cell, Grid, Line
from almanac.spiders.reading.amounts import states_amount
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.ledger import Outcome
from almanac.spiders.vocabulary.labels import Label

LONGEST_LABEL = 40
_TITLE = re.compile(r"(?P<one>.{2,80}?) vs (?P<other>.{2,80}[^?])")
_MARK = r"[—–-]"
_DAY = rf"\d{{4}}-\d{{2}}(?:-\d{{2}})?|{_MARK}"
_COUNT = rf"\d+(?:\.\d+)?[kKmMbBtT]|{_MARK}"
_FLAG = "Yes|No"
_PRICE = r"\$\d+(?:\.\d+)?/1M tokens"
_SCORE = r"\d+\.\d"
_CELLS = {
    "architecture": r"[Dd]ecoder [Oo]nly|[Ee]ncoder[ -][Dd]ecoder|[Mm]ixture [Oo]f [Ee]xperts"
    rf"|[Ss]tate [Ss]pace|[Hh]ybrid|{_MARK}",
    "licence": r"(?:Proprietary|Unknown|Apache 2\.0|MIT|BSD-3-Clause|CC[- ]BY[\w .-]*\d"
    r"|[A-Z][\w .]*? (?:Community )?Licen[cs]e)(?:OSI-approved)?",
    "openness": "Proprietary|Open source|Open weights|Restricted weights|Unknown",
    "commercial_use": "Commercial use: (?:conditional|permitted|forbidden|unknown)",
    "context_window": _COUNT,
    "parameters": _COUNT,
}
"""What a cell of a field may be, which tells where one ends."""


@dataclass(frozen=True, slots=True)
class _Head:
    """The first line of a glued table: its label, and the names of its columns if it has them."""

    label: str
    names: tuple[str, ...]


def with_glued(context: Context, blocks: Sequence[Block]) -> list[Block]:
    """Return blocks, glued lines under a head of a page about two models as grids.

    A line of which it cannot be told where its cells end is refused.
    """
    titles = (_TITLE.fullmatch(b.text) for b in blocks[:20] if isinstance(b, Line))
    title = next(filter(None, titles), None)
    if title is None:
        return list(blocks)
    result: list[Block] = []
    i = 0
    while i < len(blocks):
        line = blocks[i]
        head = _head(line, (title["one"], title["other"]), context.declared)
        result.append(line)
        i += 1
        if head is None or not isinstance(line, Line):
            continue
        body = list(_body(blocks, i, line.locator))
        result[-1:] = [_grid(context, head, line, body, f"table at {line.locator}")]
        i += len(body)
    return result


def _head(line: Block, names: tuple[str, str], declared: Declared) -> _Head | None:
    """Return what a line is the head of: of both names in either order, or of neither."""
    if not isinstance(line, Line) or line.kind != "text" or len(line.text) > 300:
        return None
    for order in (names, names[::-1]):
        label = line.text.removesuffix("".join(order))
        if label != line.text and declared.label(label).is_role("attribute", "group", "benchmark"):
            return _Head(label, order)
    return _Head(line.text, ("", "")) if declared.label(line.text).is_role("attribute") else None


def _body(blocks: Sequence[Block], start: int, locator: str) -> Iterator[Line]:
    """Yield the lines behind a head, which stand in one paragraph with it."""
    for block in (blocks[i] for i in range(start, len(blocks))):
        if not isinstance(block, Line) or block.locator != locator:
            return
        yield block


def _grid(context: Context, head: _Head, line: Line, body: Sequence[Line], locator: str) -> Grid:
    cells = [Cell(text, -1, i, head=True) for i, text in enumerate((head.label, *head.names))]
    scores = context.declared.label(head.label).is_role("benchmark")
    rows: list[tuple[Cell, ...]] = []
    for row in paced(body):
        try:
            texts = _score(row.text) if scores else _row(row.text, context.declared)
        except ValueError as error:
            reason = f"a cell is lost or cannot be told from its neighbour: {error}"
            context.refuse(reason, row.text, row.locator)
            continue
        if not texts:
            _unread(context, row)
        else:
            rows.append(tuple(Cell(text, len(rows), i) for i, text in enumerate(texts)))
    return Grid((tuple(cells),), tuple(rows), line.place, locator)


def _unread(context: Context, line: Line) -> None:
    """Refuse a price under a label that nobody knows; enter any other figure, or why it is none."""
    stated = (context.declared.label(line.text[:end]) for end in range(LONGEST_LABEL, 0, -1))
    prose = next((label for label in stated if label.role == "prose"), None)
    if prose is not None:
        rule = prose.name.removeprefix("ignored: ")
        context.pass_by(line.text, line.locator, Outcome.ignored, rule)
    elif states_amount(line.text):
        reason = "a price under a label that this reader does not know"
        context.refuse(reason, line.text, line.locator, name="price")
    elif re.search(r"\d", line.text):
        context.pass_by(line.text, line.locator, Outcome.left)


def _row(text: str, declared: Declared) -> list[str]:
    """Return the label and the cells of a line; nothing of one without a label that states.

    Raises ValueError unless there is one way to tell them.
    """
    fault = ""
    for end in range(min(len(text) - 1, LONGEST_LABEL), 0, -1):
        pattern = _pattern(declared.label(text[:end]))
        if not pattern or text[end - 1].isdigit():
            continue
        try:
            return [text[:end], *split_glued(text[end:], pattern)]
        except ValueError as error:
            fault = fault or str(error)
    if fault:
        raise ValueError(fault)
    return []


def _pattern(stated: Label) -> str:
    """Return what a cell under a label may be; nothing for a label of which that is not known."""
    if stated.flag:
        return _FLAG
    if stated.role == "price":
        return _PRICE
    if stated.role != "field":
        return ""
    return _DAY if stated.name.endswith(("_date", "_cutoff")) else _CELLS.get(stated.name, "")


def _score(text: str) -> list[str]:
    label = text.rstrip("0123456789.")
    return [label, *split_glued(text[len(label) :], _SCORE)] if label != text else []
