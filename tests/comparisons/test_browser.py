"""The pages in a real browser.

Clicks, forms, a phone's width, no console error, accessibility, the script's bills equal
to the server's.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from almanac.comparisons.model_profile import side
from almanac.comparisons.pages.build import build
from almanac.comparisons.pages.links import compare_path, figure_path
from almanac.comparisons.pricing.monthly import Traffic, costs
from tests.comparisons.test_site import hostile  # noqa: F401  the fixture
from tests.conftest import Built
from tests.support.served import served

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = (
    os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("chromium-browser")
)
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium here (Debian: apt-get install chromium)"
)

GA, NEMO = "google/gemini-3.1-flash-lite", "mistral/mistral-nemo"
PAIR = compare_path((GA, NEMO))
PAGES = (
    "index.html",
    "models.html",
    "makers/google.html",
    "providers.html",
    "providers/openrouter.html",
    "compare.html",
    PAIR,
    f"models/{GA}.html",
    f"models/{NEMO}.html",
    f"offers/google-ai-studio/{GA}.html",
    figure_path(GA, "context_window"),
    figure_path(f"google-ai-studio:{GA}", "price", "input"),
    "conflicts.html",
    "changes.html",
    "changes/1.html",
    "sources.html",
    "quality.html",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
    ]
    with sync_api.sync_playwright() as play:
        made = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield made
        made.close()


@pytest.fixture(scope="module")
def address(everything: Built) -> Iterator[str]:
    with served(everything) as made:
        yield made


class Tab:
    """A page of the browser that remembers what went wrong."""

    def __init__(
        self, browser: Any, width: int = 1280, scheme: str = "light", script: bool = True
    ) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on(
            "requestfailed",
            lambda r: (
                self.errors.append(f"failed: {r.url}") if "ABORTED" not in str(r.failure) else None
            ),
        )

    def __enter__(self) -> Tab:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


SHIFT = """() => { window.shifted = 0;
  new PerformanceObserver(\
list => { for (const e of list.getEntries()) window.shifted += e.value; }\
).observe({type: 'layout-shift', buffered: true}); }"""


@pytest.mark.parametrize("width", [1280, 390])
def test_every_kind_of_page_is_sound_at_any_width(browser: Any, address: str, width: int) -> None:
    with Tab(browser, width) as tab:
        for path in PAGES:
            answer = tab.page.goto(f"{address}/{path}")
            assert answer.status == 200 and not tab.errors, (path, tab.errors)
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, (
                f"{path} is wider than the screen"
            )
            assert tab.page.locator("h1").count() == 1 and tab.page.locator("main").count() == 1
            assert _is_still(tab), f"{path} moves while it loads"


def _is_still(tab: Tab) -> bool:
    """Whether a page does not move while it loads, in one of three loads.

    What moves by itself does so each time; a busy machine paints what has half arrived.
    """
    for _ in range(3):
        tab.page.evaluate(SHIFT)
        tab.page.wait_for_timeout(60)
        if tab.page.evaluate("window.shifted") == 0:
            return True
        tab.page.reload()
    return False


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(browser: Any, address: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # The checker is a script of its own.
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for path in PAGES:
        page.goto(f"{address}/{path}")
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        found = axe.run(page).response["violations"]
        assert not found, (
            path,
            [(v["id"], v["nodes"][0]["html"][:160], len(v["nodes"])) for v in found],
        )
    context.close()


TRAFFICS: tuple[dict[str, str], ...] = (
    {"input": "800", "output": "250"},
    {"input": "1", "output": "0"},
    {"input": "12.5", "output": "3.25", "cached": "40"},
    {"input": "800", "output": "250", "batch": "30"},
    {"input": "800", "output": "250", "tier": "flex"},
    {"input": "0.000001", "output": "0.000003"},
    {"input": "10", "output": "10", "tier": "priority", "prompt": "300000"},
    {"input": "5000", "output": "700", "cached": "12.345678", "batch": "5"},
)


def test_the_readers_own_traffic_is_billed_as_the_server_bills_it(
    browser: Any, address: str, everything: Built
) -> None:
    """The page's script, the server without a script, and `price()` say the same to the cent."""
    seen = everything.open()
    sides = [side(seen, m) for m in (GA, NEMO)]
    for said in TRAFFICS:
        expected = [
            (m["best"] or {}).get("shown", "—") for m in costs(sides, Traffic.of(said))["models"]
        ]
        query = "&".join(f"{k}={v}" for k, v in said.items())
        for script in (True, False) if said in TRAFFICS[:3] else (True,):
            with Tab(browser, script=script) as tab:
                tab.page.goto(f"{address}/{PAIR}?{query}")
                assert [
                    e.inner_text() for e in tab.page.locator("[data-total]").all()
                ] == expected, (said, script)
    with Tab(browser) as tab:
        tab.page.goto(f"{address}/{PAIR}")
        before = tab.page.locator("[data-total]").first.inner_text()
        tab.page.fill("[name=input]", "100")
        tab.page.fill("[name=cached]", "50")
        tab.page.select_option("[name=tier]", "standard")
        expected = [
            m["best"]["shown"]
            for m in costs(sides, Traffic.of({"input": "100", "output": "250", "cached": "50"}))[
                "models"
            ]
            if m["best"]
        ]
        assert tab.page.locator("[data-total]").first.inner_text() == expected[0] != before
        assert "input=100" in tab.page.url and "cached=50" in tab.page.url, (
            "the address carries the traffic"
        )
        tab.page.reload()
        assert tab.page.locator("[data-total]").first.inner_text() == expected[0] and not tab.errors


def test_a_wrong_number_changes_nothing(browser: Any, address: str) -> None:
    with Tab(browser) as tab:
        tab.page.goto(f"{address}/{PAIR}")
        before = tab.page.locator("[data-total]").all_inner_texts()
        tab.page.fill("[name=input]", "lots")
        assert tab.page.locator("[data-total]").all_inner_texts() == before and not tab.errors


def test_a_number_leads_to_who_says_it(browser: Any, address: str) -> None:
    with Tab(browser) as tab:
        tab.page.goto(f"{address}/{PAIR}")
        tab.page.locator("a.fig", has_text=re.compile("^1,048,576$")).first.click()
        tab.page.locator("q").first.wait_for()
        assert (
            "context_window" in tab.page.url
            and tab.page.locator("q").count() >= 3
            and "1.05m" in tab.page.content()
        )
        tab.page.locator("a", has_text="archived capture").first.click()
        tab.page.locator("a", has_text="The body as it came").click()
        assert tab.page.url.endswith(".txt") and not tab.errors


def test_compare_from_the_front_page_by_keyboard(browser: Any, address: str) -> None:
    with Tab(browser) as tab:
        tab.page.goto(address)
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("document.activeElement.className") == "skip", (
            "the first stop skips to the content"
        )
        tab.page.locator("input[name=model]").first.focus()
        tab.page.keyboard.type(GA)
        tab.page.keyboard.press("Tab")
        tab.page.keyboard.type(NEMO)
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/compare/**")
        assert tab.page.locator("h1").inner_text().startswith("Gemini 3.1 Flash") and not tab.errors


def test_the_switch_shows_another_day_and_links_keep_it(browser: Any, address: str) -> None:
    with Tab(browser) as tab:
        tab.page.goto(f"{address}/models/nvidia/nemotron-nano-12b-v2-vl.html")
        now = tab.page.content()
        tab.page.locator("details.asof summary").click()
        tab.page.fill("[name=as_of]", "2026-05-20")
        tab.page.locator("details.asof button").click()
        tab.page.wait_for_url("**as_of=2026-05-20**")
        assert "128,000" in now and "128,000" not in tab.page.locator("main").inner_text(), (
            "what was learned later was not known then"
        )
        tab.page.locator("nav a", has_text="Models").first.click()
        assert "as_of=2026-05-20" in tab.page.url and not tab.errors


def test_a_list_is_filtered_as_one_types(browser: Any, address: str) -> None:
    with Tab(browser) as tab:
        tab.page.goto(f"{address}/sources.html")
        whole = tab.page.locator("#list tbody tr:visible").count()
        tab.page.fill("[data-filter]", "litellm")
        assert 0 < tab.page.locator("#list tbody tr:visible").count() < whole and not tab.errors


def test_the_static_site_works_from_a_disk(browser: Any, everything: Built, tmp_path: Path) -> None:
    build(everything.open(), tmp_path / "out", comparisons=3)
    (pair,) = list((tmp_path / "out/compare").rglob("*.html"))[:1]
    with Tab(browser) as tab:
        tab.page.goto(f"file://{tmp_path}/out/index.html")
        assert (
            tab.page.evaluate("getComputedStyle(document.querySelector('.top')).display") == "flex"
        ), "the style is loaded"
        tab.page.locator("ul.pairs a").first.click()
        assert tab.page.locator("#scorecard").count() == 1
        tab.page.goto(f"file://{pair}")
        before = tab.page.locator("[data-total]").first.inner_text()
        tab.page.fill("[name=input]", "1")
        assert tab.page.locator("[data-total]").first.inner_text() != before and not tab.errors


def test_one_comparison_as_one_file(browser: Any, everything: Built, tmp_path: Path) -> None:
    from almanac.comparisons.pages.single_file import comparison

    (tmp_path / "one.html").write_text(
        comparison(everything.open(), [GA, NEMO], Traffic()), encoding="utf-8"
    )
    with Tab(browser) as tab:
        tab.page.goto(f"file://{tmp_path}/one.html")
        tab.page.fill("[name=input]", "1")
        tab.page.locator("a.fig", has_text="1,048,576").first.click()
        assert tab.page.locator("details.evidence[open] q").count() >= 1 and not tab.errors
        assert (
            tab.page.evaluate("getComputedStyle(document.querySelector('.top')).display") == "flex"
        )


def test_hostile_text_does_not_run(browser: Any, hostile: Built) -> None:  # noqa: F811
    with served(hostile) as address, Tab(browser) as tab:
        tab.page.on("dialog", lambda d: tab.errors.append(f"a dialog: {d.message}"))
        for path in (
            "index.html",
            "models/openai/gpt-4o-mini.html",
            compare_path(("openai/gpt-4o-mini", "openai/gpt-4.1-mini")),
            "changes/1.html",
            figure_path("openai:openai/gpt-4o-mini", "price", "input"),
        ):
            assert tab.page.goto(f"{address}/{path}").status == 200
            tab.page.wait_for_timeout(50)
            assert tab.page.locator("img").count() == 0 and not tab.errors, path


def test_it_prints_without_what_only_a_screen_needs(browser: Any, address: str) -> None:
    with Tab(browser) as tab:
        tab.page.goto(f"{address}/{PAIR}")
        tab.page.emulate_media(media="print")
        assert (
            not tab.page.locator("form.traffic").is_visible()
            and tab.page.locator("h1").is_visible()
            and tab.page.locator(".month").first.is_visible()
        )
