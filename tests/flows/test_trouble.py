"""What goes wrong on machines: a full disk, a clock set back, a lost database, damaged archives.

Each is named, and the next run recovers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from almanac import warehouse
from almanac.flows.harvest.plan import Order, due
from almanac.spiders.archive.warc import Archive
from almanac.warehouse.read.release_diff import verify
from almanac.warehouse.write.store import Store
from tests.conftest import Built, Save, almanac, build
from tests.flows.test_backfill import OFFER as FILE
from tests.flows.test_backfill import figures, record, spells
from tests.support.gitrepo import GitRepo
from tests.support.recorded import CAPTURES
from tests.warehouse.test_release_diff import OFFER, prices


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB that can be made larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    ).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    # Lazily: readers of the test may hold it.
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_one_line_and_the_next_run_finishes(
    small_disk: Path, everything: Built
) -> None:
    home = small_disk / "home"
    assert (
        almanac("refresh", "anthropic_pricing", "--replay", str(CAPTURES), home=home).returncode
        == 0
    )
    before = warehouse.open(f"sqlite:///{home / 'warehouse.db'}").release()
    full = almanac("refresh", "--replay", str(CAPTURES), home=home)
    assert full.returncode == 1 and "Traceback" not in full.stderr
    assert (
        "full" in full.stderr.splitlines()[-1] or "No space left" in full.stderr.splitlines()[-1]
    ), full.stderr
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    assert warehouse.open(f"sqlite:///{home / 'warehouse.db'}").release() == before
    again = almanac("refresh", "--replay", str(CAPTURES), home=home)
    assert again.returncode == 0, again.stderr
    assert (
        warehouse.open(f"sqlite:///{home / 'warehouse.db'}").release().digest
        == everything.open().release().digest
    )


def test_a_limit_on_file_size_is_one_line(tmp_path: Path) -> None:
    """As a full disk, where none can be mounted."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
        " sys.argv = ['almanac', *sys.argv[1:]]; from almanac.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "refresh", "--replay", str(CAPTURES)],
        env={**os.environ, "ALMANAC_HOME": str(tmp_path / "h")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert (
        almanac(
            "refresh", "anthropic_pricing", "--replay", str(CAPTURES), home=tmp_path / "h"
        ).returncode
        == 0
    )


def test_a_clock_set_back_keeps_the_order_of_releases_and_of_looks(
    database: str, save: Save, tmp_path: Path
) -> None:
    home = tmp_path / "h"
    build(home, save("litellm", "2026-01-10", prices(3e-6)), database=database)
    store = Store(database)
    with store.engine.execution_options(writing=True).begin() as c:
        # It was made before the clock was set back.
        c.execute(text("UPDATE release SET created_at = '2099-01-01T00:00:00Z'"))
    store.close()
    build(home, save("litellm", "2026-01-11", prices(2e-6)), database=database)
    seen = warehouse.open(database)
    assert seen.release(2).created_at == "2099-01-01T00:00:00Z"
    assert seen.as_of(known="2099-01-01").known == 2
    now = Order(as_of=datetime(2026, 1, 1, tzinfo=UTC))
    assert due("litellm", now, "2026-02-01T00:00:00Z"), (
        "a look of tomorrow keeps nobody from looking today"
    )


def pages_and_a_repository(save: Save, home: Path, folder: Path) -> GitRepo:
    """Take two days of a page into a home, and return a repository.

    One of its files goes and comes back.
    """
    for day, price in (("2026-01-10", 3e-6), ("2026-01-12", 2e-6)):
        saved = save("litellm", day, prices(price))
    build(home, saved)
    repo = GitRepo(folder / "catalogue")
    for number in range(1, 6):
        repo.commit(
            f"2026-02-0{number}T00:00:00Z",
            {
                FILE.format("gpt-4o"): record(number) if number != 3 else None,
                FILE.format("o3"): record(1),
            },
        )
    return repo


def test_a_lost_warehouse_comes_back_from_the_archive(save: Save, tmp_path: Path) -> None:
    home = tmp_path / "h"
    repo = pages_and_a_repository(save, home, tmp_path)
    for since in ("2026-02-04", "2026-02-01"):
        assert (
            almanac(
                "backfill", "models_dev", "--git", str(repo.folder), "--from", since, home=home
            ).returncode
            == 0
        )
    before, said, digest = (
        spells(home),
        figures(home),
        warehouse.open(f"sqlite:///{home / 'warehouse.db'}").release().digest,
    )
    for path in home.glob("warehouse.db*"):
        path.unlink()
    done = almanac("replay", home=home)
    assert done.returncode == 0 and "Release 1 published" in done.stdout, done.stderr
    assert spells(home) == before and figures(home) == said
    assert warehouse.open(f"sqlite:///{home / 'warehouse.db'}").release().digest == digest
    again = almanac("replay", home=home)
    assert "Release 1 unchanged" in again.stdout


@pytest.mark.parametrize("harm", ["flipped", "cut"])
def test_a_damaged_archive_is_named_and_mended_by_the_next_run_that_has_the_body(
    harm: str, save: Save, tmp_path: Path
) -> None:
    home = tmp_path / "h"
    folder = save("litellm", "2026-01-10", prices(3e-6, "gpt-4o", "o3", "o1"))
    with Archive(home / "captures") as archive:
        body = (folder / "litellm" / "2026-01-10" / "body").read_bytes()
        archive.add("litellm", "https://example.org/page", body, datetime(2026, 1, 10, tzinfo=UTC))
        (path,) = (home / "captures").glob("*.warc.gz")
    raw = bytearray(path.read_bytes())
    raw[-60] ^= 0xFF
    path.write_bytes(raw if harm == "flipped" else raw[: len(raw) // 2])
    broken = almanac("replay", home=home)
    assert (
        broken.returncode == 1
        and "archive record" in broken.stderr + broken.stdout
        and "Traceback" not in broken.stderr
    )
    built = build(home, folder)
    assert built.figure(OFFER, "price", "input").number == 3_000_000_000
    assert verify(built.open(), 1) and built.report.sources[0].failed == {}
    reopened = Archive(home / "captures")
    assert [reopened.body(digest) for digest in reopened.bodies] == [body]


ODD = {
    "a status that is none": {"status": "many"},
    "a page of a megabyte": {"page": "https://example.org/" + "a" * 2**20},
    "a media type that is none": {"media_type": ["text", "html"]},
    "an address that is none": {"url": "https://example.org/\ud800"},
    "a day before all days": {"fetched_at": "0001-01-01T00:00:00+14:00"},
    "a body in a folder without a name": {"body": "\udcff/body"},
}


@pytest.mark.parametrize("about", ODD.values(), ids=ODD)
def test_one_odd_look_costs_that_look_and_no_other(
    about: dict[str, object], save: Save, tmp_path: Path, database: str
) -> None:
    """The sources beside it, and the looks beside it, are read; the odd one is listed."""
    good = CAPTURES / "groq/2026-09-01"
    save("groq", "2026-09-01", (good / "body").read_bytes())
    save("llm_prices", "2026-01-10", '{"prices": []}')
    odd = save("groq", "2026-09-02", (good / "body").read_bytes()) / "groq/2026-09-02"
    said = json.loads((odd / "capture.json").read_text())
    (odd / "capture.json").write_text(json.dumps({**said, **about}))
    built = build(tmp_path / "h", tmp_path / "saved", database=database)
    (groq,) = [s for s in built.report.sources if s.source == "groq"]
    told = [*groq.failed, *(file for file, _ in built.report.unread)]
    assert groq.claims >= 15 and "groq" not in built.report.stale
    assert told or groq.looks == 2, "taken as it can be kept, or listed"


def test_a_file_name_that_is_no_text_costs_that_file(
    save: Save, tmp_path: Path, database: str
) -> None:
    good = CAPTURES / "groq/2026-09-01"
    folder = save("groq", "2026-09-01", (good / "body").read_bytes())
    odd = folder / "groq" / os.fsdecode(b"2026-09-\xff")
    odd.mkdir()
    (odd / "capture.json").write_text((folder / "groq/2026-09-01/capture.json").read_text())
    built = build(tmp_path / "h", folder, database=database)
    (groq,) = built.report.sources
    assert built.report.release == 1 and groq.claims >= 15
    assert len([*groq.failed, *built.report.unread]) == 1


def test_a_file_name_that_is_no_text_is_told_as_json(save: Save, tmp_path: Path) -> None:
    folder = save("groq", "2026-09-01", (CAPTURES / "groq/2026-09-01/body").read_bytes())
    odd = folder / os.fsdecode(b"gr\xffoq/2026-09-01")
    odd.mkdir(parents=True)
    (odd / "capture.json").write_text("{}")
    done = almanac("refresh", "--replay", str(folder), "--json", home=tmp_path / "h")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)["unread"]
    assert row == {"file": os.fsdecode(b"gr\xffoq/2026-09-01"), "why": "no source of this name"}


def test_a_look_that_is_dated_after_the_run_is_not_taken(
    save: Save, tmp_path: Path, database: str
) -> None:
    """It would stand as now for ever, and no true look could supersede it."""
    body = (CAPTURES / "groq/2026-09-01/body").read_bytes()
    save("groq", "2026-09-01", body)
    save("groq", "2990-01-01", body.replace(b"$0", b"$9"))
    built = build(tmp_path / "h", tmp_path / "saved", database=database)
    (groq,) = built.report.sources
    assert (groq.looks, list(groq.failed)) == (1, ["groq/2990-01-01/body"])
    assert "2990-01-01, which has not come yet" in groq.failed["groq/2990-01-01/body"]
    assert built.open().newest_look() == "2026-09-01T00:00:00Z"
    assert "groq" not in built.report.stale, "the look beside it is good"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["body", "capture.json"])
def test_a_pipe_among_saved_files_is_listed_and_waited_for_by_nobody(
    name: str, save: Save, tmp_path: Path
) -> None:
    folder = save("groq", "2026-09-01", (CAPTURES / "groq/2026-09-01/body").read_bytes())
    odd = save("groq", "2026-09-02", b"x") / "groq/2026-09-02"
    (odd / name).unlink()
    os.mkfifo(odd / name)
    done = almanac("refresh", "--replay", str(folder), "--json", home=tmp_path / "h")
    told = json.loads(done.stdout)
    (groq,) = told["sources"]
    assert done.returncode == 0 and groq["claims"] >= 15
    assert "no plain file" in json.dumps([told["unread"], groq["failed"]])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_for_a_manifest_or_an_archive_is_refused_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "manifest").mkdir()
    os.mkfifo(tmp_path / "manifest/MANIFEST.jsonl")
    (tmp_path / "archives").mkdir()
    os.mkfifo(tmp_path / "archives/a.warc.gz")
    for folder in ("manifest", "archives"):
        done = almanac("refresh", "--replay", str(tmp_path / folder), home=tmp_path / "h")
        said = (done.stdout + done.stderr).strip()
        assert done.returncode and "no plain file" in said and "Traceback" not in said, said
