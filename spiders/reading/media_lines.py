"""Media printed as lines: a medium, and below it whether it goes in, comes out, or both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from almanac.spiders.document.blocks import Line
from almanac.spiders.reading.context import Context
from almanac.spiders.vocabulary.words import fold, means

_DIRECTIONS = {
    "input only": ("input",),
    "output only": ("output",),
    "input and output": ("input", "output"),
    "input, output": ("input", "output"),
    "input": ("input",),
    "output": ("output",),
    "not supported": (),
}
_ICON = re.compile(r"[a-z_]{2,20}")
"""The name of an icon, which text without its font prints."""


@dataclass
class Media:
    """Media told so far under `Modalities`; nothing is claimed before the list has ended."""

    open: bool = False
    medium: str = ""
    model: str = ""
    first: Line | None = None
    by_direction: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def takes(self, text: str, line: Line, model: str) -> bool:
        """Whether a line belongs to such a list; then it is remembered."""
        folded = fold(text).rstrip(":： ")
        if folded == "modalities" and model:
            self.__init__(open=True, model=model, first=line)  # type: ignore[misc]
            return True
        if not self.open:
            return False
        if (entry := means(text, "medium")) is not None:
            self.medium = entry.name
            self.texts.append(text)
            return True
        if folded in _DIRECTIONS and self.medium:
            for direction in _DIRECTIONS[folded]:
                self.by_direction.setdefault(direction, []).append(self.medium)
            self.texts.append(text)
            return True
        return bool(_ICON.fullmatch(text))

    def say(self, context: Context) -> None:
        """Claim what a list that has ended told."""
        if self.open and self.first is not None:
            for direction, kinds in self.by_direction.items():
                name = f"{direction}_modalities"
                for provider in context.sides(name):
                    context.say(
                        name,
                        tuple(kinds),
                        printed=" ".join(self.texts),
                        locator=self.first.locator,
                        model=self.model,
                        provider=provider,
                    )
        self.open, self.medium, self.by_direction, self.texts = False, "", {}, []
