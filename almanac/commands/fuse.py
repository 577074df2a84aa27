"""`almanac fuse`: the resolver's engine on any table of claims."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from almanac import out
from almanac.app import app

if TYPE_CHECKING:
    from almanac.flows.truth_discovery.fuse import Fused


@app.command()
def fuse(
    claims: Annotated[
        Path,
        typer.Argument(
            metavar="CLAIMS.csv", help="Columns source,item,attribute,value[,unit][,observed_at]."
        ),
    ],
    anchors: Annotated[
        Optional[Path],
        typer.Option(metavar="FACTS.csv", help="Audited facts: item,attribute,value."),
    ] = None,
    sources: Annotated[
        Optional[Path],
        typer.Option(
            metavar="KINDS.csv",
            help="What each source is: source,kind (maker, provider, catalogue, reseller, blog …).",
        ),
    ] = None,
    to: Annotated[
        Optional[Path],
        typer.Option(
            "--out", metavar="F", help="Write the decisions here instead of printing them."
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON document: decisions, copies, reliability."),
    ] = False,
) -> None:
    """Decide who is right where sources disagree, for any table of claims.

    Prints item,attribute,value,confidence,state,rule as CSV. A slot that is `conflicted` shows its
    leading candidate, which is no finding. Which sources count as one voice is said on stderr.
    Nothing but the claims is read, and the anchors where given.

    Example: almanac fuse claims.csv --anchors facts.csv --out decided.csv
    """
    from almanac.flows.truth_discovery import fuse as engine
    from almanac.flows.truth_discovery import table

    facts: dict[tuple[str, str], str] = (
        {
            (item, attribute): value
            for item, attribute, value in _columns(anchors, ("item", "attribute", "value"))
        }
        if anchors
        else {}
    )
    kinds = dict(_columns(sources, ("source", "kind"))) if sources else {}
    done = engine.fuse(table.read(claims), facts, kinds)
    if as_json:
        _json(done)
        return
    if to:
        with to.open("w", newline="", encoding="utf-8") as file:
            _write(done, csv.writer(file, lineterminator="\n"))
    else:
        _write(done, csv.writer(sys.stdout, lineterminator="\n"))
    _tell(done, len(facts))


def _columns(path: Path | None, names: tuple[str, ...]) -> list[Any]:
    """Return the named columns of a CSV file.

    Raises ValueError, naming file and line, for one that lacks them.
    """
    assert path is not None
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = csv.DictReader(file)
        if missing := [n for n in names if n not in (lines.fieldnames or ())]:
            raise ValueError(f"{path.name}: no column {', '.join(missing)}")
        rows = [tuple((line[n] or "").strip() for n in names) for line in lines]
    for number, row in enumerate(rows, 2):
        if not all(row):
            raise ValueError(f"{path.name}, line {number}: {', '.join(names)} may not be empty")
    return rows


def _write(done: Fused, lines: Any) -> None:
    lines.writerow(("item", "attribute", "value", "confidence", "state", "rule"))
    lines.writerows(
        (d.item, d.attribute, d.value, d.confidence, d.state, d.rule) for d in done.decisions
    )


def _tell(done: Fused, anchors: int) -> None:
    table = done.table
    conflicted = sum(d.state == "conflicted" for d in done.decisions)
    sure = sum(d.confidence >= 0.99 for d in done.decisions)
    lines = [
        f"{len(table.claim_source):,} claims, {len(table.sources):,} sources, {len(table.slots):,}"
        f" slots; {conflicted:,} conflicted, {sure:,} at confidence 0.99 or more"
    ]
    lines += [f"one voice: {', '.join(group)}" for group in done.copies()]
    if done.fell_back:
        lines.append(
            f"what was learned does worse on the {anchors} anchors than a plain vote:"
            " the vote was taken"
        )
    for line in lines:
        print(out.clean(line), file=sys.stderr)


def _json(done: Fused) -> None:
    table = done.table
    out.as_json(
        {
            "decisions": [
                {
                    "item": d.item,
                    "attribute": d.attribute,
                    "value": d.value,
                    "confidence": d.confidence,
                    "state": d.state,
                    "rule": d.rule,
                }
                for d in done.decisions
            ],
            "copies": [list(group) for group in done.copies()],
            "reliability": {
                source: {a: round(float(r), 3) for a, r in zip(table.attributes, row, strict=True)}
                for source, row in zip(table.sources, done.belief.reliability, strict=True)
            },
            "fell_back_to_vote": done.fell_back,
        }
    )
