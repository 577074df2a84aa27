"""Pages of model documentation, made up: lists of capabilities, limits by region, stages."""

from __future__ import annotations

from almanac.schemas.dates import utc
from almanac.spiders.page import Page
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document

OFFERED = Declared("Acme Cloud")


def stated_of(text: str, declared: Declared = OFFERED) -> set[tuple[str, str, str, object]]:
    """Return (model, field or meter, terms, value) of each claim of a page."""
    page = Page("x", "https://x.example/", text.encode(), utc("2026-11-01"))
    claims = list(read_document(page, declared))
    return {(c.model, c.meter or c.field, str(c.terms), c.value) for c in claims}


def test_capabilities_in_html_are_of_the_list_they_stand_in() -> None:
    page = """<!doctype html><html><body><h2>Vole 3</h2>
    <h3>Supported capabilities</h3><ul><li>Vision</li><li>Tool calling (preview)</li>
    <li>Tuning (coming soon)</li></ul>
    <h3>Not supported</h3><ul><li>Batch API</li><li>Structured outputs</li></ul>
    <h3>Data residency</h3><ul><li>Streaming logs</li></ul></body></html>"""
    assert stated_of(page) == {
        ("Vole 3", "vision", "", True),
        ("Vole 3", "function_calling", "", True),
        ("Vole 3", "batch", "", False),
        ("Vole 3", "structured_outputs", "", False),
    }


def test_marks_and_words_beside_a_capability_come_before_what_owns_it() -> None:
    page = """# Vole 3
Features

- ✅ Streaming
- ❌ Fine-tuning
- Computer use
  Not supported
- Vision: supported

Unsupported: batch API, code execution
"""
    assert stated_of(page) == {
        ("Vole 3", "streaming", "", True),
        ("Vole 3", "fine_tuning", "", False),
        ("Vole 3", "computer_use", "", False),
        ("Vole 3", "vision", "", True),
        ("Vole 3", "batch", "", False),
        ("Vole 3", "code_execution", "", False),
    }


def test_words_over_lines_hold_until_the_next_and_words_below_one_for_it_alone() -> None:
    over = """# Vole 3
Capabilities

Supported

Vision

Streaming

Not supported

Batch API

Limitations

Fine-tuning
"""
    assert stated_of(over) == {
        ("Vole 3", "vision", "", True),
        ("Vole 3", "streaming", "", True),
        ("Vole 3", "batch", "", False),
    }
    below = "# Vole 3\nCapabilities\n\nVision\n\nNot supported\n\nStreaming\n\nSupported\n"
    assert stated_of(below) == {("Vole 3", "vision", "", False), ("Vole 3", "streaming", "", True)}


def test_a_limit_of_a_region_is_of_what_is_offered_there() -> None:
    page = """# Vole 3
- Max output tokens: 4,096

Availability

- eu-west-3

Limits

eu-west-3:

- Context window: 64,000

US:

- Context window: 32,000

Everywhere

- Max input tokens: 16,000
"""
    for facts in ("model", "both"):
        claims = stated_of(page, Declared("Acme Cloud", facts=facts))  # type: ignore[arg-type]
        assert claims == {
            ("Vole 3", "max_output_tokens", "", 4096),
            ("Vole 3", "context_window", "region=eu-west-3", 64000),
            ("Vole 3", "context_window", "region=US", 32000),
            ("Vole 3", "max_input_tokens", "", 16000),
        }


def test_values_before_their_labels_may_stand_several_in_a_line() -> None:
    page = "# Vole 3\n- us-west1: 8,192 max output tokens; 128,000 context length\n"
    assert stated_of(page) == {
        ("Vole 3", "max_output_tokens", "region=us-west1", 8192),
        ("Vole 3", "context_window", "region=us-west1", 128000),
    }


def test_a_value_of_another_stage_is_refused_and_a_first_day_is_no_day() -> None:
    text = """**Earliest retirement date:** May 2, 2031

Model ID

`vole-3`

- **Context window:** 200,000 (GA), 1,000,000 (beta)
"""
    page = Page("x", "https://x.example/", text.encode(), utc("2026-11-01"))
    claims = {(c.model, c.field): c for c in read_document(page, OFFERED)}
    assert claims[("vole-3", "retirement_date")].state == "approximate"
    assert claims[("vole-3", "context_window")].value == 200000
    assert [r.printed for r in page.refusals] == ["1,000,000 (beta)"]


def test_a_short_row_with_a_unit_is_over_the_rows_below_it() -> None:
    page = """| Model | Price | Context window |
|---|---|---|
| Speech | per minute |
| vole-hear-1 | $0.01 | |
| Chat | per 1M tokens |
| vole-3 | $0.25 $1.25 | 64,000 |
"""
    assert {(m, n) for m, n, _, _ in stated_of(page)} == {
        ("vole-hear-1", "minute"),
        ("vole-3", "input"),
        ("vole-3", "output"),
        ("vole-3", "context_window"),
    }


FLAT = """## Models

Model

Context window

RPM

Price

Chat models

Per 1M tokens

vole-3-mini

64,000

100rpm

$0.25$1.25

vole-3-max

eu-west-1

200K

20rpm

5rps

$2.50$9.00
"""


def test_a_table_of_cells_alone_is_read_by_their_forms() -> None:
    claims = stated_of(FLAT)
    assert {(m, n, t) for m, n, t, _ in claims} == {
        ("vole-3-mini", "input", ""),
        ("vole-3-mini", "output", ""),
        ("vole-3-mini", "context_window", ""),
        ("vole-3-max", "input", "region=eu-west-1"),
        ("vole-3-max", "output", "region=eu-west-1"),
        ("vole-3-max", "context_window", "region=eu-west-1"),
    }


def test_a_region_with_a_label_and_several_regions_are_of_what_is_below_them() -> None:
    page = """# Vole 3
**Region:** Oregon

- Max output tokens: 4,096

eu-west-3 and us-east9:

- Max output tokens: 2,048
"""
    assert {(t, v) for _, _, t, v in stated_of(page)} == {
        ("region=Oregon", 4096),
        ("region=eu-west-3, us-east9", 2048),
    }


def test_a_title_behind_a_list_is_no_state_of_its_last_item() -> None:
    page = """# Vole 3
Partially supported

- Function calling

Not supported

- Vision
"""
    assert stated_of(page) == {("Vole 3", "vision", "", False)}


def test_terms_of_a_definition_list_are_titles_of_what_defines_them() -> None:
    page = """<!doctype html><html><body><h2>Vole 3</h2><dl><dt>Supported</dt>
    <dd>Vision, JSON mode</dd><dt>Not supported</dt><dd>Batch API</dd>
    <dt>Context window</dt><dd>64,000</dd></dl></body></html>"""
    assert stated_of(page) == {
        ("Vole 3", "vision", "", True),
        ("Vole 3", "structured_outputs", "", True),
        ("Vole 3", "batch", "", False),
        ("Vole 3", "context_window", "", 64000),
    }


def test_a_table_of_features_without_models_is_of_the_one_id_of_the_page() -> None:
    page = """Model ID

`vole-3`

| Feature | Supported |
|---|---|
| Vision | Yes |
| Batch API | No |
"""
    assert stated_of(page) == {("vole-3", "vision", "", True), ("vole-3", "batch", "", False)}


def test_a_title_over_two_columns_has_its_unit_in_the_third() -> None:
    page = """<!doctype html><html><body><table><tr><th>Model</th><th>Context</th><th>Price</th>
    </tr><tr><td colspan=2>Speech</td><td>Per minute</td></tr>
    <tr><td>vole-hear-1</td><td></td><td>$0.01</td></tr></table></body></html>"""
    assert {(m, n) for m, n, _, _ in stated_of(page)} == {("vole-hear-1", "minute")}


def test_both_directions_stand_in_a_cell_only_under_a_head_that_says_so() -> None:
    page = """| Model | Input / Output (USD per 1M tokens) |
|---|---|
| vole-3 | 0.30 / 0.70 |
| vole-4 | 1 / 2 / 3 |
"""
    assert {(m, n) for m, n, _, _ in stated_of(page)} == {("vole-3", "input"), ("vole-3", "output")}
    contrary = "| Model | Output per 1M tokens |\n|---|---|\n| vole-3 | $0.30$0.70 |\n"
    assert stated_of(contrary) == set()


def test_a_licence_is_of_the_models_that_a_line_names() -> None:
    page = """# Weights

Released under the Apache 2.0 license:

- Vole 7B
- Vole Nemo

## Others

- Vole Large 2 and Vole 9B are under the Acme Research License.
- Vole 10B is not under Apache 2.0 License.
- Vole 11B is under MIT License, except its tokenizer.
- The rest of Vole 12B is under MIT License.
"""
    assert stated_of(page, Declared("Acme Cloud", facts="model")) == {
        ("Vole 7B", "licence", "", "Apache 2.0"),
        ("Vole Nemo", "licence", "", "Apache 2.0"),
        ("Vole Large 2", "licence", "", "Acme Research License"),
        ("Vole 9B", "licence", "", "Acme Research License"),
    }


def test_a_region_holds_below_lines_that_are_no_titles() -> None:
    page = """<!doctype html><html><body><p>Model ID</p><p><code>vole-3</code></p>
    <p>Regions</p><p><code>us-east9</code></p><p>Limits</p>
    <p>eu-west-3:</p><p>QPM: 90</p><p>Context window: 64,000</p>
    <p>us-east9: 8,192 max output tokens</p></body></html>"""
    assert stated_of(page) == {
        ("vole-3", "context_window", "region=eu-west-3", 64000),
        ("vole-3", "max_output_tokens", "region=us-east9", 8192),
    }


def test_headings_that_are_labels_and_kinds_below_a_capability() -> None:
    page = """# Vole 3
### Context window

64,000

### Capabilities

Context caching

Explicit caching, implicit caching

Not supported

Vision preview Preview feature

Supported
"""
    assert stated_of(page) == {
        ("Vole 3", "context_window", "", 64000),
        ("Vole 3", "prompt_caching", "", False),
        ("Vole 3", "vision", "", True),
    }


def test_a_state_below_several_capabilities_is_of_none_that_can_be_told() -> None:
    page = "# Vole 3\nCapabilities\n\nVision\n\nStreaming\n\nNot supported\n\nBatch API\n"
    assert not {claim for claim in stated_of(page) if claim[1] in ("vision", "streaming")}
