"""What a source may write, from the code: the part of `add-a-source.md` that is derived."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from almanac.schemas.fields import METERS
from almanac.schemas.record_keys import RecordKeys
from almanac.spiders.page import Page
from almanac.spiders.parsers.listed import read_listed
from almanac.spiders.reading.declared import Declared
from almanac.spiders.vocabulary.words import entries

BEGIN, END = "<!-- derived: make docs -->\n", "<!-- end of what is derived -->"
SIGNED: dict[str, Callable[..., Any]] = {
    "Declared": Declared,
    "Page.say": Page.say,
    "Page.price": Page.price,
    "Page.refuse": Page.refuse,
    "Page.attempt": Page.attempt,
    "read_listed": read_listed,
}
"""What a source calls, by the name it is shown under."""


def with_reference(text: str) -> str:
    """Return a page with its derived part written anew. Raises ValueError for one without marks."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "\n".join(_reference()) + "\n" + END + after


def _reference() -> Iterator[str]:
    yield "```python"
    for name, called in SIGNED.items():
        yield signature_of(name, called)
    yield "```"
    yield from ("", "What each word of `Declared` says:", "", "| | |", "|---|---|")
    yield from (f"| `{name}` | {text} |" for name, text in _documented(Declared))
    yield from ("", "A table of keys (`records:` on the card):", "", "| | |", "|---|---|")
    yield from (f"| `{name}` | {text} |" for name, text in _documented(RecordKeys))
    yield from ("", f"Meters: {', '.join(f'`{meter}`' for meter in METERS)}.")
    yield from ("", "Terms that words of a page name:", "", "| term | values |", "|---|---|")
    yield from (f"| `{name}` | {', '.join(values)} |" for name, values in named_terms().items())
    conditions = ", ".join(f"`{name}`" for name in named_conditions())
    yield from ("", f"Terms whose values are a column's cells: {conditions}.")


def signature_of(name: str, called: Callable[..., Any]) -> str:
    """Return how something is called, an argument a line, as code that could define it."""
    signature = inspect.signature(called)
    shown: list[str] = []
    starred = False
    for argument in signature.parameters.values():
        if argument.name == "self":
            continue
        if argument.kind is argument.KEYWORD_ONLY and not starred:
            shown.append("*")
        starred = starred or argument.kind in (argument.KEYWORD_ONLY, argument.VAR_POSITIONAL)
        shown.append(_argument(argument))
    ends = "" if isinstance(called, type) else f" -> {signature.return_annotation}"
    return f"{name}(\n" + "".join(f"    {text},\n" for text in shown) + f"){ends}"


def _argument(argument: inspect.Parameter) -> str:
    stars = {argument.VAR_POSITIONAL: "*", argument.VAR_KEYWORD: "**"}.get(argument.kind, "")
    text = f"{stars}{argument.name}: {argument.annotation}"
    if argument.default is argument.empty:
        return text
    default = argument.default
    named = {"<factory>": "{}", "Terms('')": "STANDARD", "''": '""'}
    return f"{text} = {named.get(repr(default), repr(default))}"


def _documented(cls: type) -> Iterator[tuple[str, str]]:
    """Yield the fields of a class with the text below each."""
    lines = inspect.getsource(cls).split("\n")
    for n, line in enumerate(lines):
        name, colon, _ = line.strip().partition(":")
        following = lines[n + 1 :]
        if colon and name.isidentifier() and following and following[0].strip()[:3] == '"""':
            yield name, _first_paragraph(following)


def _first_paragraph(lines: list[str]) -> str:
    text = "\n".join(line.strip() for line in lines).removeprefix('"""')
    return " ".join(text[: text.index('"""')].split()).replace("|", "\\|")


def named_terms() -> dict[str, list[str]]:
    """Return the terms that phrases of the vocabulary name, each with its values."""
    values: dict[str, list[str]] = defaultdict(list)
    for meanings in entries().values():
        for entry in meanings:
            if entry.kind == "term" and entry.value and entry.value not in values[entry.name]:
                values[entry.name].append(entry.value)
    return dict(values)


def named_conditions() -> list[str]:
    """Return the terms of which a column's head names but the kind."""
    kinds = (e.name for meanings in entries().values() for e in meanings if e.kind == "condition")
    return list(dict.fromkeys(kinds))
