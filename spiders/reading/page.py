"""A page read whole: every block of its document, then the guards, then the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from almanac.schemas.claim import Claim
from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Block, Document, Grid, Line, Record
from almanac.spiders.document.reader import document
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.html import parsed
from almanac.spiders.reading.archived import with_piped, without_lists
from almanac.spiders.reading.card import check_writer, front_matter, subject_of
from almanac.spiders.reading.card_lines import read_card_lines
from almanac.spiders.reading.cards import with_cards
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.family import family_of
from almanac.spiders.reading.flattened import with_flattened
from almanac.spiders.reading.front_matter import read_front_matter
from almanac.spiders.reading.gaps import without_gaps
from almanac.spiders.reading.glued import with_glued
from almanac.spiders.reading.grid import read_grid, unread
from almanac.spiders.reading.ledger import LedgerEntry, Outcome
from almanac.spiders.reading.lines import read_lines
from almanac.spiders.reading.links import read_links
from almanac.spiders.reading.notices import read_notices
from almanac.spiders.reading.phrases import read_phrases
from almanac.spiders.reading.priced_lines import PricedLines
from almanac.spiders.reading.records import read_record
from almanac.spiders.reading.same_rows import with_heads_told
from almanac.spiders.reading.scores import read_scores
from almanac.spiders.reading.sections import sections_of
from almanac.spiders.reading.sellers import sellers_of
from almanac.spiders.reading.subject import name_models, only_id
from almanac.spiders.vocabulary.benchmarks import edition_of

SEVERAL = "the page gives this several values under the same terms"


def read_document(page: Page, declared: Declared) -> Iterator[Claim]:
    """Yield the claims of a page. Raises LayoutChanged for one that states nothing known."""
    check_writer(page, declared)
    text = markup_of(page)
    content = document(without_lists(text) if declared.archived else text, parsed)
    context, blocks = prepared(page, declared, content)
    page.ledger = context.ledger
    for problem, at in content.problems:
        page.refuse(problem, locator=at)
    _blocks(context, blocks)
    lines = [block for block in blocks if isinstance(block, Line)]
    if declared.is_card:
        _card(context, content, lines)
    read_lines(context, lines)
    read_phrases(context, lines)
    read_notices(context, lines)
    if not context.claims and not page.refusals:
        raise LayoutChanged("no table has a column of models and one of prices or limits")
    yield from unique(context)


def prepared(page: Page, declared: Declared, content: Document) -> tuple[Context, list[Block]]:
    """Return what is known of a page before its blocks are read, and the blocks.

    Among these, cards and tables flattened into lines stand as grids.
    """
    context = _context(page, declared, content)
    blocks = content.blocks
    if not content.is_html:
        if declared.archived:
            blocks = with_glued(context, with_piped(blocks))
        if declared.gaps_shift:
            blocks = without_gaps(context, blocks)
    blocks = with_heads_told(blocks)
    context.sellers = {} if declared.provider else sellers_of(blocks, declared)
    if not (context.subject or declared.is_card):
        read_links(context, blocks)
        blocks = with_cards(with_flattened(blocks, declared), declared)
    name_models(context, content.lines())
    context.only_id = only_id(context, list(content.lines()))
    if not context.subject:
        context.sections = sections_of(blocks)
    return context, blocks


def _context(page: Page, declared: Declared, content: Document) -> Context:
    """Return what is known of a page before its blocks are read."""
    context = Context(page, declared, subject=subject_of(page, content, declared))
    context.priced = PricedLines.of(content.lines())
    titles = [line.text for line in content.lines() if line.kind == "heading"]
    context.editions = frozenset(e for t in titles if (e := edition_of(t)))
    return context


def _card(context: Context, content: Document, lines: Sequence[Line]) -> None:
    """Read what only cards have: front matter, lines of a family, set phrases."""
    if not context.models:
        raise LayoutChanged("neither the address, a title nor a table names the model")
    read_front_matter(context, front_matter(content))
    read_card_lines(context, [*lines, *_cell_lines(content)])


def _blocks(context: Context, blocks: Sequence[Block]) -> None:
    """Read the grids and the objects of a page."""
    for block in paced(blocks):
        if isinstance(block, Grid):
            _grid(context, family_of(context, block) if context.declared.is_card else block)
        elif isinstance(block, Record) and block.kind != "front matter":
            read_record(context, block)


def _grid(context: Context, grid: Grid) -> None:
    """Read a grid as what it is; one under a title that is of no interest is entered as such."""
    if context.declared.section(grid.place.headings):
        unread(context, grid)
        return
    if not (read_scores(context, grid) or read_grid(context, grid)):
        unread(context, grid)


def _cell_lines(content: Document) -> Iterator[Line]:
    """Yield the cells of tables that may hold sentences, as lines."""
    for grid in content.grids():
        for cell in (cell for row in grid.rows for cell in row if len(cell.text) > 40):
            yield Line(cell.text, "text", grid.place, grid.where(cell))


def markup_of(page: Page) -> str:
    """Return the page's text, or the longest text with markup inside an answer in JSON."""
    if page.text.lstrip()[:1] != "{":
        return page.text
    texts = [text for text in _strings(page.json) if "<" in text and ">" in text]
    if not texts:
        raise LayoutChanged("an answer in JSON without a document in it")
    return max(texts, key=len)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _agreed(same: Sequence[Claim]) -> Sequence[Claim]:
    """Return claims of one thing that agree, each value once: a month and a day in it do."""
    finest = max(same, key=lambda claim: len(str(claim.value)))
    if finest.field.endswith(("_date", "_cutoff")):
        agree = all(str(finest.value).startswith(str(c.value)) for c in same)
        agree = agree and len({c.state for c in same}) == 1
        return list({c.value: c for c in reversed(same)}.values()) if agree else ()
    return same[:1] if len({(c.value, c.state) for c in same}) == 1 else ()


def unique(context: Context) -> list[Claim]:
    """Return the claims, each once; where a page says several values of one thing, none of them."""
    groups: dict[tuple[object, ...], list[tuple[Claim, LedgerEntry]]] = defaultdict(list)
    for claim, entry in context.claims:
        currency = claim.unit if claim.field == "price" else ""
        key = (claim.subject, claim.provider, claim.model, claim.field, claim.meter, claim.terms)
        groups[(*key, currency, claim.effective_from)].append((claim, entry))
    kept: list[Claim] = []
    for same in paced(groups.values()):
        if agreed := _agreed([claim for claim, _ in same]):
            kept += agreed
            continue
        for claim, entry in same:
            entry.outcome, entry.reason = Outcome.refused, SEVERAL
            context.page.refuse(
                SEVERAL,
                printed=claim.printed,
                locator=claim.locator,
                model=claim.model,
                provider=claim.provider or "",
                field=claim.field,
            )
    return kept
