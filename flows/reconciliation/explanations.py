"""What a decision says of itself, in one sentence for a reader and one note a claim."""

from __future__ import annotations

from collections.abc import Mapping

from almanac.flows.reconciliation.evidence import Voice
from almanac.flows.reconciliation.source_reliability import Learned, Weighed, record, reliability
from almanac.schemas import money
from almanac.schemas.card import SourceCard
from almanac.schemas.field import Field
from almanac.schemas.observation import Observation

SPEAKER = {
    "maker": "its maker",
    "maker_card": "its model card",
    "provider": "the provider itself",
    "measurement": "an independent measurement",
    "catalogue": "a maintained catalogue",
    "marketplace": "a marketplace",
    "comparison": "a comparison site",
    "reseller": "a reseller",
    "blog": "a blog",
    "third_party": "a third party",
    "inherited": "a record that copies another",
    "correction": "a correction",
}


def said(entry: Field, claim: Observation) -> str:
    """Return a claim's value as a reader compares it: prices in one form, the rest as printed."""
    if entry.kind == "price" and claim.value is not None:
        return money.shown(int(claim.value), claim.unit)
    return claim.printed.strip()[:60]


def against(v: Voice, role: str) -> str:
    """Return why a voice does not prevail against a role."""
    who = SPEAKER.get(v.speaks_as, "another source")
    if v.claim.basis == "rival":
        return f"{who} on a rival's route never beats {SPEAKER.get(role, 'the authority')}"
    if v.speaks_as == role:
        return f"outvoted, or older, among equals ({who})"
    return f"{who} does not beat {SPEAKER.get(role, 'the authority')}"


def unweighed(v: Voice) -> str:
    """Return why a voice was not weighed at all."""
    who = SPEAKER.get(v.speaks_as, "another source")
    return (
        f"{who} on a rival's route is not weighed against others"
        if v.claim.basis == "rival"
        else f"an older look of its source, or {who}, which is not weighed against others"
    )


def repeated(voices: list[Voice]) -> dict[int, str]:
    """Return a note for each claim that only repeats a value that is not believed.

    A shared error is one voice, not many.
    """
    by_value: dict[str | None, list[Voice]] = {}
    for v in voices:
        if v.claim.value is not None:
            by_value.setdefault(v.claim.value, []).append(v)
    found: dict[int, str] = {}
    for same in by_value.values():
        if (sources := len({v.claim.source for v in same})) > 2:
            first = min(same, key=lambda v: (v.claim.first_look, v.claim.source)).claim.source
            found |= {
                v.claim.id: f"a copy: {sources} sources repeat what {first} said first, one voice"
                for v in same
                if v.claim.source != first
            }
    return found


def sentence(
    entry: Field, role: str, rule: str, sources: int, against: int, winner: Voice, copied: int = 0
) -> str:
    """Return why an authority is believed, in one sentence."""
    head = f"{SPEAKER[role].capitalize()} states it"
    if rule == "most sources":
        head = f"Most of the sources of equal standing ({SPEAKER[role]}) state it"
    elif rule == "authority made exact":
        head = (
            f"{SPEAKER[role].capitalize()} states it rounded,"
            " and this is the exact figure that fits"
        )
    elif rule == "corroborated":
        head = f"Equals disagree; the value others back is taken from {SPEAKER[role]}"
    elif rule == "self-reported":
        head = "The seller itself says so, and nobody has checked it"
    more = f", {sources - 1} more agree" if sources > 1 else ""
    echoes = f" ({copied} of them {'copies' if copied > 1 else 'copies it'})" if copied else ""
    less = f"; {against} disagree" if against else ""
    return f"{head} ({said(entry, winner.claim)}){more}{echoes}{less}."


def weighed(
    entry: Field,
    found: Weighed,
    agreeing: list[Voice],
    disagreeing: list[Voice],
    cards: Mapping[str, SourceCard],
    learned: Learned,
) -> str:
    """Return why a third parties' value is believed, in one sentence."""
    best: dict[str, tuple[float, Voice]] = {}
    for v in agreeing:
        best[v.claim.source] = max(
            best.get(v.claim.source, (0.0, v)),
            (reliability(v, entry, learned, v.claim.last_seen), v),
            key=lambda known: known[0],
        )
    named = [
        f"{cards[s].title} ({_record(entry, best[s][1], learned)})"
        for s in sorted(best, key=lambda s: (-best[s][0], s))
    ]
    more = [f"{len(named) - 2} more"] if len(named) > 2 else []
    *head, last = [*named[:2], *more]
    who = f"{', '.join(head)} and {last}" if head else last
    copied = sum(found.notes.get(v.claim.id, "").startswith("a copy") for v in agreeing)
    echoes = f" ({copied} of them {'copies' if copied > 1 else 'a copy'})" if copied else ""
    against = len({v.claim.source for v in disagreeing})
    less = f"; {against} disagree{'s' if against == 1 else ''}" if against else ""
    return f"Nobody with authority states it; {who} {'say' if head else 'says'} so{echoes}{less}."


_PLURAL = {
    "price": "prices",
    "limit": "limits",
    "output limit": "output limits",
    "capability": "capabilities",
    "date": "dates",
    "score": "scores",
    "size": "sizes",
    "measure": "measurements",
    "text": "such facts",
}


def _record(entry: Field, v: Voice, learned: Learned) -> str:
    right = record(v, entry, learned)
    return (
        f"right about {right:.0%} of {_PLURAL[entry.group]}"
        if right is not None
        else f"never checked on {_PLURAL[entry.group]}"
    )
