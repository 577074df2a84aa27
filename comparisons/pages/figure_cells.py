"""How a cell, a figure as a table shows it, becomes HTML.

It is linked to its claims, and its state is said wherever it is not plainly known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from almanac.comparisons.pages.links import Links
from almanac.schemas.terms import Terms

Cell = Mapping[str, Any]
_NONE = Markup('<span class="none">—</span>')


def said_terms(terms: str) -> str:
    """Return terms as words: `tier batch, above input 200,000`."""
    return ", ".join(
        (
            f"{k.replace('_', ' ')} {int(v):,}"
            if v.isdigit() and k.startswith("above")
            else f"{k.replace('_', ' ')} {v}"
        )
        for k, v in Terms.parse(terms)
    )


class Shows:
    """The ways a page shows cells, models and offers, from where it stands."""

    def __init__(self, link: Links) -> None:
        self._link = link

    def fig(self, c: Cell) -> Markup:
        """A figure as it reads, linked to who says it."""
        return self._linked(c, c["shown"])

    def price(self, c: Cell) -> Markup:
        """A price in a table of many, without the unit that the table's head says."""
        return self._linked(c, c["shown"].removesuffix("/1M tokens"))

    def served(self, some: Sequence[Cell]) -> Markup:
        """What an offer is said to be, under each of its terms."""
        if not some:
            return _NONE
        return Markup("<br>").join(
            self._linked(c, c["shown"])
            + (Markup(f" <small>{escape(said_terms(c['terms']))}</small>") if c["terms"] else "")
            for c in some
        )

    def _linked(self, c: Cell, shown: str) -> Markup:
        if "subject" not in c:
            return Markup(f'<span class="none" data-gone>{escape(shown)}</span>')
        where = self._link.figure(c["subject"], c["field"], c["meter"], c["terms"])
        state = "" if c["state"] == "known" else f" {c['state']}"
        return Markup(f'<a class="fig{state}" href="{where}">{escape(shown)}</a>')

    def backing(self, c: Cell) -> Markup:
        """How many sources stand behind a figure, and how many against it."""
        if "support" not in c:
            return Markup("")
        many, against = c["support"], c["dissent"]
        if c["state"] == "conflicted":
            said = f"{against} disagree"
        else:
            said = f"{many} {'source' if many == 1 else 'sources'}" + (
                f", {against} against" if against else ""
            )
        return Markup(f'<small class="backing"{" data-dissent" if against else ""}>{said}</small>')

    def offers(self, model: str, rows: Sequence[Mapping[str, Any]], more: Sequence[str]) -> Markup:
        """The rows of a table of offers.

        Prices, then the fields of `more` as served, then how many more prices there are.

        Written here and not in a template: these are the longest tables there are.
        """
        out = []
        for row in rows:
            where = self._link.offer(row["provider"], model)
            badges = "".join(
                f' <small class="badge">{said}</small>'
                for key, said in (
                    ("free", "free"),
                    ("self_reported", "only its seller says"),
                    ("withdrawn", "withdrawn"),
                )
                if row[key]
            )
            prices = "".join(
                f'<td class="n">{self.price(row[meter])}</td>'
                for meter in ("input", "output", "cache_read")
            )
            served = "".join(
                f'<td class="n">{self.served(row["served"].get(field, ()))}</td>' for field in more
            )
            rest = f'<a href="{where}">{row["more_prices"]}</a>' if row["more_prices"] else ""
            out.append(
                '<tr><th scope="row"><a class="name"'
                f' href="{where}">{escape(row["name"])}</a>{badges}</th>{prices}{served}<td'
                f' class="n">{rest}</td></tr>\n'
            )
        return Markup("".join(out))

    def model(self, model: str, name: str) -> Markup:
        return Markup(f'<a class="name" href="{self._link.model(model)}">{escape(name)}</a>')

    def offer(self, provider: str, model: str, name: str) -> Markup:
        return Markup(
            f'<a class="name" href="{self._link.offer(provider, model)}">{escape(name)}</a>'
        )
