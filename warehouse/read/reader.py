"""The public read API.

Plain SQL over SQLite or PostgreSQL, without the ORM, so that a query starts fast.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from almanac.schemas.fields import FIELDS
from almanac.schemas.moment import stamp, until
from almanac.schemas.parts import parts
from almanac.warehouse.paths import database_url, file_of, read_only, shown
from almanac.warehouse.read.rows import (
    FOREVER,
    Missed,
    NotThere,
    Release,
    Stale,
    StoredClaim,
    StoredFigure,
    release_of,
)

__all__ = [
    "FOREVER",
    "Missed",
    "NotThere",
    "Release",
    "Stale",
    "StoredClaim",
    "StoredFigure",
    "Warehouse",
    "kind_of",
    "open",
]

LOOKS = "1 + (length(again) + 1) / 21"
"""How many looks a row of looks stands for: a moment in `again` is 20 letters and a space."""


_FIGURE = ", ".join(
    f"f.{c}"
    for c in (
        "id",
        "subject_kind",
        "subject",
        "model",
        "provider",
        "field",
        "meter",
        "terms",
        "unit",
        "value",
        "value_integer",
        "state",
        "confidence",
        "rule",
        "why",
        "support",
        "dissent",
        "valid_from",
        "valid_to",
        "first_release",
        "closed_release",
    )
)


_MISSED_NOW = """
SELECT m.source, m.page, m.reason, m.last_at FROM missed_look m
JOIN (SELECT source, max(last_at) AS last_at FROM missed_look GROUP BY source) n
ON n.source = m.source AND n.last_at = m.last_at
LEFT JOIN (SELECT source, max(last_look) AS last_look FROM page GROUP BY source) g
ON g.source = m.source WHERE g.last_look IS NULL OR g.last_look <= m.last_at
ORDER BY m.source, m.page, m.id"""
_STALE_MARK = "SELECT id, last_at, reason FROM stale_source WHERE until IS NULL ORDER BY id"
_MISSED_MARK = """
SELECT m.source, m.last_at, m.id, (SELECT max(p.last_look) FROM page p WHERE p.source = m.source)
FROM (SELECT source, max(last_at) AS last_at, max(id) AS id FROM missed_look GROUP BY source) m
ORDER BY m.source"""


_SAID = "f.first_release <= ? AND (f.closed_release IS NULL OR f.closed_release > ?)"
"""What one release says; its number twice."""
_RELEASE = (
    "id, created_at, parent, code_version, digest, counts, stale, validation,"
    " diff, sources, retired_at"
)


class Warehouse:
    """One release of a warehouse, seen at one moment of the world.

    `known` is the release whose word is taken, `valid` the moment asked about: both default
    to the latest.
    """

    def __init__(
        self, connection: Any, placeholder: str, known: int | None = None, valid: str | None = None
    ) -> None:
        self._connection, self._placeholder = connection, placeholder
        self.valid = valid
        self.known: int
        if known is None:
            self.newest()
        else:
            self.known = known

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self._connection.cursor()
        cursor.execute(sql.replace("?", self._placeholder), tuple(values))
        return cursor.fetchall()  # type: ignore[no-any-return]

    def as_of(
        self,
        valid: date | datetime | str | None = None,
        known: int | date | datetime | str | None = None,
    ) -> Warehouse:
        """Return the same warehouse as the world was on `valid`.

        It is in the words of release `known`, or of the last one made by that moment.

        A day without a time is its first moment as `valid`, its last as `known`. Raises NotThere
        for a release that there is not, or that retention let go of.
        """
        moment = stamp(valid) if valid is not None else self.valid
        return Warehouse(
            self._connection,
            self._placeholder,
            self.known if known is None else self._known(known),
            moment,
        )

    def _known(self, said: int | date | datetime | str) -> int:
        """Return the id of a release.

        Raises NotThere, ValueError for text that is neither a number nor a date.
        """
        if isinstance(said, str) and said.isdigit():
            said = int(said)
        if isinstance(said, int):
            rows = self._rows("SELECT id, retired_at FROM release WHERE id = ?", (said,))
            if not rows:
                raise NotThere(
                    f"there is no release {said};"
                    f" the newest is {self._rows('SELECT max(id) FROM release')[0][0]}"
                )
        else:
            rows = self._rows(
                "SELECT id, retired_at FROM release WHERE created_at <= ? ORDER BY id DESC LIMIT 1",
                (stamp(until(said)),),
            )
            if not rows:
                raise NotThere(
                    f"there was no release by {said};"
                    f" the first was made {self.release(1).created_at}"
                )
        number, retired = rows[0]
        if retired:
            kept = self._rows(
                "SELECT max(id) FROM release WHERE retired_at IS NULL AND id < ?", (number,)
            )[0][0]
            raise NotThere(
                f"release {number} was let go of on {retired[:10]}:"
                f" ask for {kept or 'a later one'}; its counts and digest are kept"
            )
        return int(number)

    def newest(self) -> None:
        """Take the word of the newest release there is now. Raises NotThere where there is none."""
        known = self._rows("SELECT max(id) FROM release")[0][0]
        if known is None:
            raise NotThere("the warehouse has no release yet: run `almanac refresh`")
        self.known = int(known)

    def alive(self) -> bool:
        """Whether its connection still answers."""
        try:
            return bool(self._rows("SELECT 1"))
        except Exception:
            return False

    def close(self) -> None:
        self._connection.close()

    def _standing(self) -> tuple[str, list[Any]]:
        if self.valid is None:
            return f"{_SAID} AND f.valid_to = ?", [self.known, self.known, FOREVER]
        return f"{_SAID} AND f.valid_from <= ? AND f.valid_to > ?", [
            self.known,
            self.known,
            self.valid,
            self.valid,
        ]

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
            f"SELECT {_FIGURE} FROM figure f WHERE {where}"
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
            f"SELECT {_FIGURE} FROM figure f"
            f" WHERE f.subject = ? AND f.field = ? AND f.meter = ? AND f.terms = ? AND {where}"
        )
        rows = self._rows(sql, (subject, field, meter, terms, *values))
        return StoredFigure(*rows[0]) if rows else None

    def history(self, subject: str, field: str) -> list[StoredFigure]:
        """Return every figure ever said of a field, by valid time and then by release."""
        sql = (
            f"SELECT {_FIGURE} FROM figure f WHERE f.subject = ? AND f.field = ?"
            " ORDER BY f.meter, f.terms, f.valid_from, f.first_release"
        )
        return [StoredFigure._make(row) for row in self._rows(sql, (subject, field))]

    def timeline(self, model: str, field: str = "") -> list[StoredFigure]:
        """Return what the release says of a model and its offers at every moment.

        It goes by subject, and is of one field, if that is given.
        """
        only, values = (" AND f.field = ?", [field]) if field else ("", [])
        sql = (
            f"SELECT {_FIGURE} FROM figure f WHERE f.model = ? AND {_SAID}{only}"
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
            f"SELECT {_FIGURE} FROM figure f WHERE f.model = ?"
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
            f"SELECT {_FIGURE} FROM figure f"
            " JOIN (SELECT DISTINCT g.subject, g.field, g.meter, g.terms"
            f" FROM figure g WHERE {differs}) d"
            " ON d.subject = f.subject AND d.field = f.field"
            " AND d.meter = f.meter AND d.terms = f.terms"
            f" WHERE (({_SAID}) OR ({_SAID}))"
            " ORDER BY f.subject, f.field, f.meter, f.terms, f.valid_from"
        )
        rows = self._rows(sql, (earlier, later, earlier, later, earlier, earlier, later, later))
        return [StoredFigure._make(row) for row in rows if match.lower() in row[2].lower()]

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

    def _is_latest(self) -> bool:
        return bool(self._rows("SELECT max(id) FROM release")[0][0] == self.known)

    def newest_look(self) -> str:
        """Return the moment of the newest good look that the release knows.

        For the latest release it is that of all there are.
        """
        if self._is_latest():
            return self._rows("SELECT max(last_look) FROM page")[0][0] or ""
        release = self.release()
        return max(
            (str(s["last_good"]) for s in release.sources.values() if s.get("last_good")),
            default=release.created_at,
        )

    def stale_now(self) -> dict[str, Stale]:
        """Return the sources that are stale now, as the latest release sees it.

        Of an earlier release, they are those it named.
        """
        if self._is_latest():
            return {s.source: s for s in self.stale() if s.until is None}
        release = self.release()
        return {
            source: Stale(0, source, release.created_at, release.created_at, None, why)
            for source, why in release.stale.items()
        }

    def stale(self) -> list[Stale]:
        """Return every stretch in which a source was stale, the newest first.

        Those without `until` are stale now.
        """
        if not self._keeps_outages():
            return []
        sql = (
            "SELECT id, source, since, last_at, until, reason FROM stale_source"
            " ORDER BY since DESC, source"
        )
        return [Stale(*row) for row in self._rows(sql)]

    def missed_now(self) -> dict[str, list[Missed]]:
        """Return, by source, the pages that gave no body at its last run; no earlier release knows.

        A good look at a source ends what was missed of it before.
        """
        if not self._keeps_outages() or not self._is_latest():
            return {}
        found: dict[str, list[Missed]] = {}
        for missed in map(Missed._make, self._rows(_MISSED_NOW)):
            found.setdefault(missed.source, []).append(missed)
        return found

    def outages(self) -> str:
        """Return a mark that is another as soon as `stale_now` or `missed_now` says otherwise.

        An outage makes no release: who keeps an answer that shows one keeps this with it.
        Empty for an earlier release, which knows of its own outages alone.
        """
        if not self._keeps_outages() or not self._is_latest():
            return ""
        return repr((self._rows(_STALE_MARK), self._rows(_MISSED_MARK)))

    def _keeps_outages(self) -> bool:
        """Whether the schema has them; if not, the next run brings it up to date."""
        return bool(self._rows("SELECT version_num FROM alembic_version")[0][0] >= "0005")

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
            f"SELECT {', '.join(f'f.{c}' for c in columns)} FROM figure f WHERE {_SAID}",
            (self.known, self.known),
        )

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

    def said_of(self) -> list[tuple[str, str, str]]:
        """Return (subject, field, meter) of everything a figure stands of."""
        where, values = self._standing()
        return [
            tuple(row)  # type: ignore[misc]
            for row in self._rows(
                f"SELECT DISTINCT f.subject, f.field, f.meter FROM figure f WHERE {where}", values
            )
        ]

    def model_ids(self) -> list[str]:
        return [row[0] for row in self._rows("SELECT id FROM model ORDER BY id")]

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

    def names(self, models: Iterable[str]) -> dict[str, str]:
        wanted = list(models)
        sql = f"SELECT id, name FROM model WHERE id IN ({', '.join('?' * len(wanted))})"
        return dict(self._rows(sql, wanted)) if wanted else {}

    def looks_at(self, digest: str) -> list[dict[str, Any]]:
        """Return the looks that found a body.

        Each has source, page, URL, first and last moment, how many, status, where the
        archive keeps it.
        """
        columns = (
            "source",
            "page",
            "url",
            "first",
            "last",
            "looks",
            "status",
            "media_type",
            "archive_file",
            "archive_offset",
        )
        sql = (
            f"SELECT source, page, url, fetched_at, last_at, {LOOKS}, status, media_type,"
            " archive_file, archive_offset FROM look WHERE digest = ?"
            " ORDER BY fetched_at, source, page"
        )
        return [dict(zip(columns, row, strict=True)) for row in self._rows(sql, (digest,))]

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

    def learned(self) -> str:
        """Return what was last learned of the sources, as JSON; empty where nothing was."""
        rows = self._rows("SELECT document FROM learned ORDER BY id DESC LIMIT 1")
        return str(rows[0][0]) if rows else ""

    def refusals(
        self, *, stage: str = "", source: str = "", limit: int = 0
    ) -> list[dict[str, Any]]:
        """Return what is in quarantine, newest first."""
        columns = (
            "stage",
            "source",
            "reason",
            "printed",
            "locator",
            "model",
            "provider",
            "field",
            "candidates",
            "capture",
        )
        where = (
            " AND ".join(f"{c} = ?" for c, v in (("stage", stage), ("source", source)) if v)
            or "1 = 1"
        )
        sql = f"SELECT {', '.join(columns)} FROM refusal WHERE {where} ORDER BY id DESC" + (
            f" LIMIT {int(limit)}" if limit else ""
        )
        return [
            dict(zip(columns, row, strict=True))
            for row in self._rows(sql, [v for v in (stage, source) if v])
        ]

    def refusal_counts(self) -> list[tuple[str, str, str, int]]:
        """Return (stage, source, reason, how many), most first."""
        sql = (
            "SELECT stage, source, reason, count(*) FROM refusal GROUP BY stage, source, reason"
            " ORDER BY count(*) DESC, stage, source, reason"
        )
        return [tuple(row) for row in self._rows(sql)]  # type: ignore[misc]

    def looks(self) -> dict[str, dict[str, Any]]:
        """Return for every source how often it was looked at.

        Also when it was last well, and its last failure.
        """
        sql = (
            f"SELECT source, sum({LOOKS}), count(DISTINCT page),"
            f" max(CASE WHEN good THEN last_at END), sum(CASE WHEN good THEN 0 ELSE {LOOKS} END)"
            " FROM look GROUP BY source ORDER BY source"
        )
        claims = dict(self._rows("SELECT source, count(*) FROM claim GROUP BY source"))
        return {
            s: {
                "looks": n,
                "pages": p,
                "last_good": last,
                "failed": bad,
                "claims": claims.get(s, 0),
            }
            for s, n, p, last, bad in self._rows(sql)
        }

    def release(self, number: int | None = None) -> Release:
        """Return one release. Raises NotThere for a number there is not."""
        wanted = self.known if number is None else number
        rows = self._rows(f"SELECT {_RELEASE} FROM release WHERE id = ?", (wanted,))
        if not rows:
            raise NotThere(f"there is no release {wanted}")
        return release_of(rows[0])

    def releases(self) -> list[Release]:
        return [
            release_of(row)
            for row in self._rows(f"SELECT {_RELEASE} FROM release ORDER BY id DESC")
        ]


def open(url: str | None = None, any_thread: bool = False) -> Warehouse:
    """Return the latest release of the warehouse at `url`, read-only.

    By default it is the one of this home.

    Not for several threads at once; `any_thread` lets one after the other use it.

    Raises NotThere, with what to do, where there is none.
    """
    place = url or database_url()
    if path := file_of(place):
        if not path.exists():
            raise NotThere(f"no warehouse at {path}: run `almanac refresh`, or set ALMANAC_HOME")
        connection: Any = sqlite3.connect(
            read_only(path),
            uri=True,
            timeout=60,
            check_same_thread=not any_thread,
        )
        placeholder = "?"
    elif place.startswith("postgresql"):
        import psycopg

        try:
            connection, placeholder = (
                psycopg.connect(place.replace("+psycopg", ""), autocommit=True),
                "%s",
            )
        except psycopg.OperationalError as error:
            raise NotThere(
                f"no database at {shown(place)}: {str(error).splitlines()[0]}"
            ) from error
    else:
        raise NotThere(f"not a database this almanac reads: {shown(place)}")
    try:
        return Warehouse(connection, placeholder)
    except NotThere:
        raise
    except Exception as error:
        raise NotThere(
            f"the database at {shown(place)} is no warehouse: {str(error).splitlines()[0]}"
        ) from error


def kind_of(subject_kind: str, field: str) -> str:
    """Return the kind of value a field holds."""
    return FIELDS[(subject_kind, field)].kind
