"""`almanac learn`: how reliable sources are, from what makers and providers state themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from almanac import clock, out
from almanac.app import app

if TYPE_CHECKING:
    from almanac.flows.reconciliation.source_reliability import Learned


@app.command()
def learn(
    to: Annotated[
        Optional[Path],
        typer.Option("--out", metavar="F", help="Write what was learned here and keep nothing."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Learn how reliable each source is, and who copies whom, from this almanac's own claims.

    Figures that a maker or provider states itself are the anchors: how often are the others right
    about them? The next `almanac refresh` resolves every figure again with what was learned. Until
    then, and where nothing was learned, what we ship holds.

    Example: almanac learn
    """
    from almanac.flows.reconciliation import draft
    from almanac.flows.reconciliation.learn_reliability import from_store, keep
    from almanac.flows.reconciliation.source_reliability import as_json as document
    from almanac.warehouse.write.store import Store

    store = Store()
    try:
        learned = from_store(store, draft.cards())
        kept = False if to else keep(store, learned, clock.now())
    finally:
        store.close()
    if to:
        to.write_text(f"{document(learned)}\n", encoding="utf-8")
    if as_json:
        _print_json(learned, kept)
    else:
        _print_text(learned)
        print(_outcome(to, kept))


def _outcome(to: Path | None, kept: bool) -> str:
    if to:
        return "written"
    if kept:
        return "kept: the next refresh resolves every figure with it"
    return "nothing new was learned"


def _print_json(learned: Learned, kept: bool) -> None:
    shares: dict[str, dict[str, float]] = {}
    for (source, group), share in sorted(learned.right.items()):
        shares.setdefault(source, {})[group] = share
    out.as_json(
        {"facts": learned.facts, "kept": kept, "copies": dict(learned.voice), "right": shares}
    )


def _print_text(learned: Learned) -> None:
    groups = sorted({group for _, group in learned.right})
    sources = sorted({source for source, _ in learned.right})
    out.table(
        ["source", *groups],
        [[s, *(_percent(learned.right.get((s, group))) for group in groups)] for s in sources],
        "How often each source is right,"
        f" from {learned.facts:,} figures that their makers and providers state",
    )
    for source, original in learned.voice.items():
        print(f"one voice: {source} errs as {original} does")


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.0%}"
