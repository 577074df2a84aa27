"""The Prefect flow `refresh`: the same line, run by Prefect, against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with (
        prefect_test_harness(server_startup_timeout=600),
        temporary_settings(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield


def test_the_flow_publishes_what_plain_calls_publish_and_leaves_its_artifacts(
    server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    from prefect.client.orchestration import get_client

    from almanac.flows.orchestration.prefect_flows import refresh
    from tests.conftest import build
    from tests.support.recorded import CAPTURES

    monkeypatch.setenv("ALMANAC_HOME", str(tmp_path / "flow"))
    (tmp_path / "saved").mkdir()
    for source in ("anthropic_pricing", "llm_reference"):
        (tmp_path / "saved" / source).symlink_to(CAPTURES / source)
    dead = tmp_path / "saved" / "litellm" / "2026-01-01"
    dead.mkdir(parents=True)
    (dead / "capture.json").write_text(
        '{"url": "https://example.org", "fetched_at": "2026-01-01T00:00:00Z"}'
    )
    (dead / "body").write_bytes(b"")
    done = refresh(replay=str(tmp_path / "saved"), as_of=datetime(2026, 11, 21, tzinfo=UTC))
    assert done["release"] == 1 and done["stale"] == {"litellm": "the body is empty"}, (
        "a dead source is named, and is never fatal"
    )

    plain = build(tmp_path / "plain", tmp_path / "saved")
    from almanac import warehouse

    assert warehouse.open().release().digest == plain.open().release().digest

    with get_client(sync_client=True) as client:
        keys = {a.key: a for a in client.read_artifacts()}
    assert {"refresh-report", "conflicts", "refusals", "notices", "quality"} <= set(keys)
    assert "litellm" in str(keys["refresh-report"].data)


def test_a_crawl_that_fails_is_retried_and_then_named(
    server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect import flow

    from almanac.flows.orchestration.prefect_tasks import Tasks
    from almanac.flows.pipeline import stages

    calls: list[str] = []

    def harvest(item: tuple[str, list[object]], run: object) -> str:
        calls.append(item[0])
        if item[0] == "dead" or len(calls) == 1:
            raise RuntimeError("no answer")
        return item[0]

    crawl = replace(stages.CRAWL, run=harvest, retries=(0, 0))
    assert len(stages.CRAWL.retries) == len(crawl.retries)

    @flow
    def probe() -> list[str]:
        return [
            r if isinstance(r, str) else str(r)
            for r in Tasks().each(crawl, [("flaky", []), ("dead", [])], None)
        ]

    assert probe() == ["flaky", "no answer"]
    assert calls.count("dead") == 3


def test_a_live_run_looks_at_what_isdue() -> None:
    from datetime import UTC, datetime

    from almanac.flows.harvest.plan import Order, due

    now = Order(as_of=datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert due("litellm", now, None) and due("litellm", now, "2026-11-20T11:00:00Z")
    assert not due("litellm", now, "2026-11-21T11:00:00Z")
    assert not due("llm_reference", now, None), "read from saved pages only"
    assert due("litellm", Order(now.as_of, ("litellm",)), "2026-11-21T11:00:00Z"), (
        "asked for by name"
    )


def test_the_nightly_check_reads_a_share_of_the_archive_and_fails_on_damage(
    server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    from prefect.client.orchestration import get_client

    from almanac.flows.orchestration.prefect_flows import check
    from almanac.spiders.archive.warc import Archive

    monkeypatch.setenv("ALMANAC_HOME", str(tmp_path))
    with Archive(tmp_path / "captures") as archive:
        for n in range(20):
            archive.add(
                "groq",
                f"https://example.org/{n}",
                f"page {n} {'x' * 200}".encode(),
                datetime(2026, 1, 1, tzinfo=UTC),
            )
    assert check(share=0.5) == {"bodies": 20, "share": 0.5, "damaged": 0}
    (file,) = (tmp_path / "captures").glob("*.warc.gz")
    file.write_bytes(file.read_bytes()[:200] + b"damaged" + file.read_bytes()[207:])
    with pytest.raises(RuntimeError, match="are damaged, first "):
        check(share=1.0)
    with get_client(sync_client=True) as client:
        assert any(
            a.key == "evidence" and file.name in str(a.data) for a in client.read_artifacts()
        )
