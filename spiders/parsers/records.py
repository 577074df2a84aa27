"""Keyed records of an API or a data file: each key ends as a claim, a refusal, or of no interest.

What a key says stands in the table of the source's card (`almanac.schemas.record_keys`). A key
that the table does not name is refused, once a page with how often it is there. A key without a
value (null, empty) states nothing, and neither does a limit of 0.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fnmatch import translate
from typing import Any

from almanac.schemas import catalogue
from almanac.schemas.claim import LONGEST_TEXT, Basis, Claim
from almanac.schemas.dates import PrintedDate, read_date
from almanac.schemas.field import Field
from almanac.schemas.fields import FIELDS, METERS
from almanac.schemas.record_keys import RecordKeys, field_of, unit_of
from almanac.schemas.terms import STANDARD, Terms
from almanac.schemas.weekly_hours import WeeklyHours
from almanac.spiders.bounds import paced
from almanac.spiders.page import BROKEN, Page, one_line
from almanac.spiders.parsers.row_checks import unique

UNKNOWN = "a key this reader does not know"
Component = tuple[str, Terms]
"""A meter with the terms that its key alone states."""
_NOTHING: tuple[object, ...] = (None, "", [], {}, ())


def pointer(*keys: object) -> str:
    """Return the JSON pointer (RFC 6901) of nested keys.

    >>> pointer("data", 0, "acme/loom")
    '/data/0/acme~1loom'
    """
    place = ""
    for key in keys:
        place += "/" + str(key).replace("~", "~0").replace("/", "~1")
    return place


@dataclass(frozen=True, slots=True)
class KeyedRecord:
    """Keys with what they say, what all of it is about, and where in the page it stands."""

    fields: Mapping[str, Any]
    model: str
    provider: str | None
    at: str
    """A JSON pointer."""
    terms: Terms = STANDARD
    basis: Basis = "stated"
    inherited: frozenset[str] = frozenset()
    """Keys that it takes over from another record."""
    effective_from: date | None = None
    hours: Mapping[Component, WeeklyHours | None] = field(default_factory=dict)
    """The hours that other prices leave to a component; None where theirs are not understood."""

    def within(self, *keys: object, **terms: Any) -> KeyedRecord:
        """Return the record below some keys, under further terms.

        Raises KeyError or TypeError where there is none.
        """
        inner: Any = self.fields
        for key in keys:
            inner = inner[key]
        if not isinstance(inner, Mapping):
            raise TypeError(f"no record of keys: {pointer(*keys)}")
        return replace(
            self,
            fields=inner,
            at=self.at + pointer(*keys),
            terms=Terms.of(**terms).merged(self.terms) if terms else self.terms,
            basis=self.basis_of(str(keys[0])),
            inherited=frozenset(),
        )

    def basis_of(self, key: str) -> Basis:
        return "inherited" if key in self.inherited else self.basis


Rule = Callable[["KeyedRecords", KeyedRecord, str], Iterable[Claim]]
"""A source's own reading of one key of a record."""


@dataclass(frozen=True, slots=True)
class FactKey:
    """A key that states a field of the offer, or of the model."""

    field: Field

    @classmethod
    def of(cls, text: str) -> FactKey:
        return cls(FIELDS[field_of(text)])

    def claims(self, records: KeyedRecords, record: KeyedRecord, key: str) -> Iterable[Claim]:
        return records.fact(self.field, record, key)


@dataclass(frozen=True, slots=True)
class WordsKey:
    """A key whose list of words says yes to fields."""

    fields: Mapping[str, FactKey]
    others: str

    def claims(self, records: KeyedRecords, record: KeyedRecord, key: str) -> Iterator[Claim]:
        for word in record.fields[key]:
            if isinstance(word, str) and (entry := self.fields.get(word)):
                yield from records.stated(entry.field, True, word, record, key)
            elif not self.others:
                records.unknown(record, key, word, f"{key}: {word}")


@dataclass(frozen=True, slots=True)
class PriceKey:
    """A key that states the price of a meter in a documented unit."""

    meter: str
    unit: tuple[str, str, Decimal]
    terms: Terms
    charged_at_zero: bool

    @classmethod
    def of(cls, price: Mapping[str, str]) -> PriceKey:
        (meter,) = [key for key in price if key in METERS]
        conditions = {key: word for key, word in price.items() if key not in (meter, "zero")}
        return cls(meter, unit_of(price[meter]), Terms.of(**conditions), "zero" not in price)

    @property
    def component(self) -> Component:
        return self.meter, self.terms

    def claims(self, records: KeyedRecords, record: KeyedRecord, key: str) -> Iterable[Claim]:
        return records.price(self, record, key)


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key that the source reads by a rule of its own."""

    name: str

    def claims(self, records: KeyedRecords, record: KeyedRecord, key: str) -> Iterable[Claim]:
        return records.rules[self.name](records, record, key)


@dataclass(frozen=True, slots=True)
class IgnoredKey:
    """A key of no interest, by the reason that the card names."""

    reason: str

    def claims(self, records: KeyedRecords, record: KeyedRecord, key: str) -> Iterable[Claim]:
        return ()


@dataclass(frozen=True, slots=True)
class RefusedKey:
    """A key whose figure is not taken, by the reason that the card names."""

    reason: str

    def claims(self, records: KeyedRecords, record: KeyedRecord, key: str) -> Iterable[Claim]:
        records.refuse(self.reason, record, key)
        return ()


KeyRule = FactKey | WordsKey | PriceKey | OwnKey | IgnoredKey | RefusedKey


class _Node:
    """What a key says, and what the keys below it say."""

    __slots__ = ("keys", "patterns", "rule")

    def __init__(self) -> None:
        self.keys: dict[str, _Node] = {}
        self.patterns: list[tuple[re.Pattern[str], _Node]] = []
        self.rule: KeyRule | None = None

    def add(self, path: str, rule: KeyRule) -> None:
        node = self
        for part in path.split("/"):
            if part not in node.keys:
                node.keys[part] = _Node()
                if "*" in part:
                    node.patterns.append((re.compile(translate(part)), node.keys[part]))
            node = node.keys[part]
        node.rule = rule

    def below(self, key: str) -> _Node | None:
        """Return what is told of a key: by its name, else by the first pattern that it fits."""
        named = self.keys.get(key)
        if named is not None:
            return named
        return next((node for pattern, node in self.patterns if pattern.match(key)), None)

    @property
    def prices(self) -> bool:
        return any(isinstance(node.rule, PriceKey) for node in self.keys.values())


def _tree(keys: RecordKeys) -> _Node:
    root = _Node()
    for path, text in keys.facts.items():
        root.add(path, FactKey.of(text))
    for path, words in keys.words.items():
        fields = {word: FactKey.of(text) for word, text in words.items() if word != "*"}
        root.add(path, WordsKey(fields, words.get("*", "")))
    for path, price in keys.prices.items():
        root.add(path, PriceKey.of(price))
    for path, name in keys.rules.items():
        root.add(path, OwnKey(name))
    for kind, groups in ((IgnoredKey, keys.ignored), (RefusedKey, keys.refused)):
        for reason, paths in groups.items():
            for path in paths:
                root.add(path, kind(reason))
    return root


Split = Callable[[str], tuple[str, Terms]]
"""From a key to the key it is a variant of, and the terms that its other words state."""


class KeyedRecords:
    """Reads the records of one page by the tables of its source's card."""

    def __init__(
        self,
        page: Page,
        kinds: Mapping[str, RecordKeys],
        rules: Mapping[str, Rule] | None = None,
        split: Split | None = None,
    ) -> None:
        self.page, self.rules = page, rules or {}
        self._roots = {kind: _tree(keys) for kind, keys in kinds.items()}
        self._split = split
        self._unknown: dict[str, list[tuple[KeyedRecord, str, str]]] = defaultdict(list)
        self._counts: dict[str, int] = defaultdict(int)

    def row(self, kind: str, record: KeyedRecord) -> list[Claim]:
        """Return the claims of a record, or none of them with the reason.

        What it states twice and differently under the same terms is refused.
        """
        claims = self.page.attempt(self.read, kind, record, locator=record.at, model=record.model)
        return self.agreed(claims)

    def agreed(self, claims: Iterable[Claim]) -> list[Claim]:
        """Return the claims that none of the others contradicts, each once.

        Prices that begin on other days, or are for other units, do not contradict each other.
        """
        alike: dict[tuple[date | None, str], list[Claim]] = defaultdict(list)
        for claim in claims:
            alike[(claim.effective_from, claim.unit)].append(claim)
        return [claim for same in alike.values() for claim in unique(self.page, same)]

    def read(self, kind: str, record: KeyedRecord) -> list[Claim]:
        """Return the claims of a record of a kind, key by key."""
        return self._keys(self._roots[kind], record, "")

    def _keys(self, node: _Node, record: KeyedRecord, path: str) -> list[Claim]:
        claims: list[Claim] = []
        for key, content in record.fields.items():
            if content or content not in _NOTHING:
                claims += self._key(node, record, key, f"{path}/{key}")
        return claims

    def _key(self, parent: _Node, record: KeyedRecord, key: str, path: str) -> Iterable[Claim]:
        node, content = parent.below(key), record.fields[key]
        if node is None:
            return self._variant(parent, record, key, path)
        if node.keys and isinstance(content, Mapping):
            return self._below(node, record.within(key), path)
        if node.rule is not None:
            return node.rule.claims(self, record, key)
        if isinstance(content, list) and (item := node.below("*")):
            return self._items(item, record, key, path)
        self.unknown(record, key, content, path, price=node.prices)
        return ()

    def _items(self, item: _Node, record: KeyedRecord, key: str, path: str) -> Iterator[Claim]:
        for n, inner in enumerate(record.fields[key]):
            if isinstance(inner, Mapping):
                yield from self._keys(item, record.within(key, n), f"{path}/*")

    def _below(self, node: _Node, record: KeyedRecord, path: str) -> list[Claim]:
        """Return what stands in a container; where that is named whole, other keys are of it."""
        if node.rule is None:
            return self._keys(node, record, path)
        claims: list[Claim] = []
        for key, content in record.fields.items():
            if content not in _NOTHING and node.below(key) is not None:
                claims += self._key(node, record, key, f"{path}/{key}")
        return claims

    def _variant(self, parent: _Node, record: KeyedRecord, key: str, path: str) -> list[Claim]:
        """Return the price of a key that is another one with terms spelled into it."""
        rule, terms = self._priced(parent, key)
        if rule is None:
            self.unknown(record, key, record.fields[key], path, price=parent.prices)
            return []
        return self.price(replace(rule, terms=rule.terms.merged(terms)), record, key)

    def _priced(self, parent: _Node, key: str) -> tuple[PriceKey | None, Terms]:
        node, terms = parent.below(key), STANDARD
        if node is None and self._split is not None:
            base, terms = self._split(key)
            node = parent.below(base) if terms else None
        rule = node.rule if node is not None else None
        return (rule if isinstance(rule, PriceKey) else None), terms

    def price_key(self, kind: str, key: str) -> PriceKey | None:
        """Return how a key of a kind of record is priced; None for a key that is no price."""
        rule, terms = self._priced(self._roots[kind], key)
        return replace(rule, terms=rule.terms.merged(terms)) if rule else None

    # What a key says

    def fact(self, entry: Field, record: KeyedRecord, key: str) -> list[Claim]:
        """Return the claim of a field, read by the kind of it; a limit of 0 is not stated."""
        printed = printed_of(record.fields[key])
        try:
            content = content_of(entry, record.fields[key])
        except (*BROKEN, OverflowError, OSError) as error:
            self.refuse(one_line(error), record, key, field=entry.name)
            return []
        return self.stated(entry, content, printed, record, key)

    def stated(
        self,
        entry: Field,
        content: Any,
        printed: str,
        record: KeyedRecord,
        key: str,
        *,
        basis: Basis | None = None,
        terms: Terms | None = None,
        subject: str | None = None,
    ) -> list[Claim]:
        """Return the claim that a key states a field, whose content was read before."""
        offered = entry.subject == "offer"
        if terms is None:
            terms = record.terms if offered else STANDARD
        return self.page.say(
            entry.name,
            content,
            model=record.model,
            provider=record.provider if offered else None,
            subject=subject,
            terms=terms,
            printed=printed,
            locator=record.at + pointer(key),
            basis=basis or record.basis_of(key),
        )

    def score(self, record: KeyedRecord, key: str, **terms: Any) -> list[Claim]:
        """Return the claim of an evaluation's score under its terms."""
        entry, number = FIELDS[("evaluation", "score")], record.fields[key]
        content = Decimal(str(number)) if isinstance(number, int | Decimal) else str(number)
        return self.stated(
            entry, content, str(number), record, key, subject="evaluation", terms=Terms.of(**terms)
        )

    def scored(
        self, row: KeyedRecord, key: str, names: Mapping[str, str], **terms: Any
    ) -> list[Claim]:
        """Return the score of a row, of which each other key is a term, or of no interest.

        `names` maps keys to terms, those of no interest to nothing. A row with a key that is
        neither is refused: its score holds under what is not understood.
        """
        odd = [k for k in row.fields if k not in names and k != key]
        if odd := [k for k in odd if row.fields[k] not in _NOTHING]:
            self.refuse_block(f"a score under what is not known: {', '.join(odd)}", row, "score")
            return []
        own = {term: row.fields.get(k) for k, term in names.items() if term}
        return self.score(row, key, **own, **terms)

    def price(self, rule: PriceKey, record: KeyedRecord, key: str) -> list[Claim]:
        """Return the claim of a price, within the hours that no other price is for."""
        number, terms = record.fields[key], rule.terms.merged(record.terms)
        if not isinstance(number, int | Decimal | str) or isinstance(number, bool):
            self.refuse("no price that this reader knows", record, key)
            return []
        if not rule.charged_at_zero and _is_zero(number):
            return []
        if rule.component in record.hours:
            hours = record.hours[rule.component]
            if hours is None:
                self.refuse("another price is for conditions not understood", record, key)
            if not hours:
                return []
            terms = Terms.of(window=hours).merged(terms)
        currency, per, units = rule.unit
        return self.page.price(
            number,
            currency,
            per,  # type: ignore[arg-type]
            units,
            model=record.model,
            provider=record.provider or "",
            meter=rule.meter,
            terms=terms,
            locator=record.at + pointer(key),
            basis=record.basis_of(key),
            effective_from=record.effective_from,
        )

    # Prices under conditions

    def conditioned(
        self,
        kind: str,
        block: KeyedRecord,
        when: Mapping[str, Callable[[Mapping[str, Any]], Terms]],
    ) -> KeyedRecord | None:
        """Return a block of prices under the terms that its own keys state.

        `when` reads the terms of a key from the block. None, with a refusal that names it, where a
        key is neither price nor condition: a price must not stand without it.
        """
        terms, prices, limited = block.terms, {}, False
        try:
            for key, content in block.fields.items():
                if key in when:
                    terms, limited = terms.merged(when[key](block.fields)), True
                elif self._priced(self._roots[kind], key)[0]:
                    prices[key] = content
                else:
                    raise ValueError(f"a condition this reader does not know: {key}")
            if not limited:
                raise ValueError("prices under a condition that is not stated")
        except BROKEN as error:
            self.refuse_block(one_line(error), block)
            return None
        return replace(block, fields=prices, terms=terms)

    def limited(
        self,
        kind: str,
        base: KeyedRecord,
        blocks: Sequence[KeyedRecord],
        lost: Iterable[KeyedRecord] = (),
    ) -> Iterator[Claim]:
        """Yield the prices of a record, and of blocks that hold under conditions of their own.

        The price beside one of some hours holds in the others. `lost` are blocks whose conditions
        are not understood: what they price has no price here.
        """
        timed = [block for block in blocks if block.terms.get("window")]
        whole = [block for block in timed if block.terms.without("window") == base.terms]
        yield from self.read(kind, replace(base, hours=self.hours_left(kind, whole, lost)))
        for block in blocks:
            if block not in timed:
                yield from self.read(kind, block)
        yield from self.by_the_hour(kind, timed)

    def components(self, kind: str, block: KeyedRecord) -> Iterator[tuple[Component, str]]:
        """Yield the components that a block prices, with the key of each."""
        for key in block.fields:
            rule, terms = self._priced(self._roots[kind], key)
            if rule is not None and block.fields[key] not in _NOTHING:
                yield (rule.meter, rule.terms.merged(terms)), key

    def hours_left(
        self, kind: str, timed: Iterable[KeyedRecord], lost: Iterable[KeyedRecord] = ()
    ) -> dict[Component, WeeklyHours | None]:
        """Return, for what blocks price by the hour, the hours that they leave to another price.

        `lost` are blocks whose hours are not understood.
        """
        taken: dict[Component, WeeklyHours] = {}
        for block in timed:
            hours = WeeklyHours.parse(block.terms.get("window"))
            for component, _ in self.components(kind, block):
                taken[component] = taken.get(component, WeeklyHours(())) | hours
        left: dict[Component, WeeklyHours | None] = {c: h.rest() for c, h in taken.items()}
        return left | {c: None for block in lost for c, _ in self.components(kind, block)}

    def by_the_hour(self, kind: str, timed: Sequence[KeyedRecord]) -> Iterator[Claim]:
        """Yield the prices of blocks of hours; a price that several have holds in all of theirs."""
        same: dict[object, list[tuple[KeyedRecord, str]]] = defaultdict(list)
        for block in timed:
            rest = block.terms.without("window")
            for component, key in self.components(kind, block):
                same[(component, rest, str(block.fields[key]))].append((block, key))
        for places in same.values():
            hours = WeeklyHours(())
            for block, _ in places:
                hours |= WeeklyHours.parse(block.terms.get("window"))
            first, key = places[0]
            terms = first.terms.without("window").merged(Terms.of(window=hours))
            yield from self.read(kind, replace(first, fields={key: first.fields[key]}, terms=terms))

    # What is not taken

    def refuse(self, reason: str, record: KeyedRecord, key: str, field: str = "price") -> None:
        """Refuse what one key says."""
        self.page.refuse(
            reason,
            printed=printed_of(record.fields[key]),
            locator=record.at + pointer(key),
            model=record.model,
            provider=record.provider or "",
            field=field,
        )

    def refuse_block(self, reason: str, block: KeyedRecord, field: str = "price") -> None:
        """Refuse all prices of a block, or what else it states."""
        self.page.refuse(
            reason,
            printed=printed_of(dict(block.fields)),
            locator=block.at,
            model=block.model,
            provider=block.provider or "",
            field=field,
        )

    def unknown(
        self, record: KeyedRecord, key: str, content: Any, path: str, price: bool = False
    ) -> None:
        """Count a key that no table names."""
        self._counts[path] += 1
        if self._counts[path] == 1:
            self._unknown[path].append((record, key, "price" if price else ""))

    def refuse_unknown(self) -> None:
        """Refuse each key that no table names: once, with how often it is there."""
        for path, ((record, key, field_name),) in paced(self._unknown.items()):
            count = self._counts[path]
            more = f"; it is there {count:,} times" if count > 1 else ""
            self.refuse(f"{UNKNOWN}: {path.strip('/')}{more}", record, key, field=field_name)
        self._unknown.clear()
        self._counts.clear()


def stage(name: str) -> Rule:
    """Return the rule for a mark or a day that says that an offer is at a stage of its life."""

    def rule(records: KeyedRecords, record: KeyedRecord, key: str) -> list[Claim]:
        printed = printed_of(record.fields[key])
        if printed.lower() in ("false", "no", "0"):
            return []
        return records.stated(FIELDS[("offer", "lifecycle")], name, printed, record, key)

    return rule


# From what a key holds to the content of a field


def printed_of(content: Any) -> str:
    """Return what a key holds as it is shown: a list by its words."""
    if isinstance(content, str):
        return content[:LONGEST_TEXT]
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, list | tuple):
        return ", ".join(map(printed_of, content))[:LONGEST_TEXT]
    return str(content)[:LONGEST_TEXT]


def content_of(entry: Field, content: Any) -> Any:
    """Return what a key holds as content of a field; None where it states nothing.

    Raises ValueError for what no such field holds.
    """
    if isinstance(content, Mapping):
        raise ValueError(f"a record where a {entry.kind} was expected")
    read = _CONTENTS.get(entry.kind)
    return read(entry, content) if read else content


def _count(entry: Field, content: Any) -> Any:
    """Return a whole number; 0 stands for "not stated" in every list of limits."""
    if isinstance(content, str) and not re.fullmatch(r"\d[\d_]*(?:\.0+)?", content):
        return content
    if isinstance(content, bool | list):
        raise ValueError(f"no number: {content!r}")
    number = Decimal(str(content).replace("_", ""))
    if number != number.to_integral_value() or number < 0:
        raise ValueError(f"no whole number: {content}")
    return int(number) or None


def _flag(entry: Field, content: Any) -> bool:
    if isinstance(content, str) and content.lower() in ("true", "false"):
        return content.lower() == "true"
    if not isinstance(content, bool):
        raise ValueError(f"neither true nor false: {str(content)[:80]!r}")
    return content


def _day(entry: Field, content: Any) -> PrintedDate | None:
    """Return a day, from its text or from seconds or milliseconds since 1970.

    Raises ValueError for a day outside the field's: 2098 stands for "no day is set".
    """
    if not content:
        return None
    if isinstance(content, int | Decimal):
        seconds = int(content) // (1000 if content > 10**11 else 1)
        text = datetime.fromtimestamp(seconds, UTC).date().isoformat()
    elif isinstance(content, date):
        text = content.isoformat()[:10]
    else:
        text = re.sub(r"(?<=^\d{4}-\d\d-\d\d)[T ]\d\d:.*", "", str(content).strip())
    day = read_date(text)
    if day.high.isoformat() < str(entry.low) or day.low.isoformat() > str(entry.high):
        raise ValueError(f"outside the legal dates of {entry.name}: {text}. {entry.reason}")
    return day


def _words(entry: Field, content: Any) -> tuple[str, ...]:
    if not isinstance(content, list | tuple) or not all(isinstance(word, str) for word in content):
        raise ValueError(f"no list of words: {str(content)[:80]!r}")
    media = _media() if entry.name.endswith("modalities") else {}
    return tuple(media.get(word.lower(), word.lower()) for word in content)


@functools.cache
def _media() -> dict[str, str]:
    return catalogue.vocabulary("modalities")


def _number(entry: Field, content: Any) -> Decimal:
    return Decimal(str(content))


def _text(entry: Field, content: Any) -> str:
    if not isinstance(content, str):
        raise ValueError(f"no words: {str(content)[:80]!r}")
    return content


_CONTENTS: dict[str, Callable[[Field, Any], Any]] = {
    "count": _count,
    "flag": _flag,
    "date": _day,
    "set": _words,
    "measure": _number,
    "score": _number,
    "text": _text,
}


def _is_zero(number: int | Decimal | str) -> bool:
    try:
        return not Decimal(str(number))
    except ArithmeticError:
        return False
