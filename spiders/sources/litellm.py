"""LiteLLM's price map: US dollars a token, conditions spelled into the keys or in blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.schemas.terms import Terms
from almanac.schemas.weekly_hours import DAYS, WeeklyHours
from almanac.spiders.base import Source, card
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.records import KeyedRecord, KeyedRecords, pointer

CONDITION = re.compile(
    r"_(?P<resolution>(?:480|720|768|1080)p|[0-9.]+[kK]|512|1024|1536)$|_above_(?P<k>\d+)k_tokens"
    r"|_above_(?P<hours>\d+)hr"
    r"|_(?P<tier>batches|batch_requests|priority|flex|balanced|ultrafast)(?=_|$)"
)
BATCH = ("batches", "batch_requests")


class LiteLLM(Source):
    name = "litellm"
    version = 3
    start_urls = (
        "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        data = page.json
        if not isinstance(data, dict) or not any(
            isinstance(v, dict) and "litellm_provider" in v for v in data.values()
        ):
            raise LayoutChanged("no map of models with litellm_provider")
        records = KeyedRecords(page, card(self.name).records, {"region": _region}, split)
        for name, row in data.items():
            if name == "sample_spec":
                continue
            at = pointer(name)
            claims = page.attempt(self._row, records, name, row, at, locator=at, model=name)
            yield from records.agreed(claims)
        records.refuse_unknown()

    def _row(
        self, records: KeyedRecords, name: str, row: dict[str, Any], at: str
    ) -> Iterator[Claim]:
        """Yield a row's claims: its prices in the hours and sizes that its blocks leave to them."""
        record = KeyedRecord(row, name, str(row["litellm_provider"]), at)
        timed, lost = _off_peak(records, record)
        tiers, loose = _tiers(records, record)
        yield from records.limited("model", record, [*timed, *tiers], [*lost, *loose])


def _off_peak(
    records: KeyedRecords, row: KeyedRecord
) -> tuple[list[KeyedRecord], list[KeyedRecord]]:
    """Return the block of off-peak prices under its hours, and else as it stands."""
    if not row.fields.get("off_peak_pricing"):
        return [], []
    block = row.within("off_peak_pricing")
    placed = records.conditioned("model", block, OFF_PEAK)
    return ([placed], []) if placed else ([], [block])


def _tiers(records: KeyedRecords, row: KeyedRecord) -> tuple[list[KeyedRecord], list[KeyedRecord]]:
    """Return the tiers of prices under their thresholds, and else as they stand."""
    tiers = row.fields.get("tiered_pricing") or ()
    blocks = [row.within("tiered_pricing", n) for n, _ in enumerate(tiers)]
    if blocks and not _in_order([b.fields.get("range") for b in blocks]):
        records.refuse_block("tiers that do not follow upon each other", blocks[0])
        return [], blocks
    placed = [records.conditioned("model", block, TIERS) for block in blocks]
    lost = [block for block, tier in zip(blocks, placed, strict=True) if tier is None]
    return [tier for tier in placed if tier], lost


def _in_order(ranges: Sequence[Any]) -> bool:
    """Whether sizes begin at 0 and each range ends where the next begins; of none it holds."""
    pairs = [r for r in ranges if isinstance(r, list) and len(r) == 2]
    if len(pairs) < len(ranges):
        return not any(ranges)
    return [start for start, _ in pairs] == [0, *(end for _, end in pairs[:-1])]


def split(key: str) -> tuple[str, Terms]:
    """Return the key without the conditions that are spelled into it, and these.

    >>> split("input_cost_per_token_above_200k_tokens_priority")
    ('input_cost_per_token', Terms('above_input=200000;tier=priority'))
    """
    conditions: dict[str, Any] = {}
    for m in CONDITION.finditer(key):
        if m["k"]:
            conditions["above_input"] = int(m["k"]) * 1000
        elif m["hours"]:
            conditions["cache_ttl"] = f"{m['hours']}h"
        elif m["tier"]:
            conditions["tier"] = "batch" if m["tier"] in BATCH else m["tier"]
        else:
            conditions["resolution"] = m["resolution"]
    return CONDITION.sub("", key), Terms.of(**conditions)


def _region(records: KeyedRecords, row: KeyedRecord, key: str) -> list[Claim]:
    """Return the region where there is one; of several, none is where an offer is served."""
    regions = row.fields[key]
    if len(regions) != 1:
        records.refuse("several regions, of which a field holds one", row, key, field="region")
        return []
    return records.stated(FIELDS[("offer", "region")], str(regions[0]), str(regions[0]), row, key)


# When a block of prices holds


def _above(tier: Mapping[str, Any]) -> Terms:
    return Terms.of(above_input=int(tier["range"][0]) or None)


def _results(tier: Mapping[str, Any]) -> Terms:
    first, last = tier["max_results_range"]
    return Terms.of(results=f"{first}-{last}")


def _hours(block: Mapping[str, Any]) -> Terms:
    """Return the hours of a block's windows, in UTC, each on some days or on all."""
    hours = WeeklyHours(())
    for window in block.get("windows") or [block]:
        if window is not block and (odd := window.keys() - {"hours_utc", "weekdays"}):
            raise ValueError(f"a condition this reader does not know: {', '.join(sorted(odd))}")
        times = window["hours_utc"]
        daily = WeeklyHours.parse(times if isinstance(times, str) else ",".join(times))
        days = [_weekday(day) for day in window.get("weekdays") or range(1, 8)]
        hours |= daily.on(days, block.get("weekday_timezone", "UTC"))
    return Terms.of(window=hours)


def _weekday(day: int | str) -> int:
    """Return a day of the week, Monday as 0, from its number in ISO 8601 or its English name."""
    if isinstance(day, int) and 1 <= day <= 7:
        return day - 1
    return DAYS.index(str(day).lower()[:3])


TIERS = {"range": _above, "max_results_range": _results}
OFF_PEAK = dict.fromkeys(("hours_utc", "windows", "weekdays", "weekday_timezone"), _hours)
