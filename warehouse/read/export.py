"""A release as files: the documented views as Parquet, CSV, JSON lines or one SQLite file.

With them is a manifest of counts and hashes.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from almanac.warehouse.read.reader import Warehouse
from almanac.warehouse.read.views import COLUMNS, VIEWS, WHOLE

SCHEMA = "v1"
MANIFEST = "manifest.json"
Rows = Iterator[tuple[Any, ...]]
Make = Callable[["Warehouse", Path], dict[str, dict[str, int]]]
"""What writes files into a folder and returns, for each, how many rows it has of what."""


def export(snapshot: Warehouse, form: str, folder: Path) -> dict[str, Any]:
    """Write a release into `folder` and return the manifest.

    An export that is there already is replaced as a whole.

    Raises ValueError for another form than `FORMS`, or a folder that holds something else.
    """
    if form not in FORMS:
        raise ValueError(f"no form {form!r}; there are: {', '.join(FORMS)}")
    return written(snapshot, form, folder, FORMS[form])


def written(snapshot: Warehouse, form: str, folder: Path, make: Make) -> dict[str, Any]:
    """Write the files that `make` makes into `folder`, with a manifest, and return it.

    It takes the place of an earlier export at once.

    Raises ValueError for a folder that holds something else.
    """
    with replacing(folder, MANIFEST, "an export") as part:
        files = make(snapshot, part)
        release = snapshot.release()
        manifest = {
            "schema": SCHEMA,
            "form": form,
            "release": release.id,
            "digest": release.digest,
            "created_at": release.created_at,
            "as_of": snapshot.valid or "now",
            "code_version": release.code_version,
            "files": [
                {
                    "file": name,
                    "views": views,
                    "bytes": (part / name).stat().st_size,
                    "sha256": _sha256(part / name),
                }
                for name, views in sorted(files.items())
            ],
        }
        (part / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return manifest


@contextmanager
def replacing(folder: Path, mark: str, what: str) -> Iterator[Path]:
    """Give an empty folder that takes the place of `folder` at the end, if nothing is raised.

    `mark` is the file by which one of ours is known.

    Raises ValueError for a folder that holds something else.
    """
    if folder.exists() and (
        not folder.is_dir() or (any(folder.iterdir()) and not (folder / mark).exists())
    ):
        raise ValueError(f"{folder}: not an empty folder, nor {what} of ours: nothing was written")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        part = Path(made) / "new"
        part.mkdir()
        yield part
        if folder.exists():
            folder.rename(Path(made) / "old")
        part.rename(folder)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _each(
    snapshot: Warehouse,
    folder: Path,
    suffix: str,
    write: Callable[[Path, tuple[str, ...], Rows], int],
) -> dict[str, dict[str, int]]:
    return {
        f"{name}.{suffix}": {
            name: write(folder / f"{name}.{suffix}", view.columns, snapshot.view(name))
        }
        for name, view in VIEWS.items()
    }


def _csv(path: Path, columns: tuple[str, ...], rows: Rows) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _json(path: Path, columns: tuple[str, ...], rows: Rows) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")
            count += 1
    return count


def _parquet(path: Path, columns: tuple[str, ...], rows: Rows) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = [
        pa.field(
            c,
            pa.int64() if c in WHOLE else pa.float64() if c == "confidence" else pa.string(),
            metadata={"meaning": COLUMNS[c]},
        )
        for c in columns
    ]
    schema = pa.schema(kinds)
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := list(islice(rows, 50_000)):
            writer.write_table(
                pa.table(
                    [
                        pa.array(values, kind.type)
                        for values, kind in zip(zip(*some, strict=True), kinds, strict=True)
                    ],
                    schema=schema,
                )
            )
            count += len(some)
    return count


def _sqlite(snapshot: Warehouse, folder: Path) -> dict[str, dict[str, int]]:
    """One file with a table for each view, indexed by what is asked most."""
    counts: dict[str, int] = {}
    made = sqlite3.connect(folder / "almanac.sqlite")
    for name, view in VIEWS.items():
        kinds = ", ".join(
            f"{c} {'INTEGER' if c in WHOLE else 'REAL' if c == 'confidence' else 'TEXT'}"
            for c in view.columns
        )
        made.execute(f"CREATE TABLE {name} ({kinds})")
        made.executemany(
            f"INSERT INTO {name} VALUES ({', '.join('?' * len(view.columns))})", snapshot.view(name)
        )
        counts[name] = made.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        for column in _leading(view.columns):
            made.execute(f"CREATE INDEX {name}_{column} ON {name} ({column})")
    made.commit()
    made.execute("ANALYZE")
    made.execute("VACUUM")
    made.close()
    return {"almanac.sqlite": counts}


def _leading(columns: Iterable[str]) -> list[str]:
    return [c for c in columns if c in ("subject", "offer", "model")]


FORMS: dict[str, Make] = {
    "parquet": lambda snapshot, folder: _each(snapshot, folder, "parquet", _parquet),
    "csv": lambda snapshot, folder: _each(snapshot, folder, "csv", _csv),
    "json": lambda snapshot, folder: _each(snapshot, folder, "jsonl", _json),
    "sqlite": _sqlite,
}
