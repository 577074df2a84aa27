"""Numbers in sentences linked to where they come from.

A number leads to the figure that reads so, else to the part of the page that works it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape

from almanac.comparisons.pages.links import Links

_NUMBER = (
    r"(?<![\w.-])[~$]?(?:[A-Z]{3} )?\d[\d,]*(?:\.\d+)?(?:-\d\d(?:-\d\d)?)?"
    r"(?: ?%|[BMKT]\b)?(?:/1M tokens)?"
)


class Citations:
    """The figures of a page by how they read, and the names that stand in its sentences whole."""

    def __init__(
        self, link: Links, cells: Iterable[Mapping[str, Any]], names: Iterable[str]
    ) -> None:
        self._link = link
        self._at: dict[str, Mapping[str, Any]] = {}
        for c in cells:
            if "subject" in c and c["state"] in ("known", "approximate"):
                self._at.setdefault(c["shown"], c)
        named = sorted({n for n in names if re.search(r"\d", n)}, key=len, reverse=True)
        self._pattern = re.compile(
            "|".join(
                [
                    *(f"(?P<n{i}>{re.escape(n)})" for i, n in enumerate(named)),
                    f"(?P<number>{_NUMBER})",
                ]
            )
        )

    def said(self, text: str, otherwise: str) -> Markup:
        """Return a sentence with its numbers linked.

        One that no figure reads like leads to `otherwise`, a place on the page.
        """
        out, last = [], 0
        for m in self._pattern.finditer(text):
            out.append(str(escape(text[last : m.start()])))
            shown = escape(m[0])
            out.append(
                f'<a class="cite" href="{self._where(m[0], otherwise)}">{shown}</a>'
                if m["number"]
                else f"<span data-name>{shown}</span>"
            )
            last = m.end()
        out.append(str(escape(text[last:])))
        return Markup("".join(out))

    def _where(self, shown: str, otherwise: str) -> str:
        c = self._at.get(shown)
        return (
            self._link.figure(c["subject"], c["field"], c["meter"], c["terms"]) if c else otherwise
        )


def cells(value: Any) -> Iterable[Mapping[str, Any]]:
    """Yield every cell in a comparison's data."""
    if isinstance(value, Mapping):
        if "shown" in value and "state" in value:
            yield value
        else:
            for part in value.values():
                yield from cells(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from cells(part)
