"""What a release gives notice of, who is told, and the feed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from almanac.comparisons.web.feed import ATOM, atom
from almanac.flows.pipeline import webhooks
from almanac.flows.pipeline.notifications import deliver, notices
from tests.conftest import Built, Save, build
from tests.warehouse.test_release_diff import OFFER, prices

MOMENT = datetime(2026, 1, 12, tzinfo=UTC)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]], list[int]]]:
    """An address that takes posts, what it was told, and with which codes it answers next."""
    told: list[tuple[dict[str, str], bytes]] = []
    codes: list[int] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(codes.pop(0) if codes else 204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", told, codes
    server.shutdown()


@pytest.fixture
def moved(save: Save, tmp_path: Path) -> Built:
    """Three releases: a price, the price moved by 2 %, then halved while another offer went."""
    home = tmp_path / "h"
    build(home, save("litellm", "2026-01-10", prices(3e-6, "gpt-4o", "o3")))
    build(home, save("litellm", "2026-01-11", prices(3.06e-6, "gpt-4o", "o3")))
    return build(home, save("litellm", "2026-01-12", prices(1.53e-6, "gpt-4o")))


def test_a_price_that_moves_is_told_and_one_that_hardly_does_is_not(moved: Built) -> None:
    assert notices(moved.database, 1) == [] and notices(moved.database, 2) == []
    found = {(n.event, n.subject) for n in notices(moved.database, 3)}
    assert found == {
        ("price.moved", OFFER),
        ("price.moved", "openai:openai/gpt-4o"),
        ("offer.withdrawn", "openai:openai/o3"),
    }
    (mine,) = [n for n in notices(moved.database, 3) if n.subject == OFFER]
    assert (
        mine.sentence == f"{OFFER} input: 3.06 to 1.53 usd_per_mtok"
        and mine.detail["valid_from"] == "2026-01-12T00:00:00Z"
    )
    assert {n.subject for n in moved.report.notices} == {s for _, s in found}, (
        "the run itself gives them"
    )


def test_a_new_conflict_is_told(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "h"
    # Whoever disputes, conflicts.
    monkeypatch.setattr("almanac.flows.reconciliation.reconcile.KNOWN", 0.999)
    build(home, save("litellm", "2026-01-10", prices(3e-6)))
    other = {
        "prices": [
            {
                "id": "gpt-4o-mini",
                "vendor": "openai",
                "name": "GPT-4o mini",
                "input": 2,
                "output": 8,
            }
        ]
    }
    built = build(home, save("llm_prices", "2026-01-10", json.dumps(other)))
    assert built.figure(OFFER, "price", "input").state == "conflicted"
    assert ("conflict.new", OFFER) in {(n.event, n.subject) for n in built.report.notices}


def test_webhooks_are_told_of_what_was_found(
    moved: Built, listener: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, told, codes = listener
    found = notices(moved.database, 3)
    assert deliver(found, 3, MOMENT) == {} and told == [], "nobody asked to be told"
    monkeypatch.setattr(webhooks, "TRIES", (0, 0, 0))
    monkeypatch.setenv("ALMANAC_WEBHOOKS", address)
    assert deliver([], 3, MOMENT) == {} and told == [], "there is nothing to tell"
    codes += [503, 200]
    assert deliver(found, 3, MOMENT) == {} and len(told) == 2, "once more after 503"
    assert json.loads(told[1][1])["release"] == 3 and len(json.loads(told[1][1])["notices"]) == 3


def test_the_feed_is_atom_and_escapes_what_was_harvested(
    moved: Built, save: Save, tmp_path: Path
) -> None:
    seen = moved.open()
    feed = ET.fromstring(atom(seen, "https://almanac.example").encode())
    entries = feed.findall(f"{{{ATOM}}}entry")
    assert [e.findtext(f"{{{ATOM}}}title", "").split(":")[0] for e in entries] == [
        "Release 3",
        "Release 2",
        "Release 1",
    ]
    content = entries[0].findtext(f"{{{ATOM}}}content", "")
    assert (
        f"change: {OFFER} price input: $3.06/1M tokens → $1.53/1M tokens, since 2026-01-12"
        in content
    )
    for required in ("id", "title", "updated"):
        assert feed.findtext(f"{{{ATOM}}}{required}") and all(
            e.findtext(f"{{{ATOM}}}{required}") for e in entries
        )
    assert len({e.findtext(f"{{{ATOM}}}id") for e in entries}) == 3
    from almanac.comparisons.web.feed import _html
    from almanac.warehouse.read.release_diff import diff

    hostile = [t for t in diff(seen, 2, 3).told if t.about.subject == OFFER]
    from dataclasses import replace

    bad = replace(hostile[0], about=hostile[0].about._replace(terms="<script>alert(1)</script>"))
    assert "<script>" not in _html([bad], {"<b>": "<img src=x>"})


def test_the_web_server_answers_and_keeps_its_policy(
    moved: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    from starlette.testclient import TestClient

    from almanac.comparisons.web.app import POLICY, site

    monkeypatch.setenv("ALMANAC_HOME", str(moved.home))
    client = TestClient(site(moved.home))
    assert client.get("/healthz").json() == {"ok": True, "release": 3}
    front = client.get("/")
    assert (
        front.status_code == 200
        and "release 3</span>" in front.text
        and front.headers["Content-Security-Policy"] == POLICY
    )
    assert client.get("/quality/release-3.html").status_code == 200
    assert (
        client.get("/quality/..%2Fwarehouse.db").status_code == 404
        and client.get("/quality/release-9.html").status_code == 404
    )
    assert client.get("/feed.atom").headers["content-type"].startswith("application/atom+xml")
    monkeypatch.setenv("ALMANAC_HOME", str(moved.home / "nothing"))
    client = TestClient(site(moved.home / "nothing"))
    assert client.get("/healthz").json() == {"ok": True, "release": None}
    assert client.get("/feed.atom").status_code == 503 and "almanac refresh" in client.get("/").text
