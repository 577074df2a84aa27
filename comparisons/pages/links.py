"""Where pages stand, and how they refer to each other.

Links are relative: they hold on a disk, under any address, and at any as-of.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

_PLAIN = re.compile(r"[^A-Za-z0-9._+-]")


class NoName(ValueError):
    """A part of a path that no name is written as."""


@functools.lru_cache(100_000)
def safe(text: str) -> str:
    """Return a name as a part of a path; `unsafe` reads it back.

    What is not a plain letter is written `~` and its hex bytes.

    >>> safe("mistral-nemo:free"), unsafe(safe("a/b~é"))
    ('mistral-nemo~3Afree', 'a/b~é')
    """
    made = _PLAIN.sub(lambda m: "".join(f"~{b:02X}" for b in m[0].encode()), text)
    return made if made.strip(".") else made.replace(".", "~2E")


def unsafe(part: str) -> str:
    """Return the name that `safe` wrote. Raises NoName for what it did not write."""
    try:
        name = re.sub(
            r"((?:~[0-9A-F]{2})+)", lambda m: bytes.fromhex(m[1].replace("~", "")).decode(), part
        )
    except UnicodeDecodeError as error:
        raise NoName(part) from error
    if safe(name) != part:
        raise NoName(part)
    return name


def model_path(model: str) -> str:
    maker, _, slug = model.partition("/")
    return f"{safe(maker)}/{safe(slug)}"


def model_of(maker: str, slug: str) -> str:
    return f"{unsafe(maker)}/{unsafe(slug)}"


def anchor(terms: str) -> str:
    """Return the anchor of a figure on its page: its terms."""
    return safe(terms) or "standard"


@dataclass(frozen=True, slots=True)
class Links:
    """Links from the page at `here`.

    `query` is carried along: the as-of and the release asked about.
    """

    here: str
    query: str = ""

    @property
    def up(self) -> str:
        """The way from the page to the root."""
        return "../" * self.here.count("/")

    def to(self, path: str, at: str = "") -> str:
        """Return the link to a page of the site, or to a place on it.

        Paths hold nothing that needs quoting (`safe`).
        """
        return f"{self.up}{path}{f'?{self.query}' if self.query else ''}{f'#{at}' if at else ''}"

    def asset(self, name: str) -> str:
        """Return the link to a file that is the same at every as-of."""
        return self.up + name

    def model(self, model: str, at: str = "") -> str:
        return self.to(f"models/{model_path(model)}.html", at)

    def provider(self, provider: str) -> str:
        return self.to(f"providers/{safe(provider)}.html")

    def offer(self, provider: str, model: str) -> str:
        return self.to(f"offers/{safe(provider)}/{model_path(model)}.html")

    def compare(self, models: Sequence[str]) -> str:
        return self.to(compare_path(models))

    def capture(self, digest: str) -> str:
        return self.to(f"captures/{digest}.html")

    def figure(self, subject: str, field: str, meter: str = "", terms: str = "") -> str:
        return self.to(figure_path(subject, field, meter), anchor(terms))


def compare_path(models: Sequence[str]) -> str:
    return f"compare/{'/vs/'.join(model_path(m) for m in models)}.html"


def figure_path(subject: str, field: str, meter: str = "") -> str:
    """Return the page of a field of a subject; of a price's components each has its own."""
    provider, model = offer_of(subject)
    where = f"offer/{safe(provider)}" if provider else "model"
    return f"figures/{where}/{model_path(model)}/{field}{'.' + meter if meter else ''}.html"


def offer_of(subject: str) -> tuple[str, str]:
    """Return (provider, model) of a subject; a model has no provider."""
    head, colon, tail = subject.partition(":")
    return (head, tail) if colon and "/" not in head else ("", subject)
