"""`almanac learn`: how reliable sources are, from what makers and providers state themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from almanac import clock, out
from almanac.app import app


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
        new = False if to else keep(store, learned, clock.now())
    finally:
        store.close()
    if to:
        to.write_text(f"{document(learned)}\n", encoding="utf-8")
    groups = sorted({group for _, group in learned.right})
    sources = sorted({source for source, _ in learned.right})
    if as_json:
        out.as_json(
            {
                "facts": learned.facts,
                "kept": new,
                "copies": dict(learned.voice),
                "right": {
                    s: {g: learned.right[(s, g)] for g in groups if (s, g) in learned.right}
                    for s in sources
                },
            }
        )
        return
    rows = [
        [s, *(f"{learned.right[(s, g)]:.0%}" if (s, g) in learned.right else "—" for g in groups)]
        for s in sources
    ]
    out.table(
        ["source", *groups],
        rows,
        "How often each source is right,"
        f" from {learned.facts:,} figures that their makers and providers state",
    )
    for source, original in learned.voice.items():
        print(f"one voice: {source} errs as {original} does")
    print(
        "written"
        if to
        else (
            "kept: the next refresh resolves every figure with it"
            if new
            else "nothing new was learned"
        )
    )
