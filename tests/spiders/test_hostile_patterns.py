"""Patterns that run on text of others take time with its length, never more.

Or with its square where a figure's length bounds it.
"""

from __future__ import annotations

import re

import pytest

from almanac.schemas.quantity import LONGEST, read_count
from tests.support.hostile import bounded
from tests.support.patterns import attacks, of_pages, patterns

SLOW = (
    "import sys; from tests.support import patterns as p; "
    "print(*p.slow({some}, {size}, {most}), sep='\\n')"
)


def test_no_pattern_takes_long_over_what_a_cell_may_hold() -> None:
    """In the texts that its own repetitions make slow.

    60 bytes of `tokenstokens…` took longer than anybody waited.
    """
    assert len(patterns()) > 300
    work = SLOW.format(some="p.patterns()", size=LONGEST, most=2)
    assert not bounded(work, seconds=600).strip()


def test_no_pattern_of_a_whole_page_takes_time_with_the_square_of_its_length() -> None:
    assert len(of_pages()) >= 3, sorted(of_pages())
    work = SLOW.format(some="p.of_pages()", size=60_000, most=5)
    assert not bounded(work, seconds=600).strip()


@pytest.mark.parametrize(
    "pattern", [r"(?:tokens?|\(?(?:ga|tokens)\)?)*$", r"\s*(?:#.*\s+)*\w+ = ", r"(a+)+$"]
)
def test_what_would_take_for_ever_is_found_by_these_texts(pattern: str) -> None:
    """The patterns that stalled a reader before, and the one that every book has."""
    work = (
        "from tests.support import patterns as p; import re;"
        f" print(*p.slow({{'x': re.compile({pattern!r})}}, 500, 1), sep='\\n')"
    )
    assert bounded(work, seconds=60).strip()
    assert len(list(attacks(re.compile(pattern), 100))) >= 3


def test_what_takes_time_with_the_square_of_a_page_is_found_by_these_texts() -> None:
    work = (
        "from tests.support import patterns as p; import re;"
        " print(*p.slow({'x': re.compile(r'^\\s*[-*] a', re.M)}, 30_000, 1), sep='\\n')"
    )
    assert bounded(work, seconds=60).strip()


@pytest.mark.parametrize("words", ["tokens", "context window ", "ga)", "- params", "个"])
def test_words_after_a_count_are_taken_in_one_way(words: str) -> None:
    assert read_count("128K " + words * 15).value == 128_000
    with pytest.raises(ValueError, match="words that may change the count"):
        read_count("128K " + words * 30 + "x")


READERS = """
import itertools, time
from almanac.flows.entity_resolution.name_parser import parse
from almanac.schemas.claim import LONGEST_NAME
from almanac.schemas.dates import read_date
from almanac.schemas.money import read_price
from almanac.schemas.quantity import (
    is_missing,
    read_count,
    read_flag,
    read_number,
    read_score,
    split_glued,
)
from almanac.spiders.parsers.row_checks import MARKUP, no_name, row_of
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.parsers.html_tables import plain
from tests.support import patterns as p

readers = [
    read_count, read_number, read_date, read_price, lambda t: read_price("$1", t), read_flag,
    read_score, is_missing, label,
    no_name, row_of, plain, lambda t: split_glued(t, r"\\d+\\.\\d"),
    lambda t: parse.__wrapped__(t[:LONGEST_NAME]), MARKUP.search,
]
atoms = [
    "1", " ", "1,", "(", "$1 / ", "<td", "|", "-", "a-", "9.", "a ", "tokens", "per 1m ", "/",
    "\\u3000", "\\n", "\\ufdfa", "輸", "_", "[", "<", "&a", "v1", "2025-", "1k-",
]
files = [
    p.ROOT / "schemas/quantity.py",
    p.ROOT / "schemas/money.py",
    p.ROOT / "schemas/dates.py",
    p.ROOT / "flows/entity_resolution/name_parser.py",
]
pairs = map("".join, itertools.product("1 -($,./a", repeat=2))
texts = [a * (500 // len(a)) + end for a in [*atoms, *pairs] for end in ("", "x", "!")]
for pattern in p.patterns(files).values():
    texts += itertools.islice(p.attacks(pattern, 500), 12)
for reader, text in itertools.product(readers, texts):
    started = time.process_time()
    try:
        reader(text[:500])
    except ValueError:
        pass
    if time.process_time() - started > 1:
        print(reader, repr(text[:60]), time.process_time() - started, flush=True)
"""


def test_no_reader_of_a_cell_takes_long_over_any_of_these_texts() -> None:
    """A second for a cell that takes a thousandth.

    What is exponential, or takes time with the cube of 500 characters, fails.
    """
    assert not bounded(READERS, seconds=600).strip()
