"""An archive of which something is damaged.

What is whole comes in, what is not is told, at each opening.
"""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import random
import re
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from almanac.flows.harvest import saved_captures
from almanac.schemas import jsonl
from almanac.schemas.claim import digest
from almanac.spiders.archive import known_looks, lock, records
from almanac.spiders.archive.integrity import depth, glance
from almanac.spiders.archive.looks import Fault, scan
from almanac.spiders.archive.warc import Archive
from almanac.spiders.crawling.crawl_order import Pace
from tests.spiders.test_evidence import WHEN, filled, gzipped, looks, member, resource

DEEP = "[" * 200_000
LOOK = {"source": "litellm", "url": "u", "page": "p", "digest": "1" * 64, "status": 200}


def noise(seed: int, size: int = 3_000) -> bytes:
    """Return bytes that do not pack: as large in the file as they are."""
    return random.Random(seed).randbytes(size)


def record(number: int, body: bytes) -> bytes:
    """Return a whole record of the archive, as its writer packs it."""
    look = {**LOOK, "page": f"p{number}", "fetched_at": "2026-05-01T00:00:00Z"}
    look["digest"] = digest(body)
    return member(f"WARC-Type: resource\r\nAlmanac-Look: {json.dumps(look)}\r\n", body)


def pages(folder: Path, told: list[str]) -> list[str]:
    return sorted(c.page for c, _ in Archive(folder, tell=told.append).looks)


# Heads and lines that no reader of them expects


def head(look: str) -> bytes:
    return member(f"WARC-Type: resource\r\nAlmanac-Look: {look}\r\n", b"x")


def at(moment: Any) -> str:
    return json.dumps({**LOOK, "fetched_at": moment})


HEADS = {
    "brackets without end": DEEP,
    "objects without end": '{"a":' * 200_000,
    "no object": "[1]",
    "a number": "1" + "0" * 5_000,
    "nothing": "null",
    "before the calendar": at("0001-01-01T00:00:00+14:00"),
    "after the calendar": at("9999-12-31T23:59:59-14:00"),
    "before the almanac": at("0001-01-01T00:00:00Z"),
    "after the almanac": at("9999-12-31T00:00:00Z"),
    "no number": at(float("nan")),
    "beyond all numbers": at(float("inf")),
    "seconds": at(1e300),
    "a status without end": json.dumps(
        {**LOOK, "fetched_at": "2026-05-01T00:00:00Z", "status": 1e999}
    ),
}


@pytest.mark.parametrize("look", HEADS.values(), ids=HEADS)
def test_a_head_that_is_no_look_stops_nothing(look: str, tmp_path: Path) -> None:
    path = tmp_path / "20260501T000000-00000000.warc.gz"
    path.write_bytes(record(1, b"one") + head(look) + record(2, b"two"))
    told: list[str] = []
    assert pages(tmp_path, told) == ["p1", "p2"]
    assert any("1 records are no looks" in text for text in told), told
    assert depth(Archive(tmp_path, tell=told.append)) or True
    (tmp_path / "index.jsonl").unlink()
    assert [found.page for found in saved_captures.listing(tmp_path).looks] == ["p1", "p2"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_old_head_whose_moment_falls_out_of_the_calendar_stops_nothing(
    moment: str, tmp_path: Path
) -> None:
    old = member(
        f"WARC-Type: resource\r\nWARC-Date: {moment}\r\nWARC-Target-URI: u\r\n"
        "Almanac-Source: litellm\r\nAlmanac-Page: p\r\nAlmanac-Status: 200\r\n"
        f"WARC-Payload-Digest: sha256:{'1' * 64}\r\n",
        b"x",
    )
    (tmp_path / "20260501T000000-00000000.warc.gz").write_bytes(old + record(2, b"two"))
    assert pages(tmp_path, []) == ["p2"]


LINES = {
    "a size without end": '{"covers": "a.warc.gz", "size": Infinity}',
    "a name that is none": '{"covers": ["a"], "size": 1}',
    "no line of the index": '{"mended": [[1], {}]}',
    **{
        name: json.dumps({**json.loads(HEADS[name]), "file": "a.warc.gz", "offset": 0})
        for name in ("before the calendar", "after the calendar", "before the almanac", "seconds")
    },
    "deep": DEEP,
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_that_is_no_look_stops_nothing(line: str, tmp_path: Path) -> None:
    expected = looks(filled(tmp_path))
    index = tmp_path / "index.jsonl"
    index.write_text(line + "\n" + index.read_text())
    for _ in range(2):
        again = Archive(tmp_path, tell=lambda text: None)
        assert looks(again) == expected
        again.add("litellm", "https://example.org/0", b"body 0.0 " * 200, WHEN)
        again.close()


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_line_on_the_shelf_that_is_no_look_stops_nothing(line: str, tmp_path: Path) -> None:
    url = f"file://{tmp_path / 'shelf'}"
    with Archive(tmp_path / "a", url) as archive:
        archive.add("litellm", "https://example.org/", b"one", WHEN)
    (tmp_path / "shelf" / "index" / "0.jsonl").write_text(line + "\n")
    told: list[str] = []
    assert len(Archive(tmp_path / "b", url, told.append).looks) == 1
    assert any("0.jsonl" in text or "shelf" in text for text in told), told


@pytest.mark.parametrize(
    "moment",
    [
        datetime.fromisoformat("0001-01-01T00:00:00+14:00"),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime.fromisoformat("9999-12-31T23:59:59-14:00"),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
)
def test_a_look_of_no_moment_is_not_kept(moment: datetime, tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        with pytest.raises(ValueError):
            archive.add("litellm", "https://example.org/", b"x", moment)
        archive.add("litellm", "https://example.org/", b"x", WHEN)
    assert len(Archive(tmp_path).looks) == 1


# Records behind a damaged one


def harmed(path: Path, offset: int, how: str) -> None:
    """Damage the record at an offset, in one of the ways in which disks and people do."""
    raw = bytearray(path.read_bytes())
    end = next((o for _, _, o in scan(path) if o > offset), len(raw))
    if how == "its first byte":
        raw[offset] ^= 0xFF
    elif how == "its middle":
        raw[(offset + end) // 2] ^= 0x10
    elif how == "its digest of gzip":
        raw[end - 6] ^= 0xFF
    elif how == "its length":
        raw[end - 1] ^= 0xFF
    elif how == "all of it":
        raw[offset:end] = bytes(end - offset)
    elif how == "taken out in part":
        del raw[offset + 30 : end - 20]
    elif how == "another record":
        raw[offset:end] = gzipped(
            gzip.decompress(raw[offset:end]).replace(b"Content-Length: 1", b"Content-Length: 2")
        )
    elif how == "no record":
        raw[offset:end] = gzipped(b"<html>")
    path.write_bytes(bytes(raw))


HOW = (
    "its first byte",
    "its middle",
    "its digest of gzip",
    "its length",
    "all of it",
    "taken out in part",
    "another record",
    "no record",
)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("which", [0, 1, 3])
def test_the_records_behind_a_damaged_one_come_in_and_the_file_stays_known_as_damaged(
    how: str, which: int, tmp_path: Path
) -> None:
    whole = filled(tmp_path, files=1, bodies=5)
    lost = whole.looks[which]
    expected = [row for row in looks(whole) if row[6] != lost[0].digest]
    path = tmp_path / lost[1].file
    harmed(path, lost[1].offset, how)
    (tmp_path / "index.jsonl").unlink()
    told: list[str] = []
    assert looks(Archive(tmp_path, tell=told.append)) == expected
    assert any(path.name in text and f"{lost[1].offset:,}" in text for text in told), told
    for _ in range(2):
        again = Archive(tmp_path, tell=told.append)
        assert looks(again) == expected
        assert [damage.file for damage in glance(again)] == [path.name]
        assert {damage.file for damage in depth(again)} == {path.name}
    (tmp_path / "index.jsonl").unlink()
    listed = saved_captures.listing(tmp_path)
    assert len(listed.looks) == 4 and any(name == path.name for name, _ in listed.unread)


@pytest.mark.parametrize("how", ["its digest of gzip", "its length", "no record"])
def test_of_two_damaged_records_neither_takes_another_with_it(how: str, tmp_path: Path) -> None:
    whole = filled(tmp_path, files=1, bodies=7)
    gone = [whole.looks[1], whole.looks[4]]
    expected = [row for row in looks(whole) if row[6] not in {look.digest for look, _ in gone}]
    for _, place in reversed(gone):
        harmed(tmp_path / place.file, place.offset, how)
    (tmp_path / "index.jsonl").unlink()
    assert looks(Archive(tmp_path, tell=lambda text: None)) == expected


@pytest.mark.parametrize("at", [0, 3, 12, 45, -6, -2])
def test_what_a_page_holds_is_no_record_of_ours_however_its_own_is_damaged(
    at: int, tmp_path: Path
) -> None:
    """A page of noise, in which records stand as whoever serves it wants: they are no looks."""
    forged = record(66, b"forged") + record(67, b"forged too")
    body = noise(1, 40_000) + forged + noise(2, 40_000) + forged
    path = tmp_path / "20260501T000000-00000000.warc.gz"
    outer = bytearray(record(1, body))
    assert forged in outer
    outer[at] ^= 0xFF
    path.write_bytes(record(0, b"zero") + bytes(outer) + record(2, b"two"))
    told: list[str] = []
    assert pages(tmp_path, told) == ["p0", "p2"]
    assert any("passed over" in text for text in told), told


def test_what_stands_between_two_breaks_is_told_by_its_bytes(tmp_path: Path) -> None:
    """It may be part of the first damaged one, so that it is not believed; it stays in the file."""
    raws = [record(n, noise(n)) for n in range(5)]
    for n in (1, 3):
        raws[n] = raws[n][:12] + b"\xff" * 40 + raws[n][52:]
    path = tmp_path / "20260501T000000-00000000.warc.gz"
    path.write_bytes(b"".join(raws))
    told: list[str] = []
    assert {"p0", "p4"} <= set(pages(tmp_path, told))
    start, end = len(raws[0]), sum(map(len, raws[:4]))
    assert any(f"{start:,}" in text and f"{end:,}" in text for text in told), told


@pytest.mark.parametrize(
    "raw",
    [
        b"\x1f\x8b\x08\x00" * 500_000,
        gzipped(b"WARC/1.0\r\n")[:-9] * 40_000,
        b"".join(gzipped(b"WARC/1.1\r\nX: y")[:25] for _ in range(60_000)),
        b"\x1f\x8b" * 1_000_000,
    ],
    ids=["magic only", "records that break off", "heads that break off", "half of magic"],
)
def test_a_search_takes_a_time_that_follows_from_the_size(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(record(0, b"zero") + raw + record(1, b"one"))
    faults: list[Fault] = []
    started = time.thread_time()
    found = [capture.page for capture, _, _ in scan(path, faults.append)]
    assert time.thread_time() - started < 20 and found[0] == "p0" and faults


def test_a_file_of_many_empty_parts_is_read_in_a_time_that_follows_from_its_size(
    tmp_path: Path,
) -> None:
    (tmp_path / "x.gz").write_bytes(gzipped(b"") * 200_000 + gzipped(b"x"))
    started = time.thread_time()
    assert saved_captures.unpacked(tmp_path / "x.gz") == b"x"
    assert time.thread_time() - started < 5


def test_a_file_that_a_kill_left_is_no_damage_though_the_index_knows_it_in_part(
    tmp_path: Path,
) -> None:
    whole = filled(tmp_path, files=1)
    (path,) = tmp_path.glob("*.warc.gz")
    lines = (tmp_path / "index.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "index.jsonl").write_text("".join(lines[:2]))
    path.write_bytes(path.read_bytes() + resource(b"killed")[:-20])
    assert looks(Archive(tmp_path, tell=lambda text: None)) == looks(whole)
    assert glance(Archive(tmp_path)) == []


# Lines of the index that are not found again


def broken(folder: Path, *numbers: int) -> None:
    lines = (folder / "index.jsonl").read_text().split("\n")
    for number in numbers:
        lines[number - 1] = "#" + lines[number - 1][: len(lines[number - 1]) * 3 // 4]
    (folder / "index.jsonl").write_text("\n".join(lines))


def test_a_line_whose_look_is_not_found_again_stays_told(tmp_path: Path) -> None:
    whole = filled(tmp_path / "a")
    first = sorted((tmp_path / "a").glob("*.warc.gz"))[0]
    expected = looks(whole)
    gone = whole.looks[1][0].digest
    broken(tmp_path / "a", 2, 8)
    first.rename(tmp_path / first.name)
    for opening in range(3):
        told: list[str] = []
        archive = Archive(tmp_path / "a", tell=told.append)
        assert looks(archive) == [row for row in expected if row[6] != gone]
        lines = [
            m[1] for text in told if (m := re.search(r"line (\d+)", text)) and "not found" in text
        ]
        assert lines == ["2"], (opening, told)
        assert "index.jsonl" in {damage.file for damage in glance(archive)}
    (tmp_path / first.name).rename(first)
    told.clear()
    assert looks(Archive(tmp_path / "a", tell=told.append)) == expected, "it comes in with its file"
    told.clear()
    assert looks(Archive(tmp_path / "a", tell=told.append)) == expected and not told
    assert glance(Archive(tmp_path / "a")) == []


def test_a_line_whose_record_is_damaged_too_stays_told(tmp_path: Path) -> None:
    whole = filled(tmp_path, files=1)
    lost, place = whole.looks[2]
    broken(tmp_path, 3)
    harmed(tmp_path / place.file, place.offset, "all of it")
    for _ in range(2):
        told: list[str] = []
        archive = Archive(tmp_path, tell=told.append)
        assert lost.digest not in archive.bodies
        assert any("line 3" in text and "not found" in text for text in told), told
        assert glance(archive)


def test_lines_that_an_older_version_mended_are_mended(tmp_path: Path) -> None:
    expected = looks(filled(tmp_path))
    broken(tmp_path, 2)
    with (tmp_path / "index.jsonl").open("a") as index:
        row = next(r for r in filled(tmp_path / "b").looks)
        assert row
        index.write(jsonl.line({"mended": [2]}))
    told: list[str] = []
    again = Archive(tmp_path, tell=told.append)
    assert len(looks(again)) == len(expected) - 1 and not told, "as it was read until now"


def test_a_search_for_a_line_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    sorted(tmp_path.glob("*.warc.gz"))[0].unlink()
    broken(tmp_path, 2)
    Archive(tmp_path, tell=lambda text: None)
    monkeypatch.setattr(known_looks, "scan", lambda *a, **k: pytest.fail("a file is read"))
    told: list[str] = []
    assert Archive(tmp_path, tell=told.append).looks and any("line 2" in text for text in told)


# Locks and bounds


def test_a_file_is_locked_by_its_writer_though_somebody_asks_at_that_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks whether a file is in use holds its lock for a moment."""
    take = lock.take

    def asked(descriptor: int, wait: bool = True) -> bool:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if not path.endswith(".warc.gz"):
            return take(descriptor, wait)
        monkeypatch.setattr(lock, "take", take)
        other = os.open(path, os.O_RDONLY)
        fcntl.flock(other, fcntl.LOCK_EX)
        threading.Timer(0.3, os.close, (other,)).start()
        return take(descriptor, wait)

    monkeypatch.setattr(lock, "take", asked)
    with Archive(tmp_path) as archive:
        archive.add("litellm", "https://example.org/", b"x", WHEN)
        time.sleep(0.5)
        (path,) = tmp_path.glob("*.warc.gz")
        assert lock.in_use(path)


def test_nothing_is_taken_in_that_is_larger_than_a_page_that_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.flows.harvest import git_history, package_releases
    from almanac.spiders.bounds import LARGEST_PAGE

    assert Pace().largest == LARGEST_PAGE
    assert f"{LARGEST_PAGE:,}" in git_history.too_large(10**9)
    (tmp_path / "x.json").write_bytes(bytes(LARGEST_PAGE + 1))
    with pytest.raises(ValueError, match=f"more than {LARGEST_PAGE:,} bytes"):
        saved_captures.unpacked(tmp_path / "x.json")
    monkeypatch.setattr(
        package_releases.subprocess, "run", lambda *a, **k: pytest.fail("pip is asked")
    )
    said: list[str] = []
    with pytest.raises(ValueError, match=f"more than {LARGEST_PAGE:,} bytes"):
        package_releases._body("p", "1", "x.json", tmp_path / "x.json", said.append)


def test_what_was_kept_when_more_was_taken_is_given_back(tmp_path: Path) -> None:
    from almanac.spiders.bounds import LARGEST_PAGE

    body = bytes(LARGEST_PAGE * 2 + 1)
    with Archive(tmp_path) as archive:
        capture = archive.add("litellm", "https://example.org/", body, WHEN + timedelta(days=1))
    assert Archive(tmp_path).body(capture.digest) == body and depth(Archive(tmp_path)) == []
    assert records.LARGEST_KEPT > LARGEST_PAGE and zlib.MAX_WBITS


@pytest.mark.parametrize("left", [slice(3, None), slice(0, 2), slice(5, None), slice(0, None, 2)])
def test_lines_that_are_missing_from_the_index_are_missed(tmp_path: Path, left: slice) -> None:
    """A line that says a file is covered says after how many looks.

    Where fewer stand, all is read.
    """
    with Archive(tmp_path) as archive:
        for day in range(1, 6):
            moment = datetime(2026, 5, day, tzinfo=UTC)
            archive.add("groq", f"https://groq.example/{day}", b"body %d" % day, moment)
    index = tmp_path / "index.jsonl"
    lines = index.read_bytes().splitlines(keepends=True)
    assert len(lines) == 6 and b'"covers"' in lines[5]
    index.write_bytes(b"".join(lines[left]))
    told: list[str] = []
    with Archive(tmp_path, tell=told.append) as archive:
        assert len(archive.looks) == 5 and told
    told.clear()
    with Archive(tmp_path, tell=told.append) as archive:
        assert len(archive.looks) == 5 and not told and not glance(archive), "made good once"
        archive.add("groq", "https://groq.example/6", b"6", datetime(2026, 5, 6, tzinfo=UTC))
    with Archive(tmp_path, tell=told.append) as archive:
        assert len(archive.looks) == 6 and not told
