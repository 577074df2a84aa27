"""What people decided where the rules could not.

They are YAML lines with author, date, reason and what was expected then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import cast

import yaml

from almanac.schemas import safe_yaml


@dataclass(frozen=True, slots=True)
class NameRuling:
    """What a name means; without a model, that it is none of ours.

    `expect` is what the rules said of the name.
    """

    name: str
    model: str
    author: str
    date: date
    reason: str
    expect: str
    provider: str = ""


@dataclass(frozen=True, slots=True)
class FigureRuling:
    """Which of several values is right.

    `expect` are the values that stood against each other: for others it says nothing.
    """

    subject: str
    field: str
    value: str
    author: str
    date: date
    reason: str
    expect: tuple[str, ...]
    meter: str = ""
    terms: str = ""

    @property
    def about(self) -> tuple[str, str, str, str]:
        """Subject, field, meter and terms."""
        return self.subject, self.field, self.meter, self.terms


@dataclass(frozen=True, slots=True)
class Rulings:
    """All rulings in force: ours, and those of the home folder."""

    names: tuple[NameRuling, ...] = ()
    figures: dict[tuple[str, str, str, str], FigureRuling] = field(default_factory=dict)


PACKAGED = Path(__file__).parent / "catalogue" / "rulings.yaml"


def load(*paths: Path) -> Rulings:
    """Return the rulings of some files, later ones first in force.

    A file that is not there holds none.

    Raises ValueError, one line, naming file and entry, for one that is not whole.
    """
    names: dict[tuple[str, str], NameRuling] = {}
    figures: dict[tuple[str, str, str, str], FigureRuling] = {}
    for path in (PACKAGED, *paths):
        for ruling in _read(path):
            if isinstance(ruling, NameRuling):
                names[(ruling.provider, ruling.name)] = ruling
            else:
                figures[ruling.about] = ruling
    return Rulings(tuple(names.values()), figures)


def _read(path: Path) -> Iterable[NameRuling | FigureRuling]:
    if not path.exists():
        return
    try:
        rows = safe_yaml.load(path.read_text(encoding="utf-8")) or []
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    for number, row in enumerate(rows, 1):
        try:
            yield _ruling(dict(row))
        except (TypeError, ValueError, KeyError) as error:
            raise ValueError(f"{path}, entry {number}: {error}") from None


def _ruling(row: Mapping[str, object]) -> NameRuling | FigureRuling:
    kind: type[NameRuling] | type[FigureRuling] = NameRuling if "name" in row else FigureRuling
    if strange := set(row) - {f.name for f in fields(kind)}:
        raise ValueError(f"unknown key {', '.join(sorted(strange))}")
    values = {**row, **_choice(row)} if kind is FigureRuling else row
    if not isinstance(values.get("date"), date):
        raise ValueError("it has no date")
    make: Callable[..., NameRuling | FigureRuling] = kind
    return make(**values)


def _choice(row: Mapping[str, object]) -> dict[str, object]:
    """Return the value of a ruling on a figure and those it was chosen from, as text."""
    expect = tuple(str(v) for v in cast("Iterable[object]", row["expect"]))
    value = str(row["value"])
    if value not in expect:
        raise ValueError(f"its value {value} is not among those it expects")
    return {"expect": expect, "value": value}


def line(ruling: NameRuling | FigureRuling) -> str:
    """Return a ruling as the one YAML line that `load` reads."""
    row = {
        f.name: getattr(ruling, f.name)
        for f in fields(ruling)
        if getattr(ruling, f.name) != "" or f.name == "model"
    }
    row = {k: list(v) if isinstance(v, tuple) else v for k, v in row.items()}
    return (
        "- "
        + yaml.safe_dump(
            row, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
        ).strip()
        + "\n"
    )
