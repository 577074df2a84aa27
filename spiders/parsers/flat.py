"""Pages as lines of text.

They come from their HTML, or as web archives keep them (WET), where cells may be glued.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.spiders.bounds import LONGEST_LINE, PacedList, paced
from almanac.spiders.page import Page
from almanac.spiders.parsers.html_tables import PageTable, cell_text, html_tables, markdown_tables


def matches(
    pattern: re.Pattern[str], text: str, group: int | str = 0
) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield what a pattern finds, each with the line on which it begins.

    Or on which a group of it begins; lines count from 1.

    The lines are counted once, however much is found; whoever loops is asked for the time.

    >>> [n for n, _ in matches(re.compile("[ac]"), "a\\nb\\nc")]
    [1, 3]
    """
    line, end = 1, 0
    for m in paced(pattern.finditer(text)):
        line += text.count("\n", end, m.start(group))
        end = m.start(group)
        yield line, m


def is_html(page: Page) -> bool:
    return (
        re.match(r"\s*(?:<!doctype html|<html|<body|<main|<article)", page.text, re.I) is not None
    )


def lines(page: Page) -> list[str]:
    """Return the page's text line by line, bullets and blank lines dropped.

    One block of HTML is one line.

    Whoever loops over them is asked for the time at every line.
    A line longer than any with a figure is refused and left out: patterns that look for one in
    prose take long over it.
    """
    if not is_html(page):
        raw = page.text.splitlines()
    else:
        blocks = page.soup.find_all(
            ["h1", "h2", "h3", "h4", "p", "li", "tr", "dt", "dd", "pre", "figcaption"]
        )
        raw = [
            (
                " ".join(cell_text(c) for c in b.find_all(["td", "th"]))
                if b.name == "tr"
                else cell_text(b)
            )
            for b in paced(blocks)
            if not b.find(["p", "li"])
        ]
    flat = [
        re.sub(r"^\s*(?:[•·*]|- )\s*", "", line).strip()
        for block in paced(raw)
        for line in block.splitlines()
    ]
    return PacedList(line for line in paced(flat) if line and not too_long(page, line))


def too_long(page: Page, line: str, locator: str = "") -> bool:
    """Whether a line is longer than any with a figure; then it is put aside."""
    if len(line) <= LONGEST_LINE:
        return False
    page.refuse(
        f"a line of {len(line):,} characters,"
        f" longer than any in which a figure is looked for ({LONGEST_LINE:,})",
        printed=line,
        locator=locator,
    )
    return True


def tables(page: Page) -> list[PageTable]:
    """Return the page's tables. Whoever loops over them is asked for the time at every table."""
    return PacedList(html_tables(page.soup) if is_html(page) else markdown_tables(page.text))
