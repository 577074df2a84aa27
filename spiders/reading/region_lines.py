"""Lines that name regions: what is listed under them holds there alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from almanac.spiders.document.blocks import Line
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.regions import region_of

_APART = re.compile(r"\s*[,;/、，]\s*(?:and\s+)?|\s+(?:and|&|or)\s+")
_SCOPE = re.compile(
    r"(?P<label>region|location|[a-z ]{2,20} region|地域|区域)\s*[:：]\s*(?P<region>.{2,60})", re.I
)
"""A label in the singular: a list of all regions where a model is offered says nothing below it."""


def regions_of(text: str) -> str:
    """Return the region or regions that a whole text names, as printed; nothing for another text.

    >>> regions_of("us-east1 and europe-west4:"), regions_of("Region: Oregon"), regions_of("Limits")
    ('us-east1, europe-west4', 'Oregon', '')
    """
    plain = " ".join(text.split()).strip(" *:：")
    m = _SCOPE.fullmatch(plain)
    if m and label(m["label"]).name == "region" and "," not in m["region"]:
        return region_of(m["region"]) or m["region"].strip(" *`")
    parts = [region_of(part) for part in _APART.split(plain)]
    return ", ".join(parts) if all(parts) else region_of(plain)


@dataclass(slots=True)
class RegionLines:
    """The region that a line of text has set for those below it."""

    region: str = ""
    listed: bool = False
    """Whether something has stood under it."""

    def takes(self, line: Line) -> bool:
        """Whether a line is a region; as an item of a list it is one for its own items alone.

        An item that labels its region says it of the items behind it, too.
        """
        region = regions_of(line.text)
        if region and (line.kind != "item" or _SCOPE.fullmatch(line.text.strip(" *"))):
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
        region = regions_of(line.owner) or self.region
        return {"region": region} if region else {}
