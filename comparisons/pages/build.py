"""The site as files: every page of a release, for any web server or for a disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from almanac.comparisons.pages import evidence, lists, things
from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.render import FOLDER
from almanac.comparisons.pages.router import page
from almanac.comparisons.pages.site import Moment, Site
from almanac.warehouse import Warehouse
from almanac.warehouse.read.export import replacing
from almanac.warehouse.read.reader import StoredFigure
from almanac.warehouse.read.release_diff import HistoryEntry, entries

MADE = ".almanac-site"
"""The file by which a build knows its own folder again."""
ASSETS = ("site.css", "site.js", "icon.svg")
Body = Callable[[str, str, int], bytes]
"""What reads an archived body from its digest, file and offset."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build wrote: pages by kind, bytes in all."""

    pages: Mapping[str, int]
    bytes: int


def build(
    snapshot: Warehouse,
    folder: Path,
    *,
    comparisons: int = 500,
    sources: Mapping[str, Mapping[str, Any]] | None = None,
    also: Iterable[str] = (),
    body: Body | None = None,
) -> Built:
    """Write the site into `folder`: what stands there from an earlier build is replaced as a whole.

    `also` names further days: each is built beside the first, below `at/DAY/`, and every page's
    switch leads to the same page then. `body` reads an archived body; with it the bodies are
    written too. Raises ValueError for a folder that holds something else.
    """
    moments = [snapshot, *(snapshot.as_of(valid=day) for day in dict.fromkeys(also))]
    with replacing(folder, MADE, "a site") as new:
        writer = _Writer(new)
        writer.write(MADE, b"", "asset")
        places = [f"at/{m.valid[:10]}/" if i and m.valid else "" for i, m in enumerate(moments)]
        sites = [Site(one, sources or {}, bodies=body is not None) for one in moments]
        for one in sites:
            one.only = frozenset(at.compare_path(p) for p in one.pairs(comparisons))
        standing = [frozenset(_standing(one)) for one in sites] if len(sites) > 1 else []
        for i, site in enumerate(sites):
            site.moments = _switch(sites, places, standing, i)
            there = writer.below(places[i])
            for asset in ASSETS:
                there.write(f"static/{asset}", (FOLDER / "static" / asset).read_bytes(), "asset")
            _pages(site, there, comparisons)
            if body:
                for digest in sorted(there.captures):
                    there.write(
                        f"captures/{digest}.txt",
                        kept(site.snapshot, digest, body)
                        or b"the archive here does not keep this body\n",
                        "body",
                    )
    return Built(dict(writer.count), writer.size[0])


def kept(snapshot: Warehouse, digest: str, body: Body) -> bytes | None:
    """Return an archived body, None where the archive does not keep it."""
    for look in snapshot.looks_at(digest):
        if look["archive_file"]:
            try:
                return body(digest, look["archive_file"], look["archive_offset"])
            except (LookupError, OSError, ValueError):
                continue
    return None


def _standing(site: Site) -> Iterator[str]:
    """Yield the pages of what stands at a moment: those another moment's switch may lead to."""
    yield from lists.paths(site)
    yield from site.only or ()
    yield from (f"models/{at.model_path(m)}.html" for m in site.rows)
    yield from (
        f"offers/{at.safe(p)}/{at.model_path(m)}.html"
        for p, some in site.served_by.items()
        for m in some
    )
    yield from (at.figure_path(*key) for key in site.said_of)


def _switch(
    sites: list[Site], places: list[str], standing: list[frozenset[str]], here: int
) -> tuple[Moment, ...]:
    """Return what the switch offers; folders are as seen from the moment shown."""
    up = "../" * places[here].count("/")
    said = (
        f"{s.snapshot.valid[:10]}" if s.snapshot.valid else f"now, release {s.release.id}"
        for s in sites
    )
    return (
        tuple(
            Moment(words, None if i == here else f"{up}{places[i]}", paths)
            for i, (words, paths) in enumerate(zip(said, standing, strict=True))
        )
        if standing
        else ()
    )


class _Writer:
    """Files below a folder, counted by kind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count: dict[str, int] = defaultdict(int)
        self.size = [0]
        self.captures: set[str] = set()
        self._made: set[Path] = set()

    def below(self, place: str) -> _Writer:
        """Return a writer to a folder below, which counts to the same."""
        made = _Writer(self.folder / place)
        made.count, made.size = self.count, self.size
        return made

    def write(self, path: str, content: str | bytes, kind: str) -> None:
        file = self.folder / path
        if file.parent not in self._made:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(file.parent)
        content = content.encode() if isinstance(content, str) else content
        file.write_bytes(content)
        self.count[kind] += 1
        self.size[0] += len(content)


def _pages(site: Site, writer: _Writer, comparisons: int) -> None:
    for path in lists.paths(site):
        writer.write(path, page(site, path), "list")
    for pair in site.pairs(comparisons):
        path = at.compare_path(pair)
        writer.write(path, page(site, path), "comparison")
    releases = site.snapshot.releases()
    for model in site.rows:
        maker, slug = (at.safe(part) for part in model.split("/", 1))
        path = f"models/{maker}/{slug}.html"
        writer.write(path, things.model(site, path, {}, maker, slug), "model")
        _evidence(site, writer, model, releases)
    for digest in sorted(writer.captures):
        writer.write(
            f"captures/{digest}.html",
            evidence.capture(site, f"captures/{digest}.html", {}, digest),
            "capture",
        )


def _evidence(site: Site, writer: _Writer, model: str, releases: list[Any]) -> None:
    """Write the pages of a model's offers and figures, read at once."""
    one = site.side(model)
    standing: dict[tuple[str, str, str], list[StoredFigure]] = defaultdict(list)
    for f in site.snapshot.figures(model=model):
        standing[(f.subject, f.field, f.meter)].append(f)
    claims = site.claims([f for some in standing.values() for f in some])
    writer.captures |= {c.capture for c in claims.values()}
    ever: dict[tuple[str, str, str], list[HistoryEntry]] = defaultdict(list)
    for e in entries(site.snapshot, site.snapshot.ever(model), releases):
        ever[(e.figure.subject, e.figure.field, e.figure.meter)].append(e)
    for provider in sorted(set(one.tariffs) | set(one.as_served)):
        path = f"offers/{at.safe(provider)}/{at.model_path(model)}.html"
        writer.write(
            path,
            things.offer(site, path, {}, at.safe(provider), *at.model_path(model).split("/")),
            "offer",
        )
    for key in standing:
        path = at.figure_path(*key)
        writer.write(
            path,
            evidence.shown(site, path, *key, ever.get(key, []), standing[key], claims, releases),
            "figure",
        )
