"""Questions about sources: when they were looked at, what is stale, missed or in quarantine."""

from __future__ import annotations

from typing import Any

from almanac.warehouse.read.connected import Connected
from almanac.warehouse.read.rows import Missed, Stale

LOOKS = "1 + (length(again) + 1) / 21"
"""How many looks a row of looks stands for: a moment in `again` is 20 letters and a space."""
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


class Looked(Connected):
    """A warehouse asked how and when its sources were looked at."""

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

    def learned(self) -> str:
        """Return what was last learned of the sources, as JSON; empty where nothing was."""
        rows = self._rows("SELECT document FROM learned ORDER BY id DESC LIMIT 1")
        return str(rows[0][0]) if rows else ""
