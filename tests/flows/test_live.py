"""`almanac refresh` as it runs by default.

Live crawls over HTTP go into a release, with the layout guard on.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from almanac import warehouse
from almanac.commands import pipeline
from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline import crawl
from almanac.flows.pipeline.pipeline import Plain, Report, line
from almanac.spiders import base
from tests.conftest import BUILT
from tests.support.recorded import CAPTURES
from tests.support.site import QUICK, Site

Live = Callable[..., Report]


def recorded(source: str) -> bytes:
    return (sorted((CAPTURES / source).iterdir())[-1] / "body").read_bytes()


@pytest.fixture
def live(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Live:
    """Run the line on the live web, which is here a server on loopback."""
    monkeypatch.setattr(crawl, "PACE", QUICK)
    clock = itertools.count()

    def run(*sources: str, expect: tuple[int, int] | None = None) -> Report:
        for name in sources:
            monkeypatch.setattr(base.source(name), "start_urls", (f"{site.url}/{name}",))
            monkeypatch.setitem(base.card(name).__dict__, "hosts", ["127.0.0.1"])
            # Recorded pages are a few rows of the real ones.
            monkeypatch.setitem(base.card(name).__dict__, "expect", expect)
        return line(
            Order(
                BUILT + timedelta(hours=next(clock)),
                sources,
                home=tmp_path / "home",
                database=f"sqlite:///{tmp_path / 'home' / 'warehouse.db'}",
            ),
            Plain(),
        )

    return run


def test_a_live_run_publishes_what_the_pages_say_and_a_second_look_finds_them_unchanged(
    live: Live, site: Site, tmp_path: Path
) -> None:
    site.pages = {f"/{s}": recorded(s) for s in ("anthropic_pricing", "groq")}
    report = live("anthropic_pricing", "groq")
    assert report.release == 1 and report.fresh and not report.stale
    said = {s.source: s.claims for s in report.sources}
    for source in ("anthropic_pricing", "groq"):
        checked = json.loads(
            (sorted((CAPTURES / source).iterdir())[-1] / "claims.json").read_text(encoding="utf-8")
        )
        assert said[source] == len(checked["claims"])
    asked = len(site.asked)
    again = live("anthropic_pricing", "groq")
    assert (again.release, again.fresh) == (1, False) and sum(
        s.new_claims for s in again.sources
    ) == 0
    seen_again = [headers for path, headers in site.asked[asked:] if path != "/robots.txt"]
    assert len(seen_again) == 2 and all("If-None-Match" in headers for headers in seen_again)


def test_a_source_that_fails_or_collapses_is_stale_and_keeps_its_last_good_figures(
    live: Live, site: Site, tmp_path: Path
) -> None:
    page = recorded("anthropic_pricing").decode()
    site.pages = {
        "/anthropic_pricing": page.encode(),
        "/groq": recorded("groq"),
        "/mistral": recorded("mistral"),
    }
    live("anthropic_pricing", "groq", "mistral")
    seen = warehouse.open(f"sqlite:///{tmp_path / 'home' / 'warehouse.db'}")
    before = {(f.subject, f.field, f.meter, f.terms): f.value for f in seen.figures()}
    rows = page.splitlines(keepends=True)
    few = [i for i, row in enumerate(rows) if row.startswith("|")][4:]
    site.pages = {
        "/anthropic_pricing": "".join(row for i, row in enumerate(rows) if i not in few).encode(),
        "/groq": b"<html><body><form>Please log in</form></body></html>",
    }
    report = live("anthropic_pricing", "groq", "mistral", "artificial_analysis")
    assert "layout guard" in report.stale["anthropic_pricing"]
    assert "no table has a column of models" in report.stale["groq"]
    assert "answered 404" in report.stale["mistral"]
    assert (
        report.stale["artificial_analysis"]
        == "needs a key in the environment variable ARTIFICIAL_ANALYSIS_API_KEY"
    )
    seen = warehouse.open(f"sqlite:///{tmp_path / 'home' / 'warehouse.db'}")
    assert {(f.subject, f.field, f.meter, f.terms): f.value for f in seen.figures()} == before
    assert set(seen.release().stale) == set(report.stale) or report.fresh is False
    site.pages["/groq"] = recorded("groq")
    assert "groq" not in live("groq").stale, "it is well again"


def test_a_page_with_fewer_models_than_its_card_expects_is_not_believed(
    live: Live, site: Site
) -> None:
    site.pages = {"/groq": recorded("groq"), "/anthropic_pricing": recorded("anthropic_pricing")}
    assert live("anthropic_pricing", expect=(1, 20)).release == 1
    report = live("groq", expect=(20, 60))
    assert "models, where the card expects 20 to 60" in report.stale["groq"] and not report.fresh


def test_the_terminal_shows_a_line_for_each_source_and_a_table(
    live: Live,
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    site.pages = {"/groq": recorded("groq")}
    live("groq", "artificial_analysis")
    monkeypatch.setenv("ALMANAC_HOME", str(tmp_path / "terminal"))
    pipeline.refresh(["groq", "artificial_analysis"], None, False, False, False)
    said = capsys.readouterr()
    assert "groq: 1 of 1 pages fetched" in said.err and "groq: 1 new looks" in said.err
    assert "artificial_analysis: stale: needs a key" in said.err
    assert (
        "Release 1 published" in said.out
        and "new looks" in said.out
        and "stale: artificial_analysis" in said.out
    )
