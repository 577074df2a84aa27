"""The field's words: names that say nothing, and private words for public things, are not used."""

from __future__ import annotations

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.imports import ROOMS, ROOT, modules
from tests.support.names import borrowed, classes, named

EMPTY = frozenset(
    ("said", "found", "seen", "some", "made", "told", "one", "who", "known", "has", "says")
)
"""Words that say of a variable only that it is there."""
PRIVATE = {
    "voices": "evidence",
    "guards": "outlier checks",
    "mint": "new models",
    "stakes": "conflict impact",
    "patience": "retries",
    "shelf": "remote store",
}
"""Words of this house alone, and the field's word for each."""
LEFT: dict[str, int] = json.loads(
    Path(__file__).with_name("words.json").read_text(encoding="utf-8")
)
"""How many such names there are left, by room. They only fall, and a room at none is left out."""
TOPS = (*ROOMS, "tests", "benchmarks", "docs")


def places_of(top: str) -> Iterator[str]:
    for path in sorted((ROOT / top).rglob("*.py")):
        for name in named(ast.parse(path.read_text(encoding="utf-8"))):
            if name.name.strip("_").lower() in EMPTY | PRIVATE.keys():
                yield f"{path.relative_to(ROOT)}:{name.line} {name.name}"


@pytest.mark.parametrize("top", TOPS)
def test_names_say_what_they_name(top: str) -> None:
    places = list(places_of(top))
    most = LEFT.get(top, 0)
    assert len(places) <= most, f"new ones among: {places[:20]}"
    assert len(places) == most, f"fewer now: set {top} to {len(places)} in words.json"


def test_one_class_name_has_one_meaning() -> None:
    where: defaultdict[str, list[str]] = defaultdict(list)
    for module, path in modules().items():
        for name in classes(path):
            where[name].append(module)
    assert {name: places for name, places in where.items() if len(places) > 1} == {}


def test_no_private_name_is_used_across_files() -> None:
    uses = Counter(
        f"{module} uses {name}"
        for module, path in modules().items()
        for name in borrowed(ast.parse(path.read_text(encoding="utf-8")))
    )
    assert not uses


def test_a_name_that_says_nothing_would_be_found() -> None:
    code = "def told(seen, *, b):\n    x.made = [one for one in b]\n    for known, y in b: pass"
    names = {name.name for name in named(ast.parse(code))}
    assert {"told", "seen", "made", "one", "known", "b", "y"} <= names
    assert list(borrowed(ast.parse("from almanac.a import b, _c\nb._d; e._f"))) == [
        "almanac.a._c",
        "b._d",
    ]
