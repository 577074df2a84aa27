"""Pages that are derived, not written.

`python -m docs.tools.build` writes them, and a test holds them to their source.
"""

from __future__ import annotations

from pathlib import Path

from almanac.schemas.fields import FIELDS
from almanac.spiders import base
from almanac.warehouse.read.views import COLUMNS, VIEWS, WHOLE
from docs.tools.commands import commands_page
from docs.tools.reading import with_reference

HERE = Path(__file__).parents[1]


def fields_page() -> str:
    """Return the data dictionary, from the field registry."""
    lines = [
        "# Fields",
        "",
        "Derived from `schemas/fields.py`. A field has one meaning and one unit.",
        "",
    ]
    for subject in ("model", "offer", "evaluation"):
        lines += [
            f"## Of a {subject}" if subject == "model" else f"## Of an {subject}",
            "",
            "| field | kind | unit | meaning | legal | who decides |",
            "|---|---|---|---|---|---|",
        ]
        for (kind, name), f in FIELDS.items():
            if kind == subject:
                legal = (
                    f"{f.low} to {f.high}. {f.reason}" if f.low is not None else ", ".join(f.values)
                )
                lines.append(
                    f"| `{name}` | {f.kind} | {f.unit} | {f.meaning} | {legal}"
                    f" | {', '.join(f.authority[:4])} … |"
                )
        lines.append("")
    return "\n".join(lines)


def sources_page() -> str:
    """Return the list of sources, from their cards."""
    lines = [
        "# Sources",
        "",
        "Derived from the cards in `spiders/sources/`.",
        "",
        "| source | publisher | kind | looked at | speaks for | licence |",
        "|---|---|---|---|---|---|",
    ]
    for name in base.names():
        card = base.card(name)
        lines.append(
            f"| `{name}` | {card.publisher} | {card.kind} | {card.cadence}"
            f" | {', '.join(dict.fromkeys([*card.makers, *card.providers])) or 'nobody but itself'}"
            f" | {card.licence} |"
        )
    return "\n".join([*lines, ""])


def warehouse_page() -> str:
    """Return the readers' contract, from the documented views."""
    lines = [
        "# What readers may rely on",
        "",
        (
            "Derived from `warehouse/read/views.py`. These views are the contract, version 1:"
            " they may gain a column at their end, and never lose or change one. The tables behind"
        ),
        (
            "them are not part of it. Every release is also to be had as files of the same shape:"
            " `almanac export FORMAT DIR`. [How to load them](consumers.md)."
        ),
        "",
        (
            "Two axes of time: `valid_from` and `valid_to` say when something was so in the world;"
            " `first_release` and `closed_release` from which release on until"
        ),
        "before which we said so. What release 12 said of 1 May 2026:",
        "",
        "```sql",
        "SELECT * FROM v1_history",
        "WHERE valid_from <= '2026-05-01T00:00:00Z' AND valid_to > '2026-05-01T00:00:00Z'",
        "  AND first_release <= 12 AND (closed_release IS NULL OR closed_release > 12)",
        "```",
        "",
        (
            "Text compares by its bytes; moments are UTC and sort as text;"
            " money is whole billionths of a currency, never a fraction."
        ),
        "",
    ]
    for name, view in VIEWS.items():
        lines += [
            f"## `{name}`",
            "",
            f"{view.rows[0].upper()}{view.rows[1:]}.",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
        ]
        lines += [
            f"| `{c}` | {'integer' if c in WHOLE else 'real' if c == 'confidence' else 'text'}"
            f" | {COLUMNS[c]} |"
            for c in view.columns
        ]
        lines.append("")
    return "\n".join(lines)


def add_a_source_page() -> str:
    """Return the guide for a new source, its reference written from the code."""
    return with_reference((HERE / "add-a-source.md").read_text(encoding="utf-8"))


PAGES = {
    "add-a-source.md": add_a_source_page,
    "commands.md": commands_page,
    "fields.md": fields_page,
    "sources.md": sources_page,
    "warehouse.md": warehouse_page,
}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
