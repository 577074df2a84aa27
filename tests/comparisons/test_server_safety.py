"""What the web server does when many ask for what is dear.

Or for a moment that cannot be, and with what a request says of its host.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Response
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from almanac.about import archived, sources
from almanac.comparisons.web.app import site
from almanac.comparisons.web.priority_lanes import BUILDERS, QUEUE, Lanes
from almanac.comparisons.web.release_cache import Desk
from almanac.schemas.dates import utc
from almanac.warehouse.write.store import Store
from tests.comparisons.test_api import GA
from tests.conftest import BUILT, Built, almanac
from tests.support.served import served

PATHS = (
    "/",
    f"/models/{GA}.html",
    f"/api/v1/models/{GA}",
    "/api/v1/models",
    "/static/site.js",
    "/feed.atom",
    "/healthz",
    "/favicon.ico",
    "/quality/release-1.html",
    "/nothing",
    "/api/v1/nothing",
    "/api/v1/openapi.json",
    f"/compare?model={GA}&model=mistral/mistral-nemo",
    "/api/v1/models?as_of=tomorrow",
    "/changes.html",
)


@pytest.fixture(scope="module")
def app(everything: Built) -> Any:
    return site(
        everything.home, sources(everything.open()), archived(everything.home), everything.database
    )


@pytest.fixture(scope="module")
def ask(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture(scope="module")
def large(everything: Built, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release that is dear to read.

    It is the recorded one, with its figures thirty times under other names.
    """
    home = tmp_path_factory.mktemp("large")
    shutil.copy(everything.database.removeprefix("sqlite:///"), home / "warehouse.db")
    with sqlite3.connect(home / "warehouse.db") as db:
        columns = [c[1] for c in db.execute("PRAGMA table_info(figure)") if c[1] != "id"]
        for i in range(30):
            wanted = ", ".join(
                f"{c} || '-x{i}'" if c in ("subject", "model") else c for c in columns
            )
            db.execute(
                f"INSERT INTO figure ({', '.join(columns)}) SELECT {wanted} FROM figure"
                " WHERE model NOT LIKE '%-x%'"
            )
    return Built(home, f"sqlite:///{home / 'warehouse.db'}", everything.report)


@pytest.fixture(scope="module")
def address(large: Built) -> Iterator[str]:
    """Where `almanac serve` serves it, in a process of its own."""
    env = {**os.environ, "ALMANAC_HOME": str(large.home)}
    with subprocess.Popen(
        [sys.executable, "-m", "almanac", "serve", "--port", "0", "--json"],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield json.loads("".join(server.stdout.readline() for _ in range(3)))["almanac"]
        server.terminate()


Get = Callable[[str], "Future[httpx.Response]"]


@pytest.fixture
def get(address: str) -> Iterator[Get]:
    """Ask for paths side by side, each over a connection of its own."""
    with (
        ThreadPoolExecutor(60) as pool,
        httpx.Client(
            base_url=address,
            timeout=600,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        ) as client,
    ):
        yield lambda path: pool.submit(client.get, path)


def moments(n: int, month: str) -> list[str]:
    """Return front pages of moments that no other test asks about."""
    return [f"/?as_of=2026-{month}-{1 + i // 24:02}T{i % 24:02}:00:00Z" for i in range(n)]


def pending(some: list[Future[httpx.Response]]) -> int:
    return sum(not f.done() for f in some)


def test_health_is_answered_though_nothing_is_at_hand_yet(get: Get) -> None:
    heavy = [get(path) for path in ["/", *moments(15, "01")]]
    wait_for(heavy, return_when="FIRST_COMPLETED")
    assert get("/healthz").result().json() == {"ok": True, "release": 1} and pending(heavy) >= 6
    assert {f.result().status_code for f in heavy} == {200}


def test_health_and_now_are_answered_while_moments_of_the_past_are_read(get: Get) -> None:
    heavy = [get(path) for path in moments(20, "02")]
    wait_for(heavy, return_when="FIRST_COMPLETED")
    for path in ("/healthz", "/static/site.js", "/", "/api/v1/releases"):
        assert get(path).result().status_code == 200 and pending(heavy) >= 4, (
            f"{path} came after {20 - pending(heavy)} of 20 front pages that must be read"
        )
    assert {f.result().status_code for f in heavy} == {200}


def test_many_who_ask_for_the_same_moment_do_not_hold_up_the_rest(get: Get) -> None:
    assert get("/").result().status_code == 200
    (dear,) = moments(1, "03")
    heavy = [get(dear) for _ in range(20)]
    assert get("/").result().status_code == 200 and pending(heavy) >= 6
    assert len({(f.result().status_code, f.result().content) for f in heavy}) == 1
    assert {f.result().status_code for f in heavy} == {200}


def test_now_stays_at_hand_whatever_moments_others_look_at(get: Get) -> None:
    assert get("/").result().status_code == 200
    for future in [get(path) for path in moments(12, "04")]:
        assert future.result().status_code == 200
    (dear,) = [get(path) for path in moments(1, "05")]
    assert get("/").result().status_code == 200 and not dear.done(), (
        "a page at hand comes before one that must be read"
    )
    assert dear.result().status_code == 200


def test_a_queue_that_is_full_says_when_to_come_again(get: Get) -> None:
    asked = [
        get(path if i % 2 else path.replace("/?", "/api/v1/conflicts?"))
        for i, path in enumerate(moments(60, "06"))
    ]
    answers = [f.result() for f in asked]
    assert {a.status_code for a in answers} == {200, 503}
    assert sum(a.status_code == 200 for a in answers) >= QUEUE, "those who waited are answered"
    for answer in answers:
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0 and "come again in" in answer.text
            assert answer.headers["content-security-policy"], "guarded as every answer is"
            if "/api/" in str(answer.url):
                assert "come again" in answer.json()["error"]
    assert get(moments(1, "07")[0]).result().status_code == 200, "and then it goes on"


def test_now_is_answered_though_the_queue_of_other_moments_is_full() -> None:
    """Every place of the queue is taken by a moment that is not answered yet."""
    answered: list[str] = []

    async def ask(lanes: Lanes, query: str) -> None:
        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append(f"{query} {message['status']}")

        scope = {"type": "http", "path": "/", "query_string": query.encode(), "method": "GET"}
        await lanes(scope, receive, send)

    async def run() -> None:
        go = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["query_string"]:
                await go.wait()
            await Response("x")(scope, receive, send)

        lanes = Lanes(app, Desk("sqlite:///none.db"), lambda path: Response("busy", 503))
        async with asyncio.TaskGroup() as group:
            for i in range(QUEUE):
                group.create_task(ask(lanes, f"as_of=2026-01-{i + 1:02}"))
            await asyncio.sleep(0.01)
            async with asyncio.timeout(5):
                await ask(lanes, "as_of=2026-02-01")
                await ask(lanes, "")
            group.create_task(ask(lanes, ""))
            await asyncio.sleep(0.01)
            go.set()

    asyncio.run(run())
    assert answered[:3] == ["as_of=2026-02-01 503", " 200", " 200"]
    assert {a.rpartition(" ")[2] for a in answered[3:]} == {"200"} and len(answered) == QUEUE + 3


def test_now_takes_no_place_from_other_moments() -> None:
    """The queue counts the moments of the past only: it holds as many while now is read."""
    statuses: list[int] = []

    async def run() -> None:
        go = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await go.wait()
            await Response("x")(scope, receive, send)

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        lanes = Lanes(app, Desk("sqlite:///none.db"), lambda path: Response("busy", 503))
        async with asyncio.TaskGroup() as group:
            for query in ["", *(f"as_of=2026-01-{i + 1:02}" for i in range(QUEUE))]:
                scope = {"type": "http", "path": "/", "query_string": query.encode()}
                group.create_task(lanes({**scope, "method": "GET"}, receive, send))
            await asyncio.sleep(0.01)
            go.set()

    asyncio.run(run())
    assert statuses == [200] * (QUEUE + 1)


def test_a_reader_who_does_not_read_holds_nobody_up(address: str, get: Get) -> None:
    host, port = address.removeprefix("http://").split(":")
    silent = []
    for path in moments(2 * BUILDERS, "08"):
        line = socket.create_connection((host, int(port)))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        silent.append(line)
    assert get(moments(1, "09")[0]).result(120).status_code == 200
    for line in silent:
        line.close()


@pytest.mark.parametrize(
    "moment",
    [
        "0999-01-01",
        "0001-01-01",
        "1969-12-31",
        "9999-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "1969",
        "0000",
        "99999-01-01",
        "-001-01-01",
        "tomorrow",
        "999",
        "2026-13-01",
        "2026-02-30",
        "NaN",
        "2026-01-01T99:00",
        "٢٠٢٦-01-01x",
        "1" * 500,
    ],
)
@pytest.mark.parametrize("word", ["as_of", "known"])
def test_a_moment_that_cannot_be_is_refused_everywhere_alike(
    ask: TestClient, everything: Built, word: str, moment: str
) -> None:
    for path in ("/", f"/models/{GA}.html", "/api/v1/models", f"/api/v1/price?model={GA}&input=1"):
        answer = ask.get(
            path,
            params={
                **dict(p.split("=") for p in path.partition("?")[2].split("&") if p),
                word: moment,
            },
        )
        assert answer.status_code in ((400, 404, 422) if word == "known" else (400, 422)), (
            path,
            answer.status_code,
            answer.text[:300],
        )
        said = answer.json()["error"] if path.startswith("/api") else answer.text
        assert len(said) < 4000 and (
            "almanac" in said or "release" in said or "date" in said or "at most" in said
        )


@pytest.mark.parametrize(
    "moment",
    [
        "0999-01-01",
        "9999-12-31",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "tomorrow",
    ],
)
def test_the_command_line_refuses_the_same_moments_in_one_line(
    everything: Built, moment: str
) -> None:
    done = almanac("price", GA, "--input", "1", "--as-of", moment, home=everything.home)
    assert (
        done.returncode == 2
        and done.stderr.startswith("almanac: not a date or time")
        and done.stderr.count("\n") == 1
    ), done.stderr


def test_before_anything_is_known_there_is_nothing_to_show(ask: TestClient) -> None:
    for path in ("/", "/api/v1/models", "/sources.html"):
        answer = ask.get(path, params={"as_of": "1999-01-01"})
        assert (
            answer.status_code == 404
            and "nothing is known of 1999-01-01: release 1 begins on 2024-02-23" in answer.text
        ), answer.text[:300]
    assert (
        ask.get("/", params={"as_of": "2024-02-23"}).status_code == 200
        and ask.get("/", params={"as_of": "9998-12-31"}).status_code == 200
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {
            "Host": "evil.example:99",
            "X-Forwarded-Host": "evil.example",
            "Forwarded": "host=evil.example",
        },
        {"Host": 'x"><script>evil</script>'},
    ],
)
def test_what_a_request_says_of_its_host_is_in_no_answer(
    ask: TestClient, headers: dict[str, str]
) -> None:
    for path in (*PATHS, "/api/v1/models/", "/static/", "//evil2.example/..", "/models"):
        for method in ("GET", "HEAD", "POST"):
            answer = ask.request(method, path, headers=headers)
            assert "evil" not in answer.text.replace("//evil2.example/..", "") and not any(
                "evil" in v for v in answer.headers.values()
            ), (method, path)
            assert answer.headers.get("location", "/").startswith("/") and not answer.headers.get(
                "location", "/"
            ).startswith("//")


def test_the_feed_names_the_address_that_is_set_or_none(everything: Built, ask: TestClient) -> None:
    there = TestClient(
        site(everything.home, url=everything.database, address="https://almanac.example/")
    )
    text = there.get("/feed.atom", headers={"Host": "evil.example"}).text
    assert (
        "<id>https://almanac.example/feed.atom</id>" in text
        and 'href="https://almanac.example/feed.atom"' in text
    )
    text = ask.get("/feed.atom").text
    assert "<id>urn:model-almanac:feed</id>" in text and "http://testserver" not in text


def test_an_address_that_is_none_is_refused_when_serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong in ("almanac.example", "https://u:p@almanac.example", "https://a b"):
        monkeypatch.setenv("ALMANAC_WEB_URL", wrong)
        done = almanac("serve", "--port", "0", home=tmp_path)
        assert (
            done.returncode == 2
            and done.stderr.startswith("almanac: ALMANAC_WEB_URL must be")
            and done.stderr.count("\n") == 1
        ), done.stderr


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_the_body(ask: TestClient, path: str) -> None:
    whole, head = ask.get(path), ask.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in whole.headers.items() if k != "date"
    }
    assert head.headers["content-length"] == str(len(whole.content))


def test_head_over_a_real_connection(everything: Built) -> None:
    """The server must not say that a body follows.

    Else the next answer on the connection is read as one.
    """
    with served(everything) as address, httpx.Client(base_url=address, timeout=60) as client:
        for path in (*PATHS, *PATHS):
            head, whole = client.head(path), client.get(path)
            assert (head.status_code, head.content, head.headers["content-length"]) == (
                whole.status_code,
                b"",
                str(len(whole.content)),
            ), path
        tag = client.get("/").headers["ETag"]
        assert client.head("/", headers={"If-None-Match": tag}).status_code == 304


def test_what_does_not_read_says_what_is_possible(ask: TestClient) -> None:
    for path in ("/", "/healthz", "/api/v1/models", "/feed.atom"):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            answer = ask.request(method, path)
            assert answer.status_code == 405 and answer.headers["Allow"] == "GET, HEAD", (
                method,
                path,
            )


def test_health_without_a_warehouse_and_with_one_that_does_not_answer(
    tmp_path: Path, everything: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    from almanac.comparisons.web import app as web_app

    assert TestClient(site(tmp_path, url=f"sqlite:///{tmp_path / 'none.db'}")).get(
        "/healthz"
    ).json() == {"ok": True, "release": None}
    # Takes connections, says nothing: as a database behind a broken network.
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        pytest.importorskip("psycopg")
        monkeypatch.setattr(web_app, "HEALTH_WITHIN", 0.5)
        answer = TestClient(
            site(tmp_path, url=f"postgresql://u@127.0.0.1:{silent.getsockname()[1]}/d")
        ).get("/healthz")
        assert (answer.status_code, answer.json()) == (503, {"ok": False, "release": None})


def test_a_new_release_is_shown_at_once(tmp_path: Path, save: Any) -> None:
    from tests.conftest import build
    from tests.warehouse.test_release_diff import prices

    home = tmp_path / "h"
    first = build(home, save("litellm", "2026-01-10", prices(3e-6, "gpt-4o")))
    client = TestClient(site(home, url=first.database))
    assert (
        "release 1</span>" in client.get("/").text
        and client.get("/feed.atom").text.count("<entry>") == 1
    )
    build(home, save("litellm", "2026-01-11", prices(2e-6, "gpt-4o")))
    assert (
        "release 2</span>" in client.get("/").text
        and client.get("/feed.atom").text.count("<entry>") == 2
        and client.get("/healthz").json()["release"] == 2
    )


def test_an_outage_is_shown_at_once_without_a_release(tmp_path: Path, save: Any) -> None:
    """Who has the page is told too: a mark that stays says that nothing changed."""
    from tests.conftest import build
    from tests.warehouse.test_release_diff import prices

    built = build(tmp_path / "h", save("litellm", "2026-01-10", prices(3e-6, "gpt-4o")))
    client, store = TestClient(site(built.home, url=built.database)), Store(built.database)
    shows = ("/sources.html", "/api/v1/sources", "/api/v1/sources?known=1")
    have: dict[str, str] = {}

    def told(anew: bool) -> str:
        """Ask for each page as one who has it, and return what they say with the feed."""
        for path in shows:
            answer = client.get(path, headers={"If-None-Match": have.get(path, "")})
            assert answer.status_code == (200 if anew else 304), path
            have[path] = answer.headers["ETag"]
        return " ".join(client.get(path).text for path in (*shows, "/feed.atom"))

    def run(hours: int, stale: dict[str, str], missed: dict[tuple[str, str], str]) -> None:
        store.keep_outages(BUILT + timedelta(hours=hours), ["litellm", "xai"], stale, missed)

    assert "answered 503" not in told(anew=True)
    told(anew=False)
    run(0, {"litellm": "answered 503"}, {("litellm", "https://example.org/page"): "answered 503"})
    assert told(anew=True).count("answered 503") >= 4 and "litellm is stale" in told(anew=False)
    run(1, {"litellm": "no answer"}, {("litellm", "https://example.org/page"): "no answer"})
    assert "no answer" in told(anew=True)
    run(1, {"litellm": "no answer"}, {("litellm", "https://example.org/page"): "no answer"})
    told(anew=False)
    run(2, {"litellm": "no answer"}, {("litellm", "https://example.org/page"): "no answer"})
    told(anew=True)
    run(3, {}, {})
    assert "litellm is well again" in told(anew=True)
    run(4, {}, {("xai", "https://example.org/other"): "answered 404"})
    assert "answered 404" in told(anew=True), "no body of a page makes no source stale"
    build(built.home, save("litellm", "2026-01-11", prices(2e-6, "gpt-4o")))
    told(anew=True)
    store.close()


def test_a_page_that_is_well_again_is_shown_so_at_once(tmp_path: Path, save: Any) -> None:
    """A run in which all is well leaves no outage, and where nothing changed no release."""
    from tests.conftest import build
    from tests.warehouse.test_release_diff import prices

    built = build(tmp_path / "h", save("litellm", "2026-01-10", prices(3e-6, "gpt-4o")))
    store = Store(built.database)
    missed = {("litellm", "https://example.org/page"): "answered 503"}
    store.keep_outages(utc("2026-01-11T00:00:00Z"), ["litellm"], {}, missed)
    store.close()
    client = TestClient(site(built.home, url=built.database))
    first = client.get("/sources.html")
    assert "1 page gave no body on" in first.text
    build(built.home, save("litellm", "2026-01-12", prices(3e-6, "gpt-4o")))
    again = client.get("/sources.html", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200 and "release 1<" in again.text
    assert "gave no body" not in again.text


def test_threads_are_not_left_behind(ask: TestClient) -> None:
    before = threading.active_count()
    for path in PATHS:
        ask.get(path)
    assert threading.active_count() <= before + 8
