"""The page that stands at a path."""

from __future__ import annotations

import re
from collections.abc import Callable

from almanac.comparisons.pages import comparison, evidence, lists, things
from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.errors import Missing
from almanac.comparisons.pages.pagination import Query
from almanac.comparisons.pages.site import Site

ROUTES: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"index\.html", lists.front),
    (r"models\.html", lists.models),
    (r"makers/([^/]+?)(?:~p(\d+))?\.html", lists.maker),
    (r"providers\.html", lists.providers),
    (r"providers/([^/]+?)(?:~p(\d+))?\.html", lists.provider),
    (r"conflicts(?:~p(\d+))?\.html", lists.conflicts),
    (r"changes\.html", lists.changes),
    (r"changes/(\d+)(?:~p(\d+))?\.html", lists.change),
    (r"sources\.html", lists.sources),
    (r"quality\.html", lists.quality),
    (r"models/([^/]+)/([^/]+)\.html", things.model),
    (r"offers/([^/]+)/([^/]+)/([^/]+)\.html", things.offer),
    (r"figures/model/([^/]+)/([^/]+)/([a-z_]+)\.html", evidence.of_model),
    (r"figures/offer/([^/]+)/([^/]+)/([^/]+)/([a-z_]+)(?:\.([a-z_]+))?\.html", evidence.of_offer),
    (r"captures/([0-9a-f]{40}|[0-9a-f]{64})\.html", evidence.capture),
    (r"compare\.html", comparison.picker),
    (r"compare/(.+)\.html", comparison.beside),
)


def page(site: Site, path: str, said: Query | None = None) -> str:
    """Return the page at a path such as `models/mistral/mistral-nemo.html`.

    `said` are the words of a query string.

    Raises Missing where there is none, ValueError for a query that cannot be.
    """
    for pattern, view in ROUTES:
        if m := re.fullmatch(pattern, path):
            try:
                return view(site, path, said or {}, *m.groups())
            except at.NoName as error:
                raise Missing(f"there is no page {path}") from error
    raise Missing(f"there is no page {path}")
