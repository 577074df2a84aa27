"""What each column of a grid holds: by its head, and where that says nothing, by its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from almanac.schemas.quantity import is_missing, read_flag
from almanac.spiders.document.blocks import Cell, Grid
from almanac.spiders.reading.declared import Declared
from almanac.spiders.vocabulary.labels import Label, label
from almanac.spiders.vocabulary.lengths import lengths
from almanac.spiders.vocabulary.media import media_of, resolution_in, without_resolution
from almanac.spiders.vocabulary.regions import region_of
from almanac.spiders.vocabulary.words import means


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where it stands, its head as printed, and what that means."""

    index: int
    head: str
    label: Label

    @property
    def unknown(self) -> bool:
        return self.label.role == ""


def columns_of(grid: Grid, declared: Declared) -> list[Column]:
    """Return the columns of a grid."""
    return [
        Column(i, head, _meant(head_label(head, declared), [row[i] for row in grid.rows]))
        for i, head in enumerate(grid.heads())
    ]


def head_label(head: str, declared: Declared) -> Label:
    """Return what a head of one or more lines means: all joined, else its last, else its first."""
    stated = declared.label(head)
    lines = head.split("\n")
    for line in (lines[-1], lines[0]) if len(lines) > 1 else ():
        if stated.role == "" and not stated.flag:
            stated = declared.label(line)
    return stated


def texts(cells: Sequence[Cell]) -> list[str]:
    """Return the texts of cells that say something."""
    return [cell.text for cell in cells if not is_missing(cell.text)]


def _meant(stated: Label, cells: Sequence[Cell]) -> Label:
    """Return what a label means over its cells, where these decide between its meanings."""
    shown = texts(cells)
    if not shown:
        return stated
    if stated.flag and stated.role in ("", "price", "terms") and _mostly(shown, is_flag):
        return Label("flag", stated.flag)
    if (side := one_side(stated)) and _mostly(shown, media_of):
        return Label("field", f"{side}_modalities")
    if stated.role == "condition":
        return _condition(stated, shown)
    return _by_cells(stated, shown) if stated.role in ("", "blank") else stated


def _condition(stated: Label, shown: Sequence[str]) -> Label:
    """Return the condition that cells state: a kind may be meters, a resolution in words a kind."""
    if stated.name == "kind" and _all(shown, _is_price_label):
        return Label("role", "item")
    if stated.name == "resolution" and not any(re.search(r"\d", text) for text in shown):
        return Label("condition", "kind")
    return stated


def names_direction(stated: Label) -> bool:
    """Whether a label says what is priced: what goes in, comes out or is cached."""
    return bool(stated.parts & {"in", "out", "cache"})


def one_side(stated: Label) -> str:
    """Return input or output where a label is that word alone, which media may stand under."""
    if stated.role != "price" or len(stated.parts) != 1:
        return ""
    return {"in": "input", "out": "output"}.get(next(iter(stated.parts)), "")


def _by_cells(stated: Label, shown: Sequence[str]) -> Label:
    """Return what cells are of which the head says nothing: regions, terms, meters, lengths."""
    if _all(shown, region_of):
        return Label("condition", "region")
    if _all(shown, _is_resolution):
        return Label("condition", "resolution")
    if _all(shown, _is_tier) and any(label(text).terms for text in shown):
        return Label("condition", "terms")
    if _mostly(shown, _is_price_label):
        return Label("role", "item")
    return stated


def _is_resolution(text: str) -> bool:
    return bool(resolution_in(text)) and not without_resolution(text)


def _is_tier(text: str) -> bool:
    """Whether a text names conditions of a price, or says only what its unit is."""
    stated = label(text)
    return stated.role == "terms" or (stated.role == "price" and not stated.parts)


def _all(shown: Sequence[str], test: object) -> bool:
    return all(test(text) for text in shown)  # type: ignore[operator]


def _mostly(shown: Sequence[str], test: object) -> bool:
    return sum(bool(test(text)) for text in shown) * 3 >= 2 * len(shown)  # type: ignore[operator]


def is_flag(text: str) -> bool:
    """Whether a text is a yes or no."""
    return flag_of(text) is not None


def flag_of(text: str) -> bool | None:
    """Return a printed yes or no, a notice in brackets behind it or none; None for other words."""
    m = re.fullmatch(r"([^()（）]{1,40}?)\s{0,3}[(（]([^()（）]{0,80})[)）]", text.strip())
    plain = m[1] if m and means(m[2], "notice") else text
    try:
        return read_flag(plain)
    except ValueError:
        return None


def is_length(text: str) -> bool:
    """Whether a text states lengths of a request, as `≤ 128K` does and `128K` does not."""
    try:
        return bool(lengths(text, 1000))
    except ValueError:
        return False


def _is_price_label(text: str) -> bool:
    stated = label(text)
    return stated.role == "price" and not re.search(r"\d{2}", text)


def known_share(labels: Sequence[Label]) -> float:
    """Return which part of labels that say something mean a field, a price or a condition."""
    stated = [stated_label for stated_label in labels if stated_label.role != "blank"]
    good = sum(
        stated_label.role in ("price", "field", "condition", "prose")
        or bool(stated_label.flag)
        or (stated_label.role == "role" and stated_label.name not in ("model", "id"))
        for stated_label in stated
    )
    return good / len(stated) if stated else 0.0


def as_price(column: Column, parts: frozenset[str]) -> Column:
    """Return a price column with the parts that an item column names for a row."""
    return replace(column, label=replace(column.label, parts=column.label.parts | parts))
