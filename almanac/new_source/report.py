"""What new-source prints: readable at 80 columns, whatever the page's alphabet."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from almanac.new_source.address import PageOwner
from almanac.new_source.lesson import PageExcerpt, PageLesson
from almanac.new_source.met import MetLabel, MetPlace
from almanac.new_source.names import NamesLinked, what_to_do
from almanac.out import clean
from almanac.spiders.vocabulary.labels import label

WIDTH = 80
_HEAD = 26
_MOST_LABELS = 60
"""Labels of one place that are shown."""
_MOST_LEFT = 12
"""Entries of a list that are shown."""
_ADVICE = (
    ("no currency|no denominator|unit", "--unit 'USD per 1M tokens', if its documentation says so"),
    (
        "may be a condition",
        "--label 'HEAD=tier' (region, mode, quality …), if that column divides the prices; a cell"
        " that means the standard case: --label 'CELL=standard'; --ignored 'HEAD=why', if it"
        " changes no price",
    ),
    ("stands under no model", "a heading or line that names the model is not seen as one"),
    (
        "second|several values",
        "what tells these apart is not read: which head says it?",
    ),
)


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: Chinese letters take two."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) != 0 for c in text)


def clip(text: str, most: int) -> str:
    """Return as much of a text as so many columns hold.

    >>> clip("Input price per 1M tokens", 12), clip("模型名称", 5)
    ('Input price…', '模型…')
    """
    text = clean(" ".join(text.split()))
    if width_of(text) <= most:
        return text
    while width_of(text) >= most:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, first: str = "", rest: str = "") -> Iterator[str]:
    """Yield a text as lines within the width, behind an indent."""
    line, started = first, False
    for word in clean(" ".join(text.split())).split(" "):
        gap = " " if started else ""
        if started and width_of(line + gap + word) > WIDTH:
            yield line
            line, gap = rest, ""
        line, started = line + gap + clip(word, WIDTH - width_of(rest)), True
    yield line


def report(owner: PageOwner, lesson: PageLesson, names: NamesLinked) -> list[str]:
    """Return the lines of what was met on a page, and of what to do about the rest."""
    reading = lesson.reading
    size = len(lesson.page.body)
    lines = list(
        wrapped(
            f"{size:,} bytes: {_count(len(reading.claims), 'claim')} about"
            f" {_count(len(lesson.names), 'model')}, {len(reading.refusals)} refused"
        )
    )
    for place in lesson.places:
        lines += ["", *_place(place)]
    lines += [*_unknown(lesson), *_refused(lesson), *_owner(owner), *_names(owner, names)]
    return lines


def _place(place: MetPlace) -> Iterator[str]:
    yield clip(place.title, WIDTH)
    for met in place.labels[:_MOST_LABELS]:
        yield from _label(met)
    if (more := len(place.labels) - _MOST_LABELS) > 0:
        yield f"  … and {more} more; --json lists them"


def _label(met: MetLabel) -> Iterator[str]:
    mark = "?" if met.state == "unknown" else "!" if met.state == "refused" else " "
    head, indent = clip(met.text, WIDTH - 2), " " * (_HEAD + 3)
    start = f"{mark} {head}{' ' * (_HEAD - width_of(head))} "
    if width_of(head) > _HEAD:
        yield f"{mark} {head}"
        start = indent
    yield from wrapped(_meaning(met), start, indent)
    if met.samples:
        room = WIDTH - len(indent) - len("e.g. ")
        each = max(8, room // len(met.samples) - 3)
        yield f"{indent}e.g. {clip(' | '.join(clip(s, each) for s in met.samples), room)}"


def _meaning(met: MetLabel) -> str:
    lost = _count(met.cells, "cell")
    if met.state == "unknown":
        shown = f"NOT KNOWN ({lost})" if met.cells else "NOT KNOWN"
        return f"{shown}: {met.reason}" if met.reason else shown
    shown = met.meaning or "?"
    if met.cells:
        return f"{shown}; {lost} refused: {met.reason}" if met.reason else f"{shown}; {lost} left"
    return f"{shown} ({met.reason})" if met.reason else shown


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def unknown_labels(places: Iterable[MetPlace]) -> Counter[str]:
    """Return the labels that nobody knows, with how many cells stand under each."""
    counts: Counter[str] = Counter()
    for place in places:
        for met in place.labels:
            if met.state == "unknown":
                counts[met.text] += met.cells
    return counts


def _unknown(lesson: PageLesson) -> Iterator[str]:
    counts = unknown_labels(lesson.places)
    if not counts:
        return
    yield from ("", f"Not known: {_count(len(counts), 'label')}; for each, one of")
    for advice in _ways(lesson.models is not None):
        yield from wrapped(advice, "  - ", "    ")
    for text, count in counts.most_common(_MOST_LEFT):
        words = [] if lesson.models else list(dict.fromkeys(label(text).unknown))
        why = f", for {', '.join(map(repr, words[:4]))}" if words else ""
        cells = _count(count, "cell") if count else "its cells are refused"
        yield from wrapped(f"{clip(text, 40)} ({cells}{why})", "  ? ", "    ")
    if len(counts) > _MOST_LEFT:
        yield f"  … and {len(counts) - _MOST_LEFT} more, marked ? above"


def _ways(in_table: bool) -> tuple[str, ...]:
    if in_table:
        return (
            "a field or price: a line under `facts`, `words` or `prices` of the card's table, or"
            " --label 'KEY=meaning' in words of spiders/vocabulary/words.yaml",
            "of no interest: a line under `ignored` of the table, or --ignored 'KEY=why'",
            "a figure not to be taken: a line under `refused`; what is left out is refused, too",
        )
    return (
        "what others print, too: a word in spiders/vocabulary/words.yaml, under its field, part,"
        " condition or prose (then run this again)",
        "what it means on this page only: --label 'HEAD=meaning', which goes to `labels=`",
        "of no interest here: --ignored 'HEAD=why', which goes to `ignored=`",
    )


def _refused(lesson: PageLesson) -> Iterator[str]:
    reasons = Counter(r.reason for r in lesson.reading.refusals)
    if not reasons:
        return
    yield from ("", "Refused, and why (is each reason true?)")
    for reason, count in reasons.most_common(_MOST_LEFT):
        yield from wrapped(f"{count} × {clip(reason, 200)}", "  ", "    ")
        for pattern, advice in _ADVICE:
            if re.search(pattern, reason):
                yield from wrapped(advice, "    > ", "      ")
                break


def _owner(owner: PageOwner) -> Iterator[str]:
    makers = f", maker {', '.join(owner.makers)}" if owner.makers else ""
    yield ""
    yield from wrapped(f"Speaks for: provider {owner.provider}{makers} ({owner.because})")
    if owner.is_new:
        entry = f"- {{id: {owner.provider}, name: {owner.publisher}}}"
        yield from wrapped(
            f"No such provider yet: add to schemas/catalogue/providers.yaml: {entry}", "  ", "  "
        )


def _names(owner: PageOwner, names: NamesLinked) -> Iterator[str]:
    if not names.linked and not names.unlinked:
        return
    total = names.linked + len(names.unlinked)
    yield f"Names: {names.linked} of {total} are linked to models"
    for name, reason in _first_of(names.unlinked):
        yield from wrapped(f"{clip(name, 40)}: {clip(reason, 160)}", "  ? ", "    ")
    if len(names.unlinked) > _MOST_LEFT:
        yield f"  … and {len(names.unlinked) - _MOST_LEFT} more; `almanac link` says why"
    for advice in what_to_do(owner) if names.unlinked else ():
        yield from wrapped(advice, "  - ", "    ")


def _first_of(reasons: dict[str, str]) -> Sequence[tuple[str, str]]:
    return list(reasons.items())[:_MOST_LEFT]


def next_steps(lesson: PageLesson, excerpt: PageExcerpt, files: Sequence[str]) -> list[str]:
    """Return the lines of what was written, and of what is to be done now."""
    name, claims = lesson.page.source, len(excerpt.reading.claims)
    lines = ["", *(f"made {file}" for file in files)]
    if files:
        lines.append("listed in docs/sources.md")
    lines += wrapped(
        f"The recorded page: {len(excerpt.text.encode()):,} of {len(lesson.page.body):,} bytes,"
        f" {claims} of {len(lesson.reading.claims)} claims."
    )
    for sentence in excerpt.sentences[:_MOST_LEFT]:
        lines += wrapped(f"Put in your own words there: {clip(sentence, 120)}", "  ! ", "    ")
    if not files:
        return [*lines, "Nothing is written: a dry run."]
    body = next(file for file in files if file.endswith("/body"))
    folder = body.removesuffix("/body")
    return [
        *lines,
        "Next (docs/add-a-source.md):",
        "  1. hold each line of claims.json against the page, by eye",
        "  2. after a change of the source or the page:",
        f"     python -m tests.support.recorded {folder}",
        f"  3. python -m pytest -q tests -k {name}",
        "  4. the card, `make lint`, `make docs`, a line in CHANGELOG.md",
    ]
