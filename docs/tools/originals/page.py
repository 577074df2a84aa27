"""The page that shows the founding documents beside ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from almanac.warehouse import Warehouse
from docs.tools.originals.pair import Pair
from docs.tools.originals.sections import DOCUMENTS, FoundingDocument, verdict

PAGE = Path(__file__).parents[2] / "originals.md"


def pairs(snapshot: Warehouse, as_of: str = "") -> dict[str, Pair]:
    """Return the three comparisons by their document, as the release has them on a day.

    By default it is the day of its newest look.
    """
    then = snapshot.as_of(as_of or snapshot.newest_look())
    return {document.tag: Pair(then, document.models) for document in DOCUMENTS}


def page(snapshot: Warehouse, as_of: str = "") -> str:
    """Return the page over a release of the recorded pages.

    Raises Unexplained for a section that differs and nothing says why.
    """
    lines = [
        "# The founding documents, rebuilt",
        "",
        (
            "Written by `python -m docs.tools.originals` from a release of the recorded pages"
            " and held to it by a test. The letters name the cases of"
        ),
        (
            "the conflict each correction rests on;"
            " each verdict is a rule that the test holds ours to, here and on real pages at large."
        ),
        "`almanac compare A B --html FILE` shows a page whole.",
        "",
    ]
    compared = pairs(snapshot, as_of)
    for document in DOCUMENTS:
        lines += _document(document, compared[document.tag])
    return "\n".join(lines)


def _document(document: FoundingDocument, pair: Pair) -> Iterator[str]:
    """Yield the lines of one document."""
    rows = document.rows
    verdicts = [f"open: {r.open}" if r.open_here else verdict(r, pair) for r in rows]
    yield from (f"## {document.tag}: {document.title}", "", _summary(verdicts), "")
    yield from ("| section | the original | ours | |", "|---|---|---|---|")
    for row, text in zip(rows, verdicts, strict=True):
        yield f"| {row.section} | {_safe(row.original)} | {_safe(row.ours(pair))} | {_safe(text)} |"
    yield ""
    if faults := [f"- {r.section}: {r.open}" for r in rows if r.open and not r.open_here]:
        yield from ("Right here, and not yet on real pages at large:", "", *faults, "")


def _summary(verdicts: list[str]) -> str:
    counts = {
        kind: sum(text.startswith(kind) for text in verdicts)
        for kind in ("same", "corrected", "more", "open")
    }
    still = f", {counts['open']} not right yet" if counts["open"] else ""
    return (
        f"{len(verdicts)} sections: {counts['same']} the same, {counts['corrected']} corrected,"
        f" {counts['more']} say more{still}."
    )


def _safe(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
