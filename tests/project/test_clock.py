"""One clock, given to the run: below the command line nothing asks the machine for the time."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from almanac import subject, warehouse
from almanac.comparisons.pricing.tariff import Tariff, Unpriced, Usage
from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline.pipeline import Plain, line
from almanac.out import Refused
from almanac.schemas.clock import Clock
from almanac.schemas.dates import utc
from almanac.schemas.moment import stamp
from almanac.warehouse.read.reader import StoredFigure
from tests.conftest import BUILT, Built, Save, build
from tests.support.recorded import CAPTURES
from tests.support.site import Site
from tests.warehouse.test_release_diff import prices

ROOT = Path(__file__).parents[2]
ROOMS = ("schemas", "spiders", "warehouse", "flows", "comparisons", "almanac")
ASKS = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(
        f"time.{name}"
        for name in (
            "time",
            "time_ns",
            "localtime",
            "gmtime",
            "ctime",
            "asctime",
            "strftime",
            "clock_gettime",
            "clock_gettime_ns",
        )
    ),
    *(f"email.utils.{name}" for name in ("localtime", "formatdate")),
    *(f"uuid.{name}" for name in ("uuid1", "uuid6", "uuid7")),
    *(
        f"sqlalchemy.func.{name}"
        for name in (
            "now",
            "current_timestamp",
            "current_date",
            "current_time",
            "localtime",
            "localtimestamp",
        )
    ),
    *(f"sqlalchemy.sql.func.{name}" for name in ("now", "current_timestamp", "current_date")),
    *(f"pandas.Timestamp.{name}" for name in ("now", "utcnow", "today")),
}
"""What tells the time, by the name it is imported under.

Durations (`monotonic`, `perf_counter`) do not.
"""
SQL = re.compile(
    r"\bCURRENT_(?:TIMESTAMP|DATE|TIME)\b|\bLOCALTIMESTAMP\b"
    r"|\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)"
    r"|\(\s*'now'|,\s*'now'",
    re.I,
)


def asked(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of everything in a module that asks the time.

    Or that is handed on to be asked.
    """
    tree = ast.parse(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(
                {
                    a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0]
                    for a in node.names
                }
            )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    docs = {
        id(n.value)
        for n in ast.walk(tree)
        if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docs
            and SQL.search(node.value)
        ):
            yield node.lineno, f"SQL: {node.value[:60]}"
        name = _dotted(node, names)
        if name in ASKS:
            yield node.lineno, name  # type: ignore[attr-defined]


def _dotted(node: ast.AST, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "") if isinstance(node.ctx, ast.Load) else ""
    if isinstance(node, ast.Attribute):
        head = _dotted(node.value, names)
        return f"{head}.{node.attr}" if head else ""
    return ""


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_but_the_clock_of_the_command_line_asks_the_time(room: str) -> None:
    modules = [p for p in (ROOT / room).rglob("*.py") if p != ROOT / "almanac/clock.py"]
    assert modules
    assert {
        str(p.relative_to(ROOT)): places
        for p in modules
        if (places := list(asked(p.read_text(encoding="utf-8"))))
    } == {}


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime as d\nx = d.now()",
        "import datetime\nx = field(default_factory=datetime.datetime.utcnow)",
        "from time import time as t\nt()",
        "import time as clock\nclock.strftime('%Y')",
        "from datetime import date\nwhen = date.today",
        "import email.utils\nemail.utils.formatdate()",
        "from sqlalchemy import func\nColumn(server_default=func.now())",
        "q = 'SELECT * FROM t WHERE d < CURRENT_TIMESTAMP'",
        "q = \"SELECT strftime('%Y', 'now')\"",
        "q = \"SELECT date('now')\"",
        "q = 'created timestamptz DEFAULT now()'",
    ],
)
def test_the_search_sees_through_imports_and_into_sql(source: str) -> None:
    assert list(asked(source))


def test_the_search_lets_durations_and_given_moments_pass() -> None:
    assert not list(
        asked(
            "import time\nfrom datetime import datetime\nstart = time.monotonic()\n"
            "x = datetime.fromisoformat('2026-01-01')\ndef now(): ...\nnow()"
        )
    )


def test_no_page_asks_the_readers_clock() -> None:
    scripts = [p for p in (ROOT / "comparisons").rglob("*") if p.suffix in (".js", ".html")]
    assert scripts
    for path in scripts:
        assert not re.search(
            r"Date\.now|new Date\(\s*\)|performance\.timeOrigin", path.read_text(encoding="utf-8")
        ), path


GUARD = f"""
import os, sys, threading, time
from datetime import date, datetime
ROOMS = tuple(os.path.join({str(ROOT)!r}, room) + os.sep for room in {ROOMS!r})
TIMES = ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime")
ASKS = {{(time, n) for n in TIMES}}
ASKS |= {{(datetime, n) for n in ("now", "utcnow", "today")}} | {{(date, "today")}}

def guard(frame, event, called):
    if event == "c_call" and frame.f_code.co_filename.startswith(ROOMS):
        owner = getattr(called, "__self__", None)
        if not isinstance(owner, type):
            owner = sys.modules.get("time") if owner is time else None
        if (owner, called.__name__) in ASKS:
            where = f"{{frame.f_code.co_filename}}:{{frame.f_lineno}}"
            os.write(2, f"asks the time: {{where}} {{called.__name__}}\\n".encode())
            raise AssertionError("asks the time")

threading.setprofile(guard)
sys.setprofile(guard)
"""
"""Makes whatever asks the time from a module of ours raise.

What libraries do for themselves is theirs.
"""


def run(code: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", GUARD + code],
        input=given,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
        check=False,
    )


def test_the_guard_bites() -> None:
    for asks in (
        "from datetime import datetime\ndatetime.now()",
        "import time\ntime.time()",
        "from datetime import date\nx = date.today\nx()",
    ):
        done = run(f"exec(compile({asks!r}, {str(ROOT / 'flows' / 'probe.py')!r}, 'exec'))")
        assert done.returncode == 1 and "asks the time" in done.stderr, asks
    assert (
        run(
            "exec(compile('from datetime import datetime\\ndatetime.now()',"
            f" {str(ROOT / 'tests' / 'probe.py')!r}, 'exec'))"
        ).returncode
        == 0
    )


def test_a_whole_run_and_all_that_reads_it_ask_nobody(tmp_path: Path) -> None:
    """From recorded pages to a release, a bill, a comparison, pages, an export, a feed.

    Also what was learned, and what is retained.
    """
    saved = tmp_path / "saved"
    saved.mkdir()
    for source in ("anthropic_pricing", "llm_reference", "litellm", "google_models"):
        (saved / source).symlink_to(CAPTURES / source)
    code = f"""
from datetime import UTC, datetime, timedelta
from pathlib import Path
from almanac.flows.reconciliation import draft
from almanac.flows.reconciliation import learn_reliability as learn
from almanac.flows.pipeline.replay import replay
from almanac.flows.pipeline.pipeline import Plain, line
from almanac.flows.harvest.plan import Order
home = Path({str(tmp_path / "home")!r})
database = f"sqlite:///{{home / 'warehouse.db'}}"
moment = datetime(2031, 2, 3, tzinfo=UTC)
order = Order(moment, (), Path({str(saved)!r}), home=home, database=database)
report = line(order, Plain())
assert report.release == 1 and not report.stale, report
replay(order, Plain())
from almanac import warehouse
from almanac.comparisons.comparison import compare
from almanac.comparisons.web.feed import atom
from almanac.comparisons.pricing.quotes import Prices
from almanac.comparisons.pricing.tariff import Usage
from almanac.comparisons.pages.build import build
from almanac.warehouse.read.export import export
from almanac.warehouse.write.store import Store
seen = warehouse.open(database)
assert seen.release().created_at == "2031-02-03T00:00:00Z"
model = next(m for m, maker, name, offers in seen.models() if offers)
Prices(seen).rank(model, Usage(input=1000, output=10))
compare(seen, "google/gemini-3.1-flash-lite", "mistral/mistral-nemo")
atom(seen)
export(seen, "csv", home / "csv")
store = Store(database)
cards = draft.cards()
list(learn.cases(store.claims_of(store.subjects()), draft.looks_of(store, cards), cards))
assert learn.keep(store, draft.learned(store), order.as_of)
store.retain(order.as_of + timedelta(days=400), order.as_of + timedelta(days=400), True)
"""
    done = run(code)
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_crawl_dates_its_looks_by_the_clock_it_is_given(site: Site, tmp_path: Path) -> None:
    from almanac.schemas.moment import stamp
    from almanac.spiders.crawling.crawl_order import CrawlOrder
    from tests.support.site import QUICK

    site.pages = {"/page": b"<p>prices</p>"}
    order = CrawlOrder(
        "anthropic_pricing",
        str(tmp_path),
        (f"{site.url}/page",),
        ("127.0.0.1",),
        None,
        QUICK,
        started=stamp("2019-03-04T05:06:07Z"),
    )
    done = run(
        "import runpy; runpy.run_module('almanac.spiders.crawling.spider', run_name='__main__')",
        order.as_json(),
    )
    assert done.returncode == 0 and "asks the time" not in done.stderr, done.stderr[-3000:]
    (look,) = json.loads(done.stdout.splitlines()[-1])["looks"]
    assert look["fetched_at"].startswith("2019-03-04T05:0")


def test_what_the_pages_give_does_not_depend_on_the_day_they_are_read_on(
    everything: Built, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'warehouse.db'}"
    line(
        Order(BUILT + timedelta(days=500), (), CAPTURES, home=tmp_path, database=database), Plain()
    )
    with closing(everything.open()) as then, closing(warehouse.open(database)) as later:
        assert later.release().digest == then.release().digest
        refused, refused_later = (
            sorted(tuple(r.values()) for r in snapshot.refusals()) for snapshot in (then, later)
        )
        assert refused and refused == refused_later
        assert (then.release().created_at, later.release().created_at) == (
            stamp(BUILT),
            stamp(BUILT + timedelta(days=500)),
        )


@pytest.mark.parametrize("day", ["2023-01-01", "2026-07-01", "2026-10-01"])
def test_a_name_that_moves_waits_under_the_day_of_its_own_page(
    day: str, tmp_path: Path, save: Save
) -> None:
    """Before its first target, while it has one, and after the newest known release.

    It is the newest that the catalogue knows.
    """
    saved = save("litellm", day, prices(3e-6, "gpt-4o", "mistral-small"))
    answers = []
    for days in (0, 10, 500):
        database = f"sqlite:///{tmp_path / str(days) / 'warehouse.db'}"
        line(
            Order(
                BUILT + timedelta(days=days),
                (),
                saved,
                home=tmp_path / str(days),
                database=database,
            ),
            Plain(),
        )
        with closing(warehouse.open(database)) as snapshot:
            answers.append(
                (
                    snapshot.release().digest,
                    sorted((r["model"], r["reason"]) for r in snapshot.refusals()),
                )
            )
    assert answers[0] == answers[1] == answers[2]
    assert bool(answers[0][1]) == (day != "2026-07-01"), "it has a target on that day only"


def test_a_name_that_moves_is_taken_on_the_command_line_as_of_the_newest_look(
    tmp_path: Path, save: Save
) -> None:
    built = build(tmp_path, save("litellm", "2026-07-01", prices(3e-6, "gpt-4o", "mistral-small")))
    with closing(built.open()) as snapshot:
        with pytest.raises(Refused, match="on 2026-07-01 it means mistral/mistral-small-2603"):
            subject.model(snapshot, "mistral-small")
        assert (
            subject.model(snapshot, "mistral-small", date(2025, 4, 1))
            == "mistral/mistral-small-2503"
        )


def test_a_release_is_never_older_than_its_parent(
    database: str, tmp_path: Path, save: Save
) -> None:
    for moment, price in ((BUILT, 3e-6), (BUILT - timedelta(days=300), 4e-6)):
        line(
            Order(
                moment,
                (),
                save("litellm", f"2026-01-{10 + int(price * 1e6)}", prices(price)),
                home=tmp_path,
                database=database,
            ),
            Plain(),
        )
    with closing(warehouse.open(database)) as snapshot:
        second, first = snapshot.releases()
        assert (first.created_at, second.parent, second.created_at) == (
            stamp(BUILT),
            1,
            stamp(BUILT),
        )


@pytest.mark.parametrize(
    ("day", "holds"), [("2026-08-31", True), ("2026-09-01", False), ("", False)]
)
def test_a_price_with_a_last_day_is_held_to_the_day_asked_about_and_not_to_today(
    day: str, holds: bool
) -> None:
    ends = StoredFigure(
        *(
            1,
            "offer",
            "p:m/x",
            "m/x",
            "p",
            "price",
            "input",
            "until=2026-08-31",
            "usd_per_mtok",
            "1000000000",
            10**9,
            "known",
            0.9,
            "",
            "",
            "",
            "",
        ),
        "2026-01-01T00:00:00Z",
        "9999-12-31T00:00:00Z",
        1,
        None,
    )
    tariff = Tariff("p:m/x", [ends], day)
    if holds:
        assert tariff.bill(Usage(input=10**6)).total == 1
    else:
        with pytest.raises(Unpriced):
            tariff.bill(Usage(input=10**6))
    assert (
        tariff.bill(Usage(input=10**6, moment=datetime(2026, 8, 31, 23, tzinfo=UTC))).total == 1
    ), "a request with a moment is billed as of that"


def test_a_clock_that_prefect_gave_its_moment_keeps_its_zone() -> None:
    """Prefect's moments are of a kind of their own, which is naive once a span was added to it."""
    from prefect.types._datetime import now

    given = now("UTC")
    clock = Clock(given)
    for moment in (utc(given), clock.now(), clock.now() + timedelta(days=1)):
        assert type(moment) is datetime and moment.utcoffset() == timedelta(0)
    assert 0 <= (clock.now() - utc(given)).total_seconds() + 1 < 60
