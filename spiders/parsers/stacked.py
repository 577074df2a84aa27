"""Tables that lost their lines.

Every cell is a block of its own, parted by blank lines, heads first.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from almanac.spiders.bounds import MOST_COLUMNS, PacedList, paced
from almanac.spiders.parsers.column_heads import column
from almanac.spiders.parsers.html_tables import PageTable, plain


def blocks(text: str) -> list[tuple[int, str]]:
    """Return the blocks of a text that blank lines part, each with the line it starts on.

    Whoever loops over them is asked for the time at every block.
    """
    found: list[tuple[int, list[str]]] = []
    open_block = False
    for n, line in enumerate(paced(text.split("\n")), 1):
        blank = not line.strip()
        if not blank and not open_block:
            found.append((n, []))
        if not blank:
            found[-1][1].append(line)
        open_block = not blank
    return PacedList((n, "\n".join(lines).strip()) for n, lines in found)


def stacked_tables(text: str) -> Iterator[PageTable]:
    """Yield tables of three columns and more whose heads this project knows.

    Rows are read while they are whole.

    The heads are the longest run of blocks that each mean something as a head and name a model
    among them. What is left over at the end of a table, fewer cells than heads, is ragged.
    """
    cells = blocks(text)
    roles = [_role(cell) for _, cell in cells]
    heading, i, n = "", 0, 0
    while i < len(cells):
        if m := re.match(r"#{1,6}\s+(.*)", cells[i][1]):
            heading = plain(m[1])
        width = _heads(roles, i)
        if width < 3:
            i += 1
            continue
        head = tuple(plain(c) for _, c in cells[i : i + width])
        start = i = i + width
        while (
            i < len(cells)
            and not re.match(r"#|\[\s*$|\[Learn|\*\*Note", cells[i][1])
            and not (i > start and (i - start) % width == 0 and _heads(roles, i) >= 3)
        ):
            i += 1
        body = [plain(c) for _, c in cells[start:i]]
        whole = len(body) - len(body) % width
        rows = tuple(tuple(body[k : k + width]) for k in range(0, whole, width))
        n += 1
        yield PageTable(
            heading,
            head,
            rows,
            (tuple(body[whole:]),) if whole < len(body) else (),
            f"lines {cells[start - width][0]} on, table {n}",
        )


def _role(cell: str) -> str:
    """Return what a block means as a head, nothing where it is none."""
    if len(cell) >= 60 or "\n" in cell:
        return ""
    role = column(plain(cell)).role
    return "" if role in ("id", "name") and re.search(r"\d", cell) else role


def _heads(roles: list[str], i: int) -> int:
    """Return how many blocks from `i` on are heads of one table.

    It is 0 where the first names no model.
    """
    if roles[i] not in ("id", "name"):
        return 0
    heads = list(itertools.takewhile(bool, itertools.islice(roles, i, i + MOST_COLUMNS + 1)))
    return len(heads) if {"price", "field"} & set(heads) else 0
