"""What the guide for a new source prints is what the code has."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from almanac.schemas.fields import FIELDS, METERS
from almanac.schemas.record_keys import RecordKeys, unit_of
from almanac.schemas.safe_yaml import load
from almanac.schemas.terms import STANDARD
from almanac.spiders.page import Page
from almanac.spiders.parsers.listed import NAMED, UNDER, read_listed
from almanac.spiders.reading.declared import Declared
from almanac.spiders.vocabulary.labels import label
from docs.tools.build import HERE
from docs.tools.reading import BEGIN, END, with_reference

PAGE = (HERE / "add-a-source.md").read_text(encoding="utf-8")
DERIVED = PAGE.split(BEGIN)[1].split(END)[0]
CALLED: dict[str, Callable[..., Any]] = {
    "Declared": Declared,
    "Page.say": Page.say,
    "Page.price": Page.price,
    "Page.refuse": Page.refuse,
    "Page.attempt": Page.attempt,
    "read_listed": read_listed,
}


def printed(name: str) -> inspect.Signature:
    """Return the signature that the page prints, as Python reads it."""
    m = re.search(rf"^{re.escape(name)}\((.*?)^\)(?: -> ([^\n]*))?$", DERIVED, re.M | re.S)
    assert m, name
    code = f"from __future__ import annotations\ndef f({m[1]}) -> {m[2] or 'None'}: ..."
    scope: dict[str, Any] = {"STANDARD": STANDARD, "UNDER": UNDER, "NAMED": NAMED}
    exec(compile(ast.parse(code), "signature", "exec"), scope)
    return inspect.signature(scope["f"])


@pytest.mark.parametrize("name", CALLED)
def test_a_printed_signature_is_the_codes(name: str) -> None:
    real = inspect.signature(CALLED[name])
    arguments = {n: p for n, p in real.parameters.items() if n != "self"}
    shown = printed(name)
    assert list(shown.parameters) == list(arguments)
    for argument, parameter in shown.parameters.items():
        own = arguments[argument]
        assert (parameter.kind, parameter.annotation) == (own.kind, own.annotation), argument
        default = {} if repr(own.default) == "<factory>" else own.default
        assert parameter.default == default, argument
    if not isinstance(CALLED[name], type):
        assert shown.return_annotation == real.return_annotation


def test_every_meter_and_no_other_is_listed() -> None:
    (line,) = re.findall(r"^Meters: (.*)\.$", DERIVED, re.M)
    assert tuple(re.findall(r"`(\w+)`", line)) == METERS


def test_every_term_of_the_vocabulary_is_listed_with_its_values() -> None:
    words = load((HERE.parent / "spiders/vocabulary/words.yaml").read_text(encoding="utf-8"))
    table = DERIVED.split("| term | values |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [re.fullmatch(r"\| `(\w+)` \| (.*) \|", row) for row in table.strip().split("\n")]
    listed = {m[1]: set(m[2].split(", ")) for m in rows if m}
    declared = {name: {v for v in values if v} for name, values in words["terms"].items()}
    assert listed == declared
    (line,) = re.findall(r"^Terms whose values are a column's cells: (.*)\.$", DERIVED, re.M)
    assert set(re.findall(r"`(\w+)`", line)) == set(words["conditions"])


def test_each_word_of_declared_and_of_the_table_is_explained() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", DERIVED, re.M))
    for name in (*inspect.signature(Declared).parameters, *RecordKeys.model_fields):
        assert rows.get(name), name


def test_the_table_of_keys_that_is_shown_is_legal() -> None:
    (block,) = [b for b in re.findall(r"```yaml\n(.*?)```", PAGE, re.S) if "records:" in b]
    keys = RecordKeys.model_validate(load(block)["records"]["model"])
    assert keys.facts and keys.words and keys.prices and keys.rules and keys.refused
    assert ("offer", "context_window") in FIELDS
    for unit in ("USD per token", "US cents per 1K characters", "EUR per 1M tokens"):
        unit_of(unit)


def test_what_it_calls_a_meaning_is_in_the_vocabulary() -> None:
    for meaning in re.findall(r"--label '[^'=]+=([^']+)'", PAGE):
        assert meaning == "meaning" or label(meaning).role, meaning


def test_a_page_without_its_marks_is_told() -> None:
    with pytest.raises(ValueError):
        with_reference("no marks")
    assert with_reference(PAGE) == PAGE
