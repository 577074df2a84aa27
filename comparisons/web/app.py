"""The web server: the pages at any as-of, the API, the feed.

Reads only; harvested text is escaped, scripts but our own do not run.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
import anyio.to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from almanac.comparisons.pages import links as at
from almanac.comparisons.pages.build import ASSETS, kept
from almanac.comparisons.pages.errors import Missing
from almanac.comparisons.pages.render import FOLDER, environment
from almanac.comparisons.pages.router import page
from almanac.comparisons.pages.site import Site
from almanac.comparisons.web import api, calls
from almanac.comparisons.web.feed import atom, releases
from almanac.comparisons.web.priority_lanes import AGAIN_AFTER, Head, Lanes
from almanac.comparisons.web.release_cache import Desk, tag
from almanac.warehouse.read.reader import NotThere

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = tuple(
    (name.encode(), value.encode())
    for name, value in (
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    )
)
THREADS = 5
"""Requests answered at the same time.

Of these three at most read anew what is not at hand (`lanes`): they share one interpreter, and more
threads only get in each other's way.
"""
HEALTH_WITHIN = 5
"""Seconds in which the warehouse says its release, or it is not well."""
INERT = "default-src 'none'; sandbox"
"""For bodies as they came: nothing in them is to run or to load."""


def site(
    home: Path,
    sources: Mapping[str, Mapping[str, Any]] | None = None,
    body: Callable[[str, str, int], bytes] | None = None,
    url: str | None = None,
    address: str = "",
) -> FastAPI:
    """Return the application over the almanac in `home`.

    Each request reads the release that is the latest then, or the one it asks for.

    `sources` says who the sources are; `body` reads an archived body from its digest, file and
    offset, and raises OSError or ValueError for one there is not. `address` is where readers find
    it, such as https://almanac.example; what they write in a Host header is never believed.
    """
    desk, address = Desk(url), address.rstrip("/")
    made = FastAPI(
        title="Model Almanac",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        description=calls.ABOUT,
        lifespan=_few_threads,
        redirect_slashes=False,
    )
    made.state.desk, made.state.sources = desk, sources or {}
    _guard(made, desk)
    made.include_router(api.router)
    _health(made, Desk(url))

    @made.get("/feed.atom", include_in_schema=False)
    def feed(request: Request) -> Response:
        with desk.snapshot() as snapshot:
            request.state.shared = desk.shared(snapshot)
            told = request.state.shared.once("feed", lambda: tuple(releases(snapshot)))
            return Response(atom(snapshot, address, told=told), media_type="application/atom+xml")

    @made.get("/static/{name}", include_in_schema=False)
    def asset(name: str) -> FileResponse:
        if name not in ASSETS:
            raise HTTPException(404, "no such file")
        return FileResponse(
            FOLDER / "static" / name, headers={"Cache-Control": "public, max-age=3600"}
        )

    @made.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        return FileResponse(FOLDER / "static" / "icon.svg", media_type="image/svg+xml")

    @made.get("/quality/{name}", include_in_schema=False)
    def quality(name: str) -> FileResponse:
        known = {p.name: p for p in (home / "quality").glob("release-*.html")}
        if name not in known:
            raise HTTPException(404, "no such page")
        return FileResponse(
            known[name],
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )

    @made.get("/captures/{digest}.txt", include_in_schema=False)
    def archived(digest: str) -> Response:
        with desk.snapshot() as snapshot:
            found = kept(snapshot, digest, body) if body else None
        if found is None:
            raise HTTPException(404, "the archive here does not keep that body")
        return Response(
            found,
            media_type="text/plain; charset=utf-8",
            headers={"Content-Security-Policy": INERT},
        )

    @made.get("/compare", include_in_schema=False)
    def compare(request: Request) -> RedirectResponse:
        """Lead a form's choice to the page of the comparison."""
        names = [m.strip() for m in request.query_params.getlist("model") if m.strip()]
        rest = urlencode([(k, v) for k, v in request.query_params.multi_items() if k != "model"])
        with desk.snapshot() as snapshot:
            request.state.shared = desk.shared(snapshot)
            models = [_meant(Site(snapshot, shared=request.state.shared), m) for m in names]
        return RedirectResponse(
            "/"
            + (at.compare_path(models) if len(models) > 1 else "compare.html")
            + (f"?{rest}" if rest else ""),
            303,
        )

    @made.get("/{path:path}", include_in_schema=False)
    def pages(path: str, request: Request) -> Response:
        said = dict(request.query_params)
        with desk.snapshot(said.get("as_of", ""), said.get("known", "")) as snapshot:
            mark = tag(snapshot, path, str(request.url.query))
            if request.headers.get("If-None-Match") == mark:
                return Response(status_code=304, headers={"ETag": mark})
            carried = urlencode([(k, said[k]) for k in ("as_of", "known") if said.get(k)])
            request.state.shared = desk.shared(snapshot)
            shown = Site(
                snapshot,
                sources or {},
                served=True,
                query=carried,
                bodies=body is not None,
                shared=request.state.shared,
            )
            return HTMLResponse(
                page(shown, path or "index.html", said),
                headers={"ETag": mark, "Cache-Control": "no-cache"},
            )

    return made


def _health(made: FastAPI, desk: Desk) -> None:
    """Have /healthz say whether there is a server, and the release it has.

    It is on a line of its own, in which no page waits.
    """
    line = anyio.CapacityLimiter(1)

    def newest() -> int | None:
        try:
            with desk.snapshot() as snapshot:
                return snapshot.known
        except NotThere:
            return None

    @made.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        with anyio.move_on_after(HEALTH_WITHIN):
            return JSONResponse(
                {
                    "ok": True,
                    "release": await anyio.to_thread.run_sync(
                        newest, limiter=line, abandon_on_cancel=True
                    ),
                }
            )
        return JSONResponse({"ok": False, "release": None}, 503)


class _Headers:
    """Adds the headers every answer has, unless it brings its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(h for h in HEADERS if h[0] not in there),
                ]
            await send(message)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)


@asynccontextmanager
async def _few_threads(app: FastAPI) -> AsyncIterator[None]:
    """Answer few requests at a time."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


def _meant(shown: Site, name: str) -> str:
    """Return the model a reader typed: an id, or a name that is just one model's."""
    if name in shown.names:
        return name
    found = [m for m, n in shown.names.items() if n.lower() == name.lower()]
    if len(found) != 1:
        raise Missing(
            f"no one model is named {name[:80]!r}: use its id, such as mistral/mistral-nemo"
        )
    return found[0]


def _refused(
    path: str, status: int, said: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a refusal in one sentence: JSON to who asked the API, else a page."""
    if path.startswith("/api/"):
        return JSONResponse({"error": said}, status, dict(headers or {}))
    text = environment().get_template("refused.html").render(status=status, said=said)
    return HTMLResponse(text, status, dict(headers or {}))


def _busy(path: str) -> Response:
    return _refused(
        path,
        503,
        f"Too many are asking for what must be read anew: come again in {AGAIN_AFTER} seconds.",
        {"Retry-After": str(AGAIN_AFTER)},
    )


def _guard(made: FastAPI, desk: Desk) -> None:
    """Set the headers every answer has, and who waits for whom.

    Every refusal is said in one sentence.
    """
    made.add_middleware(Lanes, desk=desk, busy=_busy)
    made.add_middleware(_Headers)
    made.add_middleware(Head)

    def refused(
        request: Request, status: int, said: str, headers: Mapping[str, str] | None = None
    ) -> Response:
        return _refused(request.url.path, status, said, headers)

    @made.exception_handler(Missing)
    async def _missing(request: Request, error: Missing) -> Response:
        return refused(request, 404, str(error))

    @made.exception_handler(NotThere)
    async def _none(request: Request, error: NotThere) -> Response:
        return refused(
            request,
            503 if "no warehouse" in str(error) or "no release yet" in str(error) else 404,
            str(error),
        )

    @made.exception_handler(ValueError)
    async def _wrong(request: Request, error: ValueError) -> Response:
        return refused(request, 400, str(error))

    @made.exception_handler(LookupError)
    async def _unknown(request: Request, error: LookupError) -> Response:
        return refused(request, 404, str(error.args[0] if error.args else error))

    @made.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return refused(
            request, 422, f"{'.'.join(str(p) for p in first['loc'][1:])}: {first['msg']}"
        )

    @made.exception_handler(calls.NotModified)
    async def _same(request: Request, error: calls.NotModified) -> Response:
        return Response(status_code=304, headers={"ETag": error.mark})

    @made.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return refused(request, error.status_code, str(error.detail), error.headers)
