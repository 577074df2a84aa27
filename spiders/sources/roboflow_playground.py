"""Roboflow Playground's comparison pages: HTML, or piped text.

There empty cells may have moved the rest left.
"""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class RoboflowPlayground(Source):
    name = "roboflow_playground"
    version = 2
    declared = Declared(
        "",
        facts="model",
        evaluations=("Roboflow vision evals", "roboflow"),
        loses_blanks=True,
        labels={"category": "weights availability", "input $/1m": "input", "output $/1m": "output"},
        ignored={
            "organization": "who made it",
            "overall score": "a mean of the tasks",
            "avg response time": "how long it takes",
        },
    )
