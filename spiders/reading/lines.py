"""Lines to claims: labels with a value beside or below them, about the model they stand under."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from almanac.schemas.quantity import is_missing
from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Cell, Grid, Line
from almanac.spiders.reading.cells import Row, read_cell
from almanac.spiders.reading.columns import Column
from almanac.spiders.reading.context import Context
from almanac.spiders.reading.feature_lines import LISTED, SUPPORT, FeatureList, read_features
from almanac.spiders.reading.ledger import Outcome
from almanac.spiders.reading.licence_lines import read_licences
from almanac.spiders.reading.line_labels import (
    MONEY,
    as_meant,
    fits,
    is_condition,
    label_of,
    reads,
    values_first,
)
from almanac.spiders.reading.media_lines import Media
from almanac.spiders.reading.region_lines import RegionLines
from almanac.spiders.reading.row_terms import condition_of
from almanac.spiders.reading.subject import Subject, is_name
from almanac.spiders.reading.surroundings import Surroundings, title_terms
from almanac.spiders.vocabulary.capabilities import capabilities_of
from almanac.spiders.vocabulary.icons import without_icon
from almanac.spiders.vocabulary.labels import Label, label
from almanac.spiders.vocabulary.meters import MEDIA_PARTS
from almanac.spiders.vocabulary.names import Name
from almanac.spiders.vocabulary.regions import region_of
from almanac.spiders.vocabulary.words import KIND, fold

FAR = 3
"""Lines behind a label that may hold its value: of what kind it is may stand between."""
LONGEST_LABEL = 60
LONGEST_VALUE = 40
"""Characters of what stands below a heading as its value; what is longer explains it."""
_PAIR = re.compile(r"^(?P<label>[^:：]{2,60}?)\s*[:：]\s*(?P<value>\S.*)$", re.S)
_FIGURE = re.compile(r"\d")
_AMOUNT = re.compile(r"[$€£¥￥]\s*\d[\d.,]*")
_IN_WORDS = re.compile(
    r"\b(?:half|twice|double|third) (?:of )?(?:the |its )?(?:price|cost|rate)s?\b", re.I
)
_UNIT = re.compile(r"(?:per|/|每)\s*(?:[\d,]+\s*)?[\w\s]{2,30}", re.I)
_MEASURED = re.compile(r"[<>≤≥]|\d\s*[kK]")
_SERVICES = frozenset(("search", "request"))
"""Parts of prices that are a provider's, whatever model is asked."""


@dataclass
class _State:
    """What the lines so far say of the next."""

    subject: Subject
    label: Label | None = None
    head: str = ""
    units: str = ""
    group: frozenset[str] = frozenset()
    """Parts of a price that a title over several labels names, such as `Image tokens`."""
    terms: dict[str, str] = field(default_factory=dict)
    length: dict[str, str] | None = None
    """The length that a line states, between a label and its value or over several labels."""
    labels_below: bool = False
    """Whether the length stands over labels, and holds until the next length or heading."""
    length_used: bool = False
    item: Label | None = None
    """What a labelled line says the prices below it are of."""
    regions: RegionLines = field(default_factory=RegionLines)
    listed: FeatureList = field(default_factory=FeatureList)
    following: Sequence[Line] = ()
    """The next lines."""
    unstated: bool = False
    """Whether the line before the label is a capability, too, and has no state of its own."""
    of_item: bool = False
    """Whether the label is an item of a list, whose value no line behind the list is."""
    media: Media = field(default_factory=lambda: Media())

    @property
    def after(self) -> Line | None:
        """The next line."""
        return self.following[0] if self.following else None


def read_lines(context: Context, lines: Sequence[Line]) -> None:
    """Read the lines of a page, each under the model and the titles it stands under."""
    state = _State(Subject.of(context))
    for n, line in enumerate(paced(lines)):
        state.following = lines[n + 1 : n + 1 + FAR]
        _line(context, state, line)
    state.media.say(context)


def _line(context: Context, state: _State, line: Line) -> None:
    text = without_icon(line.text.strip(), lambda rest: _is_label(context, rest))
    line = replace(line, text=text) if text != line.text else line
    if state.media.takes(text, line, state.subject.current(line)):
        return
    state.media.say(context)
    if line.kind == "heading":
        _heading(context, state, line)
        return
    ways = (_id_line, _value_first, _licences, _pair, _features, _size, _value_of)
    if not any(way(context, state, line) for way in ways):
        _label_line(context, state, line)


def _is_label(context: Context, text: str) -> bool:
    return bool(context.declared.label(text).role) or fold(text) in LISTED


def _heading(context: Context, state: _State, line: Line) -> None:
    """Take a heading as the subject or the title of what follows."""
    state.subject.heading(line)
    _title(state, line.text.strip())
    for text in line.place.headings:
        if not is_name(text):
            state.terms = title_terms(text) | state.terms
    stated = context.declared.label(line.text)
    if stated.parts and stated.parts <= _SERVICES:
        state.subject.leave()
    if stated.role == "field" and state.after and len(state.after.text) <= LONGEST_VALUE:
        _labelled(state, stated, line.text)


def _id_line(context: Context, state: _State, line: Line) -> bool:
    """Take an id alone on its line as the subject. False for another line."""
    if line.kind != "code" or not state.subject.code(line):
        return False
    state.label, state.terms, state.group = None, {}, frozenset()
    state.regions.end()
    return True


def _value_first(context: Context, state: _State, line: Line) -> bool:
    """Read values before their labels, as in `400,000 context window`; a region may stand first."""
    text, owner = line.text.strip(), line.owner
    where, colon, rest = text.partition(":")
    if colon and (region := region_of(where.strip())):
        text, owner = rest.strip(), region
    stated = [(m, context.declared.label(m["label"])) for m in values_first(text)]
    if not stated or any(of.role != "field" for _, of in stated):
        return False
    if not state.subject.current(line):
        return False
    for m, of in stated:
        _say(context, state, of, m["label"], m["value"], replace(line, owner=owner))
    return True


def _title(state: _State, text: str) -> None:
    state.label = state.item = None
    state.listed.close()
    state.regions.end()
    state.group, state.units = frozenset(), ""
    state.terms, state.length, state.labels_below = title_terms(text), None, False
    state.listed.takes(text)


def _label_line(context: Context, state: _State, line: Line) -> None:
    """Take a line as a label, a unit or a title for those after it; else as a sentence."""
    text = line.text.strip(" :：")
    if len(text) > LONGEST_LABEL or "\n" in text:
        _sentence(context, line)
        return
    if _is_kind(state, text):
        return
    if _is_scope(state, line, text):
        state.label = None
        return
    stated = label_of(context, text)
    if stated.role in ("price", "field", "role", "condition") or stated.flag:
        _labelled(state, stated, text)
        state.of_item = line.kind == "item"
    elif stated.role == "terms":
        _terms_line(state, stated, text)
    else:
        state.subject.name_line(line)
        if not (_PAIR.match(text) or _FIGURE.search(text)):
            state.regions.title(line)
        state.label, state.head = None, text
        _sentence(context, line)


def _terms_line(state: _State, stated: Label, text: str) -> None:
    """Take conditions, or a length, for the prices below."""
    if _MEASURED.search(text):
        state.length, state.labels_below = dict(stated.terms), False
        state.length_used = False
        return
    if state.label is None or state.label.role == "price":
        state.terms |= dict(stated.terms)
    state.label = None


def _is_kind(state: _State, text: str) -> bool:
    """Whether a line between a capability and its state says which kinds of it are meant."""
    if state.label is None or not state.label.flag or state.after is None:
        return False
    kinds = {kind for part in text.split(",") for kind in capabilities_of(part)}
    return kinds == {state.label.flag + KIND} and fold(state.after.text) in SUPPORT


def _is_scope(state: _State, line: Line, text: str) -> bool:
    """Whether a line says for the lines below what they are of: a list, a unit, a region."""
    if state.listed.takes(text, over=line.kind == "term"):
        state.regions.title(line)
        return True
    if _UNIT.fullmatch(text):
        state.units = text
        return True
    return state.regions.takes(line)


def _labelled(state: _State, stated: Label, text: str) -> None:
    media = stated.parts & MEDIA_PARTS
    if stated.role == "price" and stated.parts and stated.parts == media:
        state.group, state.label = frozenset(media - {"text"}), None
        return
    state.unstated = bool(stated.flag and state.label is not None and state.label.flag)
    state.label, state.head = stated, text
    _close_list(state, stated)
    if state.length is not None and not state.labels_below and not state.length_used:
        state.labels_below = True
    elif not state.labels_below:
        state.length = None
    state.length_used = False


def _close_list(state: _State, stated: Label) -> None:
    """End a list of features at another label; among them a service is one more of them."""
    service = bool(stated.parts) and stated.parts <= _SERVICES
    if not service or state.listed.supported is None:
        state.listed.close()


def _pair(context: Context, state: _State, line: Line) -> bool:
    """Read `Label: value`. False where the label is none."""
    m = _PAIR.match(line.text.strip())
    if not m:
        return False
    label, value = m["label"], m["value"]
    stated = context.declared.label(label.strip(" *-•"))
    if stated.is_role("id", "model") and state.subject.pair(value.strip(" *`"), stated.name):
        return True
    if stated.is_role("item") and (item := context.declared.label(value.strip())).role == "price":
        state.item = item
        return True
    if is_condition(stated, value) and not _is_build(context, stated):
        return _condition(context, state, Column(0, label, stated), value.strip())
    if not reads(stated) and not _is_build(context, stated):
        return False
    _say(context, state, stated, label, value.strip(), line)
    return True


def _is_build(context: Context, stated: Label) -> bool:
    """Whether a label is of the format of a build, which on a card divides no price."""
    return stated.name == "quantisation" and context.declared.is_card


def _condition(context: Context, state: _State, column: Column, value: str) -> bool:
    """Take what a labelled line says of all figures below it. False where it cannot be read."""
    try:
        state.terms = {**state.terms, **condition_of(column, value, context.declared)}
    except ValueError:
        return False
    return True


def _value_of(context: Context, state: _State, line: Line) -> bool:
    """Read a line as the value of the label before it. False where it is none of its kind."""
    stated, text = state.label or _implied(state, line.text), line.text.strip()
    if stated is None or _is_past(state, line):
        return False
    if stated.is_role("id", "model"):
        state.label = None
        return state.subject.pair(text, stated.name)
    if is_condition(stated, text):
        state.terms, state.label = {**state.terms, stated.name: text.lower()}, None
        return True
    if not reads(stated) or not fits(stated, text):
        return False
    if state.unstated and fold(text) in SUPPORT:
        context.refuse("a state below several capabilities", text, line.locator, head=state.head)
        state.label, state.unstated = None, False
        return True
    _say(context, state, stated, state.head, text, line)
    state.length_used = True
    state.label = state.label if state.length is not None and not state.labels_below else None
    return True


def _is_past(state: _State, line: Line) -> bool:
    """Whether a line stands behind the list of its label, or is the title of a list of its own."""
    behind = state.of_item and line.kind != "item"
    if state.after is None or state.after.kind != "item":
        return behind
    return behind or (fold(line.text) in SUPPORT and fold(state.after.owner) in SUPPORT)


def _implied(state: _State, text: str) -> Label | None:
    """Return the label of a price without one: under a size in pixels, or with its own direction.

    `$4.00 / 1M input tokens` says in its unit what it is of.
    """
    if not MONEY.search(text):
        return None
    sized = state.units and "resolution" in state.terms
    amount = _AMOUNT.match(text)
    own = label(text[amount.end() :]).parts if amount else frozenset()
    return Label("price") if sized or own & {"in", "out"} else None


def _say(context: Context, state: _State, stated: Label, head: str, text: str, line: Line) -> None:
    """Claim what a labelled value says of the model it stands under."""
    name = state.subject.current(line)
    models = [Name(name)] if name else [Name(member) for member in context.members]
    if not models:
        if _FIGURE.search(text):
            context.refuse("a figure that stands under no model", text, line.locator, head=head)
        return
    stated = as_meant(stated, text)
    cell = Cell(text)
    grid = Grid((), ((cell,),), line.place, line.locator)
    around = Surroundings(
        (), (state.units, *line.place.headings, *context.priced.over(line.place.headings))
    )
    terms = state.terms | state.regions.over(line) | (state.length or {})
    terms |= dict(state.item.terms) if state.item else {}
    row = Row(models, terms, around, unit=state.units, item=state.item)
    if stated.role == "price" and state.group:
        stated = Label("price", parts=stated.parts | state.group, terms=stated.terms)
    read_cell(context, grid, row, Column(0, head, stated), cell, at=line.locator)


_PIXELS = re.compile(r"\d{3,4}\s*[x×]\s*\d{3,4}")


def _size(context: Context, state: _State, line: Line) -> bool:
    """Take a line that is a size in pixels as the condition of the price below it."""
    text = line.text.strip()
    if not state.units or not _PIXELS.fullmatch(text):
        return False
    state.terms = {**state.terms, "resolution": "".join(text.split())}
    state.label = None
    return True


def _features(context: Context, state: _State, line: Line) -> bool:
    name = state.subject.current(line)
    return read_features(context, line, name, state.listed, state.following)


def _licences(context: Context, state: _State, line: Line) -> bool:
    """Read a line that gives models a licence; what it names need not stand over it."""
    return read_licences(context, line)


def _sentence(context: Context, line: Line) -> None:
    """Enter a sentence with a figure, or with one in words, as not read yet."""
    if (_FIGURE.search(line.text) or _IN_WORDS.search(line.text)) and not is_missing(line.text):
        context.pass_by(line.text[:300], line.locator, Outcome.unread)
