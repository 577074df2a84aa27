"""What every source is: a name, start URLs, and `read`, a pure function of a page."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from almanac.schemas.card import SourceCard, load_card
from almanac.schemas.claim import LONGEST_TEXT, Claim, RefusedItem
from almanac.schemas.text import fit
from almanac.spiders.bounds import reading
from almanac.spiders.page import BROKEN, LayoutChanged, Page, Unreadable, one_line
from almanac.spiders.parsers.row_checks import guarded
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document


class Source:
    """Subclass in `spiders/sources/NAME.py` beside `NAME.yml`.

    Give `name`, `start_urls` and `read`.
    """

    name: str
    start_urls: tuple[str, ...] = ()
    key: tuple[str, str] | None = None
    """A header the source asks for, and the environment variable that holds its secret."""
    named_by_url: bool = False
    """Whether the page's address says what it is about: a model, a provider.

    Then no other may stand in for it.
    """
    declared: Declared | None = None
    """What only this source knows of its pages, where they are read as documents."""
    version: int = 1
    """Raise it when `read` changes what it says, so that old captures are read again."""

    def read(self, page: Page) -> Iterator[Claim]:
        """Yield the claims of a page.

        Raises LayoutChanged or Unreadable when nothing on it can be believed.
        """
        if self.declared is None:
            raise NotImplementedError
        yield from read_document(page, self.declared)

    def members(self, body: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield (URL, bytes) of the files that a saved body bundles; nothing of one file alone."""
        return iter(())

    def installed(self) -> tuple[str, bytes] | None:
        """Return (URL, body) of data that an installed package carries, if this source has any."""
        return None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one page gave. `failed` holds the reason when the page as a whole was refused."""

    claims: tuple[Claim, ...]
    refusals: tuple[RefusedItem, ...]
    failed: str = ""


def read_page(source: Source, page: Page) -> Reading:
    """Return everything a page says, and everything on it that was refused.

    A page that cannot be believed gives no claim: one refusal for the whole says why. Nor does one
    that asks for more than a page may (`almanac.spiders.bounds`).
    """
    failed = ""
    claims: list[Claim] = []
    try:
        with reading(page.seconds):
            page.bound()
            claims = guarded(page, list(source.read(page)))
        if not claims:
            failed = (
                f"nothing could be read: {page.refusals[0].reason}"
                if page.refusals
                else "it states nothing this reader looks for"
            )
    except (LayoutChanged, Unreadable) as error:
        failed = one_line(error)
    except (*BROKEN, RecursionError) as error:
        failed = f"the page is not built as expected: {type(error).__name__}: {one_line(error)}"
    failed = fit(failed, LONGEST_TEXT)
    return Reading(() if failed else tuple(claims), tuple(_refusals(page, failed)), failed)


def _refusals(page: Page, failed: str) -> list[RefusedItem]:
    """Return what was refused, with how many more there were.

    Last comes why the whole page is refused, if it is.
    """
    more = [f"{page.unlisted:,} more were refused and are not listed"] if page.unlisted else []
    reasons = more + ([f"page refused: {failed}"] if failed else [])
    return page.refusals + [
        RefusedItem(source=page.source, capture=page.digest, stage="read", reason=reason)
        for reason in reasons
    ]


@functools.cache
def names() -> tuple[str, ...]:
    """Return the ids of all sources, sorted."""
    from almanac.spiders import sources

    return tuple(
        sorted(m.name for m in pkgutil.iter_modules(sources.__path__) if not m.name.startswith("_"))
    )


@functools.cache
def source(name: str) -> Source:
    """Return the source with this id. Raises ValueError, listing what there is, for another."""
    if name not in names():
        raise ValueError(f"no source {name!r}; there are: {', '.join(names())}")
    module = importlib.import_module(f"almanac.spiders.sources.{name}")
    classes = [
        c
        for c in vars(module).values()
        if isinstance(c, type) and issubclass(c, Source) and c.__module__ == module.__name__
    ]
    (cls,) = [c for c in classes if getattr(c, "name", "") == name]
    return cls()


@functools.cache
def card(name: str) -> SourceCard:
    """Return the card of a source.

    Raises ValueError for a source or card that is not there or not right.
    """
    path = Path(__file__).parent / "sources" / f"{name}.yml"
    if name not in names() or not path.exists():
        raise ValueError(f"no card for source {name!r}")
    return load_card(path)
