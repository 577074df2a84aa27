"""Third parties weighed against each other, where nobody with authority speaks.

After POPACCU (see `almanac.flows.truth_discovery.popaccu`): each voice counts by how often its
source is right about this kind of field, a value that many say is no surprise as an error, and
copies are one voice. How reliable a source is, is learned from the facts that makers and providers
state themselves (`almanac.flows.reconciliation.learn_reliability`); a source that was never
measured is thought of as its kind is, and however many such sources say one thing, they are one
voice: agreement of unknowns is no evidence.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from almanac.flows.reconciliation.evidence import AUTHORITIES, WEAK, Voice, agrees, width
from almanac.schemas.card import SourceCard
from almanac.schemas.field import Field

KINDS = {
    "maker": 0.95,
    "maker_card": 0.95,
    "provider": 0.9,
    "measurement": 0.85,
    "catalogue": 0.85,
    "marketplace": 0.85,
    "comparison": 0.75,
    "reseller": 0.65,
    "blog": 0.6,
    "third_party": 0.6,
    "inherited": 0.55,
}
"""How often a kind of source is right, before it is measured."""

HALF_LIFE = {"price": 120, "limit": 480, "output limit": 480, "capability": 960}
"""Days in which a look loses half of what it tells beyond chance, by group of fields.

Others do not change.
"""

_LEAST, _MOST = 0.05, 0.99


@dataclass(frozen=True, slots=True)
class Learned:
    """How reliable sources are, and who copies whom.

    `digest` names the state of knowledge.

    `right` is the share of claims that are right by (source, group of fields); `voice` names, for a
    source that copies, the one it speaks with; `facts` counts the anchors it was learned from.
    """

    right: Mapping[tuple[str, str], float]
    voice: Mapping[str, str]
    facts: int = 0
    digest: str = ""
    _sources: frozenset[str] = field(init=False, default=frozenset(), repr=False, compare=False)
    _usual: dict[str, float] = field(init=False, default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_sources", frozenset(source for source, _ in self.right))
        for group in {g for _, g in self.right}:
            shares = [share for (_, g), share in self.right.items() if g == group]
            self._usual[group] = sum(shares) / len(shares)

    def measured(self, source: str) -> bool:
        """Whether anything a source says was ever checked."""
        return source in self._sources

    def usual(self, group: str) -> float:
        """Return how often measured sources are right about a group of fields.

        It is 1 where none was measured.
        """
        return self._usual.get(group, 1.0)


def as_json(learned: Learned) -> str:
    """Return what was learned as text that `from_json` reads."""
    right: dict[str, dict[str, float]] = {}
    for (source, group), share in sorted(learned.right.items()):
        right.setdefault(source, {})[group] = share
    return json.dumps(
        {"facts": learned.facts, "voice": dict(sorted(learned.voice.items())), "right": right},
        indent=1,
    )


def from_json(text: str) -> Learned:
    """Return what `as_json` wrote. Raises ValueError for anything else."""
    import hashlib

    said = json.loads(text)
    right = {
        (source, group): float(share)
        for source, groups in said["right"].items()
        for group, share in groups.items()
    }
    return Learned(
        right, said["voice"], said["facts"], hashlib.sha256(text.encode()).hexdigest()[:12]
    )


@functools.cache
def shipped() -> Learned:
    """Return what was learned from the public data sets and pages known to us.

    `almanac learn` learns from a home's own.
    """
    return from_json((Path(__file__).parent / "reliability.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Weighed:
    """The value believed, and how surely.

    With each voice's share of the reasons, by the id of its claim.
    """

    winner: Voice
    probability: float
    rule: str
    notes: Mapping[int, str]


def newest(voices: Sequence[Voice]) -> list[Voice]:
    """Each source speaks through its newest look, and there through the last of its dated values.

    Where many write for one source, a later look at a stranger's card does not silence
    a maker's own.
    """
    by_source: dict[tuple[str, bool], list[Voice]] = {}
    for v in voices:
        by_source.setdefault((v.claim.source, v.speaks_as in WEAK), []).append(v)
    found = []
    for mine in by_source.values():
        last = max((v.claim.last_seen, v.claim.effective_from or "") for v in mine)
        found += [v for v in mine if (v.claim.last_seen, v.claim.effective_from or "") == last]
    return found


def weigh(
    entry: Field, voices: Sequence[Voice], cards: Mapping[str, SourceCard], learned: Learned
) -> Weighed:
    """Return the likeliest value among `voices`, which are third parties' claims of one figure.

    Raises ValueError for none.
    """
    if len(voices) == 1:  # most figures: nothing to weigh
        alone = voices[0]
        right = _clamped(reliability(alone, entry, learned, alone.claim.last_seen))
        return Weighed(
            alone, right, "one source", {alone.claim.id: _known_as(alone, entry, learned, right)}
        )
    last = newest(voices)
    speaking = [v for v in last if v.speaks_as not in WEAK] or last
    stated = values(entry, speaking)
    until = max(v.claim.last_seen for v in speaking)
    notes: dict[int, str] = {}
    tallies = [_tally(entry, agreeing, until, cards, learned, notes) for agreeing in stated]
    heard = sum(n for n, _ in tallies)
    scores = [odds - _xlogx(n) - _xlogx(heard - n) for n, odds in tallies]
    nobody = -_xlogx(heard)
    top = max(scores)
    i = scores.index(top)
    whole = sum(math.exp(s - top) for s in scores) + math.exp(nobody - top)
    sources = {v.claim.source for v in speaking}
    rule = (
        "one source"
        if len(sources) == 1 and len(stated) == 1
        else "sources agree"
        if len(stated) == 1
        else "weighed"
    )
    return Weighed(stated[i][0], 1 / whole, rule, notes)


def values(entry: Field, voices: Sequence[Voice]) -> list[list[Voice]]:
    """Group voices by the value they stand for, most exact first.

    A rounded figure joins the first exact one it fits.
    """
    found: list[list[Voice]] = []
    for v in sorted(
        voices,
        key=lambda v: (
            bool(v.claim.bound),
            not v.exact,
            width(v),
            v.rank,
            _newest_first(v.claim.last_seen),
            v.claim.source,
            v.claim.id,
        ),
    ):
        for agreeing in found:
            if agrees(entry, agreeing[0], v) is not None:
                agreeing.append(v)
                break
        else:
            found.append([v])
    return found


def _newest_first(moment: str) -> float:
    return -datetime.fromisoformat(moment).timestamp()


def _tally(
    entry: Field,
    agreeing: list[Voice],
    until: str,
    cards: Mapping[str, SourceCard],
    learned: Learned,
    notes: dict[int, str],
) -> tuple[int, float]:
    """Return how many voices speak for a value, and the logarithm of their joint odds.

    Say of each what it counts.
    """
    here = {v.claim.source for v in agreeing}
    notes |= copies(agreeing, cards, learned)
    best: dict[str, float] = {}
    unknown = [v for v in agreeing if not _measured(v, learned)]
    first = (
        min(unknown, key=lambda v: (v.claim.first_look, v.claim.source)).claim.source
        if unknown
        else ""
    )
    for v in agreeing:
        source = v.claim.source
        right = _clamped(reliability(v, entry, learned, until))
        voice = learned.voice.get(source, source)
        if taken := sorted(here & set(cards[source].imports)):
            voice = taken[0]
        elif voice == source and not _measured(v, learned):
            voice = "unmeasured"
            if source != first:
                notes[v.claim.id] = (
                    f"a copy of {first}'s, as far as is known:"
                    " neither was ever measured, so they are one voice"
                )
        notes.setdefault(v.claim.id, _known_as(v, entry, learned, right))
        best[voice] = max(best.get(voice, 0.0), right)
    return len(best), sum(math.log(r / (1 - r)) for r in best.values())


def copies(
    voices: Sequence[Voice], cards: Mapping[str, SourceCard], learned: Learned
) -> dict[int, str]:
    """Return a note for each of some agreeing claims that takes its value over from another."""
    here = {v.claim.source for v in voices}
    found = {}
    for v in voices:
        voice = learned.voice.get(v.claim.source, v.claim.source)
        if taken := sorted(here & set(cards[v.claim.source].imports)):
            found[v.claim.id] = f"a copy: it takes such values over from {taken[0]}"
        elif voice != v.claim.source and voice in here:
            found[v.claim.id] = f"a copy: it errs as {voice} does, so they are one voice"
    return found


def record(v: Voice, entry: Field, learned: Learned) -> float | None:
    """Return how often a voice's source was right about such fields.

    None where that was never measured, and for a stranger: the record of the others that write at
    the same source tells nothing of one.
    """
    return learned.right.get((v.claim.source, entry.group)) if _measured(v, learned) else None


def _measured(v: Voice, learned: Learned) -> bool:
    return learned.measured(v.claim.source) and v.speaks_as != "third_party"


def reliability(v: Voice, entry: Field, learned: Learned, until: str) -> float:
    """Return how likely a voice is right.

    It is what was learned of its source, less for an older look at what changes.
    """
    right = learned.right.get((v.claim.source, entry.group))
    if right is None:
        right = KINDS.get(v.speaks_as, 0.6)
        if v.speaks_as not in AUTHORITIES:
            right = min(right, learned.usual(entry.group))
    elif v.speaks_as == "third_party":
        # What others' cards at the same source were worth lifts no stranger's card.
        right = min(right, KINDS["third_party"])
    half = HALF_LIFE.get(entry.group)
    if half and right > 0.5:
        age = (datetime.fromisoformat(until) - datetime.fromisoformat(v.claim.last_seen)).days
        right = 0.5 + (right - 0.5) * 0.5 ** (max(age, 0) / half)
    return right


def _clamped(right: float) -> float:
    return min(max(right, _LEAST), _MOST)


def _known_as(v: Voice, entry: Field, learned: Learned, right: float) -> str:
    known = record(v, entry, learned) is not None
    return f"{'right' if known else 'never measured on such fields, thought right'} in {right:.0%}"


def _xlogx(n: int) -> float:
    return n * math.log(n) if n else 0.0
