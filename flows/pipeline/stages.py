"""The stages of a run, declared once: what each calls, and how a runner may call it.

A runner (`almanac.flows.pipeline.pipeline.Caller`) goes by what a stage declares; none asks which
stage it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from almanac.flows.pipeline import steps
from almanac.flows.reconciliation import draft

PUBLISHER = "almanac-publisher"
"""The concurrency limit whose one slot a publishing run holds."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a run."""

    name: str
    run: Callable[..., Any]
    retries: tuple[float, ...] = ()
    """Seconds before each further try at an item that failed."""
    parallel: int = 1
    """How many items may be at work at once."""
    exclusive: str = ""
    """The concurrency limit of which it holds a slot while it runs."""


CRAWL = Stage("harvest", steps.harvest, retries=(2, 30), parallel=4)
"""Harvest of the live web: crawls mostly wait, so they run side by side."""
HARVEST = Stage("harvest", steps.harvest)
"""Harvest of saved pages."""
INGEST = Stage("ingest", steps.take_in)
KEEP_OUTAGES = Stage("keep_outages", steps.keep_outages)
NAME_MODELS = Stage("name_models", steps.name_models)
RECONCILE = Stage("reconcile", draft.build)
VALIDATE = Stage("validate", steps.hold)
PUBLISH = Stage("publish", steps.publish, exclusive=PUBLISHER)
OUTLIVED = Stage("outlived", steps.outlived)
NOTIFY = Stage("notify", steps.tell)
