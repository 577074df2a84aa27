"""A source before it is written: what it declares, how it reads, its two files as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from almanac.new_source.address import PageOwner, pattern_of
from almanac.schemas.claim import Claim
from almanac.schemas.record_keys import RecordKeys
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.listed import NAMED, UNDER, read_listed
from almanac.spiders.reading.declared import Declared
from almanac.spiders.reading.page import read_document


@dataclass(frozen=True, slots=True)
class ModelList:
    """Where an answer lists its models, which key names one, and what its keys say."""

    under: str
    named: str
    keys: RecordKeys


class DraftSource(Source):
    """A source that has no file yet."""

    def __init__(
        self, name: str, url: str, declared: Declared, models: ModelList | None = None
    ) -> None:
        self.name, self.start_urls = name, (url,)
        self.declared, self.models = declared, models

    def read(self, page: Page) -> Iterator[Claim]:
        assert self.declared is not None
        if self.models is None:
            yield from read_document(page, self.declared)
            return
        yield from read_listed(
            page,
            self.declared.provider,
            under=(self.models.under,) if self.models.under else UNDER,
            named=(self.models.named,),
            keys=self.models.keys,
        )


_DECLARED = '''"""{title}."""

from __future__ import annotations

from almanac.spiders.base import Source
from almanac.spiders.reading.declared import Declared


class {cls}(Source):
    name = "{name}"
    start_urls = ("{url}",)
    declared = {declared}
'''
_LISTED = '''"""{title}: a list as JSON, read by the table of keys on its card."""

from __future__ import annotations

from collections.abc import Iterator

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import Page
from almanac.spiders.parsers.listed import read_listed


class {cls}(Source):
    name = "{name}"
    start_urls = ("{url}",)

    def read(self, page: Page) -> Iterator[Claim]:
        yield from read_listed({arguments})
'''


def spider_of(draft: DraftSource, title: str) -> str:
    """Return a source's file."""
    assert draft.declared is not None
    words = {
        "title": title,
        "name": draft.name,
        "url": draft.start_urls[0],
        "cls": "".join(word.capitalize() for word in draft.name.split("_")),
    }
    if draft.models is None:
        return _DECLARED.format(**words, declared=_declared(draft.declared))
    arguments = f"page, {_quoted(draft.declared.provider)}"
    if draft.models.under not in ("", *UNDER):
        arguments += f", under=({_quoted(draft.models.under)},)"
    if draft.models.named not in NAMED:
        arguments += f", named=({_quoted(draft.models.named)},)"
    return _LISTED.format(**words, arguments=arguments)


def _declared(declared: Declared) -> str:
    """Return what a source declares, as its file says it: only what is another than usual."""
    shown = [_quoted(declared.provider)]
    for name in ("facts", "yen", "unit"):
        if (value := getattr(declared, name)) != getattr(Declared(""), name):
            shown.append(f"{name}={_quoted(value)}")
    for name in ("labels", "ignored"):
        if value := getattr(declared, name):
            pairs = ", ".join(f"{_quoted(k)}: {_quoted(v)}" for k, v in value.items())
            shown.append(f"{name}={{{pairs}}}")
    line = f"Declared({', '.join(shown)})"
    if len(line) <= 100 - len("    declared = "):
        return line
    return "Declared(\n" + "".join(f"        {_laid_out(part)},\n" for part in shown) + "    )"


def _laid_out(part: str) -> str:
    """Return one argument as the formatter lays it out, should it be a long table of words."""
    if len(part) <= 100 - 9 or not part.endswith("}"):
        return part
    name, _, table = part.partition("={")
    pairs = "".join(
        f"            {pair},\n" for pair in re.findall(r'".*?": ".*?"(?=, "|}$)', table)
    )
    return f"{name}={{\n{pairs}        }}"


def _quoted(text: str) -> str:
    """Return a text as the formatter would have it in code."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def card_of(draft: DraftSource, owner: PageOwner, models: int) -> str:
    """Return a source's card; `models` is how many its page names today."""
    lines = [
        f"title: {_plain(title_of(draft, owner))}",
        f"publisher: {_plain(owner.publisher)}",
        f"kind: {'maker' if owner.makers else 'provider'}",
        "licence: facts; the page text is not republished",
        "cadence: daily",
        f"hosts: [{owner.host}]",
        *([f"makers: [{', '.join(owner.makers)}]"] if owner.makers else []),
        f"providers: [{owner.provider}]",
        f"expect: [{max(1, models * 4 // 5)}, {2 * models}]",
        "matches:",
        f"  - '{pattern_of(draft.start_urls[0])}'",
    ]
    if draft.models is not None:
        lines += ["records:", "  model:", *_table(draft.models.keys)]
    return "\n".join([*lines, ""])


def title_of(draft: DraftSource, owner: PageOwner) -> str:
    """Return what a source is, in a few words: its publisher and the end of its address."""
    path = re.sub(r"\.\w+$", "", draft.start_urls[0].rstrip("/")).split("/")[3:]
    words = re.sub(r"[^\w]+", " ", path[-1]).strip() if path else ""
    return f"{owner.publisher}, {words or 'models and prices'}"


def _table(keys: RecordKeys) -> Iterator[str]:
    """Yield the lines of a table of keys."""
    table: Mapping[str, Any] = keys.model_dump()
    for group, entries in table.items():
        if not entries:
            continue
        yield f"    {group}:"
        for key, entry in entries.items():
            yield f"      {_plain(key)}: {_flow(entry)}"


def _flow(entry: Any) -> str:
    if isinstance(entry, dict):
        return f"{{{', '.join(f'{_plain(k)}: {_plain(v)}' for k, v in entry.items())}}}"
    if isinstance(entry, list):
        return f"[{', '.join(map(_plain, entry))}]"
    return _plain(entry)


def _plain(text: str) -> str:
    """Return a text as YAML: as it stands where nothing in it means something else there."""
    plain = re.fullmatch(r"[A-Za-z][\w /().-]*[\w)]|[A-Za-z]", text)
    reserved = text.lower() in ("yes", "no", "on", "off", "true", "false", "null", "y", "n")
    return text if plain and not reserved else "'" + text.replace("'", "''") + "'"
