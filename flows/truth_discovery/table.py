"""Claims as arrays: sources, slots and candidates.

A slot is an item and an attribute; candidates are the values claimed for it.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt

from almanac.flows.truth_discovery import values

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Row = tuple[str, str, str, str, str, str]
"""source, item, attribute, value, unit, observed_at"""

COLUMNS = ("source", "item", "attribute", "value")
OPTIONAL = ("unit", "observed_at")
_OFTEN = 5
_NUMERIC = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(slots=True)
class ClaimTable:
    """`n` claims by sources on candidates.

    Candidates are sorted by slot: those of slot t are `first[t]:first[t + 1]`.

    `claim_weight` is 1, or less where one source says several things of one slot at once.
    """

    sources: list[str]
    attributes: list[str]
    slots: list[tuple[str, str]]
    printed: list[str]
    """Each candidate as most of its claims spell it."""
    keys: list[str]
    first: Ints
    slot_attribute: Ints
    claim_source: Ints
    claim_candidate: Ints
    claim_weight: Floats
    kinds: dict[str, str]

    @property
    def candidate_slot(self) -> Ints:
        """The slot of each candidate."""
        return np.repeat(np.arange(len(self.slots)), np.diff(self.first))


def read(path: Path) -> ClaimTable:
    """Return the claims of a CSV file.

    Its columns are source, item, attribute, value[, unit][, observed_at].

    Raises ValueError, naming the line, for a missing column, an empty cell or a ragged row.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        return build(rows(csv.reader(file), path.name))


def rows(lines: Iterator[list[str]], name: str) -> Iterator[Row]:
    """Yield rows of a table of claims, checked.

    Values that are empty say nothing and are left out.
    """
    head = [h.strip().lower() for h in next(lines, [])]
    missing = [c for c in COLUMNS if c not in head]
    if missing:
        raise ValueError(
            f"{name}: no column {', '.join(missing)}; it has {', '.join(head) or 'none'}"
        )
    at = [head.index(c) for c in COLUMNS]
    more = [head.index(c) if c in head else -1 for c in OPTIONAL]
    width = len(head)
    s, i, a, v = at
    u, o = more
    for number, row in enumerate(lines, 2):
        if len(row) != width:
            if not row:
                continue
            raise ValueError(f"{name}, line {number}: {len(row)} cells under {width} columns")
        if not (row[s] and row[i] and row[a]):
            raise ValueError(f"{name}, line {number}: source, item and attribute may not be empty")
        if row[v].strip():
            yield row[s], row[i], row[a], row[v], row[u] if u >= 0 else "", row[o] if o >= 0 else ""


def build(claims: Iterable[Row]) -> ClaimTable:
    """Return the table of claims. Of one source's claims about a slot the last observed count.

    Raises ValueError where there are none.
    """
    sources: dict[str, int] = {}
    slots: dict[tuple[str, str], int] = {}
    attributes: dict[str, int] = {}
    raw: dict[tuple[int, str, str], int] = {}
    slot_attribute, of_source, of_raw, raw_slot, seen = (
        array("q"),
        array("q"),
        array("q"),
        array("q"),
        [],
    )
    dated = False
    for source, item, attribute, value, unit, observed in claims:
        slot = slots.setdefault((item, attribute), len(slots))
        if slot == len(slot_attribute):
            slot_attribute.append(attributes.setdefault(attribute, len(attributes)))
        key = (slot, value, unit)
        one = raw.setdefault(key, len(raw))
        if one == len(raw_slot):
            raw_slot.append(slot)
        of_source.append(sources.setdefault(source, len(sources)))
        of_raw.append(one)
        seen.append(observed)
        dated = dated or observed != seen[0]
    if not slots:
        raise ValueError("no claims")
    said = _ints(of_source), _ints(of_raw)
    if dated:
        said = _latest(*said, _ints(raw_slot), seen)
    kinds, names = _name(raw, list(attributes), slot_attribute)
    return _table(
        list(sources),
        list(attributes),
        list(slots),
        _ints(slot_attribute),
        said,
        list(raw),
        _ints(raw_slot),
        names,
        kinds,
    )


def _ints(values: array[int]) -> Ints:
    return np.frombuffer(values, dtype=np.int64) if values else np.zeros(0, np.int64)


def _latest(of_source: Ints, of_raw: Ints, raw_slot: Ints, seen: list[str]) -> tuple[Ints, Ints]:
    """Keep, of each source's claims about a slot, those observed last."""
    order = {moment: rank for rank, moment in enumerate(sorted(set(seen)))}
    moment = np.fromiter((order[m] for m in seen), np.int64, len(seen))
    pair = of_source * (raw_slot.max() + 1) + raw_slot[of_raw]
    _, which = np.unique(pair, return_inverse=True)
    last = np.zeros(which.max() + 1, np.int64)
    np.maximum.at(last, which, moment)
    keep = moment == last[which]
    return of_source[keep], of_raw[keep]


def _name(
    raw: Mapping[tuple[int, str, str], int], attributes: list[str], slot_attribute: array[int]
) -> tuple[dict[str, str], list[str]]:
    """Return each attribute's kind, and the name of each raw value: what it is compared by."""
    distinct: list[dict[str, None]] = [{} for _ in attributes]
    units: list[set[str]] = [set() for _ in attributes]
    for slot, value, unit in raw:
        at = slot_attribute[slot]
        distinct[at].setdefault(value)
        units[at].add(unit)
    kinds = {attribute: values.kind_of(distinct[i]) for i, attribute in enumerate(attributes)}
    read = [
        {value: values.reader(kinds[attribute])(value) for value in distinct[i]}
        for i, attribute in enumerate(attributes)
    ]
    mixed = [len(u - {""}) > 1 for u in units]
    names = []
    for slot, value, unit in raw:
        at = slot_attribute[slot]
        names.append(f"{read[at][value]} {unit}" if mixed[at] else read[at][value])
    return kinds, names


def _table(
    sources: list[str],
    attributes: list[str],
    slots: list[tuple[str, str]],
    slot_attribute: Ints,
    said: tuple[Ints, Ints],
    raw: list[tuple[int, str, str]],
    raw_slot: Ints,
    names: list[str],
    kinds: dict[str, str],
) -> ClaimTable:
    """Merge raw values of one name into candidates, in order of slot.

    A source has one claim on each.
    """
    of_source, of_raw = said
    index: dict[tuple[int, str], int] = {}
    first_of = np.fromiter(
        (
            index.setdefault((slot, name), len(index))
            for (slot, _, _), name in zip(raw, names, strict=True)
        ),
        np.int64,
        len(raw),
    )
    keys, slot_of = (
        [name for _, name in index],
        np.fromiter((slot for slot, _ in index), np.int64, len(index)),
    )
    merged = np.arange(len(index))
    if "date" in kinds.values():
        merged = _finer(index, slot_attribute, [kinds[a] == "date" for a in attributes])
    candidate = merged[first_of]
    of_raw = _rounded(
        raw,
        raw_slot,
        said,
        slot_attribute,
        [kinds[a] == "number" for a in attributes],
        [keys[c] for c in candidate],
    )
    used = np.unique(candidate[of_raw])
    order = used[np.argsort(slot_of[used], kind="stable")]
    rank = np.full(len(index), -1)
    rank[order] = np.arange(len(order))
    heard, live = np.unique(slot_of[order], return_inverse=True)
    spoken = np.bincount(of_raw, minlength=len(raw))
    best: dict[int, int] = {}
    for i in np.flatnonzero(spoken):
        at = int(rank[candidate[i]])
        if keys[first_of[i]] == keys[order[at]] and (
            at not in best or spoken[i] > spoken[best[at]]
        ):
            best[at] = int(i)
    printed = [raw[best[at]][1] if at in best else keys[order[at]] for at in range(len(order))]
    pair = np.unique(of_source * len(order) + rank[candidate[of_raw]])
    source, cand = pair // len(order), pair % len(order)
    first = np.concatenate([[0], np.cumsum(np.bincount(live))]).astype(np.int64)
    _, which, count = np.unique(
        source * len(heard) + live[cand], return_inverse=True, return_counts=True
    )
    return ClaimTable(
        sources,
        attributes,
        [slots[t] for t in heard],
        printed,
        [keys[c] for c in order],
        first,
        slot_attribute[heard],
        source,
        cand,
        1.0 / count[which],
        kinds,
    )


def _rounded(
    raw: list[tuple[int, str, str]],
    raw_slot: Ints,
    said: tuple[Ints, Ints],
    slot_attribute: Ints,
    numbers: list[bool],
    names: list[str],
) -> Ints:
    """Let the claims of a source that rounds support a finer number.

    It is the one of their slot that rounds to theirs.

    A source rounds where it prints an attribute to fewer places than others do, in every one of
    several claims: a lone 12.3 may be 12.30.
    """
    of_source, of_raw = said
    if not any(numbers):
        return of_raw
    attribute = slot_attribute[raw_slot]
    numeric = np.array(numbers)[attribute]
    places = np.fromiter(
        (
            values.decimals(value) if number else 0
            for (_, value, _), number in zip(raw, numeric, strict=True)
        ),
        np.int64,
        len(raw),
    )
    cell = of_source * len(numbers) + attribute[of_raw]
    finest = np.full(int(cell.max()) + 1, -99)
    np.maximum.at(finest, cell, places[of_raw])
    often = np.bincount(cell) >= _OFTEN
    best = np.full(len(numbers), -99)
    np.maximum.at(best, attribute[of_raw], places[of_raw])
    coarse = numeric[of_raw] & often[cell] & (finest[cell] < best[attribute[of_raw]])
    if not coarse.any():
        return of_raw
    fine: dict[int, dict[str, int]] = {}
    for i in np.flatnonzero(~coarse & numeric[of_raw]):
        fine.setdefault(int(raw_slot[of_raw[i]]), {}).setdefault(names[of_raw[i]], int(of_raw[i]))
    moved = of_raw.copy()
    for i in np.flatnonzero(coarse):
        here = fine.get(int(raw_slot[of_raw[i]]), {})
        half, said_name = Decimal(5).scaleb(-int(finest[cell[i]]) - 1), names[of_raw[i]]
        fits = [
            r
            for name, r in here.items()
            if _NUMERIC.fullmatch(name)
            and _NUMERIC.fullmatch(said_name)
            and abs(Decimal(name) - Decimal(said_name)) <= half
        ]
        if len(fits) == 1:
            moved[i] = fits[0]
    return moved


def _finer(index: Mapping[tuple[int, str], int], slot_attribute: Ints, dates: list[bool]) -> Ints:
    """Let a date printed less precisely support the one finer date of its slot that it holds."""
    merged = np.arange(len(index))
    by_slot: dict[int, list[str]] = {}
    for slot, name in index:
        if dates[slot_attribute[slot]]:
            by_slot.setdefault(slot, []).append(name)
    for slot, names in by_slot.items():
        for coarse in names:
            finer = [n for n in names if n.startswith(f"{coarse}-")]
            finest = [n for n in finer if not any(m.startswith(f"{n}-") for m in finer)]
            if len(finest) == 1:
                merged[index[(slot, coarse)]] = index[(slot, finest[0])]
    return merged
