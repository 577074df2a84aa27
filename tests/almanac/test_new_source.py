"""`almanac new-source` as a teacher: what it says of a page, what it declares, what it records."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from almanac.new_source import address, draft, examples, excerpt_text, lesson, names, report
from almanac.new_source.lesson import PageLesson, excerpt_of, lesson_of
from almanac.new_source.met import MetLabel
from almanac.out import Refused
from almanac.schemas import safe_yaml
from almanac.schemas.card import SourceCard
from almanac.spiders.page import Unreadable
from almanac.spiders.reading.declared import Declared

NOW = datetime(2026, 11, 27, tzinfo=UTC)
URL = "https://docs.loomery.example/models/pricing"
PAGE = """<!doctype html><html><head><title>Loomery</title><script>var x = 1;</script></head><body>
<nav><a href="/">Home</a></nav>
<div class="hero"><p>Loomery brings you the finest models that anybody has ever woven.</p></div>
<h2 id="p">Chat models</h2><p>Everything below is billed for what you use; we charge in USD for one
million tokens, and nobody pays for tokens they did not weave.</p>
<div class="wrap"><table class="t"><thead><tr><th>Model</th><th>Context window</th><th>Input</th>
<th>Batch output</th><th>Weft</th><th>Description</th></tr></thead><tbody>
<tr><td>Loom 1</td><td>128K</td><td>$1.25</td><td>$2.50</td><td>12 threads</td>
<td>The first of our models, which many people like for its speed and its low price.</td></tr>
<tr><td>Loom 2</td><td>256K</td><td>$2.25</td><td>$3.50</td><td>14 threads</td><td>Newer</td></tr>
<tr><td>Loom 3</td><td>512K</td><td>$3.25</td><td>$4.50</td><td>16 threads</td><td>Newest</td></tr>
<tr><td>Loom 4</td><td>1M</td><td>$4.25</td><td>on request</td><td>18 threads</td><td>Big</td></tr>
<tr><td>Loom 5</td><td>1M</td><td>$5.25</td><td>$6.50</td><td>18 threads</td><td>Big</td></tr>
<tr><td>Loom 6</td><td>1M</td><td>$6.25</td><td>$7.50</td><td>18 threads</td><td>Big</td></tr>
</tbody></table></div><footer>All rights are ours.</footer></body></html>
"""
MARKDOWN = """# Loom 7

Loom 7 is a model that we are proud of, and that you may use for whatever you like to weave.

- **Context window:** 200K tokens
- **Knowledge cutoff:** June 2025
- **Shuttle speed:** 40

| Model ID | Input price (USD per 1M tokens) | 输出价格（美元/百万 tokens） |
|---|---|---|
| `loom-7` | 0.30 | 0.90 |
| `loom-7-mini` | 0.10 | 0.40 |
"""
ANSWER = json.dumps(
    {
        "result": {
            "items": [
                {
                    "slug": f"loom-{n}",
                    "created": 1700000000 + n,
                    "description": "A model for all that one may want to weave, at a good price.",
                    "limits": {"context_length": 1000 * n, "threads": n},
                    "pricing": {
                        "prompt": f"0.00000{n}",
                        "completion": f"0.0000{n}",
                        "image": "0.01",
                    },
                    "features": ["tools", "vision", "warp"],
                    "reasoning": n > 3,
                    "tiers": [{"name": "batch", "price": n}],
                }
                for n in range(1, 7)
            ]
        }
    }
)


def read(body: str, url: str = URL, **declares: object) -> PageLesson:
    declared = Declared("loomery", **declares)  # type: ignore[arg-type]
    return lesson_of("loomery_prices", url, body.encode(), NOW, declared)


def met(taught: PageLesson) -> dict[str, MetLabel]:
    return {label.text: label for place in taught.places for label in place.labels}


def lines(taught: PageLesson) -> list[str]:
    owner = address.owner_of(taught.page.url)
    linked = names.link_names(taught.names, owner.provider, date(2026, 11, 27), [])
    return report.report(owner, taught, linked)


# What was met


def test_each_head_of_an_html_page_is_told_with_cells() -> None:
    labels = met(read(PAGE))
    assert labels["Model"].meaning == "names the model"
    assert labels["Context window"].meaning == "context_window"
    assert labels["Input"].meaning == "price: input, USD per 1M tokens"
    assert labels["Input"].samples == ("$1.25", "$2.25", "$3.25")
    assert labels["Batch output"].meaning == "price: output {tier=batch}, USD per 1M tokens"
    assert labels["Description"].state == "ignored"
    assert (labels["Weft"].state, labels["Weft"].cells) == ("unknown", 6)


def test_what_a_person_knows_of_a_head_is_taken() -> None:
    labels = met(read(PAGE, ignored={"Weft": "how it is woven"}))
    assert labels["Weft"].meaning == "not of interest: how it is woven"
    labels = met(read(PAGE.replace(" threads", "K"), labels={"Weft": "max output tokens"}))
    assert labels["Weft"].meaning == "max_output_tokens"


def test_lines_and_heads_in_two_languages_of_markdown() -> None:
    taught = read(MARKDOWN)
    labels = met(taught)
    assert labels["Input price (USD per 1M tokens)"].meaning == "price: input, USD per 1M tokens"
    assert labels["输出价格（美元/百万 tokens）"].meaning == "price: output, USD per 1M tokens"
    assert labels["Context window"].meaning == "context_window"
    assert "? Shuttle speed" not in lines(taught), "a line that nobody asks for is no head"


def test_tables_with_the_same_heads_are_told_once() -> None:
    second = PAGE[PAGE.index("<h2") : PAGE.index("<footer>")].replace("Loom", "Warp")
    taught = read(PAGE.replace("<footer>", second + "<footer>"))
    (place,) = [p for p in taught.places if p.title.startswith("table 1")]
    assert place.title.endswith("(and 1 more with the same heads)")
    assert {m.text: m.cells for m in place.labels}["Weft"] == 12


def test_a_page_with_unknown_heads_is_taught_and_not_written() -> None:
    body = "| Yarn | Ply | Twist |\n|---|---|---|\n| Loom 1 | 3 | 40 |\n| Loom 2 | 4 | 50 |\n"
    taught = read(body)
    assert taught.reading.failed and not taught.reading.claims
    assert report.unknown_labels(taught.places) == {"Yarn": 2, "Ply": 2, "Twist": 2}
    text = "\n".join(lines(taught))
    assert "--label 'HEAD=meaning'" in text and "? Twist (2 cells, for 'twist')" in text


def test_a_page_with_nothing_says_so() -> None:
    for body in ("<!doctype html><html><body><p>Nothing to see.</p></body></html>", "Nothing.\n"):
        taught = read(body)
        assert taught.reading.failed and not taught.places and lines(taught)
    with pytest.raises(Unreadable):
        read("")


def test_every_line_fits_a_terminal() -> None:
    long = PAGE.replace("Weft", "上下文" * 40).replace("Loom 1", "L" * 90)
    for body in (long, MARKDOWN, ANSWER, PAGE.replace("12 threads", "x" * 300)):
        taught = read(body)
        for line in lines(taught):
            assert report.width_of(line) <= report.WIDTH, line


# Answers


def test_a_list_in_an_answer_becomes_a_table_of_keys() -> None:
    taught = read(ANSWER, unit="USD per token")
    assert taught.models is not None
    keys, labels = taught.models.keys, met(taught)
    assert (taught.models.under, taught.models.named) == ("result/items", "slug")
    assert keys.facts == {"limits/context_length": "context_window", "reasoning": "reasoning"}
    assert keys.prices["pricing/prompt"] == {"input": "USD per token"}
    assert keys.words["features"] == {"tools": "function_calling", "vision": "vision"}
    assert "warp" in labels["features"].reason
    assert {"limits/threads", "pricing/image", "tiers"} == {
        name for name, label in labels.items() if label.state == "unknown"
    }, "an image is not sold by the token, and what stands under conditions needs a rule"
    assert len([c for c in taught.reading.claims if c.field == "price"]) == 12


def test_prices_without_a_printed_unit_are_not_taken() -> None:
    taught = read(ANSWER)
    assert not [c for c in taught.reading.claims if c.field == "price"]
    assert "its unit is not printed" in met(taught)["pricing/prompt"].reason
    priced = ANSWER.replace('"prompt"', '"usd_per_1m_input_tokens"')
    assert met(read(priced))["pricing/usd_per_1m_input_tokens"].meaning.startswith("price: input")
    with pytest.raises(ValueError, match="no unit of a price"):
        read(ANSWER, unit="dollars")


def test_the_card_holds_the_table_and_the_file_the_place_of_the_list() -> None:
    taught = read(ANSWER, unit="USD per token")
    source = taught.source
    assert isinstance(source, draft.DraftSource)
    card = SourceCard.model_validate(
        safe_yaml.load(draft.card_of(source, address.owner_of(URL), len(taught.names)))
    )
    assert taught.models is not None and card.records["model"] == taught.models.keys
    assert card.expect == (4, 12)
    spider = draft.spider_of(source, "Loomery")
    assert 'under=("result/items",), named=("slug",)' in spider
    compile(spider, "spider", "exec")


def test_digests_name_no_model() -> None:
    rows = [{"id": f"{n}b9854a5c92dc496b997d99d", "name": f"Loom {n}"} for n in range(4)]
    taught = read(json.dumps(rows))
    assert taught.models is not None and taught.models.named == "name"


# Excerpts


def test_the_excerpt_says_the_same_and_nothing_of_others() -> None:
    taught = read(PAGE)
    part = excerpt_of(taught)
    assert len(part.text) < len(PAGE) / 2 and part.sentences == ()
    for theirs in ("finest", "nobody pays", "many people", "All rights", "var x", "class="):
        assert theirs not in part.text
    stated = {(c.model, c.field, c.meter, c.terms, c.value) for c in part.reading.claims}
    whole = {(c.model, c.field, c.meter, c.terms, c.value) for c in taught.reading.claims}
    assert stated <= whole and {m for _, _, m, _, _ in stated} == {None, "input", "output"}
    assert "Prices in USD per 1M tokens." in part.text, "our own words say the unit"


def test_a_condition_above_a_table_stays_with_it() -> None:
    body = PAGE.replace("Chat models", "Batch processing").replace("Batch output", "Output")
    part = excerpt_of(read(body))
    assert "Batch processing" in part.text
    assert {str(c.terms) for c in part.reading.claims if c.field == "price"} == {"tier=batch"}


def test_the_excerpt_of_markdown_keeps_its_lines() -> None:
    part = excerpt_of(read(MARKDOWN))
    assert "proud" not in part.text and "loom-7" in part.text and "Shuttle" not in part.text
    assert {c.field for c in part.reading.claims} >= {"context_window", "knowledge_cutoff", "price"}


def test_the_excerpt_of_an_answer_keeps_numbers_as_printed() -> None:
    body = ANSWER.replace('"0.01"', "1.50e-02")
    part = excerpt_of(read(body, unit="USD per token"))
    assert "1.50e-02" in part.text and "weave" not in part.text
    items = json.loads(part.text)["result"]["items"]
    assert 0 < len(items) < 6 and items[0]["description"] == excerpt_text.GONE


def test_a_page_that_says_nothing_has_no_excerpt() -> None:
    taught = read("<p>Nothing</p>")
    with pytest.raises(Refused, match="no part of the page"):
        excerpt_of(taught)


# Who speaks


@pytest.mark.parametrize(
    "url, provider, makers",
    [
        ("https://docs.x.ai/docs/elsewhere", "xai", ("xai",)),
        ("https://docs.fireworks.ai/models", "fireworks-ai", ()),
        ("https://inference-docs.cerebras.ai/models", "cerebras", ()),
        ("https://www.stepfun.example/prices", "stepfun", ("stepfun",)),
        ("https://huggingface.co/Qwen/Qwen3-8B/raw/main/README.md", "alibaba", ("alibaba",)),
        ("https://pricing.nobody-knows.example/x", "nobody-knows", ()),
    ],
)
def test_the_catalogue_knows_whose_address_it_is(
    url: str, provider: str, makers: tuple[str, ...]
) -> None:
    owner = address.owner_of(url)
    assert (owner.provider, owner.makers) == (provider, makers)


def test_a_name_or_address_that_will_not_do_is_told() -> None:
    for name, url, reason in (
        ("Loom", URL, "not a source's id"),
        ("groq", URL, "there is a source 'groq' already"),
        ("loom", "ftp://docs.loomery.example", "not the https address"),
        ("loom", "https://localhost/x", "not the https address"),
        ("loom", 'https://a.example/"x', "not the https address"),
        ("loom", "https://console.groq.com/docs/models.md", "the source 'groq' reads this page"),
        ("loom", "https://a.example/" + "x" * 9999, "characters, more than"),
    ):
        with pytest.raises(ValueError, match=reason):
            address.check(name, url)


def test_the_pattern_of_a_card_is_of_its_page_alone() -> None:
    import re

    pattern = address.pattern_of("https://docs.loomery.example/a-b/pricing.md")
    for at in ("pricing.md", "pricing", "pricing?x=1"):
        assert re.search(pattern, f"https://docs.loomery.example/a-b/{at} github:x y z")
    for other in ("pricing-old", "pricing/faq", "pricingmd"):
        assert not re.search(pattern, f"https://docs.loomery.example/a-b/{other} - - -")


def test_what_is_declared_stands_in_the_file_as_the_formatter_has_it() -> None:
    words = {f'Head "{n}" of the table': "what nobody has asked for yet" for n in range(3)}
    taught = read(PAGE, unit="USD per 1M tokens", yen="CNY", ignored=words)
    assert isinstance(taught.source, draft.DraftSource)
    spider = draft.spider_of(taught.source, "Loomery")
    scope: dict[str, object] = {}
    exec(compile(spider, "spider", "exec"), scope)
    assert scope["LoomeryPrices"].declared == taught.source.declared  # type: ignore[attr-defined]
    assert max(map(len, spider.splitlines())) <= 100
    plain = draft.spider_of(draft.DraftSource("a", URL, Declared("loomery")), "Loomery")
    assert len(plain.splitlines()) == 12


def test_without_a_page_there_is_an_example_of_each_form() -> None:
    for url in ("https://a.example/v1/models", "https://a.example/p.md", "https://a.example/p"):
        taught = read(examples.example_for(url).decode(), url)
        assert taught.reading.claims and not taught.reading.refusals
        assert bool(taught.models) == url.endswith("v1/models")


def test_a_unit_is_checked() -> None:
    with pytest.raises(ValueError, match="no unit of a price"):
        lesson.lesson_of("a", URL, PAGE.encode(), NOW, Declared("a", unit="cheap"))
