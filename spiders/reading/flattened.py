"""Tables flattened into lines: heads one below the other, then the cells of each row."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from almanac.schemas.quantity import is_missing
from almanac.spiders.bounds import MOST_COLUMNS, paced
from almanac.spiders.document.blocks import Block, Cell, Grid, Line
from almanac.spiders.reading.columns import is_flag
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.grid import is_per
from almanac.spiders.reading.subject import may_name
from almanac.spiders.vocabulary.labels import Label
from almanac.spiders.vocabulary.media import media_of
from almanac.spiders.vocabulary.regions import region_of
from almanac.spiders.vocabulary.words import means

_RATE = re.compile(r"(?:[\d.,]+\s*[kKmM]?\s*[A-Za-z]{2,4}\s*)+")
"""Rates such as `300rpm`, `2Mtpm 480rpm`, `50rps`: no name begins with a number and a unit."""
FEWEST_HEADS = 3
LONGEST_HEAD = 60
MOST_LINES = 200
"""Lines of one row; what runs on for longer is no row."""
_MONEY = re.compile(r"[$€£¥￥]\s*\d|\d\s*(?:元|美元|[$€£])|^(?:free|免费)$", re.I)
_COUNT = re.compile(r"~?\d[\d,.]*\s*[kKmMbB]?(?:\s*tokens?)?")
_PRICED = frozenset(("price", "in", "out", "cache"))
"""Parts of labels that begin a row under tiers, and stand in no head of a tier."""
_SENTENCE = re.compile(r"(?s).{30,}[.!?:]$|.{200}")


@dataclass
class _Table:
    """Heads in lines, and the lines below them up to a heading or another table."""

    heads: list[Line]
    start: int
    body: list[Line] = field(default_factory=list)


def with_flattened(blocks: Sequence[Block], declared: Declared) -> list[Block]:
    """Return blocks with each flattened table as a grid, in place of its lines.

    A line is put under the one head that it can stand under; where there are several such ways for
    the lines of a row, or none, the row is ragged, and refused.
    """
    tables = {table.start: table for table in _tables(blocks, declared)}
    result: list[Block] = []
    i = 0
    while i < len(blocks):
        if table := tables.get(i):
            result.append(_grid(table, declared))
            i += len(table.heads) + len(table.body)
        else:
            result.append(blocks[i])
            i += 1
    return result


def _tables(blocks: Sequence[Block], declared: Declared) -> Iterator[_Table]:
    i = 0
    while i < len(blocks):
        heads = _heads(blocks, i, declared)
        if not _are_heads(heads, declared):
            i += 1
            continue
        table = _Table(heads, i)
        i += len(heads)
        while i < len(blocks) and _is_body(blocks, i, declared):
            table.body.append(blocks[i])  # type: ignore[arg-type]
            i += 1
        if table.body:
            yield table


def _heads(blocks: Sequence[Block], start: int, declared: Declared) -> list[Line]:
    """Return the lines from a place on that are heads: of models first, then of what is said."""
    heads: list[Line] = []
    states = False
    for block in blocks[start : start + MOST_COLUMNS]:
        if not isinstance(block, Line) or block.kind not in ("text", "code"):
            break
        stated = declared.label(block.text) if len(block.text) < LONGEST_HEAD else Label("")
        if not stated.role or not _goes_on(block.text, stated, heads, declared):
            break
        heads.append(block)
        states |= stated.role in ("price", "field")
    return heads if states else []


def _goes_on(text: str, stated: Label, heads: Sequence[Line], declared: Declared) -> bool:
    """Whether a label is one more head, or the first: of models, or of a tier."""
    if not heads:
        named = stated.is_role("model", "id") and not re.search(r"\d", text)
        return (named or bool(_tier_of(stated))) and not _is_title(text, stated, heads)
    priced = _without_first(heads, declared) and bool(stated.parts & _PRICED)
    return not priced and not _is_title(text, stated, heads)


def _tier_of(stated: Label) -> str:
    """Return the tier that a head names and nothing else."""
    return dict(stated.terms).get("tier", "") if stated.role == "terms" else ""


def _are_heads(heads: Sequence[Line], declared: Declared) -> bool:
    """Whether lines are the heads of a table: its first one is blank where they begin with a tier.

    `Free tier`, `Paid tier, USD per 1M tokens` stand over rows that begin with `Input price`.
    """
    return len(heads) + _without_first(heads, declared) >= FEWEST_HEADS


def _without_first(heads: Sequence[Line], declared: Declared) -> bool:
    return bool(heads) and bool(_tier_of(declared.label(heads[0].text)))


def _is_title(text: str, stated: Label, heads: Sequence[Line]) -> bool:
    """Whether a text among heads is rather a title for the rows: a second head of models."""
    return is_per(text) or (bool(heads) and stated.is_role("model") and text.lower() != "model")


def _is_body(blocks: Sequence[Block], i: int, declared: Declared) -> bool:
    block = blocks[i]
    if not isinstance(block, Line) or block.kind == "heading" or _SENTENCE.search(block.text):
        return False
    return not _are_heads(_heads(blocks, i, declared), declared)


def _grid(table: _Table, declared: Declared) -> Grid:
    if _without_first(table.heads, declared):
        return _items(table, declared)
    first = table.heads[0]
    head = tuple(_heads_of(table, 0))
    extra = any(region_of(line.text) for line in table.body)
    if extra:
        head = (*head, Cell("Region", -1, len(head), head=True))
    labels = [declared.label(cell.text) for cell in head]
    rows: list[tuple[Cell, ...]] = []
    ragged: list[tuple[Cell, ...]] = []
    for lines in _rows(table, labels, declared):
        if not any(_says(line.text) for line in lines):
            continue
        placed = _placed(lines, labels, declared)
        kept = rows if placed is not None else ragged
        cells = placed if placed is not None else [_cell(line) for line in lines]
        kept.append(tuple(replace(c, row=len(kept), column=i) for i, c in enumerate(cells)))
    return Grid((head,), tuple(rows), first.place, first.locator, ragged=tuple(ragged))


def _items(table: _Table, declared: Declared) -> Grid:
    """Return the grid of a table whose first head is blank: a label, then a cell for each head.

    From the first row on that is none, nothing can be told: what is left is ragged.
    """
    lines = _paragraphs(table.body)
    width = len(table.heads) + 1
    chunks = [lines[i : i + width] for i in range(0, len(lines), width)]
    whole = list(takewhile(lambda row: len(row) == width and _is_item(row, declared), chunks))
    rest = lines[len(whole) * width :]
    rows = tuple(
        tuple(replace(_cell(line), row=n, column=i) for i, line in enumerate(row))
        for n, row in enumerate(whole)
    )
    head = (Cell("", -1, 0, head=True), *_heads_of(table, 1))
    first = table.heads[0]
    ragged = (tuple(_cell(line) for line in rest),) if any(_says(x.text) for x in rest) else ()
    return Grid((head,), rows, first.place, first.locator, ragged=ragged)


def _heads_of(table: _Table, start: int) -> Iterator[Cell]:
    for i, line in enumerate(table.heads, start):
        yield Cell(line.text, -1, i, head=True)


def _paragraphs(lines: Sequence[Line]) -> list[Line]:
    """Return lines, those of one paragraph joined: one cell may hold several."""
    joined: list[Line] = []
    for line in paced(lines):
        if joined and joined[-1].locator == line.locator:
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}\n{line.text}")
        else:
            joined.append(line)
    return joined


def _is_item(row: Sequence[Line], declared: Declared) -> bool:
    """Whether lines are a label and what is stated of it, none of them another label."""
    label, *cells = (line.text for line in row)
    states = [
        _MONEY.search(text) or is_missing(text) or not _labels(text, declared) for text in cells
    ]
    return not _MONEY.search(label) and not is_missing(label) and all(states)


def _labels(text: str, declared: Declared) -> bool:
    return declared.label(text).role in ("price", "field", "prose")


def _rows(table: _Table, labels: Sequence[Label], declared: Declared) -> Iterator[list[Line]]:
    """Yield the lines of each row: all of one width, or each from a name to the next."""
    width = len(table.heads)
    chunks = [table.body[i : i + width] for i in range(0, len(table.body), width)]
    whole = list(takewhile(lambda lines: _fills(lines, labels[:width], declared), chunks))
    if whole:
        yield from whole
        if rest := table.body[len(whole) * width :]:
            yield rest
        return
    row: list[Line] = []
    for line in paced(table.body):
        begins = _is_name(line.text, labels, declared) or _titles(line.text, declared)
        if begins and row:
            yield row
            row = []
        row.append(line)
    if row:
        yield row


def _fills(lines: Sequence[Line], labels: Sequence[Label], declared: Declared) -> bool:
    if len(lines) != len(labels):
        return False
    return all(_fits(line.text, label, declared) for line, label in zip(lines, labels, strict=True))


def _says(text: str) -> bool:
    """Whether a line holds what a table states, or the unit of it."""
    return bool(_MONEY.search(text) or _COUNT.fullmatch(text) or is_per(text))


def _is_name(text: str, labels: Sequence[Label], declared: Declared) -> bool:
    """Whether a line names a model and could stand under no other head that says what it takes."""
    others = [label for label in labels if label.role in ("price", "field")]
    if _RATE.fullmatch(text):
        return False
    return may_name(text, declared) and not any(_fits(text, label, declared) for label in others)


def _titles(text: str, declared: Declared) -> bool:
    return declared.label(text).is_role("model") and not is_per(text)


def _placed(
    lines: Sequence[Line], labels: Sequence[Label], declared: Declared
) -> list[Cell] | None:
    """Return a cell for each head; None where lines fit in no way, or in more than one."""
    if not _is_name(lines[0].text, labels, declared):
        return _group(lines, labels, declared)
    if _fills(lines, labels, declared):
        return [_cell(line) for line in lines]
    if len(lines) > MOST_LINES:
        return None
    ways = _ways([line.text for line in lines[1:]], labels, declared)
    if len(ways) != 1:
        return None
    cells = [_cell(lines[0]), *[Cell()] * (len(labels) - 1)]
    for line, at in zip(lines[1:], ways[0], strict=True):
        cells[at] = replace(line_cell := _cell(line), text=_joined(cells[at].text, line_cell.text))
    return cells


def _joined(above: str, text: str) -> str:
    return f"{above}\n{text}" if above else text


def _group(lines: Sequence[Line], labels: Sequence[Label], declared: Declared) -> list[Cell] | None:
    """Return a title row, with the unit that stands below the title in the last column."""
    units = [line.text for line in lines if is_per(line.text)]
    if len(lines) - len(units) != 1 or len(units) > 1 or not _titles(lines[0].text, declared):
        return None
    return [_cell(lines[0]), *[Cell()] * (len(labels) - 2), Cell(units[0] if units else "")]


def _ways(
    texts: Sequence[str], labels: Sequence[Label], declared: Declared
) -> list[tuple[int, ...]]:
    """Return up to two ways in which texts stand in order under heads that they fit.

    Told from the last text on: the ways of those after it, by the first head that they may take.
    """
    after: list[list[tuple[int, ...]]] = [[()]] * (len(labels) + 1)
    for text in reversed(texts):
        fitting = [at for at in range(1, len(labels)) if _fits(text, labels[at], declared)]
        anew = bool(region_of(text))
        here = []
        for start in range(len(labels) + 1):
            ways: list[tuple[int, ...]] = []
            for at in fitting[bisect_left(fitting, start) :]:
                again = start if anew else at + (labels[at].role != "prose")
                ways += [(at, *rest) for rest in after[again]]
                if len(ways) > 1:
                    break
            here.append(ways[:2])
        after = here
    return after[1]


def _fits(text: str, label: Label, declared: Declared) -> bool:
    """Whether a text can stand under a head, by what the head is of."""
    if is_missing(text):
        return True
    if label.role == "price":
        return bool(_MONEY.search(text))
    if label.role == "field":
        return bool(media_of(text)) if "modalit" in label.name else bool(_COUNT.fullmatch(text))
    if label.role == "condition":
        return label.name == "region" and bool(region_of(text))
    if label.role == "role":
        return _fits_role(text, label, declared)
    return _is_aside(text)


def _fits_role(text: str, label: Label, declared: Declared) -> bool:
    if label.is_role("speed"):
        return bool(_COUNT.match(text))
    if label.is_role("model", "id"):
        return may_name(text, declared)
    if label.is_role("modality"):
        return bool(media_of(text))
    if label.is_role("features", "group"):
        return any(means(part.strip(), "capability") for part in re.split(r"[,\n]", text))
    return _is_aside(text)


def _is_aside(text: str) -> bool:
    """Whether a text is neither a price, a count, a yes or no, nor a region."""
    return not (_MONEY.search(text) or _COUNT.fullmatch(text) or is_flag(text) or region_of(text))


def _cell(line: Line) -> Cell:
    return Cell(line.text, codes=(line.text,) if line.kind == "code" else (), links=line.links)
