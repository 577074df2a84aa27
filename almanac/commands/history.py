"""Commands that ask about the past: history, diff, events, releases.

Also `retain`, which lets go of old releases.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from almanac import clock, out, subject
from almanac.app import app
from almanac.commands.query import AsOf, FieldName, Known, Model, Subject, opened, shown_value
from almanac.out import Json
from almanac.warehouse.read.reader import FOREVER, StoredFigure


def _until(moment: str) -> str | None:
    return None if moment == FOREVER else moment[:10]


@app.command()
def history(
    name: Subject,
    field: FieldName,
    as_json: Json = False,
) -> None:
    """List every figure ever said of a field.

    With each: when it held, which releases said it, and why it was said anew.

    A `change` is the world's: it begins after the newest look the release before knew. A
    `correction` is ours: it replaces what an earlier release said of a time it had looked at.
    `filled` is a past learned later.

    Example: almanac history mistral/mistral-nemo context_window
    """
    from almanac.warehouse.read.release_diff import history as told

    snapshot = opened()
    about = subject.subject(snapshot, name)
    rows = told(snapshot, about, field)
    if not rows:
        raise out.Refused(f"nothing was ever said of {field} of {about}")
    data = [
        {
            "meter": e.figure.meter or None,
            "terms": e.figure.conditions,
            "value": shown_value(e.figure),
            "unit": e.figure.unit,
            "state": e.figure.state,
            "valid_from": e.figure.valid_from[:10],
            "valid_to": _until(e.figure.valid_to),
            "kind": e.came,
            "first_release": e.figure.first_release,
            "closed_release": e.figure.closed_release,
            "closed_by": e.went or None,
        }
        for e in rows
    ]
    if as_json:
        out.as_json(data)
        return
    from almanac.comparisons import formatting

    out.table(
        [
            "meter",
            "terms",
            "value",
            "valid from",
            "valid to",
            "came as",
            "said by releases",
            "no more, by",
        ],
        [
            [
                d["meter"] or "",
                e.figure.terms,
                formatting.value(e.figure),
                d["valid_from"],
                d["valid_to"] or "now",
                e.came,
                (
                    f"{e.figure.first_release}–"
                    f"{e.figure.closed_release - 1 if e.figure.closed_release else ''}"
                ),
                e.went,
            ]
            for d, e in zip(data, rows, strict=True)
        ],
    )


@app.command()
def diff(
    earlier: Annotated[
        str, typer.Argument(metavar="R1", help="A release, or a date: the last one made by then.")
    ],
    later: Annotated[
        str, typer.Argument(metavar="[R2]", help="The same. Default: the latest.")
    ] = "",
    match: Annotated[
        str, typer.Option("--subject", metavar="TEXT", help="Only subjects that contain this.")
    ] = "",
    kind: Annotated[str, typer.Option(help="Only these: new, change, correction, filled.")] = "",
    limit: Annotated[int, typer.Option(help="At most this many; 0 for all.")] = 100,
    md: Annotated[
        Optional[Path],
        typer.Option(
            "--md", metavar="FILE", help="Write Markdown to this file; - for the terminal."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what one release says otherwise than an earlier one.

    Changes of the world and corrections of ours are told apart.

    Example: almanac diff 3 4 --subject mistral
    """
    from almanac.comparisons import formatting
    from almanac.warehouse.read.release_diff import diff as told

    snapshot = opened()
    kinds = ("new", "change", "correction", "filled")
    if kind and kind not in kinds:
        raise ValueError(f"no kind {kind!r}; there are: {', '.join(kinds)}")
    found = told(
        snapshot,
        snapshot.as_of(known=earlier).known,
        snapshot.as_of(known=later).known if later else snapshot.known,
        match,
    )
    wanted = [t for t in found.told if kind in ("", t.what.kind)]
    some = wanted[:limit] if limit else wanted
    heads = ["kind", "subject", "field", "terms", "valid from", "valid to", "was", "is"]
    rows = [
        [
            t.what.kind,
            t.about.subject,
            f"{t.about.field} {t.about.meter}".strip(),
            t.about.terms,
            t.what.valid_from[:10],
            _until(t.what.valid_to) or "now",
            formatting.said(t.about, t.what.before),
            formatting.said(t.about, t.what.after),
        ]
        for t in some
    ]
    counts = found.counts()
    said = (
        ", ".join(f"{counts.get(k, 0):,} {k}" for k in kinds)
        + f"; {found.reasons:,} with the same value for other reasons"
    )
    title = (
        f"Release {found.earlier.id} ({found.earlier.created_at}) to release {found.later.id}"
        f" ({found.later.created_at}): {said}"
    )
    more = (
        f"and {len(wanted) - len(some):,} more: --limit 0 lists all"
        if len(some) < len(wanted)
        else ""
    )
    if as_json:
        out.as_json(
            {
                "earlier": found.earlier.id,
                "later": found.later.id,
                "counts": {k: counts.get(k, 0) for k in kinds},
                "reasons": found.reasons,
                "differences": [
                    {
                        "kind": t.what.kind,
                        "subject": t.about.subject,
                        "field": t.about.field,
                        "meter": t.about.meter or None,
                        "terms": t.about.conditions,
                        "valid_from": t.what.valid_from,
                        "valid_to": None if t.what.valid_to == FOREVER else t.what.valid_to,
                        "before": _value(t.about, t.what.before),
                        "after": _value(t.about, t.what.after),
                    }
                    for t in some
                ],
            }
        )
    elif md is not None:
        lines = [
            f"# {title}",
            "",
            f"| {' | '.join(heads)} |",
            "|---" * len(heads) + "|",
            *(f"| {' | '.join(_cell(c) for c in row)} |" for row in rows),
            "",
            more,
        ]
        text = "\n".join(lines).rstrip() + "\n"
        print(text, end="") if str(md) == "-" else md.write_text(text, encoding="utf-8")
    else:
        out.table(heads, rows)
        print(title)
        if more:
            print(more)


def _value(about: StoredFigure, said: tuple[str | None, str, str] | None) -> dict[str, Any] | None:
    from almanac.comparisons import formatting

    return (
        {"value": shown_value(formatting.as_said(about, said)), "unit": said[1], "state": said[2]}
        if said
        else None
    )


def _cell(text: str) -> str:
    return out.clean(text).replace("|", "\\|")


@app.command()
def events(
    name: Model,
    as_of: AsOf = None,
    known: Known = None,
    as_json: Json = False,
) -> None:
    """List what became of a model and its offers, each event with its day.

    The events are: released, listed, deprecated, withdrawn, aged out.

    Example: almanac events mistral/mistral-nemo
    """
    from almanac.warehouse.read.lifecycle import events as told

    snapshot = opened(as_of, known)
    about = subject.model(snapshot, name)
    found = told(snapshot, about)
    if not found:
        raise out.Refused(
            f"nothing is known to have become of {about}" + (f" by {as_of}" if as_of else "")
        )
    if as_json:
        out.as_json(
            [
                {
                    "moment": e.moment,
                    "event": e.event,
                    "subject": e.subject,
                    "detail": e.detail or None,
                }
                for e in found
            ]
        )
        return
    out.table(
        ["day", "event", "subject", "detail"],
        [[e.moment[:10], e.event.replace("_", " "), e.subject, e.detail] for e in found],
    )


@app.command()
def releases(
    verify: Annotated[
        bool, typer.Option("--verify", help="Compute every digest again from what is stored.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the releases, newest first, with their counts.

    Example: almanac releases --verify
    """
    snapshot = opened()
    rows = snapshot.releases()
    checked: dict[int, str] = {}
    if verify:
        from almanac.warehouse.read.release_diff import verify as holds

        checked = {
            r.id: "let go" if r.retired_at else "holds" if holds(snapshot, r.id) else "BROKEN"
            for r in rows
        }
    if as_json:
        out.as_json(
            [
                {
                    "release": r.id,
                    "created_at": r.created_at,
                    "parent": r.parent,
                    "code": r.code_version,
                    "digest": r.digest,
                    "counts": r.counts,
                    "stale": r.stale,
                    "diff": r.diff,
                    "quarantined": r.validation.get("quarantined", 0),
                    "sources": r.sources,
                    "retired_at": r.retired_at,
                    **({"verified": checked[r.id]} if verify else {}),
                }
                for r in rows
            ]
        )
    else:
        heads = [
            "release",
            "created",
            "models",
            "offers",
            "figures",
            "conflicts",
            "refusals",
            "new / changed / corrected / gone",
            "digest",
        ]
        out.table(
            [*heads, "verified"] if verify else heads,
            [
                [
                    r.id,
                    r.created_at,
                    *(
                        f"{r.counts[k]:,}"
                        for k in ("models", "offers", "figures", "conflicts", "refusals")
                    ),
                    " / ".join(
                        str(r.diff.get(k, 0)) for k in ("new", "change", "correction", "gone")
                    ),
                    r.digest[:12],
                    *([checked[r.id]] if verify else []),
                ]
                for r in rows
            ],
        )
    if "BROKEN" in checked.values():
        broken = ", ".join(str(n) for n, said in checked.items() if said == "BROKEN")
        raise out.Refused(f"release {broken}: what is stored is not what its digest was taken of")


@app.command()
def retain(
    days: Annotated[
        int, typer.Option(metavar="DAYS", help="Keep every release of so many days.")
    ] = 90,
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be let go of, and change nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let go of old releases but for the last of each month.

    Evidence is never deleted: no capture, no claim, no spell.

    What only those releases said is deleted; their digests, counts and differences stay, and asking
    for one says so.

    Example: almanac retain --days 90 --dry-run
    """
    from datetime import timedelta

    from almanac.warehouse.write.store import Store

    if days < 1:
        raise ValueError("--days must be at least 1")
    store = Store()
    try:
        now = clock.now()
        gone, figures = store.retain(now - timedelta(days=days), now, dry)
    finally:
        store.close()
    if as_json:
        out.as_json({"releases": gone, "figures": figures, "dry_run": dry})
        return
    if gone:
        what = f"release{'s' if len(gone) > 1 else ''} {', '.join(map(str, gone))}"
        print(
            f"{'would let go' if dry else 'let go'} of {what}:"
            f" {figures:,} figures that only {'they' if len(gone) > 1 else 'it'} said"
        )
    else:
        print(f"every release is younger than {days} days, or the last of its month")
