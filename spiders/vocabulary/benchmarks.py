"""What a label of a table of scores names: a benchmark, a part of one, a metric, a condition."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from almanac.spiders.vocabulary.words import Kind, fold, means, scan

_BENCHMARKS: frozenset[Kind] = frozenset(("benchmark",))
_MEASURED: frozenset[Kind] = frozenset(("measured",))
_ASIDE: frozenset[Kind] = frozenset(("aside",))
_ENDING = re.compile(r"[a-z0-9][- ]?(?:bench|eval|qa)\b")
"""Ends of words that only benchmarks have."""
_LENGTH = re.compile(r"\d+(?:\.\d+)?\s*k(?: tokens)?", re.I)
_BRACKET = re.compile(r"\s*\(([^()]*)\)")
_SHOTS = re.compile(
    r"(?P<count>\d{1,3}(?:-\d{1,3})?|zero|one|few)[\s-]*shots?|shots?\s*[=:]\s*(?P<last>\d{1,3})",
    re.I,
)
_WORDS = {"zero": "0", "one": "1"}
_MARKS = re.compile(r"[⬆⬇↑↓️†‡*^]+")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The name of a benchmark, and how its label says that it was measured."""

    name: str
    terms: dict[str, str] = field(default_factory=dict)


def names_benchmark(text: str) -> bool:
    """Whether a label names a benchmark that is known, or is built as only their names are.

    >>> names_benchmark("MMLU-Pro (5-shot)"), names_benchmark("Loom-Bench"), names_benchmark("8B")
    (True, True, False)
    """
    folded = re.sub(r"(?<=[a-z0-9])_", " ", fold(text))
    parted = re.sub(r"(?<=[a-z])(?=(?:v\d|20\d\d)\b)", " ", folded)
    return bool(_ENDING.search(folded)) or any(
        word.entries for way in (folded, parted) for word in scan(way, _BENCHMARKS)
    )


def is_part(text: str) -> bool:
    """Whether a label names a part of some benchmark and none by itself: a language, a length."""
    return bool(means(text, "benchmark part")) or bool(_LENGTH.fullmatch(text.strip()))


def is_aside(text: str) -> bool:
    """Whether a label names what a table of scores counts besides scores, such as a latency."""
    words = list(scan(re.sub(r"\([^()]*\)", " ", fold(text)), _ASIDE))
    return bool(words) and (
        all(word.entries for word in words) or any(" " in w.text for w in words if w.entries)
    )


def titles_scores(text: str) -> bool:
    """Whether a heading says that scores stand under it."""
    return any(word.entries for word in scan(fold(text), _MEASURED))


_SHOTS_BEHIND = re.compile(r"(?<![\s,:-])[\s,:-]{1,10}(?=\S{1,20}[\s-]{0,3}shots?\b)")


def is_metric(text: str) -> bool:
    """Whether a text says how something is counted, and nothing else."""
    plain = unmarked(text).strip(" ()")
    return bool(means(plain, "metric")) or bool(_SHOTS.fullmatch(plain))


def shots_of(text: str) -> tuple[str, str]:
    """Return the count of shots that a text states, and what else it says.

    >>> shots_of("5-shot, CoT"), shots_of("macro_avg/acc")
    (('5', 'CoT'), ('', 'macro_avg/acc'))
    """
    m = _SHOTS.search(text)
    if not m:
        return "", text.strip()
    count = (m["count"] or m["last"]).lower()
    rest = re.sub(r"\s*,\s*,\s*|^[\s,;]+|[\s,;]+$", "", text[: m.start()] + text[m.end() :])
    return _WORDS.get(count, count), rest


def benchmark_of(text: str) -> Benchmark:
    """Return a label's benchmark, with the shots that it states taken off into terms.

    >>> benchmark_of("MMLU (5-shot, CoT)")
    Benchmark(name='MMLU (CoT)', terms={'shots': '5'})
    """
    terms: dict[str, str] = {}

    def bracketed(m: re.Match[str]) -> str:
        shots, rest = shots_of(m[1])
        if not shots:
            return m[0]
        terms["shots"] = shots
        if is_metric(rest):
            terms["metric"], rest = rest, ""
        return f" ({rest})" if rest else ""

    name = _BRACKET.sub(bracketed, " ".join(text.split()))
    if "shots" not in terms and (m := _SHOTS_BEHIND.search(name)):
        shots, rest = shots_of(name[m.end() :])
        if shots and not rest:
            terms["shots"], name = shots, name[: m.start()]
    return Benchmark(unmarked(name).strip(" :"), terms)


def unmarked(text: str) -> str:
    """Return a text without marks of footnotes and of the direction that is better."""
    return _MARKS.sub("", text).strip()


_BESIDE_EDITION = re.compile(
    r"\b(?:benchmarks?|results?|evaluations?|scores?|models?|versions?|variants?|performance)\b"
)


def edition_of(text: str) -> str:
    """Return the edition that a title says its figures are of: base, instruct, or nothing.

    >>> edition_of("Instruction Tuned Models"), edition_of("Base pretrained models")
    ('instruct', 'base')
    """
    plain = _BESIDE_EDITION.sub(" ", fold(text))
    entry = means(" ".join(plain.split()), "edition")
    return entry.name if entry else ""


def edition_within(name: str) -> str:
    """Return the edition that a name's own words say."""
    spaced = re.sub(r"[-_/]", " ", fold(name)).split()
    marks = {e.name for w in spaced if (e := means(w, "edition"))}
    if "pt" in spaced:
        marks.add("base")
    return marks.pop() if len(marks) == 1 else ""
