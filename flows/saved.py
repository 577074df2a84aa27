"""Saved captures on disk: recorded pages, folders with a manifest, data sets with a date in their names, WARC files."""

from __future__ import annotations

import functools
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from schemas import safe_yaml
from schemas.claim import Capture
from schemas.dates import utc
from spiders import base
from spiders.archive import read_body, scan

LARGEST = 512 * 2**20
"""The largest body, unpacked, that is read: 512 MiB."""


@dataclass(frozen=True, slots=True)
class Found:
    """One saved look. `body` reads it; it raises ValueError for one that cannot be had whole."""

    source: str
    url: str
    page: str
    fetched_at: datetime
    path: str
    body: Callable[[], bytes]
    media_type: str = ""
    status: int = 200


@dataclass
class Listing:
    """What a folder held: looks to read, and files no source reads, each with the reason."""

    found: list[Found] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)


def listing(folder: Path) -> Listing:
    """Return the saved captures of a folder. Raises ValueError, saying what to pass, for one that holds none."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder")
    result = Listing()
    if (folder / "MANIFEST.jsonl").exists():
        _manifest(folder, result)
        if (folder.parent / "peers").is_dir() and folder.name == "captures":
            _dated(folder.parent / "peers", result)
    elif any(folder.glob("*/*/capture.json")):
        _recorded(folder, result)
    elif warcs := sorted(folder.rglob("*.warc.gz")):
        _archived(warcs, result)
    else:
        _dated(folder, result)
    if not result.found and not result.unread:
        raise ValueError(f"{folder}: neither MANIFEST.jsonl, nor SOURCE/DATE/capture.json, nor WARC files")
    return result


def _archived(warcs: list[Path], result: Listing) -> None:
    """A look whose body was kept before is a `revisit`: its body stands in an earlier record, perhaps of another file."""
    places: dict[str, tuple[Path, int]] = {}
    looks: list[tuple[Capture, Path]] = []
    for path in warcs:
        for capture, body, offset in scan(path):
            looks.append((capture, path))
            if body is not None:
                places.setdefault(capture.digest, (path, offset))
    for c, path in looks:
        if c.digest not in places:
            result.unread.append((f"{path.name}: {c.url} of {c.fetched_at:%Y-%m-%d}", "its body is in an archive file that is not here"))
            continue
        result.found.append(Found(c.source, c.url, c.page, c.fetched_at, path.name, partial(read_body, *places[c.digest], c.digest), c.media_type, c.status))


def _recorded(folder: Path, result: Listing) -> None:
    for meta in sorted(folder.glob("*/*/capture.json")):
        source = meta.parent.parent.name
        said = json.loads(meta.read_text(encoding="utf-8"))
        if source not in base.names():
            result.unread.append((str(meta.parent.relative_to(folder)), "no source of this name"))
            continue
        body = next((p for p in (meta.with_name("body"), meta.with_name("body.gz")) if p.exists()), meta.with_name("body"))
        result.found.append(Found(source, said["url"], said.get("page", said["url"]), utc(said["fetched_at"]), str(body.relative_to(folder)), partial(unpacked, body),
                                  said.get("media_type", ""), said.get("status", 200)))  # fmt: skip


def _manifest(folder: Path, result: Listing) -> None:
    rows = [json.loads(line) for line in (folder / "MANIFEST.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
    latest = max((r["captured"] for r in rows if r.get("captured")), default="")
    shared = Counter((r.get("url"), r.get("captured")) for r in rows)
    for row in rows:
        path = folder / row["path"]
        line = f"{row.get('url') or '-'} {row.get('source') or '-'} {row['path']} {row.get('notes') or ''}"
        source = which(line)
        if not source:
            result.unread.append((row["path"], why_unread(line)))
            continue
        if not path.exists():
            result.unread.append((row["path"], "listed in the manifest, but not there"))
            continue
        page, url = _page(row, shared)
        # A file without a day was saved, at the latest, by the newest day its manifest names.
        result.found.append(Found(source, url, page, utc(row.get("captured") or latest), row["path"], partial(unpacked, path), row.get("kind") or ""))


def _page(row: dict[str, str], shared: Counter[tuple[str | None, str | None]]) -> tuple[str, str]:
    """Return (page, URL): the URL, unless one URL stands for many files, which are pages of their repository."""
    origin = re.match(r"github:([\w.-]+/[\w.-]+)@\w+:(.+)", row.get("source") or "")
    url = row.get("url") or ""
    if url and shared[(row.get("url"), row.get("captured"))] == 1:
        return url.split("#")[0].split("?")[0], url
    if origin:
        return f"github:{origin[1]}:{origin[2]}", url if url and "huggingface.co" in url else f"https://github.com/{origin[1]}/blob/HEAD/{origin[2]}"
    return f"file:{row['path']}", url or f"file:{row['path']}"


def _dated(folder: Path, result: Listing) -> None:
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in (".gz", ".json", ".md", ".html", ".txt")):
        name = f"{folder.name}/{path.relative_to(folder)}"
        if path.name == "README.md":
            continue
        source = which(f"- - {name} ")
        day = re.search(r"\d{4}-\d{2}-\d{2}", name)
        if not source or not day:
            result.unread.append((name, why_unread(f"- - {name} ") if not source else "no day in its name"))
            continue
        url = (base.source(source).start_urls or (f"file:{name}",))[0]
        result.found.append(Found(source, url, url, utc(day[0]), name, partial(unpacked, path)))


def which(line: str) -> str:
    """Return the source whose card matches a manifest line, or nothing. Raises ValueError when two do."""
    found = [name for name in base.names() if any(re.search(p, line) for p in base.card(name).matches)]
    if len(found) > 1:
        raise ValueError(f"{line.split()[2]}: read by {' and '.join(found)}; mend their cards' `matches`")
    return found[0] if found else ""


def why_unread(line: str) -> str:
    """Return why no source reads a saved file: what `spiders/unread.yml` says of its kind, or that its form is not known."""
    return next((kind["reason"] for kind in _unread() if re.search(kind["matches"], line)), "no source reads this form")


@functools.cache
def _unread() -> list[dict[str, str]]:
    kinds: list[dict[str, str]] = safe_yaml.load((Path(base.__file__).parent / "unread.yml").read_text(encoding="utf-8"))
    return kinds


def unpacked(path: Path) -> bytes:
    """Return a file's bytes, gzip undone. Raises ValueError for gzip that is damaged, cut off or too large."""
    raw = path.read_bytes()
    if path.suffix != ".gz" and raw[:2] != b"\x1f\x8b":
        return raw
    unpack = zlib.decompressobj(wbits=31)
    try:
        body = unpack.decompress(raw, LARGEST)
    except zlib.error as error:
        raise ValueError(f"gzip is damaged: {error}") from error
    if unpack.unconsumed_tail:
        raise ValueError(f"unpacks to more than {LARGEST} bytes")
    if not unpack.eof:
        raise ValueError("gzip is cut off")
    return body


def each_source(found: list[Found]) -> Iterator[tuple[str, list[Found]]]:
    """Yield looks by source: makers first, so that the models they name are known when others speak of them."""
    order = {k: i for i, k in enumerate(("maker", "maker_card", "catalogue", "provider", "marketplace", "measurement", "comparison", "reseller", "blog"))}
    for name in sorted({f.source for f in found}, key=lambda n: (order[base.card(n).kind], n != "models_dev", n)):
        yield name, [f for f in found if f.source == name]
