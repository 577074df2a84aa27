"""The web server's first pages: the state of the latest release, its quality, the feed of changes."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

import warehouse
from comparisons.feed import atom
from warehouse.reader import NotThere

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse}td{padding:.3rem 1rem .3rem 0;border-bottom:1px solid #ddd}td+td{text-align:right;font-variant-numeric:tabular-nums}
a{color:#0b57d0}code{overflow-wrap:anywhere}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}td{border-color:#444}a{color:#8ab4f8}}"""


def site(home: Path) -> FastAPI:
    """Return the application over the almanac in `home`. Each request reads the release that is the latest then."""
    made = FastAPI(title="Model Almanac", docs_url=None, redoc_url=None, openapi_url=None)

    @made.middleware("http")
    async def _guarded(request: Request, answer: Any) -> Response:
        response: Response = await answer(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @made.exception_handler(NotThere)
    async def _none(request: Request, error: NotThere) -> JSONResponse:
        return JSONResponse({"error": str(error)}, status_code=503)

    @made.get("/healthz")
    def healthz() -> dict[str, Any]:
        """Whether there is a server; the release it has, if there is one."""
        try:
            return {"ok": True, "release": _now().known}
        except NotThere:
            return {"ok": True, "release": None}

    @made.get("/", response_class=HTMLResponse)
    def front() -> str:
        return _front(home)

    @made.get("/feed.atom")
    def feed(request: Request) -> Response:
        seen = _now()
        return Response(atom(seen, str(request.base_url).rstrip("/")), media_type="application/atom+xml")

    @made.get("/quality/{name}")
    def quality(name: str) -> FileResponse:
        known = {p.name: p for p in (home / "quality").glob("release-*.html")}
        if name not in known:
            raise HTTPException(404, "no such page")
        return FileResponse(known[name])

    @made.get("/favicon.ico", status_code=204)
    def icon() -> None:
        return None

    return made


def _now() -> warehouse.Warehouse:
    return warehouse.open()


def _front(home: Path) -> str:
    meta = "<meta charset=utf-8><meta name=viewport content='width=device-width'>"
    head = f"<!doctype html><html lang=en>{meta}<title>Model Almanac</title><style>{STYLE}</style><h1>Model Almanac</h1>"
    try:
        release = _now().release()
    except NotThere as error:
        return f"{head}<p>{escape(str(error))}</p></html>"
    rows = "".join(f"<tr><td>{escape(k)}<td>{v:,}" for k, v in release.counts.items() if isinstance(v, int))
    stale = "".join(f"<li>{escape(s)}: {escape(w)}" for s, w in release.stale.items())
    page = home / "quality" / f"release-{release.id}.html"
    quality = f"<p><a href='/quality/{page.name}'>Every expectation and how it went</a></p>" if page.exists() else ""
    return (
        f"{head}<p>Release {release.id}, made {release.created_at[:16].replace('T', ' ')} UTC, <code>{release.digest[:16]}</code></p><table>{rows}</table>{quality}"
        f"<p><a href='/feed.atom'>What releases changed (Atom)</a></p>{f'<h2>Stale sources</h2><ul>{stale}</ul>' if stale else '<p>No source is stale.</p>'}</html>"
    )
