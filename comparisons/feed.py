"""The Atom feed of what releases changed: one entry a release, newest first."""

from __future__ import annotations

from html import escape
from xml.etree import ElementTree as ET

from comparisons import form
from warehouse import Warehouse
from warehouse.past import Told, diff
from warehouse.reader import FOREVER

ATOM = "http://www.w3.org/2005/Atom"
MOST = 50
"""Differences an entry lists; the rest is counted."""


def atom(seen: Warehouse, base: str = "", most: int = 20) -> str:
    """Return the feed of the newest releases as XML. `base` is the address it is served at; without it ids are URNs."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    releases = seen.releases()
    _text(feed, "title", "Model Almanac: what releases changed")
    _text(feed, "id", f"{base}/feed.atom" if base else "urn:model-almanac:feed")
    _text(feed, "updated", releases[0].created_at)
    author = ET.SubElement(feed, f"{{{ATOM}}}author")
    _text(author, "name", "Model Almanac")
    if base:
        ET.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{base}/feed.atom")
    kept = {r.id for r in releases if not r.retired_at}
    for release in releases[:most]:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _text(entry, "id", f"urn:model-almanac:release:{release.id}:{release.digest[:16]}")
        _text(entry, "updated", release.created_at)
        counts = {k: release.diff.get(k, 0) for k in ("new", "change", "correction", "filled", "gone")}
        _text(entry, "title", f"Release {release.id}: " + ", ".join(f"{n:,} {k}" for k, n in counts.items() if n) if any(counts.values()) else f"Release {release.id}")
        told: tuple[Told, ...] = ()
        if release.parent in kept and release.id in kept:
            told = diff(seen, release.parent, release.id).told
        content = ET.SubElement(entry, f"{{{ATOM}}}content", type="html")
        content.text = _html([t for t in told if t.what.kind != "new" and t.what.valid_to == FOREVER], release.stale)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def _html(told: list[Told], stale: dict[str, str]) -> str:
    """Return a list of differences; every harvested text is escaped here, and once more as XML."""
    lines = [f"<li>{escape(_line(t))}</li>" for t in told[:MOST]]
    if len(told) > MOST:
        lines.append(f"<li>and {len(told) - MOST:,} more</li>")
    lines += [f"<li>stale: {escape(source)}: {escape(why)}</li>" for source, why in sorted(stale.items())]
    return f"<ul>{''.join(lines)}</ul>" if lines else "<p>No figure of today is another.</p>"


def _line(told: Told) -> str:
    about, what = told.about, told.what
    terms = f" [{about.terms}]" if about.terms else ""
    was, now = form.said(about, what.before), form.said(about, what.after)
    return f"{what.kind}: {about.subject} {f'{about.field} {about.meter}'.strip()}{terms}: {was} → {now}, since {what.valid_from[:10]}"


def _text(parent: ET.Element, name: str, said: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = "".join(c for c in said if c.isprintable())
