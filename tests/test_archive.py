"""The archive: what was fetched can be read again, also after a kill or damage."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.saved import listing
from spiders import base
from spiders.archive import Archive, scan
from spiders.page import Page

WHEN = datetime(2026, 5, 1, tzinfo=UTC)


def filled(folder: Path) -> Path:
    with Archive(folder) as archive:
        for i in range(3):
            archive.add("litellm", f"https://example.org/{i}", f"body {i}".encode() * 100, WHEN)
        archive.add("litellm", "https://example.org/again", b"body 0" * 100, WHEN)
    (path,) = folder.glob("*.warc.gz")
    return path


def test_bodies_come_back_and_the_same_body_is_stored_once(tmp_path: Path) -> None:
    path = filled(tmp_path)
    archive = Archive(tmp_path)
    assert len(archive.looks) == 4 and len(archive.bodies) == 3
    assert {archive.body(d) for d in archive.bodies} == {f"body {i}".encode() * 100 for i in range(3)}
    assert [body is None for _, body, _ in scan(path)] == [False, False, False, True]


def test_the_same_look_twice_is_kept_once(tmp_path: Path) -> None:
    filled(tmp_path)
    filled_again = Archive(tmp_path)
    filled_again.add("litellm", "https://example.org/1", b"body 1" * 100, WHEN)
    filled_again.close()
    assert len(Archive(tmp_path).looks) == 4


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_file_cut_off_by_a_kill_reads_up_to_the_cut(tmp_path: Path, cut: int) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes()[:-cut])
    (tmp_path / "index.jsonl").write_text((tmp_path / "index.jsonl").read_text() + '{"source": "litel')
    assert 2 <= len(list(scan(path))) <= 4
    assert len(Archive(tmp_path).looks) == 4


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = filled(tmp_path)
    archive = Archive(tmp_path)
    raw = bytearray(path.read_bytes())
    place = archive.looks[1][1]
    raw[place.offset + 150] ^= 0xFF
    path.write_bytes(bytes(raw))
    with pytest.raises(ValueError, match=r"damaged|does not hold"):
        archive.body(archive.looks[1][0].digest)


def test_replay_of_archived_bodies_reads_what_the_first_reading_read(tmp_path: Path) -> None:
    from tests.recorded import CAPTURES, reading

    body = CAPTURES / "anthropic_pricing/2026-05-11/body"
    with Archive(tmp_path) as archive:
        archive.add("anthropic_pricing", "https://platform.claude.com/docs/en/about-claude/pricing", body.read_bytes(), WHEN)
    (found,) = listing(tmp_path).found
    again = base.read_page(base.source("anthropic_pricing"), Page("anthropic_pricing", found.url, found.body(), found.fetched_at))
    assert again.claims == reading(body).claims


def test_a_folder_without_captures_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such folder"):
        listing(tmp_path / "none")
    with pytest.raises(ValueError, match=r"MANIFEST\.jsonl"):
        listing(tmp_path)
