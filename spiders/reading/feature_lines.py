"""Features in lines: lists of what is supported and what is not, a feature with its state."""

from __future__ import annotations

import re

from almanac.spiders.document.blocks import Line
from almanac.spiders.reading.context import Context
from almanac.spiders.vocabulary.words import KIND, fold, means

STATES = {
    "supported": True,
    "supports": True,
    "supported features": True,
    "supported capabilities": True,
    "not supported": False,
    "unsupported": False,
    "not available": False,
}
LISTS = frozenset(
    ("capabilities", "features", "supported features", "supported capabilities", "tools")
)


_STAGE = re.compile(
    r"(?:\s+\(?(?:preview feature|public preview|preview|beta|experimental|new)\)?)+$", re.I
)
"""Stages printed behind a feature's name."""
_SUPPORTS = re.compile(
    r"(?P<feature>[\w -]{4,40}) support(?:ed)?|supports (?P<also>[\w -]{4,40})", re.I
)
"""A whole line that says of one feature that there is support for it."""


def read_features(context: Context, line: Line, name: str, listed: bool, after: str) -> bool:
    """Read an item, or a line, of a list of features of a model. False for another line.

    What owns the list says if they are supported, and nearer than that a last line of the item or
    the line `after` it, folded; `listed` says that a title over it speaks of features.
    """
    if line.kind != "item" and fold(line.text) in LISTS:
        return False
    parts = [part.strip() for part in re.split(r"[,;\n]", line.text) if part.strip()]
    own = STATES.get(fold(parts[-1])) if len(parts) > 1 else None
    parts = parts if own is None else parts[:-1]
    if own is None and len(parts) == 1 and line.kind == "text":
        own = STATES.get(after)
    supported = _supported(line, listed) if own is None else own
    if supported is None and (m := _SUPPORTS.fullmatch(line.text.strip())):
        parts, supported = [m["feature"] or m["also"]], True
    if supported is None or any(fold(part) in STATES for part in parts):
        return False
    return _say_all(context, line, name, parts, supported, "" if own is None else line.text)


def _say_all(
    context: Context, line: Line, name: str, parts: list[str], supported: bool, printed: str
) -> bool:
    """Claim the features among the parts of a line. False where there are none."""
    entries = [(part, means(_STAGE.sub("", part), "capability")) for part in parts]
    if not name or not any(entry for _, entry in entries):
        return False
    for part, entry in entries:
        if entry is not None and (supported or not entry.name.endswith(KIND)):
            feature = entry.name.removesuffix(KIND)
            _say_feature(context, feature, supported, printed or part, name, line)
    return True


def _supported(line: Line, listed: bool) -> bool | None:
    """Return whether a line lists what is supported or what is not; None where it is no list."""
    owner = fold(line.owner)
    if line.kind == "item" and owner in STATES:
        return STATES[owner]
    in_list = line.kind == "item" and owner in LISTS
    return True if in_list or listed else None


def _say_feature(
    context: Context, name: str, supported: bool, printed: str, model: str, line: Line
) -> None:
    for provider in context.sides(name):
        context.say(
            name,
            supported,
            printed=printed,
            locator=line.locator,
            model=model,
            provider=provider,
        )
