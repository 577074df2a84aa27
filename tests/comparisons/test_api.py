"""The HTTP API: what it answers, what it refuses, and whatever a fuzzer sends."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings

from almanac.about import archived, sources
from almanac.comparisons.web.app import site
from almanac.schemas.moment import stamp
from almanac.warehouse.engine import engine, migrate
from almanac.warehouse.write.store import Store
from tests.conftest import BUILT, Built, Save, almanac, build
from tests.warehouse.test_release_diff import prices

GA, NEMO = "google/gemini-3.1-flash-lite", "mistral/mistral-nemo"


@pytest.fixture(scope="module")
def app(everything: Built) -> Any:
    return site(
        everything.home, sources(everything.open()), archived(everything.home), everything.database
    )


@pytest.fixture(scope="module")
def ask(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def described(app: Any) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


def test_whatever_is_sent_is_answered_as_described(described: Any) -> None:
    seen = []
    for found in described.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy())
        def fuzzed(case: Any) -> None:
            response = case.call()
            seen.append(response.status_code)
            case.validate_response(
                response, checks=[schemathesis.checks.CHECKS.get_one(name) for name in CHECKS]
            )

        fuzzed()
    assert len(seen) > 120 and {200, 400, 404} <= set(seen), Counter(seen)


CHECKS = (
    "not_a_server_error",
    "response_schema_conformance",
    "status_code_conformance",
    "content_type_conformance",
)


def test_every_answer_says_its_release_and_moment(ask: TestClient) -> None:
    for path in (
        f"models/{GA}",
        "models",
        f"offers?model={GA}",
        f"figures?model={GA}&field=context_window",
        f"explain?subject={GA}&field=context_window",
        f"history?subject={GA}&field=context_window",
        "conflicts",
        "releases",
        f"price?model={GA}&input=1000",
        f"compare?model={GA}&model={NEMO}",
        "sources",
    ):
        join = "&" if "?" in path else "?"
        said = ask.get(f"/api/v1/{path}").json()
        assert (said["release"], said["as_of"]) == (1, "now"), path
        then = ask.get(f"/api/v1/{path}{join}as_of=2026-07-15")
        assert then.json().get("as_of") == "2026-07-15T00:00:00Z", (path, then.text[:200])


def test_a_figure_comes_with_who_says_it(ask: TestClient) -> None:
    said = ask.get("/api/v1/explain", params={"subject": GA, "field": "context_window"}).json()[
        "data"
    ]
    figure = said["figures"][0]
    assert (
        figure["value"] == 1_048_576
        and figure["state"] == "known"
        and any(c["said"] == "1.05m" for c in figure["support"])
        and figure["dissent"]
    )
    assert all(
        c["url"] and c["where"] and c["capture"] for c in [*figure["support"], *figure["dissent"]]
    )


def test_a_price_is_exact_and_the_same_as_the_command_says(
    ask: TestClient, everything: Built
) -> None:
    said = ask.get(
        "/api/v1/price",
        params={
            "model": GA,
            "input": 1_000_000,
            "cached": 400_000,
            "output": 100_000,
            "provider": "google-ai-studio",
        },
    ).json()["data"]
    assert Decimal(said["bill"]["total"]) == Decimal("0.31")
    told = json.loads(
        almanac(
            "price",
            GA,
            "--input",
            "1000000",
            "--cached",
            "400000",
            "--output",
            "100000",
            "--provider",
            "google-ai-studio",
            "--json",
            home=everything.home,
        ).stdout
    )
    assert [(o["provider"], Decimal(o["total"])) for o in said["offers"]] == [
        (o["provider"], Decimal(o["total"])) for o in told["offers"]
    ]


def test_a_source_says_which_of_its_pages_gave_no_body(save: Save, tmp_path: Path) -> None:
    """Also of a source of which nothing was ever seen."""
    built = build(tmp_path / "h", save("litellm", "2026-01-10", prices(3e-6, "gpt-4o")))
    page, why = "https://example.org/two", "<b>no</b> answer"
    missed = {("litellm", page): "answered 503", ("groq", ""): why}
    store = Store(built.database)
    store.keep_outages(BUILT, ["litellm", "groq"], {"groq": why}, missed)
    store.close()
    with TestClient(site(built.home, url=built.database)) as client:
        rows = {r["source"]: r for r in client.get("/api/v1/sources").json()["data"]}
        text = client.get("/sources.html").text
    day = stamp(BUILT)
    assert rows["litellm"]["missed"] == [{"page": page, "reason": "answered 503", "last": day}]
    assert rows["groq"]["missed"] == [{"page": None, "reason": why, "last": day}]
    assert rows["groq"]["stale_since"] == day and rows["groq"].keys() == rows["litellm"].keys()
    assert all(said in text for said in ("1 page gave no body", page, "answered 503"))
    assert 'id="groq"' in text and "&lt;b&gt;no&lt;/b&gt; answer" in text and "<b>no" not in text


def test_a_warehouse_without_outages_is_answered_from(save: Save, tmp_path: Path) -> None:
    """One that an earlier version made, before the next run brings it up to date."""
    built = build(tmp_path / "h", save("litellm", "2026-01-10", prices(3e-6, "gpt-4o")))
    made = engine(built.database)
    migrate(made, "0004")
    made.dispose()
    with TestClient(site(built.home, url=built.database)) as client:
        for path in ("/sources.html", "/api/v1/sources", "/feed.atom", "/"):
            assert client.get(path).status_code == 200, path
    assert almanac("sources", home=built.home).returncode == 0


def test_a_list_is_read_part_by_part(ask: TestClient) -> None:
    whole = [m["model"] for m in ask.get("/api/v1/models", params={"limit": 1000}).json()["data"]]
    found, after = [], ""
    while after is not None:
        said = ask.get("/api/v1/models", params={"limit": 50, "after": after}).json()
        found += [m["model"] for m in said["data"]]
        after = said["next"]
    assert found == whole and len(whole) > 100
    figures, after = [], ""
    while after is not None:
        said = ask.get("/api/v1/figures", params={"model": GA, "limit": 7, "after": after}).json()
        figures += said["data"]
        after = said["next"]
    assert (
        len({json.dumps([f["subject"], f["field"], f["meter"], f["terms"]]) for f in figures})
        == len(figures)
        > 50
    )


def test_what_one_has_is_not_sent_again(ask: TestClient) -> None:
    for path in (f"/api/v1/models/{GA}", "/index.html", f"/models/{GA}.html"):
        first = ask.get(path)
        again = ask.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code, again.content) == (
            200,
            304,
            b"",
        ) and again.headers["ETag"] == first.headers["ETag"]
        other = ask.get(
            path, params={"as_of": "2026-07-15"}, headers={"If-None-Match": first.headers["ETag"]}
        )
        assert other.status_code == 200, "another moment is another answer"


@pytest.mark.parametrize(
    "path, status, said",
    [
        ("models/no/such", 404, "nothing is known"),
        ("models?limit=0", 422, "limit"),
        ("models?limit=x", 422, "limit"),
        ("models?asof=2026-01-01", 400, "no parameter 'asof'"),
        ("models?as_of=tomorrow", 400, "not a date"),
        ("models?known=99", 404, "no release 99"),
        ("models?known=1999-01-01", 404, "no release by"),
        ("figures", 400, "say which"),
        (f"figures?model={GA}&field=colour", 400, "no field"),
        (f"price?model={GA}", 400, "say what was used"),
        (f"price?model={GA}&input=5&cached=6", 400, "input counts them too"),
        ("price?model=made/up&input=5", 404, "no price"),
        (f"price?model={GA}&input=5&of=x=1", 400, "METER=N"),
        (f"compare?model={GA}", 422, "model"),
        (f"compare?model={GA}&model={GA}", 400, "different"),
        (f"compare?model={GA}&model={NEMO}&input=-1", 400, "input must be"),
        ("explain?field=context_window", 422, "subject"),
        ("diff?earlier=2", 404, "no release 2"),
        ("nothing", 404, ""),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(
    ask: TestClient, path: str, status: int, said: str
) -> None:
    answer = ask.get(f"/api/v1/{path}")
    assert answer.status_code == status and said in answer.json()["error"], answer.text


def test_only_reading_is_possible(ask: TestClient) -> None:
    assert {
        ask.request(m, "/api/v1/models").status_code for m in ("POST", "PUT", "DELETE", "PATCH")
    } == {405}


def test_pages_are_served_at_any_as_of(ask: TestClient) -> None:
    now, then = (
        ask.get(f"/models/nvidia/nemotron-nano-12b-v2-vl.html{q}")
        for q in ("", "?as_of=2026-05-20")
    )
    assert (
        now.status_code == then.status_code == 200
        and 'datetime="2026-05-20"' in then.text
        and "as_of=2026-05-20" in then.text
    ), "links keep the moment"
    missing = ask.get("/models/nobody/nothing.html")
    assert missing.status_code == 404 and "<h1>Not found</h1>" in missing.text
    bad = ask.get(f"/compare/{GA}/vs/{NEMO}.html?cached=150")
    assert bad.status_code == 400 and "cached must be a number" in bad.text


def test_the_form_leads_to_the_comparison(ask: TestClient) -> None:
    answer = ask.get(
        "/compare",
        params={"model": ["Mistral Nemo", GA], "as_of": "2026-07-15"},
        follow_redirects=False,
    )
    assert (
        answer.status_code == 303
        and answer.headers["location"].startswith("/compare/")
        and answer.headers["location"].endswith("?as_of=2026-07-15")
    )
    assert ask.get("/compare", params={"model": ["nobody", GA]}).status_code == 404


def test_an_archived_body_is_plain_and_inert(ask: TestClient, everything: Built) -> None:
    claim = ask.get("/api/v1/explain", params={"subject": GA, "field": "context_window"}).json()[
        "data"
    ]["figures"][0]["support"][0]
    answer = ask.get(f"/captures/{claim['capture']}.txt")
    assert (
        answer.status_code == 200
        and answer.headers["content-type"].startswith("text/plain")
        and "sandbox" in answer.headers["content-security-policy"]
    )
    assert claim["said"] in answer.text or claim["said"].replace(",", "") in answer.text
    assert (
        ask.get(f"/captures/{'0' * 64}.txt").status_code == 404
        and ask.get("/captures/..%2F..%2Fwarehouse.db.txt").status_code == 404
    )


def test_every_answer_is_guarded(ask: TestClient) -> None:
    for path in ("/", "/nope", "/api/v1/models", "/feed.atom", "/static/site.js"):
        headers = ask.get(path).headers
        assert (
            "default-src 'none'" in headers["content-security-policy"]
            and "unsafe" not in headers["content-security-policy"]
            and headers["x-content-type-options"] == "nosniff"
        ), path


def test_an_empty_almanac_says_so(tmp_path: Any) -> None:
    with TestClient(site(tmp_path), raise_server_exceptions=False) as client:
        assert client.get("/").status_code == 503 and "almanac refresh" in client.get("/").text
        assert client.get("/api/v1/models").status_code == 503 and client.get(
            "/healthz"
        ).json() == {"ok": True, "release": None}


def test_many_readers_at_once_get_the_same_answer(everything: Built) -> None:
    import anyio

    from tests.support.served import served

    async def all_at_once(address: str) -> set[tuple[int, bytes]]:
        found: set[tuple[int, bytes]] = set()
        async with (
            httpx.AsyncClient(
                base_url=address, limits=httpx.Limits(max_connections=200), timeout=60
            ) as client,
            anyio.create_task_group() as group,
        ):

            async def one() -> None:
                answer = await client.get(
                    "/api/v1/explain", params={"subject": GA, "field": "context_window"}
                )
                found.add((answer.status_code, answer.content))

            for _ in range(200):
                group.start_soon(one)
        return found

    with served(everything) as address:
        found = anyio.run(all_at_once, address)
    assert len(found) == 1 and next(iter(found))[0] == 200
