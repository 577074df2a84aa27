"""What is given notice of.

Prices that moved, conflicts that are new, sources gone stale and well again.

And webhooks.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from almanac import warehouse
from almanac.flows.pipeline.webhooks import Letter, post_all, signed
from almanac.warehouse.read.reader import FOREVER, Stale
from almanac.warehouse.read.release_diff import Told, diff

MOVED = 0.05
"""A price that changes by less than this share is no notice."""
MOST = 1_000
"""So many notices are sent at once; of more only the number is told."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing worth telling.

    `event` is `price.moved`, `price.corrected`, `conflict.new`, `offer.withdrawn`, `source.stale`
    or `source.well`.
    """

    event: str
    subject: str
    sentence: str
    detail: Mapping[str, str | None]

    def as_dict(self) -> dict[str, str | dict[str, str | None]]:
        """Return it as a report and a webhook give it, which `of` reads."""
        return {
            "event": self.event,
            "subject": self.subject,
            "said": self.sentence,
            "detail": dict(self.detail),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Notice:
        """Return the notice that `as_dict` gave, perhaps by way of JSON."""
        return cls(data["event"], data["subject"], data["said"], data["detail"])


def of_outage(stale: Stale) -> Notice:
    """Return the notice that a source is stale, or that it is well again."""
    detail = {"why": stale.reason, "since": stale.since, "until": stale.until}
    if stale.until is None:
        return Notice(
            "source.stale",
            stale.source,
            f"{stale.source} is stale since {stale.since}: {stale.reason}",
            detail,
        )
    return Notice(
        "source.well",
        stale.source,
        f"{stale.source} is well again since {stale.until};"
        f" it was stale since {stale.since}: {stale.reason}",
        detail,
    )


def notices(database: str, release: int) -> list[Notice]:
    """Return what a release gives notice of against its parent. The first release gives none."""
    snapshot = warehouse.open(database)
    try:
        parent = snapshot.release(release).parent
        if parent is None or snapshot.release(parent).retired_at:
            return []
        differences = diff(snapshot, parent, release).told
    finally:
        snapshot.close()
    return [notice for difference in differences if (notice := _notice(difference))]


def _notice(difference: Told) -> Notice | None:
    """Return what one difference gives notice of: only what holds now, and was otherwise."""
    what = difference.what
    if what.valid_to != FOREVER or what.kind not in ("change", "correction"):
        return None
    for rule in (_conflict, _price, _withdrawal):
        if event := rule(difference):
            name, text = event
            return Notice(name, difference.about.subject, text, _detail(difference))
    return None


Event = tuple[str, str]
"""Its name, and what it says."""


def _conflict(difference: Told) -> Event | None:
    about, now, was = difference.about, difference.what.after, difference.what.before
    if now and now[2] == "conflicted" and (was is None or was[2] != "conflicted"):
        figure = f"{about.subject} {about.field} {about.meter}".strip()
        return "conflict.new", f"{figure} is in conflict"
    return None


def _price(difference: Told) -> Event | None:
    about, now, was = difference.about, difference.what.after, difference.what.before
    if about.field == "price" and was and now and _share(was, now) >= MOVED:
        event = "price.moved" if difference.what.kind == "change" else "price.corrected"
        return event, f"{about.subject} {about.meter}: {_usd(was)} to {_usd(now)} {about.unit}"
    return None


def _withdrawal(difference: Told) -> Event | None:
    about, now, was = difference.about, difference.what.after, difference.what.before
    if about.field == "price" and about.meter == "input" and was and now is None:
        return "offer.withdrawn", f"{about.subject} is no longer listed"
    return None


def _detail(difference: Told) -> dict[str, str | None]:
    about, what = difference.about, difference.what
    return {
        "field": about.field,
        "meter": about.meter,
        "terms": about.terms,
        "kind": what.kind,
        "valid_from": what.valid_from,
        "before": what.before and what.before[0],
        "after": what.after and what.after[0],
        "unit": about.unit,
    }


def _share(was: tuple[str | None, str, str], now: tuple[str | None, str, str]) -> float:
    """Return by what share a price moved.

    It is 0 where either is not known, or they are in different units.
    """
    if was[0] is None or now[0] is None or was[1] != now[1] or was[2] == "conflicted":
        return 0.0
    a, b = int(was[0]), int(now[0])
    return abs(b - a) / a if a else float(b > 0)


def _usd(figure: tuple[str | None, str, str]) -> str:
    return f"{int(figure[0] or 0) / 1e9:g}"


def addresses() -> list[str]:
    """Return the addresses of ALMANAC_WEBHOOKS."""
    return os.environ.get("ALMANAC_WEBHOOKS", "").replace(",", " ").split()


def name_of(address: str) -> str:
    """Return a name for an address that can be kept where the address, a secret, cannot."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def deliver(
    current: Sequence[Notice],
    release: int,
    moment: datetime,
    late: Mapping[str, Sequence[Notice]] = MappingProxyType({}),
) -> dict[str, str]:
    """Post notices to each address, as one JSON document.

    Return by name what could not be posted, and why.

    `late` has by name of an address what that one alone could not be told before. `moment` is when
    all this is, and is sent along. With ALMANAC_WEBHOOK_SECRET time and body are signed: see
    `almanac.flows.pipeline.webhooks.signed`.
    """
    secret, letters = os.environ.get("ALMANAC_WEBHOOK_SECRET", ""), []
    for place, address in enumerate(addresses(), 1):
        mine = [*late.get(name_of(address), ()), *current]
        if mine:
            more = max(0, len(mine) - MOST)
            document = {
                "release": release,
                "notices": [n.as_dict() for n in mine[:MOST]],
                "more": more,
            }
            body = json.dumps(document).encode("ascii")
            headers = {"Content-Type": "application/json", **signed(body, secret, moment)}
            letters.append(Letter(address, place, body, headers))
    why = post_all(letters)
    return {name_of(x.address): line for x, line in zip(letters, why, strict=True) if line}
