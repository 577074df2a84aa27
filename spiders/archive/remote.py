"""Where an archive is kept for many machines: any fsspec URL (a bucket, a share).

Files there are whole and never change.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from almanac.schemas import jsonl


class Shelf:
    """WARC files, and parts of the index, under one URL.

    Raises ValueError for a URL that no installed file system serves.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise ValueError(f"{url.split('?')[0]}: {str(error).splitlines()[0]}") from None

    def rows(self, tell: Callable[[str], None]) -> Iterator[dict[str, Any]]:
        """Yield every line of the index, part by part.

        `tell` is told of each that cannot be read.
        """
        for path in sorted(self._files.glob(f"{self._root}/index/*.jsonl")):
            for _, row in jsonl.read(
                self._files.cat_file(path),
                lambda number, why, path=path: tell(f"{path}, line {number}: {why}"),  # type: ignore[misc]
            ):
                yield row

    def names(self) -> set[str]:
        """Return the names of the files that are there."""
        return set(self.sizes())

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each file that is there."""
        found = self._files.glob(f"{self._root}/*.warc.gz", detail=True)
        return {path.rsplit("/", 1)[-1]: int(about["size"] or 0) for path, about in found.items()}

    def put(self, folder: Path, rows: Iterable[dict[str, Any]]) -> None:
        """Put looks there: first the files their bodies stand in, then their part of the index.

        So none is listed without its body.
        """
        kept = list(rows)
        if not kept:
            return
        self._files.makedirs(f"{self._root}/index", exist_ok=True)
        for name in sorted({row["file"] for row in kept} - self.names()):
            if (folder / name).exists():
                self._files.put_file(str(folder / name), f"{self._root}/.{name}")
                self._files.mv(f"{self._root}/.{name}", f"{self._root}/{name}")
        text = "".join(map(jsonl.line, kept))
        self._files.pipe_file(f"{self._root}/index/{uuid.uuid4().hex}.jsonl", text.encode())

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading; of a large one only what is read is fetched."""
        opened: IO[bytes] = self._files.open(f"{self._root}/{name}", "rb", block_size=1 << 20)
        return opened
