"""What a text says under the label of a field: media, a day, a licence, several counts."""

from __future__ import annotations

import re

from almanac.schemas import catalogue
from almanac.spiders.vocabulary.labels import label
from almanac.spiders.vocabulary.licences import licence_of
from almanac.spiders.vocabulary.media import media_of

_SENTENCE = re.compile(r"\s(?:is|are|has|have|was|uses?|contains?|with)\s|.{80}", re.I | re.S)
"""What no name of an architecture has."""
_CLASS = re.compile(
    r"\w+For[A-Z]\w+|(?!transformers?$|dense$|moe$|mamba$|rwkv$|hybrid$|diffusion$)[a-z][a-z\d_.]*"
)
"""What code calls a family: `LlamaForCausalLM`, `qwen2`."""
_CHOICES = frozenset(("openness", "commercial_use"))
"""Fields whose values are a few words, which may stand behind their label in the cell."""
_EARLIEST = re.compile(r"\b(?:not? (?:sooner|earlier|before)|earliest)\b", re.I)
"""Words of a head that make a day the first of those possible."""
_FOOTNOTED = re.compile(
    r"(\b(?:19|20)\d\d(?:-\d\d-\d\d)?|日)(?:\d|\s+\d|\s*\[\d{1,2}\]|\s*\(\d{1,2}\))$"
)
"""A date with the digit of a footnote behind it, as text without its markup has them."""
_CUTOFF = re.compile(r"^The (?:pre-?)?training data has a cut-?off of (\w+,? \d{4})\.?$", re.I)
_MARK = re.compile(r"[¹²³⁴⁵⁶⁷⁸⁹ⁱᵃᵇᶜ*†‡]+$")
_OF_ELSE = re.compile(
    r"\s*\((?:[^()]*\breleased\b[^()]*\d{4}|(?:in )?all regions|everywhere)\)$", re.I
)
"""A bracket behind a date that gives the day of something else, or no place to which it is kept."""
_COUNTED = re.compile(r"(?P<count>\d+(?:\.\d+)?\s?[BbMmTt])\s*\((?P<kind>[A-Za-z]+)\)")
_WINDOW = re.compile(
    r"full (?P<window>[\d,]+) tokens(?: and generation (?P<output>[\d,]+) tokens)?", re.I
)
"""A context window, and what of it may be generated."""


def facts_of(name: str, text: str, head: str = "") -> dict[str, object]:
    """Return the fields that a text states, with what it says of each; nothing for plain counts.

    `head` is what stands over the text, which may say that a day is the earliest.

    >>> facts_of("licence", "Released under the MIT license."), facts_of("parameters", "8B")
    ({'licence': 'MIT'}, {})

    Raises ValueError for words that are none of what the field holds.
    """
    if name.endswith("_modalities"):
        return {name: _stated(media_of(text), "a medium this reader does not know")}
    if name.endswith(("_date", "_cutoff")):
        bare = _OF_ELSE.sub("", _FOOTNOTED.sub(r"\1", _MARK.sub("", text.strip())))
        later = " or later" if _EARLIEST.search(head) else ""
        return {name: _CUTOFF.sub(r"\1", bare) + later}
    if name in _CHOICES:
        return {name: text.rpartition(":")[2].strip().lower()}
    if name == "licence":
        return {name: _stated(licence_of(text), "a sentence that names no one licence")}
    if name == "architecture":
        _check_architecture(text)
    return {field: count for field, count in counts_of(name, text).items() if count}


def _check_architecture(text: str) -> None:
    """Raise ValueError for words that name no kind of network."""
    if _SENTENCE.search(text):
        raise ValueError("a sentence, no name of an architecture")
    if _CLASS.fullmatch(text.strip()) or _is_family(text):
        raise ValueError("the name of a family or of its code, no kind of network")


def _is_family(text: str) -> bool:
    family = re.sub(r"[\s.-]*\d[\w.]*$", "", text.strip().lower())
    return family in catalogue.grammar().families


def _stated(content: object, reason: str) -> object:
    if not content:
        raise ValueError(reason)
    return content


def counts_of(name: str, text: str) -> dict[str, str]:
    """Return the fields that a text printed under the label of one states, with their counts.

    Nothing where it states but one.
    """
    if name == "parameters":
        return counted_kinds(text)
    m = _WINDOW.fullmatch(text.strip()) if name == "context_window" else None
    if not m:
        return {}
    return {"context_window": m["window"], "max_output_tokens": m["output"] or ""}


def counted_kinds(text: str) -> dict[str, str]:
    """Return the field and text of each count that a cell prints with its kind behind it.

    >>> counted_kinds("17B (Activated) 109B (Total)")
    {'active_parameters': '17B', 'parameters': '109B'}
    """
    if _COUNTED.sub("", text).strip(" \n,;/"):
        return {}
    stated = [(label(f"{m['kind']} parameters"), m["count"]) for m in _COUNTED.finditer(text)]
    fields = {kind.name: count for kind, count in stated if kind.role == "field"}
    return fields if len(fields) == len(stated) else {}
