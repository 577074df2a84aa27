"""The blocks of an HTML document, walked once from its start to its end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

from almanac.spiders.bounds import clipped, on_time
from almanac.spiders.document.blocks import Block, Line, LineKind, Place
from almanac.spiders.document.grids import Counted, grid_of
from almanac.spiders.document.tabs import panels
from almanac.spiders.document.text import inline, tidy

_SKIPPED = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "nav",
        "footer",
        "iframe",
        "object",
        "math",
        "select",
    )
)
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "details",
        "dialog",
        "div",
        "dl",
        "fieldset",
        "figcaption",
        "figure",
        "form",
        "header",
        "hr",
        "html",
        "head",
        "title",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tabs",
        "tab",
        "tabitem",
        "tbody",
        "td",
        "tr",
        "ul",
        "dt",
        "dd",
        "button",
        "center",
        "label",
        "legend",
        "option",
        "caption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)
_LISTS = frozenset(("ul", "ol"))
_UNPARSED = re.compile(r"\]\(([^()\s]{1,300})\)")
"""The address of a link over several paragraphs, which is no link to a parser of Markdown."""


def html_blocks(soup: BeautifulSoup) -> list[Block]:
    """Return the blocks of a parsed document. Raises TooMuch for more cells than any page has."""
    walk = _Walk(panels(soup))
    walk.into(soup, depth=0)
    walk.end_line("text")
    return walk.blocks


@dataclass
class _Walk:
    tabs_of: dict[int, str]
    """The label of each panel of tabs, by the id of its element."""
    blocks: list[Block] = field(default_factory=list)
    headings: list[tuple[int, str, int]] = field(default_factory=list)
    """Level, text and section of each heading over what follows."""
    sections: list[int] = field(default_factory=list)
    """The ids of the open section elements."""
    tabs: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    codes: bool = True
    """Whether all text of the open line is set as code."""
    count: int = 0
    """Lines so far, which locate a line."""
    tables: int = 0
    counted: Counted = field(default_factory=Counted)
    shape: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    source_line: str = ""
    links: list[str] = field(default_factory=list)
    """Addresses that the open line links to."""

    def into(self, element: Tag, depth: int) -> None:
        for node in element.children:
            on_time()
            if isinstance(node, Tag):
                self._element(node, depth)
            elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                self._add(str(node), code=False)

    def _add(self, text: str, code: bool) -> None:
        if text.strip():
            self.codes = self.codes and code
        self.text.append(text)

    def _element(self, tag: Tag, depth: int) -> None:
        name = tag.name
        if name in _SKIPPED or (tag.get("hidden") is not None and not _is_panel(tag, self.tabs_of)):
            return
        if name == "table":
            self._table(tag)
        elif name in _HEADINGS or name == "pre":
            self._whole(tag)
        elif name in _LISTS:
            self._list(tag, depth)
        elif name in _BLOCKS:
            self._block(tag, depth)
        elif not self._piece(tag):
            if tag.name == "a":
                self._linked(tag)
            self.into(tag, depth)

    def _linked(self, tag: Tag) -> None:
        """Keep where an element and those within it link to."""
        for a in (tag, *tag.find_all("a", href=True)) if tag.name != "a" else (tag,):
            if a.name == "a" and a.get("href"):
                self.links.append(str(a["href"]))

    def _whole(self, tag: Tag) -> None:
        """A heading, or text that is set as it is, is one line."""
        self.end_line("text")
        self._located(tag)
        self._linked(tag)
        if level := _HEADINGS.get(tag.name, 0):
            self.text.append(inline(tag).removesuffix("¶"))
            self.end_line("heading", level)
        else:
            self.text.append(tag.get_text())
            self.end_line("code")

    def _piece(self, tag: Tag) -> bool:
        """Whether an element is a piece of a line: a break, a picture, code, a footnote's mark."""
        if tag.name == "br":
            self.text.append("\n")
        elif tag.name in ("code", "kbd", "tt"):
            self._add(inline(tag), code=True)
        elif tag.name == "img":
            self._add(str(tag.get("alt") or tag.get("title") or ""), code=False)
        else:
            return tag.name == "sup" and bool(re.fullmatch(r"\W*\w{1,2}\W*", tag.get_text()))
        return True

    def _block(self, tag: Tag, depth: int) -> None:
        kind: LineKind = {"dt": "term", "dd": "definition", "li": "item"}.get(tag.name, "text")  # type: ignore[assignment]
        level = depth if kind == "item" else 0
        self.end_line("text")
        self._located(tag)
        label = self.tabs_of.get(id(tag))
        if label is not None:
            self.tabs.append(label)
        self.shape.append(_shape(tag))
        self.sections += [id(tag)] if tag.name == "section" else []
        self.into(tag, depth)
        self.end_line(kind, level)
        self.sections = self.sections[:-1] if tag.name == "section" else self.sections
        self.shape.pop()
        if label is not None:
            self.tabs.pop()

    def _list(self, tag: Tag, depth: int) -> None:
        self.end_line("item" if depth else "text", depth)
        self.owners.append(self._nearest())
        for item in tag.children:
            if isinstance(item, Tag) and item.name == "li":
                self._item(item, depth + 1)
            elif isinstance(item, Tag):
                self._element(item, depth + 1)
        self.owners.pop()

    def _item(self, item: Tag, depth: int) -> None:
        """An item keeps its lines, but for lists within it, which are items of their own."""
        self._located(item)
        self.shape.append("li")
        for node in item.children:
            if isinstance(node, Tag) and node.name in _LISTS:
                self._list(node, depth)
            elif isinstance(node, Tag) and (node.name == "table" or node.find("table") is not None):
                self._element(node, depth)
            elif isinstance(node, Tag) and node.name not in _SKIPPED:
                self._in_item(node, depth)
            elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                self._add(str(node), code=False)
        self.end_line("item", depth)
        self.shape.pop()

    def _in_item(self, node: Tag, depth: int) -> None:
        if node.name == "br":
            self.text.append("\n")
        elif node.find(["ul", "ol"]) is not None:
            self.into(node, depth)
        else:
            self._linked(node)
            gap = "\n" if node.name in _BLOCKS else ""
            self._add(f"{gap}{inline(node)}{gap}", code=node.name == "code")

    def _nearest(self) -> str:
        for block in reversed(self.blocks):
            return block.text if isinstance(block, Line) else ""
        return ""

    def _located(self, tag: Tag) -> None:
        if line := tag.get("data-line"):
            self.source_line = str(line)

    def place(self) -> Place:
        headings = tuple(text for _, text, _ in reversed(self.headings))
        return Place(headings, tuple(reversed(self.tabs)))

    def end_line(self, kind: LineKind, level: int = 0) -> None:
        """Make a line of the text since the last one."""
        text, codes, links = tidy("".join(self.text)), self.codes, tuple(self.links)
        self.text, self.codes, self.links = [], True, []
        if not text:
            return
        while kind == "heading" and self._ends_last(level):
            self.headings.pop()
        shown: LineKind = "code" if codes and kind == "text" else kind
        for part in text.split("\n") if kind == "text" else (text,):
            self._line(part, shown, level, links)
        if kind == "heading":
            self.headings.append((level, text, self.sections[-1] if self.sections else 0))

    def _ends_last(self, level: int) -> bool:
        """Whether a new heading ends the last one: not within a section inside the last one's."""
        return bool(
            self.headings
            and self.headings[-1][0] >= level
            and self.headings[-1][2] not in self.sections[:-1]
        )

    def _line(self, text: str, kind: LineKind, level: int, links: tuple[str, ...]) -> None:
        self.count += 1
        links = (*links, *_UNPARSED.findall(text))
        at = f"line {self.source_line or self.count}"
        owner = self.owners[-1] if kind == "item" and self.owners else ""
        shape = "/".join(self.shape[-4:])
        line = Line(clipped(text), kind, self.place(), at, level, owner, shape, links)
        self.blocks.append(line)

    def _table(self, tag: Tag) -> None:
        self.end_line("text")
        self.tables += 1
        grid = grid_of(tag, self.place(), f"table {self.tables}", self.counted)
        if grid is not None:
            self.blocks.append(grid)


def _shape(tag: Tag) -> str:
    classes = tag.get("class") or ()
    return f"{tag.name}.{'.'.join(classes)}"[:80]


def _is_panel(tag: Tag, tabs_of: dict[int, str]) -> bool:
    return id(tag) in tabs_of
