"""`almanac review`: what the rules could not decide, put to a person."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from almanac import clock, out, warehouse
from almanac.app import app
from almanac.schemas.rulings import FigureRuling, NameRuling, Rulings, line, load
from almanac.warehouse import Warehouse
from almanac.warehouse.paths import home

if TYPE_CHECKING:
    from almanac.comparisons.conflict_impact import Stake


Ruling = FigureRuling | NameRuling


class Choice(NamedTuple):
    """One way to settle a question, in words, and the ruling that it makes."""

    text: str
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """What there is to rule on, why, and what there is to choose from."""

    about: str
    why: str
    choices: tuple[Choice, ...]
    subject: str = ""
    """The subject whose figures are to be resolved again once it is ruled on."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who rules, and on what day: what every ruling is signed with."""

    author: str
    day: date


@app.command()
def review(
    match: Annotated[str, typer.Argument(metavar="[TEXT]", help="Only what contains this.")] = "",
    names: Annotated[bool, typer.Option("--names", help="Only names without a model.")] = False,
    figures: Annotated[bool, typer.Option("--figures", help="Only figures in conflict.")] = False,
    limit: Annotated[int, typer.Option(help="At most this many; 0 for all.")] = 50,
    author: Annotated[str, typer.Option(help="Who rules. Default: you.")] = "",
    listed: Annotated[
        bool, typer.Option("--list", help="Print the YAML line of each choice instead of asking.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document: what there is to rule on.")
    ] = False,
) -> None:
    """Rule on what the rules could not decide.

    That is figures in conflict, and names that no one model has.

    For each, type the number of a choice and Enter (a name: n for none of ours; s skips, q ends).
    Each ruling is one YAML line in rulings.yaml of the home folder, with author, date, reason and
    what it expects; it is replayed on every run, and named when its cause is gone.

    Example: almanac review mistral
    """
    path = home() / "rulings.yaml"
    settled = load(path)
    signature = Signature(
        author or os.environ.get("ALMANAC_AUTHOR") or getpass.getuser(), clock.now().date()
    )
    snapshot = warehouse.open()
    questions: list[ReviewQuestion] = []
    if not names:
        questions += _about_figures(snapshot, match, signature, settled)
    if not figures:
        questions += _about_names(snapshot, match, signature, settled)
    shown = out.capped(questions, limit)
    if as_json:
        _print_json(shown)
        return
    if listed:
        _print_lines(shown)
    else:
        _ask(shown, path)
    if rest := len(questions) - len(shown):
        print(f"{'# ' if listed else ''}and {rest} more: --limit 0 takes all")


def _print_json(questions: Iterable[ReviewQuestion]) -> None:
    out.as_json(
        [
            {
                "about": q.about,
                "why": q.why,
                "choices": [
                    {"says": choice.text, "line": line(choice.ruling).strip()}
                    for choice in q.choices
                ],
            }
            for q in questions
        ]
    )


def _print_lines(questions: Iterable[ReviewQuestion]) -> None:
    """Print the YAML line of each choice, as comments: who takes one in uncomments it."""
    for q in questions:
        print(f"# {out.clean(q.about)}: {out.clean(q.why)}")
        print("".join(f"#   {line(choice.ruling)}" for choice in q.choices), end="")


def _about_figures(
    snapshot: Warehouse, match: str, signature: Signature, settled: Rulings
) -> Iterator[ReviewQuestion]:
    """Yield what to ask of figures in conflict that no ruling is about."""
    from almanac.comparisons import conflict_impact

    for conflict in conflict_impact.stakes(snapshot, match):
        f = conflict.figure
        if not conflict.values or (f.subject, f.field, f.meter, f.terms) in settled.figures:
            continue
        money = f"; ${conflict.money:,.2f} a month apart" if conflict.money else ""
        yield ReviewQuestion(
            f"{f.subject} {f.field} {f.meter} {f.terms}".strip(),
            f"{f.why}{money}",
            tuple(_values(conflict, signature)),
            f.subject,
        )


def _values(conflict: Stake, signature: Signature) -> Iterator[Choice]:
    """Yield the values that stand against each other, each with the ruling for it."""
    f = conflict.figure
    for value, sources in conflict.values.items():
        shown, names = conflict.shown[value], ", ".join(sources)
        ruling = FigureRuling(
            f.subject,
            f.field,
            value,
            signature.author,
            signature.day,
            f"{shown} as {names} {'say' if len(sources) > 1 else 'says'}",
            tuple(conflict.values),
            f.meter,
            f.terms,
        )
        yield Choice(f"{shown} ({names})", ruling)


@dataclass(slots=True)
class UnlinkedName:
    """A name without a model: what waits for it, whatever source uses it."""

    name: str
    why: str
    candidates: str
    claims: int = 0
    sources: set[str] = field(default_factory=set)

    @property
    def users(self) -> str:
        return ", ".join(sorted(self.sources))


def _about_names(
    snapshot: Warehouse, match: str, signature: Signature, settled: Rulings
) -> Iterator[ReviewQuestion]:
    """Yield what to ask of names without a model that no ruling is about.

    Those with candidates come first, then those for which most claims wait.
    """
    ruled = {(r.provider, r.name) for r in settled.names}
    for waiting in sorted(
        _waiting(snapshot, match), key=lambda w: (not w.candidates, -w.claims, w.name, w.why)
    ):
        if ("", waiting.name) not in ruled:
            yield ReviewQuestion(
                f"the name {waiting.name!r}",
                f"{waiting.why}; {waiting.claims} claims of {waiting.users} wait",
                tuple(_meanings(waiting, signature)),
            )


def _waiting(snapshot: Warehouse, match: str) -> Iterable[UnlinkedName]:
    """Return the names for which claims wait; one counts once for all who use it alike."""
    names: dict[tuple[str, str], UnlinkedName] = {}
    for refusal in snapshot.refusals(stage="link"):
        name, why, place = refusal["model"], refusal["reason"], refusal["locator"]
        if match.lower() not in name.lower() or "claims wait" not in place:
            continue
        waiting = names.setdefault((name, why), UnlinkedName(name, why, refusal["candidates"]))
        waiting.claims += int(place.split()[0])
        waiting.sources.add(refusal["source"])
    return names.values()


def _meanings(waiting: UnlinkedName, signature: Signature) -> Iterator[Choice]:
    """Yield the candidates of a name, and last that it is none of our models."""
    name, why = waiting.name, waiting.why
    for model in filter(None, waiting.candidates.split(", ")):
        reason = f"the same model, told by a person from {waiting.users}"
        yield Choice(model, NameRuling(name, model, signature.author, signature.day, reason, why))
    none = NameRuling(name, "", signature.author, signature.day, "no model of ours", why)
    yield Choice(f"{NONE_OF_OURS}: none of ours", none)


NONE_OF_OURS = "n"
"""What is typed for a name that is no model of ours."""


def _ask(questions: Sequence[ReviewQuestion], path: Path) -> None:
    """Put each question to the person, and keep each ruling in the file as it is made."""
    ruled: list[ReviewQuestion] = []
    for number, q in enumerate(questions, 1):
        _put(q, f"{number} of {len(questions)}")
        answer = _answer(q)
        if answer is Reply.end:
            break
        if answer is Reply.skip:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line(answer))
        ruled.append(q)
    _have_resolved([q.subject for q in ruled if q.subject])
    print(
        f"\n{len(ruled)} ruled on, in {path}; the next refresh applies it"
        if ruled
        else "\nnothing ruled on"
    )


def _put(q: ReviewQuestion, place: str) -> None:
    print(f"\n{place}: {out.clean(q.about)}\n  {out.clean(q.why)}")
    for number, choice in enumerate(q.choices, 1):
        own_key = choice.text.startswith(f"{NONE_OF_OURS}: ")
        print(f"  {choice.text if own_key else f'{number}: {choice.text}'}")


def _have_resolved(subjects: list[str]) -> None:
    """Have the figures of these subjects resolved again by the next run."""
    from almanac.warehouse.write.store import Store

    if not subjects:
        return
    store = Store()
    try:
        store.have_resolved(subjects)
    finally:
        store.close()


class Reply(Enum):
    """What a person may say to a question instead of ruling on it."""

    skip = "s"
    end = "q"


def _answer(q: ReviewQuestion) -> Ruling | Reply:
    """Return the ruling a person chose, or that it is skipped, or the end of it all."""
    while True:
        print("> ", end="", flush=True)
        typed = sys.stdin.readline()
        key = typed.strip().lower()
        if not typed or key == Reply.end.value:
            return Reply.end
        if key in (Reply.skip.value, ""):
            return Reply.skip
        if key == NONE_OF_OURS and isinstance(q.choices[-1].ruling, NameRuling):
            return q.choices[-1].ruling
        if key.isdecimal() and 1 <= int(key) <= len(q.choices):
            return q.choices[int(key) - 1].ruling
        print(f"  a number from 1 to {len(q.choices)}, s to skip, q to end")
