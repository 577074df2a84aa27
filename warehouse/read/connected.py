"""A connection to a warehouse, at one release and one moment of the world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from almanac.schemas.moment import stamp, until
from almanac.warehouse.read.figure_columns import SAID
from almanac.warehouse.read.rows import FOREVER, NotThere, Release, release_of

_RELEASE = (
    "id, created_at, parent, code_version, digest, counts, stale, validation,"
    " diff, sources, retired_at"
)


class Connected:
    """What every question to a warehouse needs: its connection, a release, a moment."""

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
    ) -> Self:
        """Return the same warehouse as the world was on `valid`.

        It is in the words of release `known`, or of the last one made by that moment.

        A day without a time is its first moment as `valid`, its last as `known`. Raises NotThere
        for a release that there is not, or that retention let go of.
        """
        moment = stamp(valid) if valid is not None else self.valid
        return type(self)(
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
            return f"{SAID} AND f.valid_to = ?", [self.known, self.known, FOREVER]
        return f"{SAID} AND f.valid_from <= ? AND f.valid_to > ?", [
            self.known,
            self.known,
            self.valid,
            self.valid,
        ]

    def _is_latest(self) -> bool:
        return bool(self._rows("SELECT max(id) FROM release")[0][0] == self.known)

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
