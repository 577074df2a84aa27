"""Cards: siblings that each name a model and say the same of it in labelled lines, as one grid."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import MOST_NOTES, Block, Cell, Grid, Line
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.subject import may_name
from almanac.spiders.vocabulary.labels import Label

_PAIR = re.compile(r"^(?P<label>[^:：]{2,60}?)\s*[:：]\s*(?P<value>\S.*)$", re.S)
LONGEST_VALUE = 80
"""Characters of a labelled value; what is longer is a description."""
FEWEST = 2
"""Cards that make a grid; one alone is a page of one model."""


@dataclass
class _ListedCard:
    """A title and the labelled lines below it; `at` are the places of these among the blocks."""

    title: Line
    start: int
    pairs: dict[str, Cell] = field(default_factory=dict)
    at: list[int] = field(default_factory=list)
    twice: bool = False

    def named_within(self, declared: Declared) -> bool:
        """Whether a labelled line names the model, so that the title need not."""
        return any(declared.label(text).is_role("model", "id") for text in self.pairs)

    @property
    def kin(self) -> tuple[object, ...]:
        """What cards of one list have in common."""
        return self.title.kind, self.title.level, self.title.place


def with_cards(blocks: Sequence[Block], declared: Declared) -> list[Block]:
    """Return blocks with each run of cards as a grid, a card a row; its titles stay lines."""
    grids: dict[int, Grid] = {}
    gone: set[int] = set()
    for run in _runs(blocks, declared):
        if _say_the_same(run, declared):
            grids[run[0].start] = _grid(blocks, run, declared)
            gone |= {i for card in run for i in card.at}
    result: list[Block] = []
    for i, block in enumerate(blocks):
        result += [grids[i]] if i in grids else []
        result += [] if i in gone else [block]
    return result


def _runs(blocks: Sequence[Block], declared: Declared) -> Iterator[list[_ListedCard]]:
    """Yield cards that follow one another and are of one list."""
    run: list[_ListedCard] = []
    for card in _cards(blocks, declared):
        if card and not may_name(card.title.text, declared) and not card.named_within(declared):
            card = None
        if run and (card is None or card.kin != run[0].kin):
            yield run
            run = []
        if card is not None:
            run.append(card)
    if run:
        yield run


def _cards(blocks: Sequence[Block], declared: Declared) -> Iterator[_ListedCard | None]:
    """Yield the cards of a page in its order, None where something else stands between two."""
    card: _ListedCard | None = None
    for i, block in paced(enumerate(blocks)):
        if not isinstance(block, Line):
            yield card if card and card.pairs else None
            yield None
            card = None
        elif card and (pair := _pair(card, block, blocks[i - 1])):
            _add(card, pair, i, blocks)
        elif _begins(block, blocks[i + 1 : i + 3], declared):
            if card:
                yield card if card.pairs else None
            card = _ListedCard(block, i)
    yield card if card and card.pairs else None


def _begins(line: Line, following: Sequence[Block], declared: Declared) -> bool:
    """Whether a line may be a card's title: a heading, an item over items, a line over pairs."""
    if line.kind == "heading":
        return True
    below = [b for b in following if isinstance(b, Line)]
    if line.kind == "item" and below and below[0].kind == "item":
        return below[0].level > line.level
    if line.kind not in ("text", "code") or not may_name(line.text, declared):
        return False
    return len(below) == 2 and all(_PAIR.match(b.text) and b.kind != "heading" for b in below)


def _pair(card: _ListedCard, line: Line, before: Block) -> tuple[str, str] | None:
    """Return the label and the value of a line of a card; None for another line."""
    if line.kind == "heading" or (card.title.kind == "item" and line.level <= card.title.level):
        return None
    if line.kind == "definition" and isinstance(before, Line) and before.kind == "term":
        return before.text.strip(), line.text.strip()
    m = _PAIR.match(line.text.strip())
    if not m or len(m["value"]) > LONGEST_VALUE:
        return None
    return m["label"].strip(" *-•"), m["value"].strip()


def _add(card: _ListedCard, pair: tuple[str, str], i: int, blocks: Sequence[Block]) -> None:
    label, value = pair
    card.twice |= label in card.pairs
    card.pairs[label] = Cell(value)
    line = blocks[i]
    card.at += [i - 1, i] if isinstance(line, Line) and line.kind == "definition" else [i]


def _say_the_same(run: Sequence[_ListedCard], declared: Declared) -> bool:
    """Whether cards share most of their labels, name a model each, and say what is read."""
    titles = [card.title.text for card in run]
    if len(run) < FEWEST or len(set(titles)) < len(run) or any(card.twice for card in run):
        return False
    shared = _shared(run)
    if not shared:
        return False
    if _numbered(titles) or all(card.named_within(declared) for card in run):
        return True
    return _of_models([declared.label(text) for text in shared])


def _shared(run: Sequence[_ListedCard]) -> list[str]:
    """Return the labels that several cards have; none where these are the fewer."""
    times = Counter(label for card in run for label in card.pairs)
    shared = [label for label, n in times.items() if n > 1]
    return shared if len(shared) * 2 >= len(times) else []


def _numbered(titles: Sequence[str]) -> bool:
    """Whether at least half of some titles have a number, as names of models do."""
    return sum(bool(re.search(r"\d", title)) for title in titles) * 2 >= len(titles)


def _of_models(labels: Sequence[Label]) -> bool:
    """Whether labels are those of models alone: both directions of tokens, or a context window."""
    parts = frozenset[str]().union(*(stated.parts for stated in labels))
    return parts >= {"in", "out"} or any(stated.name == "context_window" for stated in labels)


def _grid(blocks: Sequence[Block], run: Sequence[_ListedCard], declared: Declared) -> Grid:
    """Return cards as a grid; a title is no column where each card names its model within."""
    titled = not all(card.named_within(declared) for card in run)
    labels = list(dict.fromkeys(label for card in run for label in card.pairs))
    heads = ["Model", *labels] if titled else labels
    rows = []
    for n, card in enumerate(run):
        cells = [card.pairs.get(label, Cell()) for label in labels]
        cells = [_titled(card.title), *cells] if titled else cells
        rows.append(tuple(replace(c, row=n, column=i) for i, c in enumerate(cells)))
    head = tuple(Cell(text, -1, i, head=True) for i, text in enumerate(heads))
    first = run[0].title
    return Grid((head,), tuple(rows), first.place, first.locator, _notes(blocks, run[0].start))


def _titled(line: Line) -> Cell:
    return Cell(line.text, codes=(line.text,) if line.kind == "code" else (), links=line.links)


def _notes(blocks: Sequence[Block], start: int) -> tuple[str, ...]:
    """Return the texts before a place, nearest first, up to a heading or a grid."""
    notes: list[str] = []
    for block in reversed(blocks[max(0, start - MOST_NOTES) : start]):
        if not isinstance(block, Line) or block.kind == "heading":
            break
        notes.append(block.text)
    return tuple(notes)
