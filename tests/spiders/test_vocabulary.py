"""Words of pages: a label is its parts, conditions and units, in whatever order they stand."""

from __future__ import annotations

import itertools

import pytest

from almanac.schemas.fields import METERS, REGISTERED
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.lengths import lengths
from almanac.spiders.vocabulary.media import media_of
from almanac.spiders.vocabulary.meters import BY_UNIT, meter_of
from almanac.spiders.vocabulary.names import names
from almanac.spiders.vocabulary.regions import region_of
from almanac.spiders.vocabulary.words import entries, fold, scan

PARTS = {
    "input": "input",
    "output": "output",
    "cached input": "cache_read",
    "cache write": "cache_write",
    "cache hits & refreshes": "cache_read",
    "输入": "input",
    "输出": "output",
    "缓存命中": "cache_read",
    "缓存创建": "cache_write",
    "输入（缓存未命中）": "input",
    "audio input": "input_audio",
    "image output": "output_image",
}
CONDITIONS = {
    "": (),
    "batch": (("tier", "batch"),),
    "flex": (("tier", "flex"),),
    "5m": (("cache_ttl", "5m"),),
    "> 200K": (("above_input", "200000"),),
    "off-peak": (("period", "off-peak"),),
}
UNITS = ("", "(USD per 1M tokens)", "元/百万 tokens", "per 1,000 tokens", "($/MTok)")


@pytest.mark.parametrize("part", PARTS)
def test_a_label_is_its_parts_in_any_order(part: str) -> None:
    for (words, terms), unit in itertools.product(CONDITIONS.items(), UNITS):
        for order in itertools.permutations([part, words, unit]):
            stated = label(" ".join(filter(None, order)))
            assert stated.role == "price", order
            assert stated.meter("mtok") == PARTS[part], order
            assert stated.terms == terms, order


@pytest.mark.parametrize("word", ["frobnication", "GPT-4o", "水平", "watts", "Llama 3"])
def test_a_word_that_nobody_knows_makes_the_label_unknown(word: str) -> None:
    for part in PARTS:
        stated = label(f"{part} {word}")
        assert stated.role == "" and stated.unknown, (part, word)


def test_every_field_that_tables_name_has_its_title_as_a_label() -> None:
    for field in REGISTERED:
        if field.subject == "model":
            stated = label(field.title)
            named = {"lifecycle": "status", "tool_use": "function_calling"}.get(
                field.name, field.name
            )
            assert named in (stated.name, stated.flag), field.title


def test_a_phrase_stands_once_for_each_kind() -> None:
    for phrase, meanings in entries().items():
        assert phrase == fold(phrase)
        kinds = [entry.kind for entry in meanings if entry.kind != "capability"]
        assert len(kinds) == len(set(kinds)), phrase


def test_what_is_scanned_is_all_there() -> None:
    text = fold("Cache-hit input（非音频） frob 元/百万token")
    found = "".join(phrase.text for phrase in scan(text, frozenset(("part", "unit"))))
    assert found == "".join(c for c in text if c not in " ()-")


@pytest.mark.parametrize("per", ["mtok", *BY_UNIT])
def test_a_meter_is_one_that_there_is(per: str) -> None:
    parts = ("in", "out", "audio", "image", "video", "text")
    for count in range(3):
        for some in itertools.combinations(parts, count):
            meter, terms = meter_of(frozenset(some), per)
            assert meter in METERS
            assert set(terms) <= {"media", "side", "use"}


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("≤ 200K", 0, 200_000),
        ("> 200K input tokens", 200_000, None),
        ("0 ≤ 输入长度 ＜ 64k", 0, 64_000),
        ("64k ≤ 输入长度 ＜ 256k", 64_000, 256_000),
        ("256K<Token≤1M", 256_000, 1_000_000),
        ("[32k, 128k)", 32_000, 128_000),
        ("128k-256k", 128_000, 256_000),
        ("200k+", 200_000, None),
        ("200,000 and above", 200_000, None),
        ("256K ≥ tokens > 128K", 128_000, 256_000),
    ],
)
def test_a_length_is_read_however_it_is_written(text: str, low: int, high: int | None) -> None:
    (length,) = lengths(text)
    assert (length.low, length.high) == (low, high)


@pytest.mark.parametrize("text", ["128K", "≤ 200", "long", "[64k, 32k]", "3-5", "1M tokens or so"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        lengths(text)


@pytest.mark.parametrize(
    ("cell", "name", "terms"),
    [
        ("Acme 7 (limited availability)", "Acme 7", {}),
        ("Acme 7 (deprecated)", "Acme 7", {}),
        ("• acme-7-hd", "acme-7-hd", {}),
        ("推荐\nacme-7", "acme-7", {}),
        ("acme-7推荐", "acme-7", {}),
        ("Acme 7 through March 31, 2031", "Acme 7", {"until": "2031-03-31"}),
        ("Acme 7 (until 2031-03-31)", "Acme 7", {"until": "2031-03-31"}),
        ("Acme 7 (FP8)", "Acme 7", {"quantisation": "fp8"}),
        ("Acme 7 (EU)", "Acme 7", {"region": "EU"}),
        ("Acme 7 (w/ latency optimized inference)", "Acme 7", {"tier": "latency optimised"}),
        ("Acme 7 (>200K tokens)", "Acme 7", {"above_input": "200000"}),
        ("Acme 7 (17Bx16E)", "Acme 7", {}),
        ("Acme 7 Instruct (8B)", "Acme 7 Instruct (8B)", {}),
        ("acme-7-flash-latest", "acme-7-flash-latest", {}),
        ("Acme Batch 7", "Acme Batch 7", {}),
        ("Acme 7 原厂直供", "Acme 7", {"supply": "direct"}),
        ("@cf/acme/acme-7", "@cf/acme/acme-7", {}),
    ],
)
def test_what_stands_beside_a_name_is_placed(cell: str, name: str, terms: dict[str, str]) -> None:
    (stated,) = names(cell)
    assert (stated.text, dict(stated.terms)) == (name, terms)


@pytest.mark.parametrize("cell", ["Acme 7 (special sauce)", "Acme 7 (with love)", "$5", "12", ""])
def test_what_cannot_be_placed_refuses_the_name(cell: str) -> None:
    with pytest.raises(ValueError, match=r"no name|cannot place"):
        names(cell)


def test_one_cell_may_name_several_models() -> None:
    assert [n.text for n in names("Acme Waltz 6 / 5.5")] == ["Acme Waltz 6", "Acme Waltz 5.5"]
    assert [n.text for n in names("acme-7, acme-7-mini")] == ["acme-7", "acme-7-mini"]


def test_a_day_from_which_a_price_holds_is_no_part_of_the_name() -> None:
    (name,) = names("Acme 7 starting April 1, 2031")
    assert name.text == "Acme 7" and str(name.effective_from) == "2031-04-01"
    (name,) = names("Acme 7（2026-08-31 下线）")
    assert name.text == "Acme 7" and name.retires == "2026-08-31"


@pytest.mark.parametrize(
    "text", ["us-east-1", "eu", "新加坡", "华北2（北京）", "Asia", "us-west-9"]
)
def test_a_region_is_a_place(text: str) -> None:
    assert region_of(text) == text


@pytest.mark.parametrize("text", ["fp8", "2", "default", "beta", "highspeed", "turbo", "batch", ""])
def test_what_is_no_place_is_no_region(text: str) -> None:
    assert region_of(text) == ""


def test_media_are_known_or_none_are() -> None:
    assert media_of("Text, Images and PDF") == ("text", "image", "pdf")
    assert media_of("图片、视频\n文件、文本") == ("image", "video", "pdf", "text")
    assert media_of("Text, smell") == ()
