"""Which request goes first.

What is at hand is given at once; what must be read anew waits its turn, in a queue that ends.

A page of a moment nobody asked about lately costs about a second, most of it in the warehouse. A
dozen of those took every thread, and whoever asked for anything else waited behind them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import parse_qs
from weakref import WeakValueDictionary

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from almanac.comparisons.web.release_cache import Desk, Moment

BUILDERS = 2
"""Requests of other moments than now that read anew at the same time.

Of now there is one besides.
"""
QUEUE = 24
"""Moments but now that may be read or wait for it; who asks for yet another comes again."""
AGAIN_AFTER = 5
"""Seconds after which to come again."""
AT_HAND = ("/healthz", "/favicon.ico", "/static/", "/quality/", "/api/v1/openapi.json")
Busy = Callable[[str], ASGIApp]
"""Gives the answer "come again" to a request of a path."""


class Head:
    """Answers HEAD as GET is answered, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        head = scope["method"] == "HEAD"

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405:
                message["headers"] = [
                    (n, b"GET, HEAD" if n.lower() == b"allow" and v == b"GET" else v)
                    for n, v in message["headers"]
                ]
            if head and message["type"] == "http.response.body":
                message = {
                    "type": "http.response.body",
                    "body": b"",
                    "more_body": bool(message.get("more_body")),
                }
            await send(message)

        await self._app({**scope, "method": "GET"} if head else scope, receive, sent)


class Lanes:
    """Lets few requests at a time read what is not at hand.

    Those of the same moment go one after the other, so that all but the first find it.

    Now has a lane of its own: however many moments of the past are asked about, it does not
    wait for them.
    """

    def __init__(self, app: ASGIApp, desk: Desk, busy: Busy) -> None:
        self._app, self._desk, self._busy = app, desk, busy
        self._now, self._then = asyncio.Semaphore(1), asyncio.Semaphore(BUILDERS)
        self._turns: WeakValueDictionary[Moment, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(AT_HAND):
            return await self._app(scope, receive, send)
        moment, kind = moment_of(scope), kind_of(scope["path"])
        if self._desk.ready(moment, kind):
            return await self._app(scope, receive, send)
        if self._is_full_for(moment):
            return await self._busy(scope["path"])(scope, receive, send)
        async with AsyncExitStack() as turn:
            await self._enter(turn, moment, kind)

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    # All is read: a reader who is slow holds nobody up.
                    self._note(scope, message, moment, kind)
                    await turn.aclose()
                await send(message)

            state(scope)
            await self._app(scope, receive, sent)

    def _is_full_for(self, moment: Moment) -> bool:
        """Whether a moment must come again: not now, not waited for, others have every place."""
        if not any(moment) or moment in self._turns:
            return False
        return sum(any(waited_for) for waited_for in list(self._turns)) >= QUEUE

    async def _enter(self, turn: AsyncExitStack, moment: Moment, kind: str) -> None:
        """Wait until it is this request's turn, or until what it needs is at hand."""
        await turn.enter_async_context(self._turns.setdefault(moment, asyncio.Lock()))
        if self._desk.ready(moment, kind):
            await turn.aclose()
        else:
            await turn.enter_async_context(self._then if any(moment) else self._now)

    def _note(self, scope: Scope, start: Message, moment: Moment, kind: str) -> None:
        shared = state(scope).get("shared")
        if shared is not None and start["status"] < 400:
            self._desk.note(moment, kind, shared)


def state(scope: Scope) -> MutableMapping[str, Any]:
    """Return what a request's handlers may leave for what stands around them."""
    left: MutableMapping[str, Any] = scope.setdefault("state", {})
    return left


def moment_of(scope: Scope) -> Moment:
    """Return the moment a request asks about, in its own words.

    They are `as_of` and `known`, empty for now.
    """
    words = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    return words.get("as_of", [""])[-1], words.get("known", [""])[-1]


def kind_of(path: str) -> str:
    """Return what is common to paths that need the same things of a moment.

    >>> kind_of("/models/mistral/nemo.html"), kind_of("/"), kind_of("/api/v1/models/mistral/nemo")
    ('models/', '', 'api/v1/models/')
    """
    parts = path.strip("/").split("/")
    most = 3 if parts[0] == "api" else 1
    return "/".join(parts[:most])[:80] + ("/" if len(parts) > most else "")
