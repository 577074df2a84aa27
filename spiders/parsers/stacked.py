"""A text as blocks that blank lines part."""

from __future__ import annotations

from almanac.spiders.bounds import PacedList, paced


def blocks(text: str) -> list[tuple[int, str]]:
    """Return the blocks of a text that blank lines part, each with the line it starts on.

    Whoever loops over them is asked for the time at every block.
    """
    found: list[tuple[int, list[str]]] = []
    open_block = False
    for n, line in enumerate(paced(text.split("\n")), 1):
        blank = not line.strip()
        if not blank and not open_block:
            found.append((n, []))
        if not blank:
            found[-1][1].append(line)
        open_block = not blank
    return PacedList((n, "\n".join(lines).strip()) for n, lines in found)
