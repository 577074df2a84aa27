"""The static site.

No dead link, every number two clicks from its claims, nothing hostile, nothing large.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from almanac import warehouse
from almanac.comparisons.pages.build import Built, build
from almanac.comparisons.pages.errors import Missing
from almanac.comparisons.pages.links import compare_path, figure_path, safe, unsafe
from almanac.comparisons.pages.router import page
from almanac.comparisons.pages.site import Site
from almanac.comparisons.web.app import site as web
from tests import conftest
from tests.conftest import Save, almanac
from tests.support.crawled import Page, crawl

GA, NEMO = "google/gemini-3.1-flash-lite", "mistral/mistral-nemo"
PAIRS = 12


@pytest.fixture(scope="module")
def built(
    everything: conftest.Built, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Built]:
    folder = tmp_path_factory.mktemp("site") / "out"
    return folder, build(everything.open(), folder, comparisons=PAIRS, also=["2026-07-01"])


@pytest.fixture(scope="module")
def pages(built: tuple[Path, Built]) -> dict[str, Page]:
    return crawl(built[0])


def test_no_link_is_dead(built: tuple[Path, Built], pages: dict[str, Page]) -> None:
    dead = {
        p: [q.path for q in pages.values() if p in {t for t, _ in q.links}][:2]
        for p, found in pages.items()
        if found.size < 0
    }
    assert not dead
    lost = [
        (p.path, where, place)
        for p in pages.values()
        for where, place in p.links
        if place and where.endswith(".html") and place not in pages[where].places
    ]
    assert not lost[:5]
    written = {str(f.relative_to(built[0])) for f in built[0].rglob("*.html")}
    assert written - pages.keys() == set(), "every page can be reached from the front"


def test_every_number_is_two_clicks_from_its_claims(pages: dict[str, Page]) -> None:
    """One click leads to claims, or to a page from which another does."""
    one = {p for p, found in pages.items() if found.claims}
    two = one | {p for p, found in pages.items() if any(t in one for t, _ in found.links)}
    unlinked = [
        (p.path, text) for p in pages.values() for text, target in p.numbers if target is None
    ]
    assert not unlinked[:10], f"{len(unlinked)} numbers lead nowhere"
    far = [
        (p.path, text, target)
        for p in pages.values()
        for text, target in p.numbers
        if target not in two
    ]
    assert not far[:10], f"{len(far)} numbers are more than two clicks from claims"
    assert sum(len(p.numbers) for p in pages.values()) > 5_000 and len(one) > 2_000, (
        "the crawl saw the numbers it is about"
    )


def test_no_page_is_large(pages: dict[str, Page]) -> None:
    assert max((p.size, p.path) for p in pages.values())[0] < 200_000


def test_every_kind_of_page_is_there(built: tuple[Path, Built], pages: dict[str, Page]) -> None:
    kinds = dict(built[1].pages)
    assert (
        kinds["comparison"] == 2 * PAIRS
        and min(kinds[k] for k in ("model", "offer", "figure", "capture", "list")) > 5
    )
    assert "at/2026-07-01/index.html" in pages, "the switch leads to the other moment"
    then = (built[0] / "at/2026-07-01" / figure_path(GA, "context_window")).read_text()
    assert 'As of <time datetime="2026-07-01"' in then


def test_pages_load_nothing_from_elsewhere(built: tuple[Path, Built]) -> None:
    for file in [
        *built[0].glob("*.html"),
        *(built[0] / "compare").rglob("*.html"),
        *(built[0] / "static").iterdir(),
    ]:
        text = re.sub(
            r'<a rel="nofollow noreferrer" href="[^"]*"', "", file.read_text(encoding="utf-8")
        )
        assert not re.search(r"""(?:src|href|action|url\()\s*=?\s*["']?(?:https?:)?//""", text), (
            file
        )


def test_a_second_build_replaces_the_first_and_nothing_else(
    everything: conftest.Built, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    build(everything.open(), folder, comparisons=1)
    (folder / "mine.html").write_text("x")
    build(everything.open(), folder, comparisons=1)
    assert not (folder / "mine.html").exists() and (folder / "index.html").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious").write_text("x")
    with pytest.raises(ValueError, match="nothing was written"):
        build(everything.open(), other, comparisons=1)
    assert (other / "precious").read_text() == "x"


def test_json_ld_says_what_the_page_says(everything: conftest.Built) -> None:
    text = page(Site(everything.open()), f"models/{GA}.html")
    said = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)[0])
    assert said["@type"] == "Product" and said["identifier"] == GA
    first = said["offers"][0]["priceSpecification"][0]
    assert float(first["price"]) > 0 and first["unitText"] == "1,000,000 tokens"


def test_the_comparison_page_answers_which_how_much_says_who(everything: conftest.Built) -> None:
    text = page(Site(everything.open()), compare_path((GA, NEMO)))
    for part in (
        "Decision scorecard",
        "Monthly cost at your traffic",
        "Which for what",
        "Decision fit",
        "Switch friction",
        "Specs",
        "Pricing by provider",
        "Providers",
        "Capabilities",
        "Benchmarks",
        "Deep dive",
        "Questions",
        "Continue comparing",
    ):
        assert f">{part}<" in text, part
    assert text.index("Decision scorecard") < text.index("Specs") and "sources" in text


def test_three_models_stand_side_by_side(everything: conftest.Built) -> None:
    text = page(Site(everything.open()), compare_path((GA, NEMO, "openai/gpt-4o-mini")))
    assert text.count('<article class="month') == 3


NOWHERE = (
    "nope.html",
    "models/a/b.html",
    "../secret",
    "figures/model/a/b/context_window.html",
    f"compare/{GA}.html",
    f"compare/{GA}/vs/{GA}.html",
    f"figures/model/{GA}/uptime.html",
    "providers/nobody.html",
    f"captures/{'0' * 64}.html",
    "conflicts~p999.html",
    "models/~zz/x.html",
    "changes/99.html",
)


@pytest.mark.parametrize("path", NOWHERE)
def test_a_page_that_is_not_there_is_missing(everything: conftest.Built, path: str) -> None:
    with pytest.raises(Missing):
        page(Site(everything.open()), path)


@pytest.mark.parametrize("name", ["a/b", "~", "..", ".", "é ü", "x?y#z", "50%", "<b>", "con:free"])
def test_any_name_is_a_path_and_back(name: str) -> None:
    assert (
        unsafe(safe(name)) == name
        and re.fullmatch(r"[A-Za-z0-9._+~-]+", safe(name))
        and safe(name) not in (".", "..")
    )


def test_a_price_that_ended_stands_in_the_history_without_a_link(
    save: Save, tmp_path: Path
) -> None:
    for day, used in (
        ("2026-01-01", {"input": 1e-06, "output": 2e-06}),
        ("2026-02-01", {"input": 2e-06, "output": 4e-06}),
        ("2026-03-01", {"input": 3e-06}),
    ):
        entry = {
            "litellm_provider": "openai",
            "mode": "chat",
            **{f"{meter}_cost_per_token": price for meter, price in used.items()},
        }
        folder = save(
            "litellm",
            day,
            json.dumps(
                {"gpt-4o-mini": entry, "gpt-4.1-mini": {**entry, "output_cost_per_token": 5e-06}}
            ),
        )
    build(conftest.build(tmp_path / "h", folder).open(), tmp_path / "out", comparisons=1)
    text = (tmp_path / "out/models/openai/gpt-4o-mini.html").read_text()
    assert "Prices over time" in text and '<span class="none" data-gone>$4.00</span>' in text
    assert not [p for p, found in crawl(tmp_path / "out").items() if found.size < 0]


def test_the_same_pages_from_either_database(database: str, save: Save, tmp_path: Path) -> None:
    rows = {
        n: {
            "litellm_provider": "openai",
            "mode": "chat",
            "input_cost_per_token": 1e-06,
            "output_cost_per_token": 2e-06,
            "max_input_tokens": 128000,
        }
        for n in ("gpt-4o-mini", "gpt-4.1-mini")
    }
    built = conftest.build(
        tmp_path / "h", save("litellm", "2026-01-01", json.dumps(rows)), database=database
    )
    folder = tmp_path / "out"
    done = build(built.open(), folder, comparisons=3, also=["2026-01-02"])
    assert done.pages["comparison"] == 2 and done.pages["model"] == 4 and done.pages["capture"] >= 1
    text = (folder / figure_path("openai:openai/gpt-4o-mini", "price", "input")).read_text()
    assert (
        "$1.00/1M tokens" in text
        and "1e-06" in text
        and not [p for p, found in crawl(folder).items() if found.size < 0]
    )
    with TestClient(web(tmp_path / "h", url=database)) as client:
        assert client.get("/").status_code == 200
        assert (
            client.get(
                "/api/v1/price", params={"model": "openai/gpt-4o-mini", "input": 1000}
            ).json()["data"]["bill"]["total"]
            == "0.001"
        )


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def hostile(save: Save, tmp_path: Path) -> conftest.Built:
    """A release in which every harvested text is an attack.

    That is what a page prints, where it stands, and what it calls things.
    """
    rows = {
        m: {
            "litellm_provider": "openai",
            "mode": "chat",
            "input_cost_per_token": 1e-06,
            "output_cost_per_token": 2e-06,
            "max_input_tokens": 128000,
        }
        for m in ("gpt-4o-mini", "gpt-4.1-mini")
    }
    built = conftest.build(tmp_path / "h", save("litellm", "2026-01-01", json.dumps(rows)))
    with contextlib.closing(sqlite3.connect(tmp_path / "h/warehouse.db")) as c:
        c.execute(
            "UPDATE claim SET printed = ?, locator = ?, model_said = ?, provider_said = ?",
            [HOSTILE] * 4,
        )
        c.execute("UPDATE figure SET why = ?", [HOSTILE])
        c.execute("UPDATE model SET name = ?", [HOSTILE])
        c.execute("UPDATE look SET url = ?", ["javascript:alert(4)"])
        c.execute("UPDATE release SET stale = ?", [json.dumps({"litellm": HOSTILE})])
        c.commit()
    return built


def test_hostile_text_is_escaped_on_every_page(hostile: conftest.Built, tmp_path: Path) -> None:
    done = build(hostile.open(), tmp_path / "out", comparisons=5)
    assert done.pages["comparison"] == 1
    escaped = 0
    for file in (tmp_path / "out").rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert (
            "<script>alert" not in text.lower()
            and "<img" not in text.lower()
            and not re.search(r'href="\s*javascript', text, re.I)
        ), file
        escaped += "&lt;script&gt;alert(1)" in text
    assert escaped > 12, "the attack is on the pages, as text"


def test_the_commands_say_what_they_wrote_and_what_is_wrong(
    everything: conftest.Built, tmp_path: Path
) -> None:
    done = almanac(
        "site", str(tmp_path / "s"), "--comparisons", "2", "--json", home=everything.home
    )
    said = json.loads(done.stdout)
    assert (
        said["pages"]["comparison"] == 2
        and (tmp_path / "s/index.html").exists()
        and said["bytes"] > 10**6
    )
    assert (
        almanac("site", str(tmp_path / "t"), "--at", "yesterday", home=everything.home).returncode
        == 2
    )
    (tmp_path / "u").mkdir()
    (tmp_path / "u/x").write_text("x")
    done = almanac("site", str(tmp_path / "u"), home=everything.home)
    assert done.returncode == 2 and "nothing was written" in done.stderr
    page_ = tmp_path / "one.html"
    assert almanac("compare", GA, NEMO, "--html", str(page_), home=everything.home).returncode == 0
    text = page_.read_text()
    inside = set(re.findall(r'href="#([^"]+)"', text))
    assert len(inside) > 40 and not {i for i in inside if f'id="{i}"' not in text}, (
        "every link on the one page leads to a place on it"
    )


def test_pages_are_the_same_whatever_order_sets_have(
    everything: conftest.Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        folder = tmp_path / seed
        done = almanac("site", str(folder), "--comparisons", str(PAIRS), home=everything.home)
        assert done.returncode == 0, done.stderr
        files = [path for path in folder.rglob("*") if path.is_file()]
        written.append({str(path.relative_to(folder)): path.read_bytes() for path in files})
    first, second = written
    assert first.keys() == second.keys() and len(first) > 500
    assert [path for path in first if first[path] != second[path]] == []


def test_the_bodies_are_written_only_when_asked_for(
    everything: conftest.Built, tmp_path: Path
) -> None:
    done = almanac(
        "site",
        str(tmp_path / "s"),
        "--comparisons",
        "0",
        "--bodies",
        "--json",
        home=everything.home,
    )
    texts = list((tmp_path / "s/captures").glob("*.txt"))
    assert (
        done.returncode == 0
        and len(texts) == len(list((tmp_path / "s/captures").glob("*.html")))
        and all(t.stat().st_size for t in texts)
    )


def test_a_site_of_an_empty_almanac_says_so(tmp_path: Path) -> None:
    done = almanac("site", str(tmp_path / "s"), home=tmp_path)
    assert done.returncode == 1 and "almanac refresh" in done.stderr and warehouse is not None
