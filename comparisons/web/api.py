"""The HTTP API, version 1: read-only JSON."""

from __future__ import annotations

from fastapi import APIRouter

from almanac.comparisons.web import api_bills, api_figures, api_releases

router = APIRouter(prefix="/api/v1")
for part in (api_figures, api_releases, api_bills):
    router.include_router(part.router)
