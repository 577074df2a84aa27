"""Roboflow Playground's comparison pages, HTML or piped text, which may lose empty cells."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.set_phrase import SetPhrase


class RoboflowPlayground(Source):
    name = "roboflow_playground"
    version = 3
    declared = Declared(
        "",
        facts="model",
        labels={"category": "weight availability"},
        tallies=("Roboflow vision evals", "roboflow"),
        gaps_shift=True,
        phrases=(
            SetPhrase("release_date", "released on {day}"),
            SetPhrase("vision", "introduces vision support", True),
            SetPhrase(
                "max_output_tokens",
                "output length is smaller than the {count} input window",
                bound="up to",
            ),
        ),
    )
