"""Backfill: the past of a source, in any order, twice, and cut short.

It comes from git, package versions, web archives and dated files.
"""

from __future__ import annotations

import io
import json
import random
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from almanac.flows.harvest.git_history import GitRepository
from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline.backfill import Past, backfill
from almanac.flows.pipeline.pipeline import Plain, Report
from almanac.flows.reconciliation import draft
from almanac.spiders import base
from almanac.spiders.page import Page
from almanac.warehouse.write.store import Store
from tests.conftest import almanac
from tests.support.gitrepo import GitRepo

DAYS = [f"2026-02-{day:02d}T12:00:00Z" for day in range(1, 13)]
OFFER = "providers/openai/models/{}.toml"
NAMES = ("gpt-4o-mini", "gpt-4o", "gpt-4.1", "o3", "o4-mini")


def record(price: int) -> str:
    return (
        f'name = "x"\n[cost]\ninput = {price}\noutput = {price * 4}\n'
        "[limit]\ncontext = 128000\noutput = 16384\n"
    )


def run(past: Past, home: Path) -> Report:
    return backfill(
        past,
        Order(
            home=home,
            database=f"sqlite:///{home / 'warehouse.db'}",
            as_of=datetime(2026, 11, 21, tzinfo=UTC),
        ),
        Plain(),
    )


def spells(home: Path) -> list[tuple[Any, ...]]:
    """Return every spell of a warehouse, by what is claimed and not by ids."""
    store = Store(f"sqlite:///{home / 'warehouse.db'}")
    with store.engine.connect() as c:
        rows = c.execute(
            text(
                "SELECT c.page, c.model_said, c.model, c.field, c.meter, c.printed,"
                " s.first_look, s.last_look FROM claim c JOIN spell s ON s.claim_id = c.id"
            )
        ).all()
    store.close()
    return sorted((tuple(r) for r in rows), key=str)


def figures(home: Path) -> list[tuple[Any, ...]]:
    store = Store(f"sqlite:///{home / 'warehouse.db'}")
    store.have_resolved(store.subjects())
    found = [
        tuple(
            f[k]
            for k in (
                "subject",
                "field",
                "meter",
                "terms",
                "value",
                "state",
                "rule",
                "valid_from",
                "valid_to",
            )
        )
        for f in draft.build(store).figures
    ]
    store.close()
    return sorted(found, key=str)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    """Files that come, change, go, come back, and are unreadable for a while.

    One is a link to another.
    """
    rng = random.Random(3)
    repo = GitRepo(tmp_path_factory.mktemp("history") / "catalogue")
    repo.commit("2026-01-31T12:00:00Z", {"README.md": "before the first file"})
    there: dict[str, str] = {}
    for i, day in enumerate(DAYS):
        change: dict[str, str | None] = {}
        for name in NAMES:
            path = OFFER.format(name)
            drawn = rng.random()
            if path not in there or drawn < 0.3:
                change[path] = record(rng.randint(1, 3))
            elif drawn < 0.45 and len(there) > 3:
                change[path] = None
            elif drawn < 0.55:
                change[path] = "not = [toml"
        repo.commit(
            day,
            change,
            (
                {"providers/azure/models/gpt-4o.toml": f"../../../{OFFER.format('gpt-4o')}"}
                if i == 2
                else None
            ),
        )
        there = {p: t for p, t in {**there, **change}.items() if t is not None}
    return repo


def naive(repo: GitRepo) -> list[tuple[str, str, str, str, str | None]]:
    """Spells by their definition: every file read at every commit, one by one, in order."""
    reader = base.source("models_dev")
    found: dict[tuple[str, str, str], list[list[int]]] = {}
    stood: dict[str, set[tuple[str, str, str]]] = {}
    commits = repo.run("log", "--reverse", "--format=%H").split()[1:]
    for i, commit in enumerate(commits):
        paths = [
            p
            for p in repo.run("ls-tree", "-r", "--name-only", commit).split("\n")
            if p.endswith(".toml")
        ]
        now: dict[str, set[tuple[str, str, str]]] = {}
        for path in paths:
            body = repo.run("show", f"{commit}:{path}")
            if body.startswith("../"):
                target = OFFER.format("gpt-4o")
                if target not in paths:
                    continue
                body = repo.run("show", f"{commit}:{target}")
            reading = base.read_page(
                reader,
                Page("models_dev", f"x/{path}", body.encode(), datetime(2026, 1, 1, tzinfo=UTC)),
            )
            said = {
                (f"git:catalogue#{path}", f"{c.field} {c.meter or ''}", c.printed)
                for c in reading.claims
            }
            now[path] = stood.get(path, set()) if reading.failed else said
        stood = now
        for key in set().union(*now.values()):
            runs = found.setdefault(key, [])
            if runs and runs[-1][1] == i - 1:
                runs[-1][1] = i
            else:
                runs.append([i, i])
    return sorted(
        (
            (*key, DAYS[a], None if b == len(commits) - 1 else DAYS[b])
            for key, runs in found.items()
            for a, b in runs
        ),
        key=str,
    )


def test_a_repository_read_once_gives_what_reading_every_file_at_every_commit_gives(
    history: GitRepo, tmp_path: Path
) -> None:
    report = run(Past("models_dev", git=str(history.folder)), tmp_path)
    got = sorted(
        {
            (page, f"{field} {meter}", printed, a, b)
            for page, _, _, field, meter, printed, a, b in spells(tmp_path)
        },
        key=str,
    )
    expected = naive(history)
    derived = {(page, what) for page, what, *_ in got} - {
        (page, what) for page, what, *_ in expected
    }
    assert {what for _, what in derived} <= {"first_offered ", "vision ", "multimodal "}, (
        "only what normalising adds"
    )
    assert [g for g in got if (g[0], g[1]) not in derived] == expected
    assert report.release == 1 and report.fresh


@pytest.mark.parametrize(
    "ranges",
    [
        [("2026-02-07", "2026-02-12"), ("2026-02-01", "2026-02-06")],
        [("2026-02-01", "2026-02-03"), ("2026-02-10", "2026-02-12"), ("2026-02-04", "2026-02-09")],
        [("2026-02-04", "2026-02-05"), ("2026-02-08", "2026-02-09"), ("2026-01-01", "2026-03-01")],
    ],
)
def test_ranges_in_any_order_give_the_same_spells_and_figures(
    ranges: list[tuple[str, str]], history: GitRepo, tmp_path: Path
) -> None:
    run(Past("models_dev", git=str(history.folder)), tmp_path / "whole")
    for since, until in ranges:
        first, last = (
            datetime.fromisoformat(f"{since}T00:00:00Z"),
            datetime.fromisoformat(f"{until}T23:59:59Z"),
        )
        run(
            Past("models_dev", git=str(history.folder), since=first, until=last), tmp_path / "parts"
        )
    assert spells(tmp_path / "parts") == spells(tmp_path / "whole")
    assert figures(tmp_path / "parts") == figures(tmp_path / "whole")


def test_the_same_range_twice_changes_nothing_and_reads_nothing(
    history: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(Past("models_dev", git=str(history.folder)), tmp_path)
    before = spells(tmp_path)
    monkeypatch.setattr(
        GitRepository,
        "blobs",
        lambda self, ids: iter(()) if not list(ids) else pytest.fail("a blob is read again"),
    )
    again = run(Past("models_dev", git=str(history.folder)), tmp_path)
    assert (again.release, again.fresh, again.sources[0].looks, again.sources[0].unchanged) == (
        first.release,
        False,
        0,
        len(DAYS),
    )
    assert spells(tmp_path) == before


def test_a_killed_backfill_goes_on_where_it_stopped(
    history: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.flows.ingest import repository_history

    run(Past("models_dev", git=str(history.folder)), tmp_path / "whole")
    monkeypatch.setattr(repository_history, "PART", 4)
    added = Store.add_tree
    calls = 0

    def dies(self: Store, *args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        return added(self, *args)

    monkeypatch.setattr(Store, "add_tree", dies)
    with pytest.raises(KeyboardInterrupt):
        run(Past("models_dev", git=str(history.folder)), tmp_path / "cut")
    report = run(Past("models_dev", git=str(history.folder)), tmp_path / "cut")
    assert report.sources[0].unchanged > 0
    assert spells(tmp_path / "cut") == spells(tmp_path / "whole")


def test_a_newer_reader_reads_the_whole_range_again(
    history: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.spiders.sources.models_dev import ModelsDev

    run(Past("models_dev", git=str(history.folder)), tmp_path)
    before = spells(tmp_path)
    monkeypatch.setattr(ModelsDev, "version", ModelsDev.version + 1)
    report = run(
        Past("models_dev", git=str(history.folder), since=datetime(2026, 2, 11, tzinfo=UTC)),
        tmp_path,
    )
    assert report.sources[0].unchanged == 0 and not report.fresh
    assert spells(tmp_path) == before


def test_a_name_that_moves_means_another_model_though_its_file_stays(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "catalogue")
    path = "providers/nano-gpt/models/mistral-small.toml"
    for moment in ("2025-02-15T00:00:00Z", "2025-05-01T00:00:00Z", "2025-08-15T00:00:00Z"):
        repo.commit(moment, {path: record(2)} if moment.startswith("2025-02") else {})
    run(Past("models_dev", git=str(repo.folder)), tmp_path / "home")
    meant = sorted(
        {
            (first, model)
            for _, _, model, field, _, _, first, _ in spells(tmp_path / "home")
            if field == "price"
        }
    )
    assert len({model for _, model in meant}) == len(meant) == 3, meant
    run(
        Past("models_dev", git=str(repo.folder), until=datetime(2025, 3, 1, tzinfo=UTC)),
        tmp_path / "parts",
    )
    run(Past("models_dev", git=str(repo.folder)), tmp_path / "parts")
    assert spells(tmp_path / "parts") == spells(tmp_path / "home")


def test_a_repository_that_loses_half_its_files_at_once_is_not_believed(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "catalogue")
    names = [OFFER.format(f"gpt-4.{i}") for i in range(20)]
    repo.commit("2026-01-01T00:00:00Z", {n: record(1) for n in names})
    repo.commit("2026-01-02T00:00:00Z", dict.fromkeys(names[:15]))
    repo.commit("2026-01-03T00:00:00Z", {n: record(1) for n in names[:15]})
    report = run(Past("models_dev", git=str(repo.folder)), tmp_path / "home")
    assert list(report.sources[0].failed.values()) == [
        "layout guard: 5 files, where the last look had 20"
    ]
    assert {(a, b) for *_, a, b in spells(tmp_path / "home")} == {("2026-01-01T00:00:00Z", None)}


def test_a_collapse_that_only_an_earlier_range_shows_is_judged_as_if_it_had_come_in_time(
    tmp_path: Path,
) -> None:
    repo = GitRepo(tmp_path / "catalogue")
    names = [OFFER.format(f"gpt-4.{i}") for i in range(20)]
    repo.commit("2026-01-01T00:00:00Z", {n: record(1) for n in names})
    repo.commit("2026-01-02T00:00:00Z", dict.fromkeys(names[:15]))
    repo.commit("2026-01-03T00:00:00Z", {names[16]: record(2)})
    run(Past("models_dev", git=str(repo.folder)), tmp_path / "whole")
    run(
        Past("models_dev", git=str(repo.folder), since=datetime(2026, 1, 2, tzinfo=UTC)),
        tmp_path / "parts",
    )
    assert len({s[0] for s in spells(tmp_path / "parts")}) == 5
    run(Past("models_dev", git=str(repo.folder)), tmp_path / "parts")
    assert (
        spells(tmp_path / "parts") == spells(tmp_path / "whole")
        and len({s[0] for s in spells(tmp_path / "parts")}) == 20
    )
    again = run(Past("models_dev", git=str(repo.folder)), tmp_path / "parts")
    assert (again.sources[0].looks, again.sources[0].unchanged, again.fresh) == (0, 3, False)


def test_what_only_the_repository_says_ends_when_the_page_in_its_place_is_looked_at(
    tmp_path: Path,
) -> None:
    repo = GitRepo(tmp_path / "catalogue")
    repo.commit(
        "2026-01-01T00:00:00Z",
        {OFFER.format("gpt-4o"): record(3), OFFER.format("gpt-4o-mini"): record(1)},
    )
    home = tmp_path / "home"
    run(Past("models_dev", git=str(repo.folder)), home)
    live = {"openai": {"id": "openai", "models": {"gpt-4o": {"cost": {"input": 3}}}}}
    folder = tmp_path / "saved" / "models_dev" / "2026-02-01"
    folder.mkdir(parents=True)
    (folder / "body").write_text(json.dumps(live))
    (folder / "capture.json").write_text(
        json.dumps({"url": "https://models.dev/api.json", "fetched_at": "2026-02-01T00:00:00Z"})
    )
    run(Past("models_dev", folder=tmp_path / "saved"), home)
    prices = {(f[0], f[2]): (f[7][:10], f[8][:10]) for f in figures(home) if f[1] == "price"}
    assert prices[("openai:openai/gpt-4o", "input")] == ("2026-01-01", "9999-12-31"), (
        "said by both: one interval"
    )
    assert prices[("openai:openai/gpt-4o-mini", "input")] == ("2026-01-01", "2026-02-01")


def test_a_scraped_list_is_looks_at_the_page_it_copies(tmp_path: Path) -> None:
    def listed(price: str) -> str:
        return json.dumps(
            {
                "data": [
                    {
                        "id": "openai/gpt-4o",
                        "name": "GPT-4o",
                        "context_length": 128000,
                        "pricing": {"prompt": price, "completion": "0.00001"},
                    }
                ]
            }
        )

    repo = GitRepo(tmp_path / "scraped")
    for moment, price in (
        ("2026-01-01T00:00:00Z", "0.000003"),
        ("2026-01-05T00:00:00Z", "0.0000025"),
        ("2026-01-09T00:00:00Z", "0.000003"),
    ):
        repo.commit(moment, {"models.json": listed(price)})
    run(Past("openrouter", git=str(repo.folder)), tmp_path / "home")
    prices = [s for s in spells(tmp_path / "home") if s[3:5] == ("price", "input")]
    assert {s[0] for s in prices} == {"https://openrouter.ai/api/v1/models"}
    assert sorted((s[5], s[6][:10], s[7] and s[7][:10]) for s in prices) == [
        ("0.0000025", "2026-01-05", "2026-01-05"),
        ("0.000003", "2026-01-01", "2026-01-01"),
        ("0.000003", "2026-01-09", None),
    ]


def test_clocks_that_go_backwards_leave_the_order_of_the_commits(tmp_path: Path) -> None:
    import re

    repo = GitRepo(tmp_path / "r")
    for moment in (
        "2026-01-03T00:00:00Z",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
        "2026-01-04T00:00:00Z",
    ):
        repo.commit(moment, {"a.toml": moment})
    moments = [
        c.moment.isoformat()
        for c in GitRepository(str(repo.folder), tmp_path).commits(re.compile("toml"))
    ]
    assert moments == [
        "2026-01-03T00:00:00+00:00",
        "2026-01-03T00:00:01+00:00",
        "2026-01-03T00:00:02+00:00",
        "2026-01-04T00:00:00+00:00",
    ]


def test_the_configuration_of_a_folder_does_not_say_whose_it_is(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "catalogue")
    repo.commit("2026-01-01T00:00:00Z", {OFFER.format("gpt-4o"): record(1)})
    repo.run("config", "remote.origin.url", "https://me:s3cret@github.com/anomalyco/models.dev.git")
    said: list[str] = []
    order = Order(
        home=tmp_path / "own",
        database=f"sqlite:///{tmp_path / 'own.db'}",
        as_of=datetime(2026, 11, 21, tzinfo=UTC),
    )
    report = backfill(Past("models_dev", git=str(repo.folder)), order, Plain(said.append))
    assert report.release == 1
    (told,) = [line for line in said if "--of" in line]
    assert "git:catalogue" in told and "https://github.com/anomalyco/models.dev" in told
    assert "s3cret" not in told
    run(Past("models_dev", git=str(repo.folder)), tmp_path)
    assert {page for page, *_ in spells(tmp_path)} == {f"git:catalogue#{OFFER.format('gpt-4o')}"}


@pytest.mark.parametrize(
    "of",
    [
        "https://github.com/anomalyco/models.dev",
        "https://github.com/anomalyco/models.dev.git/",
        "git@github.com:anomalyco/models.dev.git",
        "ssh://git@github.com/anomalyco/models.dev",
    ],
)
def test_whoever_fills_says_whose_a_folder_is(of: str, tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "catalogue")
    repo.commit("2026-01-01T00:00:00Z", {OFFER.format("gpt-4o"): record(1)})
    run(Past("models_dev", git=str(repo.folder), of=of), tmp_path)
    page = f"https://github.com/anomalyco/models.dev#{OFFER.format('gpt-4o')}"
    assert {page for page, *_ in spells(tmp_path)} == {page}


@pytest.mark.parametrize(
    "address, name",
    [
        (
            "https://github.com/meta-llama/llama-models.git",
            "https://github.com/meta-llama/llama-models",
        ),
        (
            "ssh://git@github.com/meta-llama/llama-models",
            "https://github.com/meta-llama/llama-models",
        ),
        (
            "git@github.com:meta-llama/llama-models.git",
            "https://github.com/meta-llama/llama-models",
        ),
        ("http://github.com/meta-llama/llama-models", "http://github.com/meta-llama/llama-models"),
        ("git://github.com/meta-llama/llama-models", "git:github-com-meta-llama-llama-models"),
        ("ssh://me@github.com/meta-llama/llama-models", "git:github-com-meta-llama-llama-models"),
    ],
)
def test_only_what_is_fetched_over_a_proven_line_speaks_as_its_address(
    address: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.flows.harvest import safe_git
    from almanac.schemas.organisations import maker_at

    monkeypatch.setattr(safe_git, "fetched", lambda place, folder: "0" * 40)
    with GitRepository(address, tmp_path) as repository:
        assert repository.name == name
        spoken = maker_at(f"{repository.name}#models/llama3_3/MODEL_CARD.md")
        assert spoken == ("meta" if name.startswith("https://") else "")


def wheel(version: str, body: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as z:
        z.writestr("litellm/model_prices_and_context_window_backup.json", body)
        z.writestr(
            f"litellm-{version}.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: litellm\nVersion: {version}\n",
        )
        z.writestr(
            f"litellm-{version}.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        z.writestr(f"litellm-{version}.dist-info/RECORD", "")
    return made.getvalue()


@pytest.fixture(params=["json", "html"])
def index(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A package index on loopback with three versions, a preview and a withdrawn one.

    It gives the files that were asked for.
    """
    uploads = {
        "1.0.0": "2026-01-01",
        "1.1.0": "2026-01-03",
        "1.2.0": "2026-02-01",
        "1.3.0rc1": "2026-03-01",
        "1.4.0": "2026-03-05",
    }
    wheels = {
        v: wheel(
            v,
            json.dumps(
                {"gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-6 * (i + 1)}}
            ).encode(),
        )
        for i, v in enumerate(uploads)
    }
    asked: list[str] = []

    class Index(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rstrip("/").rsplit("/", 1)[-1]
            media = "application/octet-stream"
            if name.endswith(".whl"):
                asked.append(name)
                body = wheels[name.split("-")[1]]
            elif request.param == "json" and "json" in (self.headers["Accept"] or ""):
                files = [
                    {
                        "filename": f"litellm-{v}-py3-none-any.whl",
                        "url": f"/f/litellm-{v}-py3-none-any.whl",
                        "hashes": {},
                        "upload-time": f"{d}T08:00:00.123Z",
                        "yanked": v == "1.4.0",
                    }
                    for v, d in uploads.items()
                ]
                body, media = (
                    json.dumps(
                        {"meta": {"api-version": "1.1"}, "name": "litellm", "files": files}
                    ).encode(),
                    "application/vnd.pypi.simple.v1+json",
                )
            else:
                links = "".join(
                    f'<a href="/f/litellm-{v}-py3-none-any.whl"'
                    f' data-upload-time="{d}T08:00:00.123Z"'
                    f"{' data-yanked' if v == '1.4.0' else ''}>x</a>"
                    for v, d in uploads.items()
                )
                body, media = (
                    f"<!DOCTYPE html><html><body>{links}</body></html>".encode(),
                    "text/html",
                )
            self.send_response(200)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield asked
    server.shutdown()


def test_package_versions_are_looks_on_the_days_they_were_published(
    index: list[str], tmp_path: Path
) -> None:
    report = run(Past("litellm", releases=True, every=0), tmp_path)
    assert report.sources[0].looks == 3
    prices = sorted((s[6], s[5]) for s in spells(tmp_path) if s[3:5] == ("price", "input"))
    assert prices == [
        ("2026-01-01T08:00:00Z", "1e-06"),
        ("2026-01-03T08:00:00Z", "2e-06"),
        ("2026-02-01T08:00:00Z", "3e-06"),
    ]
    assert len(index) == 3
    again = run(Past("litellm", releases=True, every=0), tmp_path)
    assert len(index) == 3 and not again.fresh, "only what is missing is fetched"
    weekly = run(Past("litellm", releases=True, every=7), tmp_path / "weekly")
    assert weekly.sources[0].looks == 2


def test_web_archives_of_others(tmp_path: Path) -> None:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    url = base.source("llm_prices").start_urls[0]

    def body(price: float) -> bytes:
        return json.dumps(
            {
                "prices": [
                    {
                        "id": "gpt-4o",
                        "vendor": "openai",
                        "name": "GPT-4o",
                        "input": price,
                        "output": 10,
                    }
                ]
            }
        ).encode()

    def add(
        writer: Any,
        kind: str,
        address: str,
        when: str,
        said: bytes,
        status: str = "200 OK",
        **headers: str,
    ) -> None:
        http = (
            StatusAndHeaders(status, [("Content-Type", "application/json")], protocol="HTTP/1.1")
            if kind == "response"
            else None
        )
        writer.write_record(
            writer.create_warc_record(
                address,
                kind,
                payload=io.BytesIO(said),
                http_headers=http,
                warc_headers_dict={"WARC-Date": when, **headers},
            )
        )

    path = tmp_path / "crawl.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        add(writer, "response", url, "2026-01-01T00:00:00Z", body(3))
        add(writer, "response", f"{url}#top", "2026-01-02T00:00:00Z", body(2))
        add(
            writer,
            "response",
            url.replace("https://www.", "http://"),
            "2026-01-02T12:00:00Z",
            body(7),
        )
        add(writer, "response", url, "2026-01-03T00:00:00Z", b"gone", "404 Not Found")
        add(
            writer, "response", url, "2026-01-04T00:00:00Z", body(1), **{"WARC-Truncated": "length"}
        )
        add(writer, "response", "https://example.org/other", "2026-01-05T00:00:00Z", body(9))
    wet = tmp_path / "crawl.wet.gz"
    with wet.open("wb") as file:
        add(WARCWriter(file, gzip=True), "conversion", url, "2026-01-06T00:00:00Z", body(2))
    report = run(Past("llm_prices", archives=(path, wet)), tmp_path / "home")
    assert list(report.sources[0].failed.values()) == ["the archive holds only the beginning of it"]
    prices = sorted(
        (s[6][:10], s[7] and s[7][:10], s[5])
        for s in spells(tmp_path / "home")
        if s[3:5] == ("price", "input")
    )
    assert prices == [("2026-01-01", "2026-01-01", "3"), ("2026-01-02", None, "2")]
    broken = tmp_path / "broken.warc.gz"
    broken.write_bytes(path.read_bytes()[:-200])
    assert run(Past("llm_prices", archives=(broken,)), tmp_path / "again").sources[0].looks >= 2


def test_the_yaml_of_a_repository_says_what_the_published_json_says() -> None:
    import yaml

    provider = {
        "id": "anthropic",
        "name": "Anthropic",
        "models": [
            {
                "id": "claude-opus-4-6",
                "context_window": 200000,
                "prices": [
                    {
                        "prices": {
                            "input_mtok": {"base": 5, "tiers": [{"start": 200000, "price": 10}]},
                            "output_mtok": 25,
                        }
                    },
                    {
                        "constraint": {"start_date": "2026-03-13"},
                        "prices": {"input_mtok": 5, "output_mtok": 25},
                    },
                ],
            }
        ],
    }
    reader, when = base.source("genai_prices"), datetime(2026, 5, 12, tzinfo=UTC)
    as_json = base.read_page(
        reader,
        Page(
            "genai_prices", "https://example.org/data.json", json.dumps([provider]).encode(), when
        ),
    )
    written = (
        yaml.safe_dump(provider)
        .replace("context_window: 200000", "context_window: 200_000")
        .encode()
    )
    as_yaml = base.read_page(
        reader, Page("genai_prices", "git:x/blob/1/prices/providers/anthropic.yml", written, when)
    )

    def said(reading: base.Reading) -> set[tuple[Any, ...]]:
        return {
            (c.provider, c.model, c.field, c.meter, c.terms, c.value, c.effective_from)
            for c in reading.claims
        }

    assert len(as_json.claims) == 6 and said(as_json) == said(as_yaml)
    assert base.read_page(reader, Page("genai_prices", "x/a.yml", b"a: [", when)).failed.startswith(
        "not YAML"
    )


@pytest.mark.parametrize(
    "words, said",
    [
        (("models_dev",), "say where the history is"),
        (("models_dev", "--git", "/nowhere"), "neither a folder nor the address of a repository"),
        (("nosuch", "--git", "/tmp"), "no source 'nosuch'"),
        (
            ("mistral", "--git", "REPO"),
            "the card of mistral does not say how a repository keeps it",
        ),
        (("models_dev", "--git", "REPO", "--from", "2027-01-01"), "in that range"),
        (("models_dev", "--git", "REPO", "--from", "soon"), "not a date or time: 'soon'"),
        (("models_dev", "--git", "REPO", "--files", "("), "is no pattern"),
        (("llm_prices", "--git", "REPO"), "no file of its history matches"),
        (("openrouter", "--releases"), "names no package"),
        (
            ("models_dev", "--git", "REPO", "--of", "http://github.com/a/b"),
            "not the address of a repository",
        ),
        (("models_dev", "--git", "REPO", "--of", "a/b"), "not the address of a repository"),
        (
            ("models_dev", "--git", "https://example.org/a/b", "--of", "https://github.com/a/b"),
            "--of says whose a folder is",
        ),
        (
            ("models_dev", "--manifest", "/tmp", "--of", "https://github.com/a/b"),
            "--of says whose a folder is",
        ),
        (("models_dev", "--warc", __file__), "not a web archive"),
        (("models_dev", "--manifest", "/nowhere"), "no such folder"),
    ],
)
def test_wrong_words_are_one_clear_line(
    words: tuple[str, ...], said: str, history: GitRepo, tmp_path: Path
) -> None:
    done = almanac(
        "backfill", *(str(history.folder) if w == "REPO" else w for w in words), home=tmp_path
    )
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1, (
        done.stderr
    )


def test_the_command_says_what_it_did(history: GitRepo, tmp_path: Path) -> None:
    done = almanac(
        "backfill",
        "models_dev",
        "--git",
        str(history.folder),
        "--to",
        "2026-02-05",
        "--json",
        home=tmp_path,
    )
    said = json.loads(done.stdout)
    assert (said["release"], said["new"], said["sources"][0]["source"]) == (1, True, "models_dev")
    history_of = almanac("history", "openai:openai/gpt-4o", "price", "--json", home=tmp_path)
    assert json.loads(history_of.stdout)


def test_a_commit_dated_after_the_run_is_not_taken_and_moves_none_after_it(tmp_path: Path) -> None:
    """What such a commit changed is in the states after it.

    It would stand as now for ever if it were taken.
    """
    repo = GitRepo(tmp_path / "catalogue")
    repo.commit("2026-02-01T00:00:00Z", {OFFER.format("gpt-4o"): record(1)})
    repo.commit(
        "2090-01-01T00:00:00Z", {OFFER.format("gpt-4o"): record(9), OFFER.format("o3"): record(2)}
    )
    repo.commit("2026-02-03T00:00:00Z", {OFFER.format("gpt-4o"): record(3)})
    repo.commit("2090-01-02T00:00:00Z", {OFFER.format("gpt-4o"): record(8)})
    (done,) = run(Past("models_dev", git=str(repo.folder)), tmp_path / "h").sources
    (told,) = done.failed.values()
    assert told == "dated 2090-01-01, which has not come yet, and 1 more"
    rows = spells(tmp_path / "h")
    assert {first[:10] for *_, first, _ in rows} == {"2026-02-01", "2026-02-03"}
    assert any(said.endswith("o3") for _, said, *_ in rows), "it is in the state after it"
