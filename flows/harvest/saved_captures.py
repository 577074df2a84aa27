"""Saved captures on disk.

Recorded pages, folders with a manifest, data sets with a date in their names, WARC files.
"""

from __future__ import annotations

import functools
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from almanac.schemas import files, jsonl, safe_yaml
from almanac.schemas.claim import Capture
from almanac.schemas.dates import utc
from almanac.schemas.organisations import filed, in_history, is_main, maker_at
from almanac.spiders import base
from almanac.spiders.archive.looks import Fault, read_body, scan
from almanac.spiders.archive.unpacked import Damaged, Unpacked
from almanac.spiders.bounds import LARGEST_PAGE

LARGEST_NOTE = 2**20
"""Bytes of a `capture.json`."""
LARGEST_MANIFEST = 2**28
"""Bytes of a MANIFEST.jsonl."""


@dataclass(frozen=True, slots=True)
class SavedLook:
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

    looks: list[SavedLook] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)


def listing(folder: Path) -> Listing:
    """Return the saved captures of a folder.

    Raises ValueError, saying what to pass, for one that holds none.
    """
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
    if not result.looks and not result.unread:
        raise ValueError(
            f"{folder}: neither MANIFEST.jsonl, nor SOURCE/DATE/capture.json, nor WARC files"
        )
    return result


def _archived(warcs: list[Path], result: Listing) -> None:
    """A look whose body was kept before is a `revisit`.

    Its body stands in an earlier record, perhaps of another file.
    """
    places: dict[str, tuple[Path, int]] = {}
    looks: list[tuple[Capture, Path]] = []
    for path in warcs:
        faults: list[Fault] = []
        for capture, body, offset in scan(path, faults.append):
            looks.append((capture, path))
            if body is not None:
                places.setdefault(capture.digest, (path, offset))
        result.unread += [
            (path.name, fault.why + ("; what stands before that is read" if fault.ends else ""))
            for fault in faults
        ]
    for c, path in looks:
        if c.source not in base.names():
            result.unread.append(
                (
                    f"{path.name}: {c.url} of {c.fetched_at:%Y-%m-%d}",
                    f"no source of the name {c.source!r}",
                )
            )
            continue
        if c.digest not in places:
            result.unread.append(
                (
                    f"{path.name}: {c.url} of {c.fetched_at:%Y-%m-%d}",
                    "its body is in an archive file that is not here",
                )
            )
            continue
        page = c.page if in_history(c.page, c.url) else filed(c.page, c.url)
        kept = partial(read_body, *places[c.digest], c.digest)
        look = SavedLook(
            c.source, c.url, page, c.fetched_at, path.name, kept, c.media_type, c.status
        )
        result.looks.append(look)


def _recorded(folder: Path, result: Listing) -> None:
    for meta in sorted(folder.glob("*/*/capture.json")):
        source = meta.parent.parent.name
        name = str(meta.parent.relative_to(folder))
        if source not in base.names():
            result.unread.append((name, "no source of this name"))
            continue
        try:
            about = jsonl.parsed(files.content(meta, LARGEST_NOTE, inside=meta.parent))
            url, fetched_at = about["url"], utc(about["fetched_at"])
        except (ValueError, KeyError, AttributeError, OSError) as error:
            result.unread.append(
                (
                    name,
                    "its capture.json is not read:"
                    f" {f'no {error}' if isinstance(error, KeyError) else error}",
                )
            )
            continue
        body = next(
            (p for p in (meta.with_name("body"), meta.with_name("body.gz")) if p.exists()),
            meta.with_name("body"),
        )
        if not _inside(body, meta.parent):  # a whole folder may be a link that somebody made here
            result.unread.append((name, "its body leads out of the folder"))
            continue
        page, at = filed(about.get("page", url), url), str(body.relative_to(folder))
        result.looks.append(
            SavedLook(
                source,
                url,
                page,
                fetched_at,
                at,
                partial(unpacked, body),
                about.get("media_type", ""),
                about.get("status", 200),
            )
        )


def _inside(path: Path, folder: Path) -> bool:
    """Whether a path, with every link followed, stays in a folder."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return False


class _Refused(ValueError):
    """Why a saved file is not read."""


def _manifest(folder: Path, result: Listing) -> None:
    rows = list(_rows(folder, result))
    latest = max((r["captured"] for r in rows if r.get("captured")), default="")
    shared = Counter((r.get("url"), r.get("captured")) for r in rows)
    for row in rows:
        try:
            result.looks.append(_listed(folder, row, latest, shared))
        except _Refused as why:
            result.unread.append((row["path"], str(why)))


def _rows(folder: Path, result: Listing) -> Iterator[dict[str, str]]:
    """Yield the lines of a manifest that have text where text is asked for, and a path."""

    def refuse(number: int, why: str) -> None:
        result.unread.append((f"MANIFEST.jsonl, line {number}", why))

    keys = ("path", "url", "captured", "source", "notes", "kind")
    lines = files.content(folder / "MANIFEST.jsonl", LARGEST_MANIFEST, inside=folder)
    for number, row in jsonl.read(lines, refuse):
        wrong = [key for key in keys if not isinstance(row.get(key) or "", str)]
        if not wrong and not row.get("path"):
            wrong = ["path"]
        if wrong:
            refuse(number, f"no text as its {', '.join(wrong)}")
        else:
            yield row


def _listed(
    folder: Path, row: dict[str, str], latest: str, shared: Counter[tuple[str | None, str | None]]
) -> SavedLook:
    """Return the look that a line of a manifest tells of. Raises _Refused.

    A file without a day was saved, at the latest, by the newest day its manifest names.
    """
    path, day = folder / row["path"], row.get("captured") or latest
    where = f"{row.get('url') or '-'} {row.get('source') or '-'} {row['path']}"
    line = f"{where} {row.get('notes') or ''}"
    if not (source := which(line)):
        raise _Refused(why_unread(line))
    if not _inside(path, folder):
        raise _Refused("leads out of the folder")
    if not path.exists():
        raise _Refused("listed in the manifest, but not there")
    try:
        moment = utc(day)
    except ValueError:
        raise _Refused(f"its day is not read: {row.get('captured') or 'none is named'}") from None
    page, url = _page(row, shared)
    body = partial(unpacked, path)
    return SavedLook(source, url, page, moment, row["path"], body, row.get("kind") or "")


def _page(row: dict[str, str], shared: Counter[tuple[str | None, str | None]]) -> tuple[str, str]:
    """Return (page, URL).

    The page is the URL, unless one URL stands for many files, which are pages of their repository.
    """
    origin = re.match(r"github:([\w.-]+/[\w.-]+)@(\w+):(.+)", row.get("source") or "")
    url = row.get("url") or ""
    if url and shared[(row.get("url"), row.get("captured"))] == 1:
        return url.split("#")[0].split("?")[0], url
    if origin:
        return _of_repository(origin[1], origin[2], origin[3], url)
    return f"file:{row['path']}", url or f"file:{row['path']}"


def _of_repository(name: str, commit: str, path: str, url: str) -> tuple[str, str]:
    """Return (page, URL) of a file at a commit.

    In a maker's own repository a commit is not the main branch, so the maker does not speak: its
    id, under which strangers' proposals are shown too, stays in the address.
    """
    page = f"github:{name}:{path}"
    own = maker_at(page) and not is_main(commit)
    at = f"https://github.com/{name}/blob/{commit if own else 'HEAD'}/{path}"
    answered = url if url.startswith("https://huggingface.co/") else at
    return filed(page, answered), answered


def _dated(folder: Path, result: Listing) -> None:
    forms = (".gz", ".json", ".md", ".html", ".txt")
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in forms):
        if path.name != "README.md":
            name = f"{folder.name}/{path.relative_to(folder)}"
            try:
                result.looks += _members(_named(folder, path, name))
            except _Refused as why:
                result.unread.append((name, str(why)))


def _named(folder: Path, path: Path, name: str) -> SavedLook:
    """Return the look that a file with a day in its name is. Raises _Refused.

    A name says which source's form a file has, not whose card of many it is.
    """
    line = f"- - {name} "
    if not (source := which(line)):
        raise _Refused(why_unread(line))
    day = re.search(r"\d{4}-\d{2}-\d{2}", name)
    try:
        moment = utc(day[0] if day else "")
    except ValueError:
        raise _Refused("no day in its name") from None
    if not _inside(path, folder):
        raise _Refused("leads out of the folder")
    starts = () if base.card(source).kind == "maker_card" else base.source(source).start_urls
    url = (starts or (f"file:{name}",))[0]
    return SavedLook(source, url, url, moment, name, partial(unpacked, path))


def _members(look: SavedLook) -> list[SavedLook]:
    """Return a look at each file of a bundle, at the file's own address; of one file, that look.

    A claim then names the page that holds its words.
    """
    source = base.source(look.source)
    if type(source).members is base.Source.members:
        return [look]
    try:
        members = list(source.members(look.body()))
    except ValueError:
        members = []  # what cannot be had whole is told when it is read
    return [
        replace(look, url=url, page=url, path=f"{look.path}#{url}", body=partial(bytes, text))
        for url, text in members
    ] or [look]


def which(line: str) -> str:
    """Return the source whose card matches a manifest line, or nothing.

    Raises ValueError when two do.
    """
    sources = [
        name for name in base.names() if any(re.search(p, line) for p in base.card(name).matches)
    ]
    if len(sources) > 1:
        raise ValueError(
            f"{line.split()[2]}: read by {' and '.join(sources)}; mend their cards' `matches`"
        )
    return sources[0] if sources else ""


def why_unread(line: str) -> str:
    """Return why no source reads a saved file.

    It is what `spiders/unread.yml` says of its kind, or that its form is not known.
    """
    return next(
        (kind["reason"] for kind in _unread() if re.search(kind["matches"], line)),
        "no source reads this form",
    )


@functools.cache
def _unread() -> list[dict[str, str]]:
    kinds: list[dict[str, str]] = safe_yaml.load(
        (Path(base.__file__).parent / "unread.yml").read_text(encoding="utf-8")
    )
    return kinds


def unpacked(path: Path) -> bytes:
    """Return a file's bytes, gzip undone.

    Raises ValueError for gzip that is damaged, cut off or too large; no more than
    that is ever held.
    """
    with files.opened(path) as file:
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        if path.suffix == ".gz" and not packed:
            raise ValueError("gzip is damaged: it does not begin as gzip does")
        try:
            body = (
                Unpacked(file).read(LARGEST_PAGE + 1)
                if packed
                else file.read(min(LARGEST_PAGE, os.fstat(file.fileno()).st_size) + 1)
            )
        except Damaged as error:
            raise ValueError(
                f"gzip is cut off: {error}" if str(error).startswith("breaks off") else str(error)
            ) from None
    if len(body) > LARGEST_PAGE:
        raise ValueError(f"{'unpacks to ' if packed else ''}more than {LARGEST_PAGE:,} bytes")
    return body


def each_source(looks: list[SavedLook]) -> Iterator[tuple[str, list[SavedLook]]]:
    """Yield looks by source, makers first.

    So the models they name are known when others speak of them.
    """
    order = {
        k: i
        for i, k in enumerate(
            (
                "maker",
                "maker_card",
                "catalogue",
                "provider",
                "marketplace",
                "measurement",
                "comparison",
                "reseller",
                "blog",
            )
        )
    }
    for name in sorted(
        {look.source for look in looks},
        key=lambda n: (order[base.card(n).kind], n != "models_dev", n),
    ):
        yield name, [look for look in looks if look.source == name]
