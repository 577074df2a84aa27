"""What a fresh release gives notice of: prices that moved, conflicts that are new, sources that are stale. And webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import warehouse
from warehouse.past import diff
from warehouse.reader import FOREVER

MOVED = 0.05
"""A price that changes by less than this share is no notice."""
MOST = 1_000
"""So many notices are sent at once; of more only the number is told."""
TRIES = (0, 2, 10)
"""Seconds to wait before each try to deliver a notice."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing worth telling. `event` is `price.moved`, `price.corrected`, `conflict.new`, `offer.withdrawn` or `source.stale`."""

    event: str
    subject: str
    said: str
    detail: Mapping[str, Any]


def notices(database: str, release: int, stale: Mapping[str, str]) -> list[Notice]:
    """Return what a release gives notice of against its parent. The first release gives none but of stale sources."""
    seen = warehouse.open(database)
    found = [Notice("source.stale", source, f"{source} is stale: {why}", {"why": why}) for source, why in sorted(stale.items())]
    try:
        parent = seen.release(release).parent
        if parent is None or seen.release(parent).retired_at:
            return found
        for told in diff(seen, parent, release).told:
            what, about = told.what, told.about
            if what.valid_to != FOREVER or what.kind not in ("change", "correction"):
                continue
            now, was = what.after, what.before
            where = {"field": about.field, "meter": about.meter, "terms": about.terms, "kind": what.kind, "valid_from": what.valid_from,
                     "before": was and was[0], "after": now and now[0], "unit": about.unit}  # fmt: skip
            if now and now[2] == "conflicted" and (was is None or was[2] != "conflicted"):
                found.append(Notice("conflict.new", about.subject, f"{about.subject} {about.field} {about.meter}".strip() + " is in conflict", where))
            elif about.field == "price" and was and now and _share(was, now) >= MOVED:
                event = "price.moved" if what.kind == "change" else "price.corrected"
                found.append(Notice(event, about.subject, f"{about.subject} {about.meter}: {_usd(was)} to {_usd(now)} {about.unit}", where))
            elif about.field == "price" and was and now is None and about.meter == "input":
                found.append(Notice("offer.withdrawn", about.subject, f"{about.subject} is no longer listed", where))
    finally:
        seen.close()
    return found


def _share(was: tuple[str | None, str, str], now: tuple[str | None, str, str]) -> float:
    """Return by what share a price moved; 0 where either is not known, or they are in different units."""
    if was[0] is None or now[0] is None or was[1] != now[1] or was[2] == "conflicted":
        return 0.0
    a, b = int(was[0]), int(now[0])
    return abs(b - a) / a if a else float(b > 0)


def _usd(said: tuple[str | None, str, str]) -> str:
    return f"{int(said[0] or 0) / 1e9:g}"


def deliver(found: Sequence[Notice], release: int) -> list[str]:
    """Post notices to each address of ALMANAC_WEBHOOKS, as one JSON document; return what could not be delivered, and why.

    With ALMANAC_WEBHOOK_SECRET the header `X-Almanac-Signature` is `sha256=` and the HMAC of the body.
    """
    addresses = [a for a in os.environ.get("ALMANAC_WEBHOOKS", "").replace(",", " ").split() if a]
    if not found or not addresses:
        return []
    body = json.dumps({"release": release, "notices": [asdict(n) for n in found[:MOST]], "more": max(0, len(found) - MOST)}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "model-almanac"}
    if secret := os.environ.get("ALMANAC_WEBHOOK_SECRET"):
        headers["X-Almanac-Signature"] = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    failed = []
    for address in addresses:
        if why := _post(address, body, headers):
            failed.append(f"{address.split('?')[0]}: {why}")
    return failed


def _post(address: str, body: bytes, headers: Mapping[str, str]) -> str:
    """Post a body; return why it was not taken, or nothing."""
    if not address.startswith(("https://", "http://")):
        return "not a web address"
    why = ""
    for wait in TRIES:
        time.sleep(wait)
        try:
            with urllib.request.urlopen(urllib.request.Request(address, body, dict(headers)), timeout=10):
                return ""
        except urllib.error.HTTPError as error:
            why = f"answered {error.code}"
            if error.code < 500 and error.code != 429:
                return why
        except (OSError, ValueError) as error:
            why = str(getattr(error, "reason", error))
    return why
