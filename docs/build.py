"""Pages that are derived, not written: `python -m docs.build` writes them, a test holds them to their source."""

from __future__ import annotations

from pathlib import Path

from schemas.fields import FIELDS
from spiders import base

HERE = Path(__file__).parent


def fields_page() -> str:
    """Return the data dictionary, from the field registry."""
    lines = ["# Fields", "", "Derived from `schemas/fields.py`. A field has one meaning and one unit.", ""]
    for subject in ("model", "offer", "evaluation"):
        lines += [f"## Of a {subject}" if subject == "model" else f"## Of an {subject}", "", "| field | kind | unit | meaning | legal | who decides |", "|---|---|---|---|---|---|"]
        for (kind, name), f in FIELDS.items():
            if kind == subject:
                legal = f"{f.low} to {f.high}. {f.reason}" if f.low is not None else ", ".join(f.values)
                lines.append(f"| `{name}` | {f.kind} | {f.unit} | {f.meaning} | {legal} | {', '.join(f.authority[:4])} … |")
        lines.append("")
    return "\n".join(lines)


def sources_page() -> str:
    """Return the list of sources, from their cards."""
    lines = ["# Sources", "", "Derived from the cards in `spiders/sources/`.", "", "| source | publisher | kind | looked at | speaks for | licence |", "|---|---|---|---|---|---|"]
    for name in base.names():
        card = base.card(name)
        lines.append(
            f"| `{name}` | {card.publisher} | {card.kind} | {card.cadence} | {', '.join(dict.fromkeys([*card.makers, *card.providers])) or 'nobody but itself'} | {card.licence} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    (HERE / "fields.md").write_text(fields_page(), encoding="utf-8")
    (HERE / "sources.md").write_text(sources_page(), encoding="utf-8")
