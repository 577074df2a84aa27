"""Commands that ask about the past: history, diff, events."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, TypedDict

import typer

from almanac import out, subject
from almanac.app import app
from almanac.out import Json
from almanac.snapshots import AsOf, FieldName, InRelease, ModelName, SubjectName, opened
from almanac.warehouse.read.reader import FOREVER, StoredFigure

if TYPE_CHECKING:
    from almanac.warehouse.read.release_diff import Diff, HistoryEntry, Told


def _until(moment: str) -> str | None:
    return None if moment == FOREVER else moment[:10]


@app.command()
def history(
    name: SubjectName,
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
    from almanac.warehouse.read import release_diff

    snapshot = opened()
    about = subject.subject(snapshot, name)
    entries = release_diff.history(snapshot, about, field)
    if not entries:
        raise out.Refused(f"nothing was ever said of {field} of {about}")
    if as_json:
        _print_entries(entries)
    else:
        out.table(ENTRY_HEADS, [_entry_row(entry) for entry in entries])


ENTRY_HEADS = [
    "meter",
    "terms",
    "value",
    "valid from",
    "valid to",
    "came as",
    "said by releases",
    "no more, by",
]


def _print_entries(entries: Sequence[HistoryEntry]) -> None:
    from almanac.comparisons import formatting

    out.as_json(
        [
            {
                "meter": entry.figure.meter or None,
                "terms": entry.figure.conditions,
                "value": formatting.plain_value(entry.figure),
                "unit": entry.figure.unit,
                "state": entry.figure.state,
                "valid_from": entry.figure.valid_from[:10],
                "valid_to": _until(entry.figure.valid_to),
                "kind": entry.came,
                "first_release": entry.figure.first_release,
                "closed_release": entry.figure.closed_release,
                "closed_by": entry.went or None,
            }
            for entry in entries
        ]
    )


def _entry_row(entry: HistoryEntry) -> list[str]:
    from almanac.comparisons import formatting

    figure = entry.figure
    last = figure.closed_release - 1 if figure.closed_release else ""
    return [
        figure.meter,
        figure.terms,
        formatting.value(figure),
        figure.valid_from[:10],
        _until(figure.valid_to) or "now",
        entry.came,
        f"{figure.first_release}–{last}",
        entry.went,
    ]


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
    from almanac.warehouse.read import release_diff

    snapshot = opened()
    if kind and kind not in KINDS:
        raise ValueError(f"no kind {kind!r}; there are: {', '.join(KINDS)}")
    whole = release_diff.diff(
        snapshot,
        snapshot.as_of(known=earlier).known,
        snapshot.as_of(known=later).known if later else snapshot.known,
        match,
    )
    differences = [d for d in whole.told if kind in ("", d.what.kind)]
    shown = out.capped(differences, limit)
    if as_json:
        _print_diff(whole, shown)
        return
    rows = [_difference_row(d) for d in shown]
    rest = len(differences) - len(shown)
    more = f"and {rest:,} more: --limit 0 lists all" if rest else ""
    if md is not None:
        out.write(md, _markdown(_title(whole), rows, more), end="")
        return
    out.table(DIFFERENCE_HEADS, rows)
    print("\n".join(filter(None, (_title(whole), more))))


KINDS = ("new", "change", "correction", "filled")
"""What a difference between two releases may be."""
DIFFERENCE_HEADS = ["kind", "subject", "field", "terms", "valid from", "valid to", "was", "is"]


class ValueJson(TypedDict):
    """What a release said of one figure."""

    value: object
    unit: str
    state: str


def _print_diff(whole: Diff, shown: Sequence[Told]) -> None:
    counts = whole.counts()
    out.as_json(
        {
            "earlier": whole.earlier.id,
            "later": whole.later.id,
            "counts": {kind: counts.get(kind, 0) for kind in KINDS},
            "reasons": whole.reasons,
            "differences": [
                {
                    "kind": d.what.kind,
                    "subject": d.about.subject,
                    "field": d.about.field,
                    "meter": d.about.meter or None,
                    "terms": d.about.conditions,
                    "valid_from": d.what.valid_from,
                    "valid_to": None if d.what.valid_to == FOREVER else d.what.valid_to,
                    "before": _value_json(d.about, d.what.before),
                    "after": _value_json(d.about, d.what.after),
                }
                for d in shown
            ],
        }
    )


def _value_json(about: StoredFigure, value: tuple[str | None, str, str] | None) -> ValueJson | None:
    from almanac.comparisons import formatting

    if value is None:
        return None
    _, unit, state = value
    return {
        "value": formatting.plain_value(formatting.as_said(about, value)),
        "unit": unit,
        "state": state,
    }


def _difference_row(d: Told) -> list[str]:
    from almanac.comparisons import formatting

    return [
        d.what.kind,
        d.about.subject,
        f"{d.about.field} {d.about.meter}".strip(),
        d.about.terms,
        d.what.valid_from[:10],
        _until(d.what.valid_to) or "now",
        formatting.said(d.about, d.what.before),
        formatting.said(d.about, d.what.after),
    ]


def _title(whole: Diff) -> str:
    counts = whole.counts()
    kinds = ", ".join(f"{counts.get(kind, 0):,} {kind}" for kind in KINDS)
    return (
        f"Release {whole.earlier.id} ({whole.earlier.created_at}) to release {whole.later.id}"
        f" ({whole.later.created_at}): {kinds};"
        f" {whole.reasons:,} with the same value for other reasons"
    )


def _markdown(title: str, rows: Sequence[Sequence[str]], more: str) -> str:
    lines = [
        f"# {title}",
        "",
        f"| {' | '.join(DIFFERENCE_HEADS)} |",
        "|---" * len(DIFFERENCE_HEADS) + "|",
        *(f"| {' | '.join(_cell(text) for text in row)} |" for row in rows),
        "",
        more,
    ]
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    return out.clean(text).replace("|", "\\|")


@app.command()
def events(
    name: ModelName,
    as_of: AsOf = None,
    in_release: InRelease = None,
    as_json: Json = False,
) -> None:
    """List what became of a model and its offers, each event with its day.

    The events are: released, listed, deprecated, withdrawn, aged out.

    Example: almanac events mistral/mistral-nemo
    """
    from almanac.warehouse.read import lifecycle

    snapshot = opened(as_of, in_release)
    about = subject.model(snapshot, name)
    rows = lifecycle.events(snapshot, about)
    if not rows:
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
                for e in rows
            ]
        )
        return
    out.table(
        ["day", "event", "subject", "detail"],
        [[e.moment[:10], e.event.replace("_", " "), e.subject, e.detail] for e in rows],
    )
