"""`almanac explain`: a figure, the rule that decided it, and who says what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from almanac import out, subject
from almanac.app import app
from almanac.out import Json
from almanac.snapshots import AsOf, FieldName, InRelease, SubjectName, day_of, opened
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredClaim, StoredFigure


@app.command()
def explain(
    name: SubjectName,
    field: FieldName,
    as_of: AsOf = None,
    in_release: InRelease = None,
    as_json: Json = False,
) -> None:
    """Say a figure, the rule that decided it, and who says what, quoted, with links.

    Example: almanac explain google/gemini-3.1-flash-lite context_window
    """
    from almanac.schemas.fields import NAMES

    if field not in NAMES:
        raise ValueError(f"no field {field!r}; the fields are: {', '.join(sorted(NAMES))}")
    snapshot = opened(as_of, in_release)
    about = subject.subject(snapshot, name, day_of(as_of))
    figures = sorted(snapshot.figures(subject=about, field=field), key=_commonest_first)
    if not figures:
        raise out.Refused(
            f"nothing is known of {field} of {about}" + (f" on {as_of}" if as_of else "")
        )
    claims = snapshot.claims(i for f in figures for side in f.sides() for i, _ in side)
    if as_json:
        _print_figures_json(snapshot, figures, claims)
        return
    for figure in figures:
        _print_figure(figure, claims)


class Citation(NamedTuple):
    """A claim on one side of a figure, and what is noted of it there."""

    claim: StoredClaim
    note: str


def _commonest_first(f: StoredFigure) -> tuple[int, str, int]:
    """Order figures by what most ask first.

    Standard terms before conditions, input before output before the rest.
    """
    from almanac.schemas.fields import METERS

    conditions = f.terms.count("=") + 2 * ("via=" in f.terms)
    return conditions, f.terms, METERS.index(f.meter) if f.meter else -1


def _citations(side: list[tuple[int, str]], claims: Mapping[int, StoredClaim]) -> list[Citation]:
    return [Citation(claims[number], note) for number, note in side if number in claims]


def _print_figures_json(
    snapshot: Warehouse, figures: Sequence[StoredFigure], claims: Mapping[int, StoredClaim]
) -> None:
    from almanac.comparisons import formatting

    out.as_json(
        {
            "subject": figures[0].subject,
            "field": figures[0].field,
            "release": snapshot.known,
            "as_of": snapshot.valid or "now",
            "figures": [
                {
                    "meter": f.meter or None,
                    "terms": f.conditions,
                    "value": formatting.plain_value(f),
                    "unit": f.unit,
                    "state": f.state,
                    "confidence": f.confidence,
                    "rule": f.rule,
                    "why": f.why,
                    "valid_from": f.valid_from[:10],
                    **{
                        name: [_citation_json(c, note) for c, note in _citations(side, claims)]
                        for name, side in zip(("support", "dissent"), f.sides(), strict=True)
                    },
                }
                for f in figures
            ],
        }
    )


def _citation_json(c: StoredClaim, note: str) -> dict[str, int | str | None]:
    return {
        "claim": c.id,
        "source": c.source,
        "said": c.printed,
        "value": c.value,
        "url": c.url,
        "looked": c.last_look[:10],
        "first_seen": c.first_look[:10],
        "where": c.locator,
        "as": f"{c.provider_said}: {c.model_said}" if c.provider_said else c.model_said,
        "basis": c.basis,
        "note": note,
        "capture": c.capture,
        "archive": c.archive,
    }


def _print_figure(f: StoredFigure, claims: Mapping[int, StoredClaim]) -> None:
    """Print a figure, its rule, and the claims for (+) and against (-) it, quoted."""
    from almanac.comparisons import formatting

    meter = f" {f.meter}" if f.meter else ""
    conditions = f" [{f.terms}]" if f.terms else ""
    print(
        f"{f.subject} {f.field}{meter}{conditions}:"
        f" {formatting.value(f)} ({f.state}, confidence {f.confidence:.2f})"
    )
    print(f"  {out.clean(f.why)} Rule: {f.rule}. Since {f.valid_from[:10]}.")
    for sign, side in zip("+-", f.sides(), strict=True):
        for c, note in _citations(side, claims):
            print(
                f"  {sign} {c.source} “{out.clean(c.printed)}”{f' [{note}]' if note else ''}\n"
                f"      {c.url} looked {c.last_look[:10]}, {out.clean(c.locator)}"
            )
