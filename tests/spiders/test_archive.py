"""The archive: what was fetched can be read again, also after a kill or damage."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from almanac.flows.harvest.saved_captures import listing
from almanac.spiders import base
from almanac.spiders.archive.looks import scan
from almanac.spiders.archive.warc import Archive
from almanac.spiders.page import Page
from tests.conftest import Save, build

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
    assert {archive.body(d) for d in archive.bodies} == {
        f"body {i}".encode() * 100 for i in range(3)
    }
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
    (tmp_path / "index.jsonl").write_text(
        (tmp_path / "index.jsonl").read_text() + '{"source": "litel'
    )
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
    from tests.support.recorded import CAPTURES, reading

    body = CAPTURES / "anthropic_pricing/2026-05-11/body"
    with Archive(tmp_path) as archive:
        archive.add(
            "anthropic_pricing",
            "https://platform.claude.com/docs/en/about-claude/pricing",
            body.read_bytes(),
            WHEN,
        )
    (found,) = listing(tmp_path).looks
    again = base.read_page(
        base.source("anthropic_pricing"),
        Page("anthropic_pricing", found.url, found.body(), found.fetched_at),
    )
    assert again.claims == reading(body).claims


def test_a_folder_without_captures_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such folder"):
        listing(tmp_path / "none")
    with pytest.raises(ValueError, match=r"MANIFEST\.jsonl"):
        listing(tmp_path)


def test_a_price_that_went_and_came_back_is_the_same_history_when_replayed_from_the_archive(
    save: Save, tmp_path: Path
) -> None:
    """The third body is the first one again: its record is a revisit without a body of its own."""
    for day, price in (("2026-01-01", 3e-06), ("2026-01-02", 2e-06), ("2026-01-03", 3e-06)):
        folder = save(
            "litellm",
            day,
            json.dumps(
                {
                    "gpt-4o-mini": {
                        "litellm_provider": "openai",
                        "mode": "chat",
                        "input_cost_per_token": price,
                    }
                }
            ),
        )
    first = build(tmp_path / "first", folder)
    again = build(tmp_path / "again", tmp_path / "first" / "captures")
    assert len(again.open().history("openai:openai/gpt-4o-mini", "price")) == 3
    assert again.open().release().digest == first.open().release().digest


def test_a_revisit_whose_body_is_elsewhere_is_listed(tmp_path: Path) -> None:
    filled(tmp_path)
    with Archive(tmp_path) as archive:
        archive.add("litellm", "https://example.org/late", b"body 2" * 100, WHEN)
    (late,) = [p for p in tmp_path.glob("*.warc.gz") if len(list(scan(p))) == 1]
    alone = tmp_path / "alone"
    alone.mkdir()
    late.rename(alone / late.name)
    assert [why for _, why in listing(alone).unread] == [
        "its body is in an archive file that is not here"
    ]
