"""Addresses of repositories: which are ones, and what of them may be shown."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path


def shown(text: str) -> str:
    """Return an address, or a text with some, as it may be printed: without names, tokens, queries.

    >>> shown("https://me:s3cret@example.org/a.git?token=s3cret"), shown("me:s3cret@example.org:a")
    ('https://…@example.org/a.git?…', '…@example.org:a')
    """
    text = re.sub(r"(?<=//)[^\s'\"]+", _hidden, text)
    return re.sub(r"(?<![^\s'\"])[^\s/@:'\"]*:(?!/)[^\s@]*@", "…@", text)


def _hidden(address: re.Match[str]) -> str:
    """Return what stands behind `//` with its token hidden, and rather more than less of it."""
    name, _, rest = address[0].rpartition("@")
    named = ":" in name or "@" in re.split("[/?#]", address[0], maxsplit=1)[0]
    return re.sub(r"\?.+", "?…", f"…@{rest}" if named else address[0])


def bare(address: str) -> str:
    """Return an address without name, token and query."""
    scheme, slashes, rest = address.partition("//")
    if not slashes:
        return re.sub(r"^[^@/]*@", "", address)
    host = re.split("[/?#]", rest, maxsplit=1)[0]
    if "@" in host:
        rest = rest[host.rindex("@") + 1 :]
    elif re.search(r":(?!\d*$)", host):  # no port: a token with a slash in it
        rest = rest.rpartition("@")[2]
    return scheme + slashes + re.sub(r"[?#].*", "", rest)


def printable(text: str) -> str:
    """Return the beginning of a text without what no terminal should be sent."""
    return "".join(c if c.isprintable() else "?" for c in text)[:200]


def is_address(place: str) -> bool:
    """Whether a text is an address that is fetched from: HTTP, SSH or git's own.

    Nothing in it may be read as an option.
    """
    if re.search(r"[\s\x00-\x1f\x7f-\x9f]", place):
        return False
    if scp := re.fullmatch(r"([\w.-]+@)([\w.-]+):([^:].*)", place):
        return not any(part.startswith("-") for part in scp.groups())
    try:
        parts = urllib.parse.urlsplit(place)
        host, user = parts.hostname or "", parts.username or ""
    except ValueError:
        return False
    return (
        parts.scheme in ("https", "http", "ssh", "git")
        and bool(host)
        and not host.startswith("-")
        and not user.startswith("-")
    )


def local(place: str) -> Path | None:
    """Return the folder that a place or a `file://` address names; None where it names none."""
    if place.startswith("file://"):
        parts = urllib.parse.urlsplit(place)
        folder = Path(urllib.parse.unquote(parts.path))
        return folder if parts.netloc in ("", "localhost") and folder.is_dir() else None
    try:
        return Path(place) if Path(place).is_dir() else None
    except (OSError, ValueError):
        return None
