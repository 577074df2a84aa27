"""What could not be seen is kept, and told, though no release comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from almanac import warehouse
from almanac.commands import pipeline
from almanac.comparisons.web.feed import ATOM, atom
from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline import crawl, notifications, steps
from almanac.flows.pipeline.notifications import Notice
from almanac.flows.pipeline.pipeline import Plain, Report, line
from almanac.flows.pipeline.webhooks import Letter
from almanac.flows.validation.expectations import Rejected
from almanac.schemas.clock import Clock
from almanac.schemas.moment import stamp
from almanac.spiders import base
from almanac.warehouse.write.store import Store
from tests.conftest import BUILT
from tests.flows.test_live import recorded
from tests.support import warm
from tests.support.site import QUICK, Site

Live = Callable[..., Report]
SOURCES = ("anthropic_pricing", "groq")


class Hook:
    """What webhooks were told, and whether they can be reached."""

    def __init__(self) -> None:
        self.told: list[Notice] = []
        self.other: list[Notice] = []
        self.away = False
        self.moments: list[int] = []

    def post(self, letters: list[Letter]) -> list[str]:
        lines = []
        for letter in letters:
            lines.append(
                "https://hook.example: no answer" if self.away and letter.place == 1 else ""
            )
            self.moments.append(int(letter.headers["X-Almanac-Timestamp"]))
            if not lines[-1]:
                told = self.told if letter.place == 1 else self.other
                told += [Notice.of(n) for n in json.loads(letter.body)["notices"]]
        return lines


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Hook:
    """Stands in for the network alone: what is told, to whom and when, is the line's own."""
    made = Hook()
    monkeypatch.setattr(notifications, "post_all", made.post)
    monkeypatch.setenv("ALMANAC_WEBHOOKS", "https://hook.example/1 https://hook.example/2")
    return made


class Watched(Plain):
    """Plain calls that keep the events."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []

    def emit(self, notices: Sequence[Notice]) -> None:
        self.events += [f"{n.event} {n.subject}" for n in notices]


@pytest.fixture
def live(
    site: Site, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Live]:
    """Run the line on the live web, `hours` after the first time.

    Away is a host where nobody listens.
    """
    monkeypatch.setattr(crawl, "PACE", QUICK)
    warm.crawls_of_a_run(monkeypatch)
    for name in SOURCES:
        monkeypatch.setitem(base.card(name).__dict__, "hosts", ["127.0.0.1"])
        monkeypatch.setitem(base.card(name).__dict__, "expect", None)
        site.pages[f"/{name}"] = recorded(name)

    def run(hours: int, *sources: str, away: bool = False, call: Plain | None = None) -> Report:
        for name in SOURCES:
            monkeypatch.setattr(
                base.source(name),
                "start_urls",
                (f"http://127.0.0.1:9/{name}" if away else f"{site.url}/{name}",),
            )
        return line(
            Order(
                BUILT + timedelta(hours=hours),
                sources or SOURCES,
                home=tmp_path / "home",
                database=database,
            ),
            call or Plain(),
        )

    yield run


def at(hours: int) -> str:
    """Return the beginning of a moment so many hours after the first run, without its seconds."""
    return stamp(BUILT + timedelta(hours=hours))[:16]


def test_an_outage_is_kept_and_told_once_and_so_is_its_end(
    live: Live, hook: Hook, database: str
) -> None:
    assert live(0).release == 1 and hook.told == []
    first = live(1, away=True)
    assert (first.release, first.fresh, first.due, first.blind) == (1, False, 2, True)
    assert [(n.event, n.subject) for n in hook.told] == [("source.stale", s) for s in SOURCES], (
        "told, though no release came of it"
    )
    assert live(2, away=True).blind and len(hook.told) == 2, "told once"
    with closing(warehouse.open(database)) as seen:
        assert seen.known == 1 and set(seen.stale_now()) == set(SOURCES)
        stale = seen.stale_now()["groq"]
        assert (
            stale.since.startswith(at(1))
            and stale.last_at.startswith(at(2))
            and "refused" in stale.reason
        )
        (missed,) = seen.missed_now()["groq"]
        assert missed.page == "http://127.0.0.1:9/groq" and "refused" in missed.reason
        assert missed.last_at.startswith(at(2)), "each failed look is kept, with its reason"
        feed = ET.fromstring(atom(seen).encode())
    titles = [e.findtext(f"{{{ATOM}}}title") for e in feed.findall(f"{{{ATOM}}}entry")]
    assert titles[0] == "2 sources are stale" and titles[1].startswith("Release 1")  # type: ignore[union-attr]
    assert feed.findtext(f"{{{ATOM}}}updated", "").startswith(at(1)), (
        "who reads the feed sees that it has something new"
    )
    hook.told.clear()
    well = live(3, "groq")
    assert not well.stale and [(n.event, n.subject) for n in hook.told] == [("source.well", "groq")]
    with closing(warehouse.open(database)) as seen:
        assert set(seen.stale_now()) == {"anthropic_pricing"}, "the other was not looked at"
        assert set(seen.missed_now()) == {"anthropic_pricing"}, "a good look ends what was missed"
        (ended,) = [s for s in seen.stale() if s.source == "groq"]
        assert ended.until and ended.until.startswith(at(3))
        assert "groq is well again" in atom(seen)
    hook.told.clear()
    assert live(4, "groq", away=True).stale and [(n.event, n.subject) for n in hook.told] == [
        ("source.stale", "groq")
    ], "the next outage is another"
    with closing(warehouse.open(database)) as seen:
        assert [s.until is None for s in seen.stale() if s.source == "groq"] == [True, False]


def test_who_could_not_be_told_is_told_by_the_next_run(live: Live, hook: Hook) -> None:
    live(0)
    hook.away = True
    assert live(1, away=True).undelivered == ["https://hook.example: no answer"] and hook.told == []
    hook.away = False
    live(2, away=True)
    assert [n.event for n in hook.told] == ["source.stale"] * 2
    hook.told.clear()
    hook.away = True
    live(3)
    hook.away = False
    live(4)
    assert [n.event for n in hook.told] == ["source.well"] * 2


def test_a_webhook_that_is_dead_has_nobody_else_told_again(live: Live, hook: Hook) -> None:
    """Only who could not be told is told later.

    The other webhooks are not, and no event is emitted twice.
    """
    watched = Watched()
    live(0, call=watched)
    hook.away = True
    for hours in (1, 2, 3):
        assert live(hours, away=True, call=watched).undelivered
    stale = [f"source.stale {s}" for s in SOURCES]
    assert [f"{n.event} {n.subject}" for n in hook.other] == watched.events == stale
    assert hook.told == []
    hook.away = False
    live(4, away=True, call=watched)
    assert [f"{n.event} {n.subject}" for n in hook.told] == stale and len(hook.other) == 2
    live(5, call=watched)
    assert [n.event for n in hook.told] == [n.event for n in hook.other]
    assert watched.events == [*stale, *(f"source.well {s}" for s in SOURCES)]


def test_an_address_that_is_taken_off_the_list_is_waited_for_no_longer(
    live: Live, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(0)
    hook.away = True
    live(1, away=True)
    monkeypatch.setenv("ALMANAC_WEBHOOKS", "https://hook.example/3")
    hook.away = False
    assert live(2, away=True).undelivered == [] and hook.told == [], "what is over is not told anew"


def test_what_is_told_is_dated_when_it_is_told(hook: Hook, tmp_path: Path, database: str) -> None:
    """A receiver refuses what is older than five minutes, and a replay may take longer."""
    run = steps.Run(Order(BUILT, home=tmp_path / "home", database=database, history=True))
    with closing(run):
        run.store.keep_outages(BUILT, ["groq"], {"groq": "no answer"}, {})
        run.clock = Clock(BUILT + timedelta(minutes=20))
        steps.tell(run, 0, False, lambda notices: None)
    assert hook.moments == [int((BUILT + timedelta(minutes=20)).timestamp())] * 2


def test_an_outage_before_the_first_release_is_kept_and_told_too(
    live: Live, hook: Hook, database: str
) -> None:
    watched = Watched()
    with pytest.raises(Rejected, match="nothing was read"):
        live(0, away=True, call=watched)
    assert watched.events == [f"source.stale {s}" for s in SOURCES]
    assert [n.event for n in hook.told] == ["source.stale"] * 2
    with closing(Store(database).engine.connect()) as c:
        assert c.exec_driver_sql("SELECT count(*) FROM missed_look").scalar() == 2
    report = live(1)
    assert report.release == 1 and [n.event for n in hook.told[2:4]] == ["source.well"] * 2


def test_a_failed_look_that_fails_otherwise_is_another_row(database: str) -> None:
    store = Store(database)
    for hours, why in (
        (0, "no answer"),
        (1, "no answer"),
        (2, "answered 500"),
        (3, "no answer"),
        (3, "no answer"),
    ):
        store.keep_outages(
            BUILT + timedelta(hours=hours), ["groq"], {"groq": why}, {("groq", "p"): why}
        )
    with closing(store.engine.connect()) as c:
        rows = [
            tuple(r)
            for r in c.exec_driver_sql(
                "SELECT reason, first_at, again, last_at FROM missed_look ORDER BY id"
            )
        ]
        ((since, last, until, why),) = [
            tuple(r)
            for r in c.exec_driver_sql("SELECT since, last_at, until, reason FROM stale_source")
        ]
    moments = [stamp(BUILT + timedelta(hours=h)) for h in range(4)]
    assert rows == [
        ("no answer", moments[0], moments[1], moments[1]),
        ("answered 500", moments[2], "", moments[2]),
        ("no answer", moments[3], "", moments[3]),
    ]
    assert (since, last, until, why) == (moments[0], moments[3], None, "no answer"), (
        "one outage, with its newest reason"
    )


@pytest.fixture
def command(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run `almanac refresh` on two live sources, and give its exit code."""
    monkeypatch.setattr(crawl, "PACE", QUICK)
    warm.crawls_of_a_run(monkeypatch)
    monkeypatch.setenv("ALMANAC_HOME", str(tmp_path / "home"))

    def run(*away: str, strict: bool = False, as_json: bool = False) -> int:
        for name in SOURCES:
            site.pages[f"/{name}"] = recorded(name)
            monkeypatch.setitem(base.card(name).__dict__, "hosts", ["127.0.0.1"])
            monkeypatch.setitem(base.card(name).__dict__, "expect", None)
            monkeypatch.setattr(
                base.source(name),
                "start_urls",
                (f"http://127.0.0.1:9/{name}" if name in away else f"{site.url}/{name}",),
            )
        try:
            pipeline.refresh(list(SOURCES), None, False, False, 0, strict, as_json)
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


def test_the_command_exits_1_where_nothing_could_be_looked_at_and_says_so_in_a_line(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command() == 0
    capsys.readouterr()
    assert command("groq") == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 of 2 sources are stale: "), (
        "some: said, and no failure"
    )
    assert command("groq", strict=True) == 1
    capsys.readouterr()
    assert command(*SOURCES) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-2].startswith("Release 1 unchanged") and said[-1].startswith(
        "Nothing could be looked at or believed: all 2 sources that were due are stale: "
    )
    assert command(*SOURCES, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["due"] == 2 and set(told["stale"]) == set(SOURCES) and told["undelivered"] == []
