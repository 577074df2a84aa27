"""What every call of the HTTP API, version 1, has in common: parameters, answers, errors.

Every answer says the release and the moment it is of; every wrong call says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from almanac.comparisons.pages.site import Shared, Site
from almanac.comparisons.web.release_cache import Desk, tag
from almanac.warehouse import Warehouse

ABOUT = """What every language model is, costs and can do, with who says it. Read-only, no key.

`as_of` asks about a day in the world, `known` asks in the words of a release (its number, or a day:
the last made by then). Answers carry an ETag and hold until the next release, or the next outage.
Lists are cut at `limit`; `next` is the `after` of the next part. Amounts are exact decimals as
text."""


class NotModified(Exception):
    """What was asked for is what the caller has."""

    def __init__(self, mark: str) -> None:
        self.mark = mark


class Refusal(BaseModel):
    error: str


class Answer(BaseModel):
    """What every answer has: the release whose word it is, the moment it is of, the data."""

    release: int
    as_of: str
    data: Any


class List(Answer):
    data: list[dict[str, Any]]
    next: str | None = Field(description="Ask again with this as `after`; null at the end.")


class One(Answer):
    data: dict[str, Any]


AsOf = Annotated[
    str,
    Query(
        description="The day or moment in the world asked about, such as 2026-05-19. Default: now.",
        max_length=40,
    ),
]
Known = Annotated[
    str,
    Query(
        description="In the words of this release: its number, or a day. Default: the latest.",
        max_length=40,
    ),
]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many rows.")]
After = Annotated[str, Query(description="Begin after this, as `next` gave it.", max_length=600)]
Model = Annotated[
    str, Query(description="A model id, such as mistral/mistral-nemo.", max_length=200)
]
Subject = Annotated[
    str, Query(description="A model id, or provider:model for an offer.", max_length=300)
]
Count = Annotated[int, Query(ge=0, le=10**15)]
WRONG: dict[int | str, dict[str, Any]] = {
    code: {"model": Refusal, "description": said}
    for code, said in (
        (400, "The words of the call cannot be understood."),
        (404, "There is no such thing, or nothing is known of it."),
        (422, "A parameter is missing, unknown or out of range."),
        (503, "There is no release yet."),
    )
}


class Asked:
    """The release and moment of a call."""

    def __init__(self, snapshot: Warehouse, shared: Shared, mark: str) -> None:
        self.snapshot, self.shared, self.mark = snapshot, shared, mark

    @property
    def site(self) -> Site:
        return Site(self.snapshot, shared=self.shared)

    def says(self, data: Any, **more: Any) -> JSONResponse:
        """Return the answer with its envelope and headers."""
        return _Exact(
            {
                "release": self.snapshot.known,
                "as_of": self.snapshot.valid or "now",
                "data": data,
                **more,
            },
            headers={"ETag": self.mark, "Cache-Control": "no-cache"},
        )

    def listed(
        self,
        rows: Sequence[Any],
        keys: Sequence[str],
        limit: int,
        after: str,
        show: Callable[[Any], dict[str, Any]] = dict,
    ) -> JSONResponse:
        """Return a part of a list.

        `keys` are its rows' places in an order that does not change; `show` makes a row of each
        that is in the part.
        """
        start = next((i for i, k in enumerate(keys) if k > after), len(keys)) if after else 0
        some = [show(row) for row in rows[start : start + limit]]
        return self.says(some, next=keys[start + limit - 1] if start + limit < len(rows) else None)


class _Exact(JSONResponse):
    """JSON in which decimals are text: no reader's float changes an amount."""

    def render(self, content: Any) -> bytes:
        return json.dumps(
            content, default=_text, ensure_ascii=False, separators=(",", ":")
        ).encode()


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"no JSON for {type(value).__name__}")


def asked(request: Request, as_of: AsOf = "", known: Known = "") -> Iterator[Asked]:
    """Give a call its release and moment.

    Raises ValueError for a parameter the call does not take, NotModified for what the caller has.
    """
    declared = {p.alias for p in request.scope["route"].dependant.query_params} | {"as_of", "known"}
    if strange := sorted(set(request.query_params) - declared):
        raise ValueError(
            f"no parameter {strange[0][:40]!r}; there are: {', '.join(sorted(declared))}"
        )
    desk: Desk = request.app.state.desk
    with desk.snapshot(as_of, known) as snapshot:
        mark = tag(snapshot, request.url.path, str(request.url.query))
        if request.headers.get("If-None-Match") == mark:
            raise NotModified(mark)
        request.state.shared = desk.shared(snapshot)
        yield Asked(snapshot, request.state.shared, mark)


Seen = Annotated[Asked, Depends(asked)]
