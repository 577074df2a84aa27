"""What a server said of a page's version: ETag and Last-Modified, kept beside the archive to ask for changes only."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path


class Validators:
    """One small JSON file a source: {URL: {etag, last_modified, digest}}. A file that is damaged is as good as none."""

    def __init__(self, folder: Path, source: str) -> None:
        self.path = folder / "validators" / f"{source}.json"
        self.known: dict[str, dict[str, str]] = {}
        with contextlib.suppress(OSError, ValueError):
            self.known = json.loads(self.path.read_text(encoding="utf-8"))

    def headers(self, url: str) -> dict[str, str]:
        """Return the headers of a conditional request, none where nothing is known."""
        said = self.known.get(url, {})
        return {name: said[key] for name, key in (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified")) if said.get(key)}

    def digest(self, url: str) -> str:
        return self.known.get(url, {}).get("digest", "")

    def learn(self, url: str, etag: str, last_modified: str, digest: str) -> None:
        """Remember what came with a body; a page without validators is asked for whole."""
        if etag or last_modified:
            self.known[url] = {"etag": etag, "last_modified": last_modified, "digest": digest}
        else:
            self.known.pop(url, None)

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.known, indent=0, sort_keys=True), encoding="utf-8")
        part.replace(self.path)
