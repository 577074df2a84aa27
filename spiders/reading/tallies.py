"""Cells that count what was passed, as `73.3% (11/15)` does: passes and total of an eval."""

from __future__ import annotations

import re

from almanac.schemas.terms import Terms
from almanac.spiders.reading.context import Context

_TALLY = re.compile(r"\d+(?:\.\d+)?%\s*\((?P<passes>\d+)/(?P<total>\d+)\)")


def read_tally(context: Context, models: list[str], task: str, text: str, at: str) -> bool:
    """Claim what a cell counts of a task that the source declares as evals. False for another."""
    title, reporter = context.declared.tallies
    m = _TALLY.fullmatch(text) if title else None
    if m is None:
        return False
    if not re.search(r"[a-z]", task.lower()):
        reason = "no name of a task; cells may have changed places"
        context.refuse(reason, text, at, name="passes", head=task)
        return True
    terms = Terms.of(benchmark=f"{title}: {task.lower()}", reporter=reporter)
    for model in models:
        for name in ("passes", "total"):
            of = {"model": model, "subject": "evaluation", "terms": terms}
            context.say(name, int(m[name]), printed=text, locator=at, **of)
    return True
