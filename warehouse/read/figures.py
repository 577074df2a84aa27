"""Questions about figures: those that stand, those that ever stood, and documented views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from almanac.warehouse.read.connected import Connected
from almanac.warehouse.read.figure_columns import FIGURE, SAID
from almanac.warehouse.read.rows import StoredFigure


class Figures(Connected):
    """A warehouse asked for figures."""

    def figures(
        self,
        *,
        subject: str = "",
        model: str = "",
        field: str = "",
        kind: str = "",
        state: str = "",
    ) -> list[StoredFigure]:
        """Return the standing figures that match, in a stable order."""
        where, values = self._standing()
        for column, given in (
            ("subject", subject),
            ("model", model),
            ("field", field),
            ("subject_kind", kind),
            ("state", state),
        ):
            if given:
                where, values = f"{where} AND f.{column} = ?", [*values, given]
        sql = (
            f"SELECT {FIGURE} FROM figure f WHERE {where}"
            " ORDER BY f.subject, f.field, f.meter, f.terms, f.valid_from"
        )
        return [StoredFigure._make(row) for row in self._rows(sql, values)]

    def figure(
        self, subject: str, field: str, meter: str = "", terms: str = ""
    ) -> StoredFigure | None:
        """Return one figure, or None where nothing is said of it.

        The fastest question there is: see `benchmarks/asof.py`.
        """
        where, values = self._standing()
        sql = (
            f"SELECT {FIGURE} FROM figure f"
            f" WHERE f.subject = ? AND f.field = ? AND f.meter = ? AND f.terms = ? AND {where}"
        )
        rows = self._rows(sql, (subject, field, meter, terms, *values))
        return StoredFigure(*rows[0]) if rows else None

    def history(self, subject: str, field: str) -> list[StoredFigure]:
        """Return every figure ever said of a field, by valid time and then by release."""
        sql = (
            f"SELECT {FIGURE} FROM figure f WHERE f.subject = ? AND f.field = ?"
            " ORDER BY f.meter, f.terms, f.valid_from, f.first_release"
        )
        return [StoredFigure._make(row) for row in self._rows(sql, (subject, field))]

    def timeline(self, model: str, field: str = "") -> list[StoredFigure]:
        """Return what the release says of a model and its offers at every moment.

        It goes by subject, and is of one field, if that is given.
        """
        only, values = (" AND f.field = ?", [field]) if field else ("", [])
        sql = (
            f"SELECT {FIGURE} FROM figure f WHERE f.model = ? AND {SAID}{only}"
            " ORDER BY f.subject, f.field, f.meter, f.terms, f.valid_from"
        )
        return [
            StoredFigure._make(row)
            for row in self._rows(sql, (model, self.known, self.known, *values))
        ]

    def ever(self, model: str) -> list[StoredFigure]:
        """Return every figure ever said of a model and its offers.

        The order is by subject, field and terms, then by valid time and by release.
        """
        sql = (
            f"SELECT {FIGURE} FROM figure f WHERE f.model = ?"
            " ORDER BY f.subject, f.field, f.meter, f.terms, f.valid_from, f.first_release"
        )
        return [StoredFigure._make(row) for row in self._rows(sql, (model,))]

    def between(self, earlier: int, later: int, match: str = "") -> list[StoredFigure]:
        """Return the figures that either of two releases says.

        They are of everything on which the two differ.
        """
        differs = (
            "(g.first_release > ? AND g.first_release <= ?)"
            " OR (g.closed_release > ? AND g.closed_release <= ?)"
        )
        sql = (
            f"SELECT {FIGURE} FROM figure f"
            " JOIN (SELECT DISTINCT g.subject, g.field, g.meter, g.terms"
            f" FROM figure g WHERE {differs}) d"
            " ON d.subject = f.subject AND d.field = f.field"
            " AND d.meter = f.meter AND d.terms = f.terms"
            f" WHERE (({SAID}) OR ({SAID}))"
            " ORDER BY f.subject, f.field, f.meter, f.terms, f.valid_from"
        )
        rows = self._rows(sql, (earlier, later, earlier, later, earlier, earlier, later, later))
        return [StoredFigure._make(row) for row in rows if match.lower() in row[2].lower()]

    def view(self, name: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a documented view, in an order of their own.

        They are as this release had them on the day asked about.
        """
        from almanac.warehouse.read.views import VIEWS, as_of

        order = ", ".join(str(i + 1) for i in range(len(VIEWS[name].columns)))
        cursor = self._connection.cursor()
        cursor.execute(f"{as_of(name, self.known, self.valid)} ORDER BY {order}")
        while rows := cursor.fetchmany(10_000):
            yield from rows

    def said(self, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return some columns of everything the release says of every moment."""
        return self._rows(
            f"SELECT {', '.join(f'f.{c}' for c in columns)} FROM figure f WHERE {SAID}",
            (self.known, self.known),
        )

    def said_of(self) -> list[tuple[str, str, str]]:
        """Return (subject, field, meter) of everything a figure stands of."""
        where, values = self._standing()
        return [
            tuple(row)  # type: ignore[misc]
            for row in self._rows(
                f"SELECT DISTINCT f.subject, f.field, f.meter FROM figure f WHERE {where}", values
            )
        ]

    def offered(self) -> list[tuple[str, str]]:
        """Return (provider, model) of every offer with a standing figure."""
        where, values = self._standing()
        return [
            tuple(row)  # type: ignore[misc]
            for row in self._rows(
                "SELECT DISTINCT f.provider, f.model FROM figure f"
                f" WHERE f.subject_kind = 'offer' AND {where}",
                values,
            )
        ]

    def ever_offered(self) -> list[tuple[str, str, bool]]:
        """Return (provider, model, whether a price is known) of every offer, over all days."""
        return [
            (provider, model, bool(price))
            for provider, model, price in self._rows(
                "SELECT f.provider, f.model, max(CASE WHEN f.field = 'price'"
                " AND f.state IN ('known', 'approximate') THEN 1 ELSE 0 END)"
                f" FROM figure f WHERE f.subject_kind = 'offer' AND {SAID}"
                " GROUP BY f.provider, f.model ORDER BY f.provider, f.model",
                [self.known, self.known],
            )
        ]

    def offers_of(self) -> dict[str, int]:
        """Return how many providers serve each model."""
        where, values = self._standing()
        return dict(
            self._rows(
                "SELECT f.model, count(DISTINCT f.subject) FROM figure f"
                f" WHERE f.subject_kind = 'offer' AND {where} GROUP BY f.model",
                values,
            )
        )
