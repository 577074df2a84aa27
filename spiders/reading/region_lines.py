"""Lines that name a region: what is listed under one holds there alone."""

from __future__ import annotations

from dataclasses import dataclass

from almanac.spiders.document.blocks import Line
from almanac.spiders.vocabulary.regions import region_of


@dataclass(slots=True)
class RegionLines:
    """The region that a line of text has set for those below it."""

    region: str = ""
    listed: bool = False
    """Whether something has stood under it."""

    def takes(self, line: Line) -> bool:
        """Whether a line is a region; as an item of a list it is one for its own items alone."""
        region = region_of(line.text)
        if region and line.kind != "item":
            self.region, self.listed = region, False
        return bool(region)

    def title(self, line: Line) -> None:
        """End the region at another title; one with a colon directly below it is within it."""
        if line.kind != "item" and (self.listed or not line.text.rstrip().endswith((":", "："))):
            self.end()

    def end(self) -> None:
        self.region, self.listed = "", False

    def over(self, line: Line) -> dict[str, str]:
        """Return the region under which a line stands, as a term."""
        self.listed = True
        region = (region_of(line.owner) if line.kind == "item" else "") or self.region
        return {"region": region} if region else {}
