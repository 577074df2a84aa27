"""What a server said of a page's version.

ETag and Last-Modified are kept beside the archive to ask for changes only.
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

LONGEST = 1000
"""Characters of a validator. A longer one is not kept: it would be sent back with every request."""


class Validators:
    """One small JSON file a source: {URL: {etag, last_modified, digest}}.

    A file that is damaged is as good as none.
    """

    def __init__(self, folder: Path, source: str) -> None:
        self.path = folder / "validators" / f"{source}.json"
        self.known: dict[str, dict[str, str]] = {}
        with contextlib.suppress(OSError, ValueError, RecursionError):
            self._take(json.loads(self.path.read_text(encoding="utf-8")))

    def _take(self, stored: Any) -> None:
        """Take over what is whole in a file that may hold anything."""
        for url, entry in stored.items() if isinstance(stored, dict) else ():
            if isinstance(entry, dict):
                self.learn(url, entry.get("etag"), entry.get("last_modified"), entry.get("digest"))

    def headers(self, url: str) -> dict[str, str]:
        """Return the headers of a conditional request, none where nothing is known."""
        entry = self.known.get(url, {})
        names = (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified"))
        return {name: entry[key] for name, key in names if entry.get(key)}

    def digest(self, url: str) -> str:
        return self.known.get(url, {}).get("digest", "")

    def learn(self, url: str, etag: object, last_modified: object, digest: object) -> None:
        """Remember what came with a body, as far as it can be sent back.

        A page without validators is asked for whole.
        """
        entry = {"etag": _fit(etag), "last_modified": _fit(last_modified)}
        if any(entry.values()) and isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest):
            self.known[url] = {**entry, "digest": digest}
        else:
            self.known.pop(url, None)

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.known, indent=0, sort_keys=True), encoding="utf-8")
        part.replace(self.path)


def _fit(value: object) -> str:
    """Return a validator that can be kept and sent back, else nothing.

    It is printable ASCII and not too long.

    Other letters are legal in an ETag (RFC 9110, 8.8.3) and would go back in another encoding.
    """
    return (
        value
        if isinstance(value, str)
        and len(value) <= LONGEST
        and value.isascii()
        and value.isprintable()
        else ""
    )
