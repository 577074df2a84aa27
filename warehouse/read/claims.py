"""Questions about claims and the models they are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from almanac.schemas.known_model import KnownModel
from almanac.schemas.parts import parts
from almanac.warehouse.read.connected import Connected
from almanac.warehouse.read.rows import StoredClaim


class Claims(Connected):
    """A warehouse asked who says what, and of which models."""

    def speaking(self, subjects: Iterable[str]) -> dict[tuple[str, str], set[str]]:
        """Return the sources that ever spoke of each (subject, field)."""
        found: dict[tuple[str, str], set[str]] = {}
        wanted = sorted(subjects)
        for some in parts(wanted):
            sql = (
                "SELECT DISTINCT subject, field, source FROM claim"
                f" WHERE subject IN ({', '.join('?' * len(some))})"
            )
            for subject, field, source in self._rows(sql, some):
                found.setdefault((subject, field), set()).add(source)
        return found

    def named_by(self) -> list[tuple[str, str]]:
        """Return (model, source) of every model that a source ever spoke of."""
        return [
            tuple(row)  # type: ignore[misc]
            for row in self._rows(
                "SELECT DISTINCT model, source FROM claim WHERE model <> '' ORDER BY model, source"
            )
        ]

    def last_seen(self, subjects: Sequence[str]) -> dict[str, str]:
        """Return the newest look that showed each subject, whatever it said."""
        found: dict[str, str] = {}
        for some in parts(subjects):
            sql = (
                "SELECT c.subject, max(coalesce(s.last_look, t.last_look, p.last_look))"
                " FROM claim c JOIN spell s ON s.claim_id = c.id"
                " JOIN page p ON p.source = c.source AND p.page = c.page"
                " LEFT JOIN page t ON t.source = c.source AND t.page = p.tree"
                f" WHERE c.subject IN ({', '.join('?' * len(some))}) GROUP BY c.subject"
            )
            found.update(self._rows(sql, some))
        return found

    def claims(self, ids: Iterable[int]) -> dict[int, StoredClaim]:
        """Return claims by id, each with its page's URL and where the archive keeps the body."""
        found: dict[int, StoredClaim] = {}
        wanted = sorted(set(ids))
        for some in parts(wanted):
            sql = (
                "SELECT c.id, c.source, c.page, l.url, c.capture, c.model_said, c.provider_said,"
                " c.subject, c.field, c.meter, c.terms, c.value, c.value_integer, c.unit, c.state,"
                " c.printed, c.locator, c.basis, c.link_reason,"
                " coalesce(min(s.first_look), l.fetched_at),"
                " max(coalesce(s.last_look, t.last_look, p.last_look)),"
                " l.archive_file, l.archive_offset"
                # An older reader's claim stands in old releases only: the join to spell is LEFT.
                " FROM claim c LEFT JOIN spell s ON s.claim_id = c.id"
                " JOIN look l ON l.id = (SELECT k.id FROM look k WHERE k.source = c.source"
                " AND k.page = c.page AND k.digest = c.capture ORDER BY k.fetched_at LIMIT 1)"
                " JOIN page p ON p.source = c.source AND p.page = c.page"
                " LEFT JOIN page t ON t.source = c.source AND t.page = p.tree"
                f" WHERE c.id IN ({', '.join('?' * len(some))})"
                " GROUP BY c.id, l.id"
            )
            for row in self._rows(sql, some):
                found[row[0]] = StoredClaim(*(*row[:-2], f"{row[-2]}@{row[-1]}"))
        return found

    def claims_by_capture(self) -> dict[str, int]:
        """Return how many claims were first read from each body."""
        return dict(self._rows("SELECT capture, count(*) FROM claim GROUP BY capture"))

    def spelled(self, source: str) -> dict[str, list[tuple[str, str]]]:
        """Return how a source calls each offer it still prices on standard terms.

        By subject it is (provider, model) as it spells them. Some hours of the day are no terms of
        a buyer's.

        A name that stands for other terms (`…-fast`, `…-fp8`) is not among them: its
        price is another.
        """
        found: dict[str, list[tuple[str, str]]] = {}
        sql = (
            "SELECT DISTINCT c.subject, c.provider_said, c.model_said FROM claim c"
            " JOIN spell s ON s.claim_id = c.id WHERE c.source = ? AND c.field = 'price'"
            " AND c.meter = 'input' AND s.last_look IS NULL"
            " AND (c.terms = '' OR c.terms LIKE 'window=%' AND c.terms NOT LIKE '%;%')"
            " ORDER BY c.subject, c.provider_said, c.model_said"
        )
        for subject, provider, model in self._rows(sql, (source,)):
            if subject:
                found.setdefault(subject, []).append((provider, model))
        return found

    def models(self) -> list[tuple[str, str, str, int]]:
        """Return (id, maker, name, number of offers) of every model with a standing figure."""
        where, values = self._standing()
        sql = (
            "SELECT f.model, count(DISTINCT CASE WHEN f.subject_kind = 'offer' THEN f.provider END)"
            f" FROM figure f WHERE {where} GROUP BY f.model ORDER BY f.model"
        )
        names = {
            row[0]: (row[1], row[2]) for row in self._rows("SELECT id, maker, name FROM model")
        }
        return [(m, *names.get(m, (m.split("/")[0], m)), n) for m, n in self._rows(sql, values)]

    def model_names(self) -> dict[str, str]:
        """Return the name of every model."""
        return dict(self._rows("SELECT id, name FROM model"))

    def model_ids(self) -> list[str]:
        """Return the ids of all models that names give, each model's once."""
        sql = "SELECT id FROM model WHERE successors IS NULL ORDER BY id"
        return [row[0] for row in self._rows(sql)]

    def known_models(self) -> list[KnownModel]:
        """Return all models that names give, in order, each with its twin's id too."""
        sql = "SELECT id, name, introduced_by, listed FROM model WHERE in_use ORDER BY id"
        return [KnownModel(*row) for row in self._rows(sql)]

    def successors(self, model: str) -> list[str] | None:
        """Return under what a twin stands, or what became of an id that no name gives any more.

        None for any other.
        """
        sql = "SELECT successors FROM model WHERE id = ? AND successors IS NOT NULL"
        rows = list(self._rows(sql, (model,)))
        return json.loads(rows[0][0]) if rows else None

    def names(self, models: Iterable[str]) -> dict[str, str]:
        wanted = list(models)
        sql = f"SELECT id, name FROM model WHERE id IN ({', '.join('?' * len(wanted))})"
        return dict(self._rows(sql, wanted)) if wanted else {}
