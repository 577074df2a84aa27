"""Links to pages of one model: where a source says so, they list what its provider offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import Block, Grid, Line
from almanac.spiders.reading.context import Context


def read_links(context: Context, blocks: Sequence[Block]) -> None:
    """Claim that each model is offered whose page is linked to, once a model."""
    if not context.declared.links_offer:
        return
    found: dict[str, str] = {}
    for link in paced(_links(blocks)):
        if name := context.declared.named_by([link]):
            found.setdefault(name, urlsplit(link).path)
    for name, path in found.items():
        context.names[name] = None
        context.say(
            "offered",
            True,
            printed=path,
            locator=f"link to {path}",
            model=name,
            provider=context.declared.provider,
        )


def _links(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Line):
            yield from block.links
        elif isinstance(block, Grid):
            for row in block.rows:
                for cell in row:
                    yield from cell.links
