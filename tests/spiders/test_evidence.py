"""Evidence is never lost silently.

What is written is read back exactly, what is not whole is told and never read as if it were, what
is lost is found again.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from almanac import warehouse
from almanac.flows.harvest import saved_captures, web_archives
from almanac.flows.pipeline.backfill import Past
from almanac.schemas import jsonl
from almanac.spiders import base
from almanac.spiders.archive import known_looks
from almanac.spiders.archive.integrity import depth, glance, sample
from almanac.spiders.archive.looks import Fault, read_body, scan
from almanac.spiders.archive.warc import Archive
from tests.conftest import Save, almanac, build
from tests.flows.test_backfill import figures, run, spells
from tests.flows.test_trouble import pages_and_a_repository
from tests.warehouse.test_release_diff import prices

WHEN = datetime(2026, 5, 1, tzinfo=UTC)
ENDS = (
    "\x85",
    "\u2028",
    "\u2029",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x0b",
    "\x0c",
    "\r",
    "\n",
    "\r\nAlmanac-Look: {}",
    "é\x85",
    "\t",
)


def gzipped(body: bytes) -> bytes:
    """Return gzip without a time in it: what is made of it is the same at every second."""
    return gzip.compress(body, mtime=0)


def looks(archive: Archive) -> list[tuple[Any, ...]]:
    return sorted(
        (c.source, c.page, c.url, c.media_type, c.status, c.fetched_at, c.digest)
        for c, _ in archive.looks
    )


def filled(folder: Path, files: int = 3, bodies: int = 4) -> Archive:
    """An archive of some files.

    Each holds bodies of its own, and the first body of the file before it again.
    """
    for n in range(files):
        with Archive(folder) as archive:
            for i in range(bodies):
                archive.add(
                    "litellm",
                    f"https://example.org/{i}",
                    f"body {n}.{i} ".encode() * 200,
                    WHEN + timedelta(days=n),
                    status=200,
                )
            if n:
                archive.add(
                    "litellm",
                    "https://example.org/again",
                    f"body {n - 1}.0 ".encode() * 200,
                    WHEN + timedelta(days=n),
                    status=304,
                )
    return Archive(folder)


# JSON lines


def test_lines_end_at_line_feeds_only_and_are_read_back_as_they_were() -> None:
    rows = [{"a": f"x{end}y", end: 1} for end in ENDS]
    bad: list[tuple[int, str]] = []
    text = "".join(map(jsonl.line, rows)).encode()
    assert text.isascii() and text.count(b"\n") == len(rows)
    assert [
        row for _, row in jsonl.read(text, lambda n, why: bad.append((n, why)))
    ] == rows and not bad
    raw = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    assert [
        row for _, row in jsonl.read(raw, lambda n, why: bad.append((n, why)))
    ] == rows and not bad, "also as older versions and others write them"


def test_a_line_that_cannot_be_read_is_told_with_its_number() -> None:
    bad: list[int] = []
    text = b'{"a": 1}\n\n{"a": \n[1]\n"x"\n\xff\xfe\n' + b"[" * 100_000 + b'\n{"a": 2}\n{"a": 3'
    assert [(n, row["a"]) for n, row in jsonl.read(text, lambda n, why: bad.append(n))] == [
        (1, 1),
        (8, 2),
    ]
    assert bad == [3, 4, 5, 6, 7, 9]
    bad.clear()
    assert [n for n, _ in jsonl.read(text, lambda n, why: bad.append(n), torn=True)] == [
        1,
        8,
    ] and bad == [3, 4, 5, 6, 7]


@pytest.mark.parametrize("end", ENDS, ids=lambda e: ascii(e))
def test_looks_with_any_sign_in_them_come_back_from_the_index_and_from_the_files(
    end: str, tmp_path: Path
) -> None:
    with Archive(tmp_path) as archive:
        for i in range(3):
            archive.add(
                "litellm",
                f"https://example.org/{i}{end}",
                b"x" * i,
                WHEN + timedelta(microseconds=i),
                page=f"page{end}{i}",
                media_type=f"text/html{end}",
            )
        expected = looks(archive)
    assert looks(Archive(tmp_path)) == expected
    (path,) = tmp_path.glob("*.warc.gz")
    assert (
        sorted(
            (c.source, c.page, c.url, c.media_type, c.status, c.fetched_at, c.digest)
            for c, _, _ in scan(path)
        )
        == expected
    )
    (tmp_path / "index.jsonl").unlink()
    assert looks(Archive(tmp_path, tell=lambda text: None)) == expected


def test_what_is_written_is_a_web_archive_to_others(tmp_path: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator

    filled(tmp_path, 2)
    kinds = []
    for path in sorted(tmp_path.glob("*.warc.gz")):
        with path.open("rb") as file:
            for rec in ArchiveIterator(file, check_digests="raise"):
                kinds.append((rec.rec_type, len(rec.content_stream().read())))
    assert sorted(kinds) == sorted([("resource", 1800)] * 8 + [("revisit", 0)])


def test_looks_that_an_older_version_wrote_are_read(tmp_path: Path) -> None:
    """Their header has no exact look, and their lines of the index stand as they are."""
    from warcio.warcwriter import WARCWriter

    body = b"old"
    with (tmp_path / "20260501T000000-00000000.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        heads = {
            "WARC-Date": "2026-05-01T00:00:00Z",
            "WARC-Payload-Digest": f"sha256:{hashlib.sha256(body).hexdigest()}",
            "WARC-Identified-Payload-Type": "text/html",
            "Almanac-Source": "litellm",
            "Almanac-Page": "p",
            "Almanac-Status": "200",
        }
        writer.write_record(
            writer.create_warc_record(
                "https://example.org/",
                "resource",
                payload=BytesIO(body),
                length=3,
                warc_headers_dict=heads,
            )
        )
    told: list[str] = []
    archive = Archive(tmp_path, tell=told.append)
    assert looks(archive) == [
        (
            "litellm",
            "p",
            "https://example.org/",
            "text/html",
            200,
            WHEN,
            hashlib.sha256(body).hexdigest(),
        )
    ]
    assert (
        told == ["index rebuilt from 1 files: 1 looks"]
        and archive.body(archive.looks[0][0].digest) == body
    )


# The index follows from the files


def test_a_lost_index_is_made_again_from_the_files(tmp_path: Path) -> None:
    whole = filled(tmp_path)
    expected, places = looks(whole), dict(whole.bodies)
    (tmp_path / "index.jsonl").unlink()
    told: list[str] = []
    again = Archive(tmp_path, tell=told.append)
    assert looks(again) == expected and again.bodies == places
    assert told == [f"index rebuilt from 3 files: {len(expected)} looks"]
    told.clear()
    assert looks(Archive(tmp_path, tell=told.append)) == expected and not told, (
        "it was written down"
    )
    assert depth(Archive(tmp_path)) == []


@pytest.mark.parametrize("keep", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_an_index_that_ends_anywhere_is_completed(keep: float, tmp_path: Path) -> None:
    expected = looks(filled(tmp_path))
    index = (tmp_path / "index.jsonl").read_bytes()
    (tmp_path / "index.jsonl").write_bytes(index[: int(len(index) * keep)])
    told: list[str] = []
    again = Archive(tmp_path, tell=told.append)
    assert looks(again) == expected and any("index rebuilt" in text for text in told)
    again.add("litellm", "https://example.org/new", b"new", WHEN)
    again.close()
    told.clear()
    assert len(looks(Archive(tmp_path, tell=told.append))) == len(expected) + 1 and not told
    assert depth(Archive(tmp_path)) == []


def test_a_damaged_line_in_the_middle_is_told_with_its_number_once_and_made_good(
    tmp_path: Path,
) -> None:
    expected = looks(filled(tmp_path))
    lines = (tmp_path / "index.jsonl").read_text().split("\n")
    lines[1], lines[6] = lines[1][:40], lines[6].replace('"fetched_at"', '"fetched"')
    (tmp_path / "index.jsonl").write_text("\n".join(lines))
    told: list[str] = []
    assert looks(Archive(tmp_path, tell=told.append)) == expected
    assert [re.search(r"line (\d+)", text)[1] for text in told if "line" in text] == ["2", "7"]  # type: ignore[index]
    told.clear()
    assert looks(Archive(tmp_path, tell=told.append)) == expected and not told


def test_files_that_the_index_does_not_name_are_taken_in_also_where_all_they_hold_are_revisits(
    tmp_path: Path,
) -> None:
    expected = filled(tmp_path / "one")
    with Archive(tmp_path / "one") as archive:
        archive.add(
            "litellm", "https://example.org/late", b"body 0.0 " * 200, WHEN + timedelta(days=9)
        )
    expected = Archive(tmp_path / "one")
    (tmp_path / "other").mkdir()
    for path in (tmp_path / "one").glob("*.warc.gz"):
        path.rename(tmp_path / "other" / path.name)
    assert looks(Archive(tmp_path / "other", tell=lambda text: None)) == looks(expected)


def test_a_revisit_whose_body_is_nowhere_is_told_each_time_and_comes_in_with_its_body(
    tmp_path: Path,
) -> None:
    expected = looks(filled(tmp_path / "a", files=2))
    first, second = sorted((tmp_path / "a").glob("*.warc.gz"))
    (tmp_path / "a" / "index.jsonl").unlink()
    first.rename(tmp_path / first.name)
    for _ in range(2):
        told: list[str] = []
        assert len(Archive(tmp_path / "a", tell=told.append).looks) == 4
        assert any(
            f"{second.name}: 1 looks whose body is in no archive file" in text for text in told
        )
        assert [damage.file for damage in glance(Archive(tmp_path / "a", tell=told.append))] == [
            second.name
        ]
    (tmp_path / first.name).rename(first)
    assert looks(Archive(tmp_path / "a", tell=lambda text: None)) == expected


def test_nothing_is_read_where_nothing_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = looks(filled(tmp_path))
    monkeypatch.setattr(known_looks, "scan", lambda *a, **k: pytest.fail("a file is read"))
    index = (tmp_path / "index.jsonl").read_bytes()
    told: list[str] = []
    assert looks(Archive(tmp_path, tell=told.append)) == expected and not told
    assert (tmp_path / "index.jsonl").read_bytes() == index


def test_a_file_that_was_cut_off_and_whose_index_is_lost_stays_known_as_damaged(
    tmp_path: Path,
) -> None:
    filled(tmp_path)
    first = sorted(tmp_path.glob("*.warc.gz"))[0]
    first.write_bytes(first.read_bytes()[:-40])
    (tmp_path / "index.jsonl").unlink()
    told: list[str] = []
    assert len(Archive(tmp_path, tell=told.append).looks) == 3 + 5 + 5 and any(
        f"{first.name}: breaks off" in text for text in told
    )
    for check in (glance, depth):
        assert [
            (damage.file, "what stood after that is not known" in damage.reason)
            for damage in check(Archive(tmp_path))
        ] == [(first.name, True)]


def test_a_folder_that_may_only_be_read_is_made_good_in_memory(tmp_path: Path) -> None:
    expected = looks(filled(tmp_path / "a"))
    for name in ("index.jsonl", "index.lock"):
        (tmp_path / "a" / name).unlink()
    code = (
        "from pathlib import Path; from almanac.spiders.archive.warc import Archive;"
        f" print(len(Archive(Path({str(tmp_path / 'a')!r})).looks))"
    )
    mounted = (
        subprocess.run(
            ["mount", "--bind", "-o", "ro", str(tmp_path / "a"), str(tmp_path / "a")],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )
    if not mounted:
        pytest.skip("nothing can be mounted here")
    try:
        if os.access(tmp_path / "a" / "x", os.W_OK) or not _read_only(tmp_path / "a"):
            pytest.skip("a bind mount cannot be made read-only here")
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == str(len(expected)), done.stderr
    finally:
        subprocess.run(["umount", "-l", str(tmp_path / "a")], check=True)


def _read_only(folder: Path) -> bool:
    try:
        (folder / "probe").write_text("x")
    except OSError:
        return True
    (folder / "probe").unlink()
    return False


def test_index_and_warehouse_lost_together_come_back_by_replay_to_the_digest(
    save: Save, tmp_path: Path
) -> None:
    home = tmp_path / "h"
    repo = pages_and_a_repository(save, home, tmp_path)
    assert almanac("backfill", "models_dev", "--git", str(repo.folder), home=home).returncode == 0
    before, said, digest = (
        spells(home),
        figures(home),
        warehouse.open(f"sqlite:///{home / 'warehouse.db'}").release().digest,
    )
    for path in [*home.glob("warehouse.db*"), home / "captures" / "index.jsonl"]:
        path.unlink()
    done = almanac("replay", home=home)
    assert done.returncode == 0 and "Release 1 published" in done.stdout, done.stderr
    assert "index rebuilt from 2 files" in done.stderr
    assert (
        spells(home),
        figures(home),
        warehouse.open(f"sqlite:///{home / 'warehouse.db'}").release().digest,
    ) == (before, said, digest)
    assert almanac("doctor", "--deep", home=home).returncode == 0


# Many at once

WRITER = """
import sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from almanac.spiders.archive.warc import Archive
folder, name, count, same = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "same"
with Archive(folder) as archive:
    print("loaded", flush=True)
    sys.stdin.readline()
    for i in range(count):
        archive.add(
            "litellm" if same else name,
            f"https://example.org/{i}",
            f"body {i} ".encode() * 50,
            datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=i),
        )
"""


@pytest.mark.parametrize("same", ["same", "other"])
def test_two_processes_that_loaded_before_either_wrote_keep_each_body_once(
    same: str, tmp_path: Path
) -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name, "120", same],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in runs:
        assert process.stdout is not None and process.stdout.readline() == "loaded\n"
    for process in runs:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120) for process in runs]
    assert [process.returncode for process in runs] == [0, 0], said
    kept = [
        (capture, body) for path in tmp_path.glob("*.warc.gz") for capture, body, _ in scan(path)
    ]
    assert len([body for _, body in kept if body is not None]) == 120, "each body once"
    assert len(kept) == (120 if same == "same" else 240)
    bad: list[int] = []
    rows = [
        row
        for _, row in jsonl.read(
            (tmp_path / "index.jsonl").read_bytes(), lambda n, why: bad.append(n)
        )
    ]
    assert not bad and len([row for row in rows if "covers" not in row]) == len(kept)
    told: list[str] = []
    archive = Archive(tmp_path, tell=told.append)
    assert len(archive.looks) == len(kept) and not told and depth(archive) == []


def test_a_file_that_is_being_written_is_left_to_its_writer(tmp_path: Path) -> None:
    writing = Archive(tmp_path / "a", f"file://{tmp_path / 'shelf'}")
    writing.add("litellm", "https://example.org/1", b"one", WHEN)
    told: list[str] = []
    other = Archive(tmp_path / "a", f"file://{tmp_path / 'shelf'}", tell=told.append)
    other.add("litellm", "https://example.org/2", b"two", WHEN)
    other.close()
    assert not told
    writing.add("litellm", "https://example.org/3", b"three" * 1000, WHEN)
    writing.close()
    for path in (tmp_path / "a").glob("*.warc.gz"):
        assert (tmp_path / "shelf" / path.name).read_bytes() == path.read_bytes(), (
            "whole on the shelf"
        )
    elsewhere = Archive(tmp_path / "b", f"file://{tmp_path / 'shelf'}", tell=told.append)
    assert (
        sorted(elsewhere.body(d) for d in elsewhere.bodies) == [b"one", b"three" * 1000, b"two"]
        and not told
    )


def test_an_index_lost_on_the_shelf_is_made_again_there(tmp_path: Path) -> None:
    url = f"file://{tmp_path / 'shelf'}"
    for n in range(2):
        with Archive(tmp_path / "a", url) as archive:
            archive.add("litellm", f"https://example.org/{n}", f"body {n}".encode(), WHEN)
    for path in (tmp_path / "shelf" / "index").iterdir():
        path.unlink()
    told: list[str] = []
    with Archive(tmp_path / "b", url, tell=told.append) as other:
        assert len(other.looks) == 2 and told == [
            "index on the shelf rebuilt from 2 files: 2 looks"
        ]
    told.clear()
    assert len(Archive(tmp_path / "c", url, tell=told.append).looks) == 2 and not told


def test_a_run_that_is_killed_while_it_writes_leaves_what_the_next_takes_in(tmp_path: Path) -> None:
    rng = random.Random(5)
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), f"n{rng.random()}", "100000", "other"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()
        process.stdin.write("go\n")
        process.stdin.flush()
        time.sleep(rng.uniform(0.05, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()
    archive = Archive(tmp_path, tell=lambda text: None)
    kept = {
        (c.source, c.page, c.fetched_at)
        for path in tmp_path.glob("*.warc.gz")
        for c, _, _ in scan(path)
    }
    assert kept == {(c.source, c.page, c.fetched_at) for c, _ in archive.looks} and kept
    assert depth(Archive(tmp_path)) == [], "what a kill leaves is no damage"


def test_what_finds_no_room_is_not_there_and_what_comes_after_is(tmp_path: Path) -> None:
    """A limit on the size of files is a full disk: neither half a record nor half a line stays."""
    code = f"""
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from almanac.spiders.archive.warc import Archive
noise, when = Random(1).randbytes(60_000), datetime(2026, 1, 1, tzinfo=UTC)
folder = Path({str(tmp_path)!r})

def fails(page, body):
    try:
        archive.add("litellm", "https://example.org/" + page, body, when)
        sys.exit("there was room")
    except OSError as error:
        assert error.errno == 27, error

with Archive(folder) as archive:
    for i in range(100):
        archive.add("litellm", f"https://example.org/{{i}}", b"one", when)
archive = Archive(folder)
archive.add("litellm", "https://example.org/first", b"first", when)
for limit, page, body in (
    (20_000, "no room in its file", noise),
    ((folder / "index.jsonl").stat().st_size + 100, "no room in the index", b"small"),
):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    fails(page, body)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
archive.add("litellm", "https://example.org/last", noise, when)
archive.close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: list[str] = []
    archive = Archive(tmp_path, tell=told.append)
    pages = {c.page.rpartition("/")[2] for c, _ in archive.looks}
    assert pages == {*map(str, range(100)), "first", "last"}, "nothing of what found no room"
    assert not any("line" in text or "breaks off" in text for text in told), told
    assert depth(archive) == [] and all(archive.body(d) for d in archive.bodies)


def test_files_are_named_for_their_first_look_and_no_clock_is_asked(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        archive.add(
            "litellm", "https://example.org/", b"x", datetime(2019, 3, 4, 5, 6, 7, tzinfo=UTC)
        )
    assert [path.name[:16] for path in tmp_path.glob("*.warc.gz")] == ["20190304T050607-"]


# Records that are not whole


def member(head: str, block: bytes, length: int | None = None) -> bytes:
    return gzipped(
        (
            f"WARC/1.0\r\n{head}Content-Length: {len(block) if length is None else length}\r\n\r\n"
        ).encode()
        + block
        + b"\r\n\r\n"
    )


def resource(body: bytes, length: int | None = None, digest: str = "") -> bytes:
    look = {
        "source": "litellm",
        "url": "https://example.org/",
        "page": "p",
        "fetched_at": "2026-05-01T00:00:00Z",
        "status": 200,
        "digest": digest or hashlib.sha256(body).hexdigest(),
        "media_type": "",
    }
    return member(f"WARC-Type: resource\r\nAlmanac-Look: {json.dumps(look)}\r\n", body, length)


BODY = b'{"prices": "whole"}' * 50


@pytest.mark.parametrize(
    "raw, why",
    [
        (resource(BODY)[:-14], "breaks off|cut off"),
        (resource(BODY)[:60], "breaks off|no end"),
        (resource(BODY)[:1], "no record"),
        (resource(BODY, length=len(BODY) - 5), "longer than"),
        (resource(BODY, length=len(BODY) + 500), "cut off"),
        (resource(b"other"), "digest"),
        (resource(BODY, length=10**15), "more than"),
        (gzipped(b"WARC/1.0\r\nWARC-Type: resource\r\n\r\n" + BODY), "length"),
        (gzipped(b"WARC/1.0\r\nContent-Length: -5\r\n\r\n"), "length"),
        (gzipped(b"<html>"), "no record"),
        (gzipped(b"WARC/1.0\r\n" + b"x" * 3_000_000), "more than"),
        (b"", "ends before"),
        (b"\0\0\0\0", "ends before|no record"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_record_that_is_not_whole_is_never_read(raw: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=rf"archive record x\.warc\.gz@0 .*(?:{why})"):
        read_body(path, 0, hashlib.sha256(BODY).hexdigest())
    faults: list[Fault] = []
    assert [body for _, body, _ in scan(path, faults.append)] == (
        [b"other"] if "digest" in why else []
    )
    assert faults or "digest" in why or not raw.strip(b"\0")
    path.write_bytes(resource(BODY, digest="0" * 64))
    assert (
        list(scan(path, faults.append)) == []
        and "does not hold what its digest says" in faults[-1].why
    )


def test_every_cut_of_an_archive_file_is_noticed(tmp_path: Path) -> None:
    archive = filled(tmp_path, files=1)
    (path,) = tmp_path.glob("*.warc.gz")
    raw = path.read_bytes()
    for cut in [*range(1, len(raw), 97), len(raw) - 1]:
        path.write_bytes(raw[:cut])
        read = {capture.page for capture, _, _ in scan(path)}
        gone = [damage for damage in depth(archive) if damage.digest]
        assert len(read) + len(gone) == 4, cut
        assert glance(archive), cut


def test_a_bomb_is_refused_without_being_held(tmp_path: Path) -> None:
    """A block of 1.5 GiB in two MB; the process may not have a half of that."""
    path = tmp_path / "bomb.warc.gz"
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    size = 3 * 2**29
    with path.open("wb") as file:
        look = {
            "source": "litellm",
            "url": "u",
            "page": "p",
            "fetched_at": "2026-05-01T00:00:00Z",
            "digest": "1" * 64,
        }
        file.write(
            pack.compress(
                f"WARC/1.0\r\nWARC-Type: resource\r\nAlmanac-Look: {json.dumps(look)}\r\n"
                f"Content-Length: {size}\r\n\r\n".encode()
            )
        )
        for _ in range(size // 2**24):
            file.write(pack.compress(bytes(2**24)))
        file.write(pack.compress(b"\r\n\r\n") + pack.flush())
        file.write(resource(BODY))
    code = f"""
import resource
from pathlib import Path
from almanac.spiders.archive.looks import read_body, scan
resource.setrlimit(resource.RLIMIT_AS, (600 * 2**20, 600 * 2**20))
faults = []
pages = [capture.page for capture, body, _ in scan(Path({str(path)!r}), faults.append)]
print(pages, [fault.why for fault in faults])
try:
    read_body(Path({str(path)!r}), 0, "1" * 64)
except ValueError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert (
        first.startswith("['p'] [")
        and "more than the 536,870,912 that are read" in first
        and "more than" in second
    )


# Web archives of others

URL = "https://example.org/prices.json"


def listing(*entries: float) -> bytes:
    return json.dumps(
        {
            "prices": [
                {"id": f"gpt-4o-{i}", "vendor": "openai", "name": "GPT", "input": p, "output": 10}
                for i, p in enumerate(entries)
            ]
        }
    ).encode()


def response(
    body: bytes,
    heads: str = "",
    extra: str = "",
    status: str = "200 OK",
    url: str = "",
    length: int | None = None,
) -> bytes:
    block = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{heads}\r\n".encode() + body
    return member(
        "WARC-Type: response\r\n"
        f"WARC-Target-URI: {url or base.source('llm_prices').start_urls[0]}\r\n"
        f"WARC-Date: 2026-01-02T00:00:00Z\r\n{extra}",
        block,
        length,
    )


def chunks(body: bytes, size: int = 100) -> bytes:
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def packed(body: bytes, how: str) -> bytes:
    import brotli

    return {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "raw": lambda b: zlib.compress(b, wbits=-15),
        "br": brotli.compress,
    }[how](body)


WHOLE = listing(3, 4, 5, 6, 7, 8, 9)


def answers(path: Path) -> list[str]:
    """Return what becomes of each look in an archive of others: `whole`, or why it failed."""
    result = []
    for found in web_archives.looks("llm_prices", [path], lambda text: None):
        try:
            result.append("whole" if found.body() == WHOLE else f"other: {found.body()[:80]!r}")
        except ValueError as error:
            result.append(str(error))
    return result


def b32(kind: str, body: bytes) -> str:
    return f"{kind}:{base64.b32encode(hashlib.new(kind, body).digest()).decode()}"


@pytest.mark.parametrize(
    "raw",
    [
        response(WHOLE),
        response(WHOLE, f"Content-Length: {len(WHOLE)}\r\n"),
        response(chunks(WHOLE), "Transfer-Encoding: chunked\r\n"),
        response(chunks(WHOLE), "Transfer-Encoding: Chunked\r\nContent-Length: 7\r\n"),
        response(WHOLE, "Transfer-Encoding: chunked\r\n"),
        response(
            packed(WHOLE, "gzip"),
            f"Content-Encoding: gzip\r\nContent-Length: {len(packed(WHOLE, 'gzip'))}\r\n",
        ),
        response(WHOLE, "Content-Encoding: gzip\r\nContent-Length: 90\r\n"),
        response(
            chunks(packed(WHOLE, "gzip")),
            "Transfer-Encoding: chunked\r\nContent-Encoding: GZIP\r\n",
        ),
        response(packed(WHOLE, "deflate"), "Content-Encoding: deflate\r\n"),
        response(packed(WHOLE, "raw"), "Content-Encoding: deflate\r\n"),
        response(packed(WHOLE, "br"), "Content-Encoding: br\r\n"),
        response(WHOLE, "Content-Encoding: br\r\n"),
        response(packed(packed(WHOLE, "gzip"), "br"), "Content-Encoding: gzip, br\r\n"),
        response(WHOLE, "Content-Encoding: identity\r\n"),
        response(WHOLE, extra=f"WARC-Payload-Digest: {b32('sha1', WHOLE)}\r\n"),
        response(
            WHOLE, extra=f"WARC-Payload-Digest: sha256:{hashlib.sha256(WHOLE).hexdigest()}\r\n"
        ),
        response(WHOLE, extra=f"WARC-Payload-Digest: {b32('sha256', WHOLE).lower()}\r\n"),
        response(
            WHOLE,
            extra=(
                "WARC-Payload-Digest:"
                f" md5:{base64.b64encode(hashlib.md5(WHOLE).digest()).decode()}\r\n"
            ),
        ),
        response(WHOLE, extra="WARC-Payload-Digest: blake3:abc\r\n"),
        response(
            chunks(packed(WHOLE, "gzip")),
            "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
            f"WARC-Payload-Digest: {b32('sha1', WHOLE)}\r\n",
        ),
        response(
            chunks(packed(WHOLE, "gzip")),
            "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
            f"WARC-Payload-Digest: {b32('sha1', packed(WHOLE, 'gzip'))}\r\n",
        ),
        response(
            chunks(WHOLE),
            "Transfer-Encoding: chunked\r\n",
            f"WARC-Payload-Digest: {b32('sha1', chunks(WHOLE))}\r\n",
        ),
        gzip.decompress(response(WHOLE)),
        gzip.decompress(response(WHOLE)).rstrip(b"\r\n"),
        response(WHOLE) + b"\0" * 512,
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_is_whole_is_read_however_it_was_kept(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(raw)
    assert answers(path) == ["whole"]


WRONG = f"WARC-Block-Digest: {b32('sha1', b'x')}\r\n"


@pytest.mark.parametrize(
    "raw, why",
    [
        (response(WHOLE[:200], f"Content-Length: {len(WHOLE)}\r\n"), "cut off: 200 of"),
        (response(chunks(WHOLE)[:300], "Transfer-Encoding: chunked\r\n"), "cut off"),
        (
            response(chunks(WHOLE).removesuffix(b"0\r\n\r\n"), "Transfer-Encoding: chunked\r\n"),
            "without the last one",
        ),
        (response(packed(WHOLE, "gzip")[:-20], "Content-Encoding: gzip\r\n"), "cut off"),
        (response(packed(WHOLE, "br")[:-9], "Content-Encoding: br\r\n"), "cut off"),
        (response(packed(WHOLE, "deflate")[:-20], "Content-Encoding: deflate\r\n"), "cut off"),
        (
            response(packed(WHOLE, "gzip")[:60] + b"!" * 60, "Content-Encoding: gzip\r\n"),
            "packed in is",
        ),
        (response(packed(WHOLE, "gzip") + b"more", "Content-Encoding: gzip\r\n"), "no gzip"),
        (response(packed(WHOLE, "gzip"), "Content-Encoding: zstd\r\n"), "zstd, which is not read"),
        (
            response(WHOLE + b"more", f"Content-Length: {len(WHOLE)}\r\n"),
            "where its Content-Length is",
        ),
        (
            response(WHOLE, extra=f"WARC-Payload-Digest: {b32('sha1', b'x')}\r\n"),
            "WARC-Payload-Digest",
        ),
        (response(WHOLE, extra=WRONG), "WARC-Block-Digest"),
        (
            response(WHOLE, extra=f"WARC-Payload-Digest: sha256:{'0' * 64}\r\n"),
            "WARC-Payload-Digest",
        ),
        (response(WHOLE, extra="WARC-Payload-Digest: sha1:???\r\n"), "WARC-Payload-Digest"),
        (response(WHOLE, extra="WARC-Payload-Digest: nonsense\r\n"), "WARC-Payload-Digest"),
        (response(WHOLE, extra="WARC-Truncated: time\r\n"), "only the beginning"),
        (response(WHOLE, extra="WARC-Segment-Number: 1\r\n"), "several parts"),
        (response(WHOLE, length=300), "longer than its Content-Length"),
        (response(WHOLE)[:-12], "breaks off"),
        (gzip.decompress(response(WHOLE))[:-90], "cut off"),
        (response(WHOLE, length=10**12), "more than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_is_not_whole_is_a_failed_look_with_its_reason(
    raw: bytes, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(
        response(WHOLE) + raw if raw[:2] == b"\x1f\x8b" else gzip.decompress(response(WHOLE)) + raw
    )
    first, second = answers(path)
    assert first == "whole" and why in second


@pytest.mark.parametrize("form", ["one member", "plain", "many members"])
def test_records_are_found_again_wherever_they_stand(form: str, tmp_path: Path) -> None:
    records = [
        (
            response(f"no page {i}".encode() * 3000, url="https://example.org/")
            if i % 3
            else response(WHOLE)
        )
        for i in range(30)
    ]
    plain = b"".join(map(gzip.decompress, records))
    path = tmp_path / "crawl.warc"
    path.write_bytes(
        plain if form == "plain" else gzipped(plain) if form == "one member" else b"".join(records)
    )
    assert answers(path) == ["whole"] * 10


def test_an_answer_that_is_cut_short_ends_no_price(tmp_path: Path) -> None:
    """It is JSON lines or Markdown that can be cut anywhere and still reads.

    Here the HTTP length tells.
    """
    url = base.source("anthropic_pricing").start_urls[0]
    from tests.support.recorded import CAPTURES

    page = sorted((CAPTURES / "anthropic_pricing").iterdir())[-1].joinpath("body").read_bytes()
    cut = page[: len(page) * 2 // 3]
    head = f"Content-Length: {len(page)}\r\n"
    (tmp_path / "one.warc.gz").write_bytes(response(page, head, url=url))
    (tmp_path / "two.warc.gz").write_bytes(
        response(cut, head, url=url).replace(b"2026-01-02", b"2026-01-03")
    )
    raw = gzip.decompress((tmp_path / "two.warc.gz").read_bytes()).replace(
        b"2026-01-02", b"2026-01-03"
    )
    (tmp_path / "two.warc.gz").write_bytes(gzipped(raw))
    report = run(
        Past("anthropic_pricing", archives=(tmp_path / "one.warc.gz", tmp_path / "two.warc.gz")),
        tmp_path / "home",
    )
    assert ["cut off" in why for why in report.sources[0].failed.values()] == [True]
    assert {s[7] for s in spells(tmp_path / "home")} == {None} and len(
        spells(tmp_path / "home")
    ) > 20


def test_bodies_of_others_are_bounded_and_none_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "crawl.warc.gz"
    bomb = gzipped(bytes(30 * 2**20))
    path.write_bytes(
        response(WHOLE)
        + response(bomb, "Content-Encoding: gzip\r\n")
        + response(bytes(2 * 2**20))
        + response(WHOLE)
    )
    monkeypatch.setattr(web_archives, "LARGEST_PAGE", 2**20)
    said = answers(path)
    assert (
        [said[0], said[3]] == ["whole", "whole"]
        and "unpacks to more than 1,048,576 bytes" in said[1]
        and "more than the 1,048,576" in said[2]
    )
    found = list(web_archives.looks("llm_prices", [path], lambda text: None))
    assert all(
        len(repr(vars(f.body) if hasattr(f.body, "__dict__") else f.body)) < 2000 for f in found
    )
    path.unlink()
    with pytest.raises(OSError):
        found[0].body()


def test_a_head_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(
        response(WHOLE) + gzipped(b"WARC/1.0\r\nX: " + b"a" * 50_000_000) + response(WHOLE)
    )
    said: list[str] = []
    looked = list(web_archives.looks("llm_prices", [path], said.append))
    assert len(looked) == 2 and "passed over" in said[0] and "more than" in said[0], (
        "what stands behind it is read"
    )


# Saved files


def test_a_manifest_with_a_bad_line_is_read_and_says_which(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(WHOLE)
    (tmp_path.parent / "outside.json").write_bytes(WHOLE)
    good = {
        "path": "a.json",
        "url": base.source("llm_prices").start_urls[0],
        "captured": "2026-01-01",
        "notes": "x\x85y\u2028",
    }
    rows = [
        json.dumps(good, ensure_ascii=False),
        "{",
        '{"url": "x"}',
        '{"path": 3}',
        json.dumps({**good, "path": "../outside.json"}),
        json.dumps({**good, "captured": "someday"}),
    ]
    (tmp_path / "MANIFEST.jsonl").write_text("\n".join(rows), encoding="utf-8")
    listed = saved_captures.listing(tmp_path)
    assert [found.path for found in listed.looks] == ["a.json"]
    assert [(name, why.split(":")[0]) for name, why in sorted(listed.unread)] == [
        ("../outside.json", "leads out of the folder"),
        ("MANIFEST.jsonl, line 2", "not JSON"),
        ("MANIFEST.jsonl, line 3", "no text as its path"),
        ("MANIFEST.jsonl, line 4", "no text as its path"),
        ("a.json", "its day is not read"),
    ]


def test_recorded_pages_that_lead_out_or_are_not_described_are_listed(
    save: Save, tmp_path: Path
) -> None:
    folder = save("litellm", "2026-01-01", prices(1e-6))
    (tmp_path / "secret").write_text("secret")
    for day, about in (
        ("2026-01-02", "{"),
        ("2026-01-03", '{"url": "x"}'),
        ("2026-01-04", '{"url": "x", "fetched_at": "never"}'),
        ("2026-01-05", None),
    ):
        save("litellm", day, b"x")
        if about:
            (folder / "litellm" / day / "capture.json").write_text(about)
        else:
            (folder / "litellm" / day / "body").unlink()
            (folder / "litellm" / day / "body").symlink_to(tmp_path / "secret")
    listed = saved_captures.listing(folder)
    assert [found.path for found in listed.looks] == ["litellm/2026-01-01/body"]
    assert [name for name, _ in listed.unread] == [
        f"litellm/2026-01-0{n}" for n in (2, 3, 4, 5)
    ] and listed.unread[3][1] == "its body leads out of the folder"


def test_files_are_unpacked_whole_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzipped(b"one") + gzipped(b"two") + b"\0" * 10)
    assert saved_captures.unpacked(path) == b"onetwo", "of several members every one"
    for raw, why in (
        (gzipped(b"one" * 100)[:-3], "cut off"),
        (gzipped(b"one") + b"rest", "no gzip"),
        (b"plain", "damaged"),
        (gzipped(b"one")[:-8] + b"12345678", "damaged"),
    ):
        path.write_bytes(raw)
        with pytest.raises(ValueError, match=why):
            saved_captures.unpacked(path)
    monkeypatch.setattr(saved_captures, "LARGEST_PAGE", 100)
    for name, raw in (("x.gz", gzipped(b"x" * 101)), ("x.json", b"x" * 101)):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(ValueError, match="more than 100 bytes"):
            saved_captures.unpacked(tmp_path / name)
    (tmp_path / "x.json").write_bytes(b"x" * 100)
    assert saved_captures.unpacked(tmp_path / "x.json") == b"x" * 100


def test_a_folder_of_archive_files_says_what_it_could_not_read(tmp_path: Path) -> None:
    filled(tmp_path, files=2)
    first, second = sorted(tmp_path.glob("*.warc.gz"))
    first.write_bytes(first.read_bytes()[:-30])
    second.write_bytes(second.read_bytes() + response(WHOLE))
    listed = saved_captures.listing(tmp_path)
    assert len(listed.looks) == 3 + 4 + 1
    assert [(name, why.split(";")[0].split(" at byte")[0]) for name, why in listed.unread] == [
        (first.name, "breaks off"),
        (second.name, "1 records are no looks of an almanac"),
    ]


# The doctor


def told(home: Path, *words: str) -> tuple[int, dict[str, tuple[bool, str]]]:
    done = almanac("doctor", *words, "--json", home=home)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, {
        row["check"]: (row["ok"], row["said"]) for row in json.loads(done.stdout)
    }


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two releases and several archive files."""
    folder = tmp_path_factory.mktemp("healthy")
    for n, day in enumerate(("2026-01-01", "2026-01-02"), 1):
        saved_at = folder / "saved" / "litellm" / day
        saved_at.mkdir(parents=True)
        (saved_at / "body").write_text(
            prices(n * 1e-6, *(f"gpt-4o-{'x' * i}{i}" for i in range(200)), "gpt-4o", "o3", "o1")
        )
        (saved_at / "capture.json").write_text(
            json.dumps({"url": "https://example.org/page", "fetched_at": f"{day}T00:00:00Z"})
        )
        build(folder / "home", folder / "saved")
    return folder / "home"


@pytest.fixture
def home(healthy: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(healthy, tmp_path / "copy"))


def cut(path: Path, keep: float) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])


def flip(path: Path, at: float) -> None:
    raw = bytearray(path.read_bytes())
    raw[int(len(raw) * at)] ^= 0xFF
    path.write_bytes(raw)


def sql(home: Path, *statements: str) -> None:
    connection = sqlite3.connect(home / "warehouse.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def first_warc(home: Path) -> Path:
    return sorted((home / "captures").glob("*.warc.gz"))[0]


def unlisted(home: Path) -> None:
    """Take a line out of an index as an older version wrote it.

    Such an index does not say how many lines it has.
    """
    index = home / "captures" / "index.jsonl"
    rows = [json.loads(line) for line in index.read_text().splitlines()][1:]
    for row in rows:
        row.pop("looks", None)
    index.write_text("".join(jsonl.line(row) for row in rows))


HARM: dict[str, tuple[Callable[[Path], object], str, bool]] = {
    "archive file cut off": (lambda home: cut(first_warc(home), 0.6), "archive", True),
    "archive file missing": (lambda home: first_warc(home).unlink(), "archive", True),
    "archive file with a flipped bit": (lambda home: flip(first_warc(home), 0.6), "archive", False),
    "a line taken out of an older index": (unlisted, "archive", False),
    "database cut off": (lambda home: cut(home / "warehouse.db", 0.5), "warehouse", True),
    "database that is none": (
        lambda home: (home / "warehouse.db").write_bytes(b"x" * 8192),
        "warehouse",
        True,
    ),
    "database with a damaged page": (
        lambda home: (home / "warehouse.db").write_bytes(
            _scribbled((home / "warehouse.db").read_bytes())
        ),
        "warehouse",
        True,
    ),
    "a figure that was changed": (
        lambda home: sql(
            home,
            "UPDATE figure SET value = '7'"
            " WHERE id = (SELECT min(id) FROM figure WHERE field = 'price')",
        ),
        "warehouse: releases",
        False,
    ),
    "a row that names none": (
        lambda home: sql(
            home,
            "PRAGMA foreign_keys = OFF",
            "DELETE FROM claim WHERE id = (SELECT min(id) FROM claim)",
        ),
        "warehouse: pages",
        False,
    ),
}


def _scribbled(raw: bytes) -> bytes:
    return raw[:40960] + b"\x07garbage" * 512 + raw[40960 + 4096 :]


@pytest.mark.parametrize("harm", HARM)
def test_the_doctor_finds_what_is_damaged(harm: str, home: Path) -> None:
    do, check, at_a_glance = HARM[harm]
    do(home)
    code, quick = told(home)
    assert (code == 1) == at_a_glance, quick
    code, deep = told(home, "--deep")
    wrong = {name: said for name, (ok, said) in deep.items() if not ok}
    assert code == 1 and check in wrong, deep
    if check == "archive":
        assert any(name.startswith("archive: ") and ".warc.gz" in name for name in wrong), (
            "it says which file"
        )


def test_the_doctor_finds_nothing_wrong_where_nothing_is(home: Path) -> None:
    assert told(home)[0] == 0
    code, deep = told(home, "--deep")
    assert code == 0 and all(ok for ok, _ in deep.values()), deep
    assert (
        "every record read" in deep["archive"][1]
        and deep["warehouse: pages"][1] == "whole"
        and deep["warehouse: releases"][1].startswith("2 of 2 releases read, 2 say")
    )
    with_a_tail = first_warc(home)
    lines = (home / "captures" / "index.jsonl").read_text().splitlines(keepends=True)
    (home / "captures" / "index.jsonl").write_text(
        "".join(line for line in lines if '"covers"' not in line)
    )
    with_a_tail.write_bytes(with_a_tail.read_bytes() + resource(BODY)[:-20])
    assert almanac("doctor", "--deep", home=home).returncode == 0, (
        "a run that was killed while it wrote is no damage"
    )


def held(database: Path) -> sqlite3.Connection:
    """Hold a database, so that nobody else can even read it."""
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    return holder


def shut(database: Path) -> None:
    """Have SQLite not open a database: where its newest pages are kept stands a folder."""
    database.with_name("warehouse.db-wal").mkdir()


def replaced(database: Path) -> None:
    """Put a folder where the database was."""
    database.unlink()
    database.mkdir()


@pytest.mark.parametrize("hinder", [held, shut, replaced])
@pytest.mark.parametrize("deep", [False, True])
def test_the_doctor_has_nothing_taken_away_that_only_cannot_be_looked_at(
    hinder: Callable[[Path], object],
    deep: bool,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from almanac import health
    from almanac.warehouse import integrity

    monkeypatch.setenv("ALMANAC_HOME", str(home))
    monkeypatch.setattr(integrity, "PATIENCE", 0.2)
    kept = hinder(home / "warehouse.db")
    (check, ok, said), *_ = health._depths(lambda text: None) if deep else [health._database()]
    assert check.startswith("warehouse") and not ok and "cannot be looked at: " in said, said
    assert "take it away" not in said
    if isinstance(kept, sqlite3.Connection):
        kept.close()
        assert health._database()[1], "and it was whole"


def test_the_doctor_on_postgresql(
    postgres: Callable[[], str], save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    url = postgres()
    build(tmp_path / "h", save("litellm", "2026-01-01", prices(1e-6)), database=url)
    monkeypatch.setenv("ALMANAC_DATABASE_URL", url)
    code, deep = told(tmp_path / "h", "--deep")
    assert code == 0 and deep["warehouse: pages"] == (True, "whole"), deep
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM claim WHERE id = (SELECT min(id) FROM claim)")
        connection.execute("UPDATE figure SET value = '7' WHERE field = 'price'")
    code, deep = told(tmp_path / "h", "--deep")
    assert (
        code == 1
        and not deep["warehouse: pages"][0]
        and not deep["warehouse: releases"][0]
        and "that is not there" in deep["warehouse: pages"][1]
    )


def test_a_sample_follows_from_its_seed_and_finds_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = filled(tmp_path, files=3, bodies=10)
    read: list[str] = []
    body = Archive.body
    monkeypatch.setattr(
        Archive, "body", lambda self, digest: (read.append(digest), body(self, digest))[1]
    )

    def drawn(how_many: int | float, seed: str) -> list[str]:
        read.clear()
        assert sample(archive, how_many, seed) == []
        return list(read)

    assert drawn(5, "2026-05-01") == drawn(5, "2026-05-01") != drawn(5, "2026-05-02")
    assert (
        len(drawn(5, "x")) == 5
        and len(drawn(0.1, "x")) == 3
        and sorted(drawn(1.0, "x")) == sorted(archive.bodies)
        and drawn(0, "x") == []
        and len(drawn(10**9, "x")) == 30
    )
    days = {digest for day in range(60) for digest in drawn(3, f"day {day}")}
    assert len(days) > 25, "in time every body has its turn"
    for wrong in (1.5, -0.1):
        with pytest.raises(ValueError, match="no share"):
            sample(archive, wrong, "x")
    flip(sorted(tmp_path.glob("*.warc.gz"))[1], 0.5)
    found = sample(archive, 1.0, "x")
    assert (
        found
        and {d.file for d in found} == {sorted(tmp_path.glob("*.warc.gz"))[1].name}
        and all("archive record" in d.reason and d.digest for d in found)
    )
