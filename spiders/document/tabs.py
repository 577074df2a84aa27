"""Panels of tabs and the labels they are shown under: n labels and n panels, paired in order."""

from __future__ import annotations

from collections import defaultdict

from bs4 import BeautifulSoup, Tag

from almanac.spiders.bounds import paced
from almanac.spiders.document.blocks import UNTOLD
from almanac.spiders.document.text import inline

_HEADS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_NAMED = (
    "label",
    "title",
    "value",
    "data-label",
    "data-title",
    "data-tab",
    "data-value",
    "aria-label",
)
_PANEL_WORDS = ("panel", "pane", "content", "cont", "body")
_LABEL_WORDS = ("label", "item", "title", "trigger", "button", "link", "header", "name")


def panels(soup: BeautifulSoup) -> dict[int, str]:
    """Return the label of each panel of tabs, by the id of its element.

    A panel names its own label, or is paired with the labels of its group in order; where there
    are not as many labels as panels, the label is `UNTOLD`.
    """
    about = list(paced(soup.find_all(_about_tabs)))
    shown = [tag for tag in about if _is_panel(tag)]
    tabs = [tag for tag in about if not _is_panel(tag) and _is_label(tag)]
    holders = {id(above) for tag in tabs for above in tag.parents}
    labels: dict[int, str] = {}
    groups: dict[int, list[Tag]] = defaultdict(list)
    for panel in shown:
        if own := _own_label(panel, soup):
            labels[id(panel)] = own
        elif panel.parent is not None and id(panel) not in holders:
            groups[id(panel.parent)].append(panel)
    return labels | _paired(groups, _innermost(tabs))


def _about_tabs(tag: Tag) -> bool:
    if tag.name in ("tab", "tabitem") or tag.get("role") in ("tab", "tabpanel"):
        return True
    if tag.get("data-content-switcher-pane") is not None:
        return True
    return any("tab" in c.lower() and "table" not in c.lower() for c in tag.get("class") or ())


def _words(tag: Tag) -> str:
    return " ".join(c.lower() for c in tag.get("class") or () if "tab" in c.lower())


def _is_panel(tag: Tag) -> bool:
    if tag.name in ("tab", "tabitem") or tag.get("role") == "tabpanel":
        return True
    if tag.get("data-content-switcher-pane") is not None:
        return True
    return tag.get("role") != "tab" and any(
        c.endswith(_PANEL_WORDS) or any(f"{w}-" in c or f"{w}_" in c for w in _PANEL_WORDS)
        for c in _words(tag).split()
    )


def _is_label(tag: Tag) -> bool:
    return tag.get("role") == "tab" or any(
        c.endswith(_LABEL_WORDS) or c in ("tab", "tabs__tab") for c in _words(tag).split()
    )


def _own_label(tag: Tag, soup: BeautifulSoup) -> str:
    for name in _NAMED:
        if value := tag.get(name):
            return str(value).strip()
    if by := tag.get("aria-labelledby"):
        named = soup.find(id=str(by))
        return inline(named) if isinstance(named, Tag) else ""
    return ""


def _innermost(tabs: list[Tag]) -> list[Tag]:
    outer = {id(above) for tag in tabs for above in tag.parents}
    return [tag for tag in tabs if id(tag) not in outer]


def _paired(groups: dict[int, list[Tag]], tabs: list[Tag]) -> dict[int, str]:
    """Return the labels of panels by their order; the nearest element over both holds a group."""
    inside = {id(panel) for group in groups.values() for panel in group}
    shown = _by_group(groups, tabs, inside)
    labels: dict[int, str] = {}
    for group, members in groups.items():
        names = shown[group] or _over(members, tabs, inside)
        if not names and (len(members) == 1 or all(m.find(_HEADS) for m in members)):
            continue  # a box, or panels that bring their own headings
        if len(names) != len(members):
            names = [UNTOLD] * len(members)
        labels |= {id(panel): name for panel, name in zip(members, names, strict=True)}
    return labels


def _by_group(
    groups: dict[int, list[Tag]], tabs: list[Tag], inside: set[int]
) -> dict[int, list[str]]:
    """Return the labels that stand in each group itself, outside its panels."""
    shown: dict[int, list[str]] = defaultdict(list)
    for tag in paced(tabs):
        text = inline(tag)
        for above in tag.parents:
            if id(above) in inside:
                break
            if text and id(above) in groups:
                shown[id(above)].append(text)
    return shown


def _over(members: list[Tag], tabs: list[Tag], inside: set[int]) -> list[str]:
    """Return the labels under the nearest element over a group of panels that holds any."""
    for above in members[0].parents:
        if id(above) in inside:
            return []
        names = [
            inline(tag)
            for tag in tabs
            if any(a is above for a in tag.parents)
            and not any(id(a) in inside for a in tag.parents)
        ]
        if names:
            return names
    return []
