"""Capabilities in lines: whether each is supported, by its words, a mark, or what owns it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from almanac.spiders.document.blocks import Line
from almanac.spiders.reading.context import Context
from almanac.spiders.vocabulary.capabilities import capabilities_of
from almanac.spiders.vocabulary.words import KIND, fold

SUPPORT = {
    "supported": True,
    "supports": True,
    "supported features": True,
    "supported capabilities": True,
    "not supported": False,
    "unsupported": False,
    "unsupported features": False,
    "unsupported capabilities": False,
    "not available": False,
}
"""Titles of lists, and words beside a capability, that say whether it is supported."""
LISTED = frozenset(
    ("capabilities", "features", "supported features", "supported capabilities", "tools")
)
"""Titles of lists of what a model can do."""
_YES = "✓✔✅☑"
_MARKED = re.compile(r"^\s*([✓✔✅☑✗✘❌✕☒])\ufe0f?\s*")
_BEHIND = re.compile(
    r"^(?P<feature>.+?)[\s:：()–—-]+(?P<state>not supported|unsupported|supported)\)?$", re.I | re.S
)
_SUPPORTS = re.compile(
    r"(?P<feature>[\w -]{4,40}) support(?:ed)?|supports (?P<also>[\w -]{4,40})", re.I
)
"""A whole line that says of one feature that there is support for it."""
_OF_LIST = re.compile(r"^(?P<title>[^:：]{4,30}?)\s*[:：]\s*(?P<features>\S.*)$", re.S)


_ENDS = frozenset(("limitations", "known limitations", "coming soon", "roadmap", "planned"))


@dataclass(slots=True)
class FeatureList:
    """What lines without an owner belong to: a title such as `Capabilities`, and words below it.

    Directly below the title a word such as `Supported` stands over what follows; behind a
    capability it is of that one alone.
    """

    title: str = ""
    supported: bool | None = None
    fresh: bool = False
    """Whether nothing stood below the title yet."""

    def takes(self, text: str, over: bool = False) -> bool:
        """Whether a line is a title of such a list, or a word on those below it.

        `over` says that by its place it is over them: a term before its definition.
        """
        folded = fold(text).strip(" :：")
        if folded in LISTED:
            self.title, self.supported, self.fresh = folded, None, True
        elif folded in SUPPORT:
            if over or (self.title and (self.fresh or self.supported is not None)):
                self.supported = SUPPORT[folded]
        elif folded in _ENDS:
            self.close()
        else:
            self.fresh = False
            return False
        return True

    def close(self) -> None:
        """End the list: another title follows."""
        self.title, self.supported, self.fresh = "", None, False

    def says(self, states: Iterable[bool]) -> bool | None:
        """Return whether what a line lists is supported; None where it stands in no list.

        `states` are whether each line below it is a state: then it is a label with a value.
        """
        if self.supported is not None:
            return self.supported
        return True if self.title and not any(states) else None


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a line lists, and whether it is supported; None where it does not say."""

    features: str
    supported: bool | None
    printed: str = ""
    """The words that say so, where they stand beside it."""


def read_features(
    context: Context, line: Line, model: str, listed: FeatureList, following: Sequence[Line]
) -> bool:
    """Claim the capabilities that a line lists for a model. False for a line that lists none.

    `following` are the next lines, of which one may be its state.
    """
    if fold(line.text).strip(" :：") in (*LISTED, *SUPPORT):
        return False
    stated = _stated(line, listed, following)
    if stated.supported is None or not model:
        return False
    parts = [part.strip() for part in re.split(r"[,;，、\n]", stated.features) if part.strip()]
    named = [(part, name) for part in parts for name in capabilities_of(part)]
    for part, name in named:
        if stated.supported or not name.endswith(KIND):
            printed, bare = stated.printed or part, name.removesuffix(KIND)
            say_feature(context, bare, stated.supported, printed, model, line.locator)
    listed.fresh &= not named
    return bool(named)


def _stated(line: Line, listed: FeatureList, following: Sequence[Line]) -> _Stated:
    """Return what a line lists: its own word comes before a mark, that before what owns it."""
    text = line.text.strip()
    if line.kind == "item" and (m := _BEHIND.fullmatch(text)):
        # Lines between the capability and the word say of what kind it is.
        return _Stated(m["feature"].split("\n")[0], SUPPORT[fold(m["state"])], text)
    if m := _MARKED.match(text):
        return _Stated(text[m.end() :], m[1] in _YES, text)
    if (m := _OF_LIST.fullmatch(text)) and fold(m["title"]) in SUPPORT:
        return _Stated(m["features"], SUPPORT[fold(m["title"])], text)
    if line.kind == "item":
        supported = _of_owner(fold(line.owner).strip(" :："))
    else:
        below = takewhile(lambda other: other.kind == line.kind, following)
        supported = listed.says(fold(other.text) in SUPPORT for other in below)
    if supported is None and (m := _SUPPORTS.fullmatch(text)):
        return _Stated(m["feature"] or m["also"], True)
    return _Stated(text, supported)


def _of_owner(owner: str) -> bool | None:
    return True if owner in LISTED else SUPPORT.get(owner)


def say_feature(
    context: Context, name: str, supported: bool, printed: str, model: str, at: str
) -> None:
    """Claim a capability of a model, on each side that the source speaks of."""
    for provider in context.sides(name):
        context.say(name, supported, printed=printed, locator=at, model=model, provider=provider)
