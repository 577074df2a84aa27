"""Templates to pages: everything is escaped, everything shared stands in one place."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from almanac.comparisons import formatting
from almanac.comparisons.model_profile import maker_name, provider_name
from almanac.comparisons.pages.figure_cells import Shows, said_terms
from almanac.comparisons.pages.links import Links
from almanac.schemas.fields import FIELDS
from almanac.warehouse.read.reader import Release

FOLDER = Path(__file__).parent


@functools.cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    made.filters.update(
        data=data,
        thousands=lambda n: f"{n:,}",
        listed=formatting.listed,
        money=formatting.money,
        plain=formatting.plain,
        words=lambda t: t.replace("_", " "),
        maker=maker_name,
        provider=provider_name,
        field_title=title_of,
        terms=said_terms,
        day=lambda t: t[:10],
    )
    made.globals["shown"] = formatting.value
    return made


def data(value: Any) -> Markup:
    """Return JSON that may stand in a script element: no text in it can end the element."""
    text = json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
    return Markup(
        text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )


def title_of(field: str, kind: str = "model") -> str:
    """Return a field's printed title."""
    entry = FIELDS.get((kind, field)) or next(
        (f for (_, name), f in FIELDS.items() if name == field), None
    )
    return entry.title if entry else field


class Rendered(Protocol):
    """What a template reads of the site its page is of."""

    release: Release
    as_of: str
    served: bool
    query: str
    moments: tuple[Any, ...]

    def linked(self, path: str) -> Links:
        """Return how a page refers to others."""


def render(
    site: Rendered, path: str, template: str, title: str, about: str = "", **context: Any
) -> str:
    """Return a page.

    `about` is its description in one sentence; `context` is what its template needs.
    """
    link = site.linked(path)
    shared = {
        "site": site,
        "link": link,
        "m": Shows(link),
        "path": path,
        "title": title,
        "about": about,
        "release": site.release,
        "as_of": site.as_of,
    }
    context = {"json_ld": None, "alone": None, "hidden": [], **context}
    return environment().get_template(template).render(**shared, **context)
