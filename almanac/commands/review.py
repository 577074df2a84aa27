"""`almanac review`: what the rules could not decide, put to a person."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from almanac import clock, out, warehouse
from almanac.app import app
from almanac.schemas.rulings import FigureRuling, NameRuling, line, load
from almanac.warehouse import Warehouse
from almanac.warehouse.paths import home


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to rule on: what it is about, and what there is to choose from.

    Each choice has the ruling that it makes.
    """

    about: str
    why: str
    choices: tuple[tuple[str, FigureRuling | NameRuling], ...]
    subject: str = ""


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
    known = load(path)
    settled = {(r.provider, r.name) for r in known.names}, set(known.figures)
    who = author or os.environ.get("ALMANAC_AUTHOR") or getpass.getuser()
    snapshot = warehouse.open()
    questions: list[Question] = []
    if not names:
        questions += [
            q
            for q in _figures(snapshot, match, who)
            if not isinstance(q.choices[0][1], FigureRuling)
            or q.choices[0][1].about not in settled[1]
        ]
    if not figures:
        questions += [
            q
            for q in _names(snapshot, match, who)
            if not isinstance(q.choices[-1][1], NameRuling)
            or (q.choices[-1][1].provider, q.choices[-1][1].name) not in settled[0]
        ]
    some = questions[:limit] if limit else questions
    if as_json:
        out.as_json(
            [
                {
                    "about": q.about,
                    "why": q.why,
                    "choices": [{"says": says, "line": line(r).strip()} for says, r in q.choices],
                }
                for q in some
            ]
        )
    elif listed:
        for q in some:
            print(f"# {out.clean(q.about)}: {out.clean(q.why)}")
            print("".join(f"#   {line(r)}" for _, r in q.choices), end="")
    else:
        _ask(some, path)
    if len(some) < len(questions) and not as_json:
        print(f"{'# ' if listed else ''}and {len(questions) - len(some)} more: --limit 0 takes all")


def _figures(snapshot: Warehouse, match: str, author: str) -> Iterator[Question]:
    from almanac.comparisons.conflict_impact import stakes

    for s in stakes(snapshot, match):
        f = s.figure
        if not s.values:
            continue
        money = f"; ${s.money:,.2f} a month apart" if s.money else ""
        choices = []
        for value, who in s.values.items():
            reason = f"{s.shown[value]} as {', '.join(who)} {'say' if len(who) > 1 else 'says'}"
            choices.append(
                (
                    f"{s.shown[value]} ({', '.join(who)})",
                    FigureRuling(
                        f.subject,
                        f.field,
                        value,
                        author,
                        clock.now().date(),
                        reason,
                        tuple(s.values),
                        f.meter,
                        f.terms,
                    ),
                )
            )
        yield Question(
            f"{f.subject} {f.field} {f.meter} {f.terms}".strip(),
            f"{f.why}{money}",
            tuple(choices),
            f.subject,
        )


def _names(snapshot: Warehouse, match: str, author: str) -> Iterator[Question]:
    """Names without a model, those first for which most claims wait.

    A name counts once for all who use it alike.
    """
    waiting: dict[tuple[str, str], dict[str, Any]] = {}
    for refusal in snapshot.refusals(stage="link"):
        if match.lower() not in refusal["model"].lower() or "claims wait" not in refusal["locator"]:
            continue
        entry = waiting.setdefault(
            (refusal["model"], refusal["reason"]),
            {"claims": 0, "sources": set(), "candidates": refusal["candidates"]},
        )
        entry["claims"] += int(refusal["locator"].split()[0])
        entry["sources"].add(refusal["source"])
    for (name, why), entry in sorted(
        waiting.items(), key=lambda x: (not x[1]["candidates"], -x[1]["claims"], x[0])
    ):
        candidates = [c for c in entry["candidates"].split(", ") if c]
        ruling = [
            (
                c,
                NameRuling(
                    name,
                    c,
                    author,
                    clock.now().date(),
                    f"the same model, told by a person from {', '.join(sorted(entry['sources']))}",
                    why,
                ),
            )
            for c in candidates
        ]
        none = (
            "n: none of ours",
            NameRuling(name, "", author, clock.now().date(), "no model of ours", why),
        )
        yield Question(
            f"the name {name!r}",
            f"{why}; {entry['claims']} claims of {', '.join(sorted(entry['sources']))} wait",
            (*ruling, none),
        )


def _ask(questions: list[Question], path: Path) -> None:
    from almanac.warehouse.write.store import Store

    ruled: list[str] = []
    count = 0
    for number, q in enumerate(questions, 1):
        print(f"\n{number} of {len(questions)}: {out.clean(q.about)}\n  {out.clean(q.why)}")
        for i, (says, _) in enumerate(q.choices, 1):
            print(f"  {says if says.startswith('n: ') else f'{i}: {says}'}")
        if (ruling := _choice(q)) is None:
            continue
        if ruling is END:
            break
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line(ruling))  # type: ignore[arg-type]
        count += 1
        ruled += [q.subject] if q.subject else []
    if ruled:
        store = Store()
        try:
            store.have_resolved(ruled)
        finally:
            store.close()
    print(
        f"\n{count} ruled on, in {path}; the next refresh applies it"
        if count
        else "\nnothing ruled on"
    )


END = "end"


def _choice(q: Question) -> FigureRuling | NameRuling | str | None:
    """Return the ruling a person chose, END for the end, None to skip."""
    while True:
        print("> ", end="", flush=True)
        typed = sys.stdin.readline()
        key = typed.strip().lower()
        if not typed or key == "q":
            return END
        if key in ("s", ""):
            return None
        if key == "n" and isinstance(q.choices[-1][1], NameRuling):
            return q.choices[-1][1]
        if key.isdecimal() and 1 <= int(key) <= len(q.choices):
            return q.choices[int(key) - 1][1]
        print(f"  a number from 1 to {len(q.choices)}, s to skip, q to end")
