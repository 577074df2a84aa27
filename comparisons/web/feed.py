"""The Atom feed: what releases changed, and what could not be seen.

One entry a release, one for each moment at which sources went stale or were well again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple
from xml.etree import ElementTree as ET

from almanac.comparisons import formatting
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import FOREVER, Stale
from almanac.warehouse.read.release_diff import Told, diff
from almanac.warehouse.read.rows import Release

ATOM = "http://www.w3.org/2005/Atom"
MOST = 50
"""Differences an entry lists; the rest is counted."""
MOST_ENTRIES = 20
"""Entries of the feed."""


class FeedEntry(NamedTuple):
    """One entry of the feed; `html` is escaped."""

    updated: str
    id: str
    title: str
    html: str


def atom(
    snapshot: Warehouse,
    base: str = "",
    most: int = MOST_ENTRIES,
    told: Iterable[FeedEntry] | None = None,
) -> str:
    """Return the feed of the newest releases and outages as XML, newest first.

    `base` is the address it is served at; without it ids are URNs. `told` are the entries of the
    releases, where they are at hand. Outages are read anew: they make no release.
    """
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    some = [*(releases(snapshot, most) if told is None else told), *_outages(snapshot)]
    entries = sorted(some, key=lambda e: e.updated, reverse=True)[:most]
    _text(feed, "title", "Model Almanac: what releases changed, and what could not be seen")
    _text(feed, "id", f"{base}/feed.atom" if base else "urn:model-almanac:feed")
    _text(feed, "updated", entries[0].updated)
    author = ET.SubElement(feed, f"{{{ATOM}}}author")
    _text(author, "name", "Model Almanac")
    if base:
        ET.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{base}/feed.atom")
    for made in entries:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        for name in ("id", "updated", "title"):
            _text(entry, name, getattr(made, name))
        ET.SubElement(entry, f"{{{ATOM}}}content", type="html").text = made.html
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def releases(snapshot: Warehouse, most: int = MOST_ENTRIES) -> Iterator[FeedEntry]:
    """Yield the entries of the newest releases, the newest first."""
    every = snapshot.releases()
    kept = {r.id for r in every if not r.retired_at}
    for release in every[:most]:
        changes: tuple[Told, ...] = ()
        if release.parent is not None and {release.parent, release.id} <= kept:
            changes = diff(snapshot, release.parent, release.id).told
        standing = [t for t in changes if t.what.kind != "new" and t.what.valid_to == FOREVER]
        yield FeedEntry(
            release.created_at,
            f"urn:model-almanac:release:{release.id}:{release.digest[:16]}",
            _title(release),
            _html(standing, release.stale),
        )


def _title(release: Release) -> str:
    kinds = ("new", "change", "correction", "filled", "gone")
    counts = [f"{n:,} {kind}" for kind in kinds if (n := release.diff.get(kind, 0))]
    return f"Release {release.id}: {', '.join(counts)}" if counts else f"Release {release.id}"


def _outages(snapshot: Warehouse) -> Iterator[FeedEntry]:
    """Yield an entry for each moment at which sources went stale.

    Also one for each at which some were well again.
    """
    stale = snapshot.stale()
    for became, field in (("stale", "since"), ("well again", "until")):
        moments: dict[str, list[Stale]] = {}
        for s in stale:
            if moment := getattr(s, field):
                moments.setdefault(moment, []).append(s)
        for moment, some in moments.items():
            title = (
                f"{len(some)} sources are {became}"
                if len(some) > 1
                else f"{some[0].source} is {became}"
            )
            lines = [
                f"<li>{escape(s.source)}: {escape(s.reason)}"
                f"{f' (stale since {s.since})' if s.until == moment else ''}</li>"
                for s in some
            ]
            yield FeedEntry(
                moment,
                f"urn:model-almanac:{became.replace(' ', '-')}:{moment}",
                title,
                f"<ul>{''.join(lines)}</ul>",
            )


def _html(told: list[Told], stale: dict[str, str]) -> str:
    """Return a list of differences; every harvested text is escaped here, and once more as XML."""
    lines = [f"<li>{escape(_line(t))}</li>" for t in told[:MOST]]
    if len(told) > MOST:
        lines.append(f"<li>and {len(told) - MOST:,} more</li>")
    lines += [
        f"<li>stale: {escape(source)}: {escape(why)}</li>" for source, why in sorted(stale.items())
    ]
    return f"<ul>{''.join(lines)}</ul>" if lines else "<p>No figure of today is another.</p>"


def _line(told: Told) -> str:
    about, what = told.about, told.what
    terms = f" [{about.terms}]" if about.terms else ""
    was, now = formatting.said(about, what.before), formatting.said(about, what.after)
    return (
        f"{what.kind}: {about.subject} {f'{about.field} {about.meter}'.strip()}{terms}: {was} →"
        f" {now}, since {what.valid_from[:10]}"
    )


def _text(parent: ET.Element, name: str, said: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = "".join(c for c in said if c.isprintable())
