"""YAML of others: 500 bytes of aliases, a thousand levels, a key that stands twice.

One reader of YAML, which refuses them.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from almanac.schemas import safe_yaml
from almanac.spiders import base
from tests.conftest import Save, build
from tests.support.hostile import ROOT, bounded, read_in_child

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n"
    for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
BOMB += "features: [*j]\nmodel-index: [{name: m, results: [{metrics: [{value: *j}]}]}]\n"
"""Nine to the tenth power of x, in 484 bytes, and readers that write it out."""
PLACES = {
    "front matter of a card": (
        "huggingface_cards",
        "https://huggingface.co/org/model-7b/raw/main/README.md",
        "---\n{}model: m\n---\n# M\n",
    ),
    "a plug-in's model file": (
        "dify",
        "https://example.org/models/x/models/llm/m.yaml",
        "model_type: llm\n{}model: m\n",
    ),
    "a provider's file": (
        "genai_prices",
        "https://example.org/prices/x.yml",
        "name: x\nid: x\nmodels: []\n{}",
    ),
}
HOSTILE = {
    "aliases within aliases": (BOMB, "aliases and anchors are refused"),
    "an anchor nobody uses": ("a: &a 1\n", "aliases and anchors are refused"),
    "an alias of a merge": ("a: &a {b: 1}\nc: {<<: *a}\n", "aliases and anchors are refused"),
    "lists within lists": ("a: " + "[" * 5_000 + "\n", "nested deeper than"),
    "objects within objects": ("".join(" " * n + "a:\n" for n in range(900)), "nested deeper than"),
    "lists on one line": ("a:\n" + "- " * 5_000 + "\n", "nested deeper than"),
    "more values than any page has": ("a: [" + "1," * 200_000 + "]\n", "more than 100,000 values"),
    "more text than any page has": ("a: " + "x" * 2_000_000 + "\n", "characters of YAML"),
    "a number of base sixty": ("a: " + "1:" * 300_000 + "1\n", "a number of 600,001 digits"),
    "a key that stands twice": ("price: 1\nprice: 2\n", "stands twice in one object"),
    "a tag of another language": (
        "a: !!python/object/apply:os.system [ls]\n",
        "could not determine a constructor",
    ),
    "a tag that lies": ("a: !!timestamp maybe\n", "not what its tag says"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_yaml_that_asks_for_more_than_it_may_is_refused_in_one_line(kind: str) -> None:
    text, reason = HOSTILE[kind]
    with pytest.raises(ValueError, match=reason) as refused:
        safe_yaml.load(text)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "kind",
    [
        "aliases within aliases",
        "lists within lists",
        "objects within objects",
        "a number of base sixty",
    ],
)
def test_no_page_in_yaml_stalls_its_reader(place: str, kind: str) -> None:
    """In a process of its own: what this shows took 24 seconds and a gigabyte, or never ended."""
    source, url, page = PLACES[place]
    reading = read_in_child(source, url, page.format(HOSTILE[kind][0]).encode())
    assert reading["claims"] == 0
    assert HOSTILE[kind][1] in reading["failed"] or (
        kind == "a number of base sixty" and source != "huggingface_cards"
    )


def test_a_bomb_in_one_card_leaves_the_rest_of_the_run_unharmed(save: Save, tmp_path: Path) -> None:
    recorded = ROOT / "tests/captures/openai_pricing/2026-08-21/body"
    save("openai_pricing", "2026-08-21", recorded.read_bytes())
    folder = save(
        "huggingface_cards",
        "2026-05-11",
        f"---\nmodel: m\n{BOMB}---\n# M\n",
        url=PLACES["front matter of a card"][1],
    )
    built = build(tmp_path / "h", folder)
    assert "aliases and anchors are refused" in built.report.stale["huggingface_cards"]
    assert built.figure("openai:openai/gpt-4.1-mini", "price", "input").number == 400_000_000


def test_a_reader_in_python_alone_refuses_the_same() -> None:
    """Where libyaml is missing the slow loaders take its place: by the same rules."""
    work = (
        "import yaml; del yaml.CSafeLoader, yaml.CBaseLoader\n"
        "from almanac.schemas import safe_yaml;"
        " from tests.schemas.test_hostile_yaml import HOSTILE\n"
        "assert not issubclass(safe_yaml._Strict, yaml.cyaml.CParser)\n"
        "for kind, (text, reason) in HOSTILE.items():\n"
        "    try: safe_yaml.load(text[:700_000] if reason != 'characters of YAML' else text)\n"
        "    except ValueError as error:"
        " assert reason in str(error) or 'libyaml' in str(error), (kind, error)\n"
        "    else: raise AssertionError(kind)\nprint('done')\n"
    )
    assert bounded(work, seconds=120).strip() == "done"


@pytest.mark.parametrize(
    "as_printed, values",
    [
        (False, {"a": 1.5, "b": 200_000, "c": None}),
        (True, {"a": "1.50", "b": "200_000", "c": "null"}),
    ],
)
def test_what_is_printed_comes_as_text_where_it_is_asked_for(
    as_printed: bool, values: dict[str, object]
) -> None:
    assert safe_yaml.load("a: 1.50\nb: 200_000\nc: null\n", as_printed=as_printed) == values
    assert safe_yaml.load("") is None


READS = {
    "load",
    "load_all",
    "safe_load",
    "safe_load_all",
    "full_load",
    "full_load_all",
    "unsafe_load",
    "unsafe_load_all",
    "parse",
    "compose",
    "compose_all",
    "scan",
}
ROOMS = ("almanac", "benchmarks", "comparisons", "flows", "schemas", "spiders", "warehouse")


def test_nobody_else_reads_yaml() -> None:
    """`yaml.safe_load` is safe from code, not from a bomb.

    (Tests may read the files of ours that no part of the product reads.)
    """
    found = []
    for path in (p for room in ROOMS for p in (ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.ImportFrom)
                and (node.module or "").split(".")[0] in ("yaml", "ruamel", "_yaml")
            ) or (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "yaml"
                and (node.attr in READS or node.attr.endswith("Loader"))
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert {place.split(":")[0] for place in found} == {"schemas/safe_yaml.py"}, found


def test_every_card_of_ours_is_read_by_these_rules() -> None:
    assert all(base.card(name).title for name in base.names())
