"""The excerpt of an HTML page: its skeleton without what is not read, in our own attributes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bs4 import NavigableString, Tag
from bs4.element import PreformattedString

from almanac.new_source.excerpt import Cutter, smallest
from almanac.spiders.parsers.html import parsed

_DROPPED = frozenset(
    ("script", "style", "noscript", "template", "svg", "nav", "footer", "iframe", "object")
) | {"math", "select", "link", "meta"}
_INLINE = frozenset(
    ("a", "b", "i", "em", "strong", "span", "code", "kbd", "tt", "sup", "sub", "br", "img", "small")
) | {"u", "s", "abbr", "mark", "font", "del", "ins", "wbr"}
_WHOLE = frozenset(("tr", "pre", "button"))
"""Elements that go or stay with all that is in them."""
_NEVER = re.compile(r"style|src.*|on.*|integrity|nonce|width|height|data-(?:react|v-).*")
"""Attributes that say nothing of what is shown."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """An element that goes or stays whole, or the opening or closing tag of one that holds some."""

    text: str
    opens: int = 0
    """1 for an opening tag, -1 for a closing one."""
    pair: int = 0


def cut_markup(cutter: Cutter, text: str) -> str:
    """Return the excerpt of an HTML page, or its skeleton where that is read otherwise.

    What is kept has attributes only where the page is read otherwise without them.
    """
    pieces = list(_pieces(parsed(text)))
    if not cutter.holds(_markup(pieces)):
        return _markup(pieces)
    leaves = [n for n, piece in enumerate(pieces) if not piece.opens]
    kept = smallest(leaves, lambda rest: cutter.holds(_markup(_only(pieces, rest))))
    return _markup(_unwrapped(cutter, _only(pieces, kept)))


def _pieces(tag: Tag) -> Iterator[_Piece]:
    for node in tag.children:
        if isinstance(node, PreformattedString):
            continue
        if isinstance(node, NavigableString):
            if str(node).strip():
                yield _Piece(html.escape(str(node), quote=False))
        elif isinstance(node, Tag) and node.name not in _DROPPED:
            yield from _element(node)


def _element(tag: Tag) -> Iterator[_Piece]:
    if tag.name in ("html", "head", "body"):
        yield from _pieces(tag)
        return
    inner = [t for t in tag.find_all(True) if t.name not in _INLINE]
    if tag.name in _WHOLE or (not inner and tag.name not in ("table", "ul", "ol")):
        yield _Piece(_whole(tag))
        return
    yield _Piece(_opening(tag), 1, id(tag))
    yield from _pieces(tag)
    yield _Piece(f"</{tag.name}>", -1, id(tag))


def _opening(tag: Tag) -> str:
    shown = []
    for name, value in tag.attrs.items():
        if re.fullmatch(r"[a-z][\w-]*", name) and not _NEVER.fullmatch(name):
            words = " ".join(value) if isinstance(value, list) else str(value)
            shown.append(f' {name}="{html.escape(words)}"')
    return f"<{tag.name}{''.join(shown)}>"


def _whole(tag: Tag) -> str:
    parts = [_opening(tag)]
    for node in tag.children:
        if isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            parts.append(html.escape(str(node), quote=False))
        elif isinstance(node, Tag) and node.name not in _DROPPED:
            parts.append(_whole(node))
    ends = "" if tag.name in ("br", "img", "wbr", "hr", "input") else f"</{tag.name}>"
    return "".join((*parts, ends))


def _only(pieces: Sequence[_Piece], leaves: Sequence[int]) -> list[_Piece]:
    """Return some leaves of pieces, and of the tags around leaves those that hold one of them."""
    chosen = set(leaves)
    kept: list[_Piece] = []
    for n, piece in enumerate(pieces):
        if piece.opens < 0 and kept and kept[-1].opens > 0 and kept[-1].pair == piece.pair:
            kept.pop()
        elif piece.opens or n in chosen:
            kept.append(piece)
    return kept


def _unwrapped(cutter: Cutter, pieces: list[_Piece]) -> list[_Piece]:
    """Return pieces without the tags around them, and the attributes, that change nothing."""
    pairs = [piece.pair for piece in pieces if piece.opens > 0]

    def with_pairs(rest: Sequence[int]) -> list[_Piece]:
        return [piece for piece in pieces if not piece.opens or piece.pair in rest]

    pieces = with_pairs(smallest(pairs, lambda rest: cutter.holds(_markup(with_pairs(rest)))))
    needed = sorted({m[1] for piece in pieces for m in _ATTRIBUTE.finditer(piece.text)})
    return _with_attributes(
        pieces, smallest(needed, lambda rest: cutter.holds(_markup(_with_attributes(pieces, rest))))
    )


_ATTRIBUTE = re.compile(r' ([a-z][\w-]*)="[^"<>]*"(?=[^<>]*>)')


def _with_attributes(pieces: Sequence[_Piece], names: Sequence[str]) -> list[_Piece]:
    keep = partial(_attribute, names=frozenset(names))
    return [replace(piece, text=_ATTRIBUTE.sub(keep, piece.text)) for piece in pieces]


def _attribute(match: re.Match[str], names: frozenset[str]) -> str:
    return match[0] if match[1] in names else ""


def _markup(pieces: Sequence[_Piece]) -> str:
    body = "\n".join(piece.text for piece in pieces)
    return f"<!doctype html>\n<html><body>\n{body}\n</body></html>\n"
