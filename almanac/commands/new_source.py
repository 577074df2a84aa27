"""`almanac new-source`: a saved page to a source, and what is still to be told of it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Optional

import typer

from almanac import clock, out
from almanac.app import app

if TYPE_CHECKING:
    from almanac.new_source.address import PageOwner
    from almanac.new_source.lesson import PageExcerpt, PageLesson
    from almanac.new_source.names import NamesLinked
    from almanac.spiders.reading.declared import Declared

_YEN: dict[str, Literal["", "CNY", "JPY"]] = {"": "", "CNY": "CNY", "JPY": "JPY"}
Words = tuple[dict[str, str], dict[str, str]]
"""What heads mean on a page, and why heads are of no interest there."""


@app.command("new-source")
def new_source(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="The source's id: who and what, such as acme_pricing."),
    ],
    url: Annotated[str, typer.Argument(metavar="URL", help="The page or API answer it reads.")],
    page: Annotated[
        Optional[Path],
        typer.Option(
            "--page", metavar="FILE", help="A copy of it you saved; without it, an example."
        ),
    ] = None,
    unit: Annotated[
        str,
        typer.Option(
            "--unit", metavar="U", help="Unit of prices that print none: 'USD per 1M tokens'."
        ),
    ] = "",
    labels: Annotated[
        Optional[list[str]],
        typer.Option("--label", metavar="HEAD=MEANING", help="What a head or key means here."),
    ] = None,
    ignored: Annotated[
        Optional[list[str]],
        typer.Option("--ignored", metavar="HEAD=WHY", help="A head or key of no interest."),
    ] = None,
    yen: Annotated[str, typer.Option("--yen", metavar="CODE", help="What ¥ is: CNY, JPY.")] = "",
    fetched: Annotated[
        str, typer.Option("--fetched", metavar="DAY", help="When you saved it, if not today.")
    ] = "",
    again: Annotated[
        bool,
        typer.Option("--again", help="Record the page anew, as the source's files read it now."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say it all; write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Make a source of a saved page, in a clone: spider, card, recorded page, its claims.

    Prints each head, key or labelled line of the page, what it is taken for, some of its cells,
    and what to do about those that nobody knows.

    docs/add-a-source.md goes on from there.

    Example: almanac new-source acme_pricing https://acme.example/pricing --page saved.html
    """
    from almanac.new_source import address, examples, lesson, report

    root = _clone()
    words = _pairs(labels), _pairs(ignored)
    address.check(name, url, again)
    owner = address.owner_of(url)
    if again:
        taught = _again(root, name, url, page, fetched)
    else:
        body = _body(page) if page else examples.example_for(url)
        declared = _declared(owner, unit, yen, words)
        taught = lesson.lesson_of(name, url, body, _day(fetched), declared)
        _check_words(taught, words)
    names = _linked(owner, taught)
    if not as_json:
        print("\n".join(report.report(owner, taught, names)))
    if taught.reading.failed:
        raise out.Refused(f"nothing is written: {taught.reading.failed}")
    excerpt = lesson.excerpt_of(taught)
    files = [] if dry_run else _written(root, owner, taught, excerpt, again)
    if as_json:
        out.as_json(_as_json(owner, taught, names, excerpt, files))
    else:
        _print_next(taught, excerpt, files)


def _clone() -> Path:
    """Return the folder of the clone. Raises Refused where the program is installed without one."""
    from almanac.spiders import base

    root = Path(base.__file__).resolve().parents[1]
    if not (root / "tests" / "captures").is_dir():
        raise out.Refused(
            f"{root} is not a clone of the project:"
            " new-source writes the files a change to it needs"
        )
    return root


def _day(fetched: str) -> datetime:
    """Return the day on which a page was saved, today where none is given.

    Raises ValueError for what is no day.
    """
    from almanac.schemas.dates import utc

    if not fetched:
        return clock.now().replace(hour=0, minute=0, second=0)
    try:
        return utc(fetched)
    except ValueError:
        raise ValueError(f"--fetched {fetched}: no day, such as 2026-11-20") from None


def _check_words(lesson: PageLesson, words: Words) -> None:
    """Raise ValueError for a word on a head, key or cell that the page does not have."""
    from almanac.spiders.vocabulary.words import fold

    met = {fold(label.text) for place in lesson.places for label in place.labels}
    text = fold(html.unescape(lesson.page.text))
    for word in (word for pairs in words for word in pairs):
        if fold(word) not in met and fold(word) not in text:
            raise ValueError(f"the page has no head, key or cell {word!r}")


def _body(page: Path) -> bytes:
    """Return what a saved page holds. Raises Refused where it is not there, or does not unpack."""
    from almanac.flows.harvest.saved_captures import unpacked

    if not page.is_file():
        raise out.Refused(f"{page}: no such file")
    try:
        return unpacked(page)
    except ValueError as error:
        raise out.Refused(f"{page}: {error}") from None


def _pairs(texts: Sequence[str] | None) -> dict[str, str]:
    """Return heads with what is said of them. Raises ValueError for a text without an `=`."""
    pairs = [text.rpartition("=") for text in texts or ()]
    if odd := ["".join(pair) for pair in pairs if not pair[0].strip() or not pair[2].strip()]:
        raise ValueError(f"not HEAD=MEANING: {odd[0]!r}")
    return {head.strip(): meaning.strip() for head, _, meaning in pairs}


def _declared(owner: PageOwner, unit: str, yen: str, words: Words) -> Declared:
    """Return what a new source declares. Raises ValueError for what it cannot."""
    from almanac.spiders.reading.declared import Declared
    from almanac.spiders.vocabulary.labels import label

    if yen not in _YEN:
        raise ValueError(f"¥ is CNY or JPY, not {yen!r}")
    labels, ignored = words
    for head, meaning in labels.items():
        if not label(meaning).role:
            raise ValueError(f"{head}={meaning}: no label in spiders/vocabulary/words.yaml")
    return Declared(owner.provider, unit=unit, yen=_YEN[yen], labels=labels, ignored=ignored)


def _again(root: Path, name: str, url: str, page: Path | None, fetched: str) -> PageLesson:
    """Return what a source that has its files makes of a saved page."""
    from almanac.new_source.files import newest
    from almanac.new_source.lesson import lesson_again
    from almanac.spiders import base

    if page is None:
        raise ValueError("--again asks for --page FILE")
    recorded = newest(root, name).name[:10]
    return lesson_again(base.source(name), url, _body(page), _day(fetched or recorded))


def _linked(owner: PageOwner, lesson: PageLesson) -> NamesLinked:
    from almanac.commands.link import known_models
    from almanac.new_source.names import link_names

    return link_names(lesson.names, owner.provider, clock.now().date(), known_models())


def _written(
    root: Path, owner: PageOwner, lesson: PageLesson, excerpt: PageExcerpt, again: bool
) -> list[str]:
    """Write the files of a source; return their paths in the clone."""
    from almanac import recorded
    from almanac.new_source.draft import DraftSource, card_of, spider_of, title_of
    from almanac.new_source.files import captured, newest, write_all

    page, sources = lesson.page, root / "spiders" / "sources"
    day = f"{page.fetched_at:%Y-%m-%d}"
    folder = newest(root, page.source) if again else root / "tests/captures" / page.source / day
    files = {
        folder / "body": excerpt.text,
        folder / "capture.json": captured(page.url, day),
        folder / "claims.json": recorded.text_of(excerpt.reading),
    }
    if isinstance(lesson.source, DraftSource):
        title = title_of(lesson.source, owner)
        card = card_of(lesson.source, owner, len(lesson.names))
        spider = spider_of(lesson.source, title)
        files = {
            sources / f"{page.source}.py": spider,
            sources / f"{page.source}.yml": card,
            **files,
        }
    write_all(root, files, page.source, replace=again)
    return [str(path.relative_to(root)) for path in files]


def _as_json(
    owner: PageOwner,
    lesson: PageLesson,
    names: NamesLinked,
    excerpt: PageExcerpt,
    files: Sequence[str],
) -> dict[str, object]:
    from almanac.new_source.report import unknown_labels

    return {
        "made": files,
        "claims": len(lesson.reading.claims),
        "refused": len(lesson.reading.refusals),
        "recorded": len(excerpt.reading.claims),
        "sentences": excerpt.sentences,
        "places": [asdict(place) for place in lesson.places],
        "unknown": dict(unknown_labels(lesson.places)),
        "owner": asdict(owner),
        "names": asdict(names),
    }


def _print_next(lesson: PageLesson, excerpt: PageExcerpt, files: Sequence[str]) -> None:
    """Print what was written, and what is to be done now."""
    from almanac.new_source.report import next_steps

    for line in next_steps(lesson, excerpt, files):
        print(line)
