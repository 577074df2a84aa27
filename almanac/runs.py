"""How the command line has the line run: as plain calls or as the Prefect flow."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from almanac.out import Refused

if TYPE_CHECKING:
    from almanac.flows.harvest.plan import Order
    from almanac.flows.pipeline.pipeline import Plain, Report


def caller() -> Plain:
    """Return plain calls that say on stderr how far they are."""
    from almanac.flows.pipeline.pipeline import Plain

    return Plain(lambda text: print(text, file=sys.stderr))


def published(run: Callable[[], Report]) -> Report:
    """Return what a run reports.

    Raises Refused for a draft that does not hold: that is an answer, not an error.
    """
    from almanac.flows.validation.expectations import Rejected

    try:
        return run()
    except Rejected as error:
        raise Refused(f"not published; the former release, if any, stands: {error}") from None


def as_flow(order: Order, workers: int) -> Report:
    """Run the line as the Prefect flow, over `workers` Dask processes unless that is 0.

    If Prefect's server does not start, say so and run the same line directly. Raises ValueError
    where workers are asked for and Dask is not installed.
    """
    if workers and not find_spec("prefect_dask"):
        raise ValueError('--workers needs Dask: pip install "model-almanac[dask]"')
    _prepare_server(order)
    from almanac.flows.pipeline.pipeline import line

    try:
        return _through_prefect(order, workers)
    except RuntimeError as error:
        if "server" not in str(error).lower():
            raise
        print(
            f"almanac: Prefect's server did not start ({str(error).splitlines()[0]});"
            " running the same line directly",
            file=sys.stderr,
        )
        return line(order, caller())


def _prepare_server(order: Order) -> None:
    """Set what Prefect's embedded server reads as it starts, and make the folder it needs."""
    from almanac.flows.orchestration import environment

    folder = order.home / "prefect"
    # The server is a process of its own, and is spoken to past any proxy.
    os.environ.update(environment.SAFE | environment.straight(os.environ))
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    os.environ.setdefault("PREFECT_LOGGING_TO_API_ENABLED", "false")
    os.environ.setdefault("PREFECT_HOME", str(folder))
    folder.mkdir(parents=True, exist_ok=True)  # the server does not make its own folder


def _through_prefect(order: Order, workers: int) -> Report:
    from almanac.flows.orchestration import prefect_flows
    from almanac.flows.pipeline.pipeline import Report

    sources = list(order.sources)
    replay = str(order.replay) if order.replay else None
    if workers:
        report = prefect_flows.partitioned(
            workers,
            sources=sources,
            replay=replay,
            installed=order.installed,
            as_of=order.as_of,
        )
    else:
        report = prefect_flows.refresh(
            sources=sources, replay=replay, installed=order.installed, as_of=order.as_of
        )
    return Report.of(report)
