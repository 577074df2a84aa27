"""The grammar of model names: what in a name is the model, and what says how it is served.

A name is cut into host prefixes, maker, words, version numbers, sizes, date stamp, stage and
serving marks. Words, numbers and maker are the core: two names of one core can be the same model,
two of different cores never. Which words are a mark here and a model there is data, per maker:
`schemas/catalogue/grammar.yaml`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date

from almanac.flows.entity_resolution.name_wrapping import unwrapped
from almanac.schemas import catalogue

_FULL = re.compile(
    r"(?<!\d)(?:(20\d\d)[-.]?(0[1-9]|1[0-2])[-.]?([0-2]\d|3[01])|(0[1-9]|1[0-2])-(20\d\d))(?!\d)"
)
_SHORT = re.compile(
    r"(?<![\d.])(?:(2\d)[.]?(0[1-9]|1[0-2])|(0[1-9]|1[0-2])-?([0-2]\d|3[01]))(?![\d.]|[a-z])"
)
_SHORT_YEAR = re.compile(r"(?<![\d.])(2[3-9])(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
"""A whole date of six digits, as in `deepseek-v3-250324`."""
_SIZE = re.compile(
    r"(?<![a-z0-9.])(?:\d+x\d+(?:\.\d+)?[bm]|[ae]?\d+(?:\.\d+)?[bm]|\d+[et])(?![a-z0-9])"
)
_CONTEXT = re.compile(r"(?<![a-z0-9.])(\d{1,4}k|1m)(?![a-z0-9])")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_BETWEEN = re.compile(r"[^\w.]+|_")
_REBUILT = re.compile(
    r"(?<![a-z0-9])(?:gguf|awq|gptq|mlx|bnb|fp8|fp4|nvfp4|mxfp4|[48]bit)(?![a-z0-9])"
)
_SAID = re.compile(r"([\w .-]+?):\s+(?=\S)")
_DOTTED = re.compile(r"([a-z0-9-]+)\.(?=[a-z])")
_UNDERSCORED = re.compile(r"(?<=\d)_(?=\d)")
_POINT = re.compile(r"(?<=\d)p(?=\d)")
_REVISION = re.compile(r"(?<=[a-z0-9])-001$")
_FIRST = re.compile(r"\bv1(?![\w.]|-\d)")
"""A first version or revision is the same as none."""
_BASES = frozenset(["llama", "qwen", "mistral"])
"""Families that other makers' models are trained from."""


@dataclass(frozen=True, slots=True)
class ParsedName:
    """A parsed model name.

    Words are sorted, numbers in order; `marks` are serving conditions for a price's terms.
    """

    text: str
    maker: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    sizes: tuple[str, ...] = ()
    stamp: str = ""
    """A date stamp as `YYYYMMDD`, `YYYYMM` or `MMDD`."""
    stage: str = ""
    tuned: bool = False
    """Whether it says that the model follows instructions (instruct, chat, it)."""
    listed: bool = False
    """Whether its stamp may be the day on which a host listed it."""
    pointer: bool = False
    """Whether it says `latest`: what it means moves."""
    marks: tuple[tuple[str, str], ...] = ()

    @property
    def core(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What makes another model."""
        return self.words, self.numbers

    @property
    def key(self) -> tuple[object, ...]:
        """Everything that two names of one model have in common."""
        return self.words, self.numbers, self.sizes, self.stamp, self.stage


@functools.cache
def maker_of(word: str) -> str:
    """Return the canonical maker of an organisation's spelling, or nothing."""
    return _makers().get(word.strip().lower(), "")


@functools.cache
def _makers() -> dict[str, str]:
    return {
        s.lower(): m.id for m in catalogue.makers().values() for s in (m.id, m.name, *m.aliases)
    }


@functools.cache
def _introductions() -> re.Pattern[str]:
    """Makers' names that may stand before a model's.

    Left out are those that are families of models themselves, or end in one, as `meta-llama`.
    """
    families = catalogue.grammar().families
    words = sorted(
        (s for s in _makers() if not set(re.split(r"[ -]", s)) & families.keys()),
        key=len,
        reverse=True,
    )
    return re.compile(
        r"(?:"
        + "|".join(re.escape(w).replace(r"\ ", "[ -]") for w in words)
        + r")[\s.-]+(?=[a-z0-9])"
    )


@functools.cache
def _own_words() -> dict[str, frozenset[str]]:
    """Words that stand in the ids of a maker's catalogued models: part of the model there."""
    found: dict[str, set[str]] = {}
    for model in catalogue.models():
        maker, slug = model.split("/", 1)
        found.setdefault(maker, set()).update(re.findall(r"[a-z]+", slug.lower()))
    return {maker: frozenset(words) for maker, words in found.items()}


@functools.lru_cache(maxsize=200_000)
def parse(text: str, host: str = "") -> ParsedName:
    """Return the parts of a model name, display name, provider's id or repository.

    `host` is the provider whose name it is: a host may put its own name first.

    >>> parse("claude-3-5-haiku").key == parse("Claude Haiku 3.5").key
    True
    >>> parse("us.anthropic.claude-sonnet-4-6").maker, parse("google/gemma-4-31b-it").sizes
    ('anthropic', ('31b',))
    >>> parse("gpt-3.5").core == parse("gpt-5.3").core
    False
    >>> parse("Llama-3.3-70B-Instruct-FP8").marks, parse("qwen/qwen3-235b-a22b-2507").stamp
    ((('quantisation', 'fp8'),), '202507')
    """
    marks: dict[str, str] = {}
    maker, low = _bare(text, marks)
    maker, low = _introduced(maker, low, host)
    listed = host in catalogue.grammar().listing and bool(re.search(r"-20\d{6}$", low))
    low, stamp = _stamp(low)
    sizes = _sizes(low)
    low = _SIZE.sub(" ", low)
    return _sorted(text, maker, low, marks, sizes, stamp, listed)


def _sizes(low: str) -> tuple[str, ...]:
    """Return the sizes that a name states; how many experts beside it is no other size."""
    sizes = sorted(_SIZE.findall(low))
    parameters = [size for size in sizes if size[-1] != "e"]
    return tuple(parameters or sizes)


def _bare(text: str, marks: dict[str, str]) -> tuple[str, str]:
    """Return the maker that a path or an introduction states, and the bare name in lower case."""
    maker, name = "", text.strip()
    if ":" in name and (m := _SAID.match(name)) and maker_of(m[1]):
        # As in "Google: Gemini 3.1 Flash Lite".
        maker, name = maker_of(m[1]), name[m.end() :]
    path, slug = unwrapped(name, marks)
    for segment in path:
        maker = maker_of(segment) or maker
    if "." in slug and (m := _DOTTED.match(slug)) and maker_of(m[1]):
        maker, slug = maker_of(m[1]), slug[m.end() :]
    slug = _folded(slug.lower()).replace("+", " plus ")
    slug = _UNDERSCORED.sub(".", slug).replace("_", "-") if "_" in slug else slug
    if "quantisation" in marks or _REBUILT.search(slug) or maker in catalogue.grammar().hosting:
        maker = _family(slug) or maker  # who builds or serves it says nothing of whose model it is
    return maker, slug


def _folded(low: str) -> str:
    """Return a name with Latin letters without their diacritics, and translated words as ours.

    Other alphabets' letters stay: they are words that no catalogued model has.
    """
    if low.isascii():
        return low
    for printed, word in catalogue.grammar().translated.items():
        low = low.replace(printed, f"-{word}")
    plain = (unicodedata.normalize("NFD", c) for c in low)
    return "".join(p[0] if "a" <= p[0] <= "z" else unicodedata.normalize("NFC", p) for p in plain)


def _introduced(maker: str, low: str, host: str) -> tuple[str, str]:
    """Drop a maker's or the host's own name before a name that stands without it.

    Return the maker, where known.
    """
    while (m := _introductions().match(low)) and _family(low[m.end() :]):
        said = maker_of(re.sub(r"[\s.]+$|-+$", "", m[0]))
        speaker = "" if said in catalogue.grammar().hosting else said
        maker, low = maker or speaker, low[m.end() :]
    for own in (host, host.split("-")[0], "coding"):
        if own and low.startswith((f"{own}-", f"{own} ")) and _family(low[len(own) + 1 :]):
            return _introduced(maker, low[len(own) + 1 :].strip(" -"), "")
    return maker or _family(low), low


def unintroduced(slug: str, maker: str) -> str:
    """Return a slug without its maker's own name before a family of the maker's.

    >>> unintroduced("meta-llama-3.1-8b-instruct", "meta"), unintroduced("mistral-large", "mistral")
    ('llama-3.1-8b-instruct', 'mistral-large')
    >>> unintroduced("phind-codellama-34b-v2", "phind")
    'phind-codellama-34b-v2'
    """
    bare = _introduced("", slug, "")[1]
    return bare if _family(bare) == maker else slug


def own_words(maker: str) -> frozenset[str]:
    """Return the words of a maker's catalogued models, of its families and of its house style."""
    house = catalogue.grammar().houses.get(maker, catalogue.House())
    return _own_words().get(maker, frozenset()) | house.families | house.model


def _family(low: str) -> str:
    """Return the maker whose family of models a name speaks of.

    Of several, it is not one that others train on.
    """
    families = catalogue.grammar().families
    if m := re.match(r"(o[1-9])\b", low):
        return families.get(m[1], "")
    found = [word for word in _WORD.findall(low) if word in families]
    for word in found:
        if word not in _BASES:
            return families[word]
    return families[found[0]] if found else ""


def _stamp(low: str) -> tuple[str, str]:
    """Cut the date stamp out of a name."""
    if m := _FULL.search(low):
        stamp = f"{m[1]}{m[2]}{m[3]}" if m[1] else f"{m[5]}{m[4]}"
        return low[: m.start()] + " " + low[m.end() :], stamp
    if (m := _SHORT_YEAR.search(low)) and m.start():
        return low[: m.start()] + " " + low[m.end() :], f"20{m[0]}"
    for m in reversed(list(_SHORT.finditer(low))):
        if m.start() == 0 or (m[1] and "." in m[0] and "(" not in low):
            continue
        return low[: m.start()] + " " + low[m.end() :], (
            f"20{m[1]}{m[2]}" if m[1] else f"{m[3]}{m[4]}"
        )
    return low, ""


def _sorted(
    text: str,
    maker: str,
    low: str,
    marks: dict[str, str],
    sizes: tuple[str, ...],
    stamp: str,
    listed: bool,
) -> ParsedName:
    """Tell the words of a name apart by what they say."""
    grammar = catalogue.grammar()
    house = grammar.houses.get(maker, catalogue.House())
    own = _own_words().get(maker, frozenset())
    if (m := _CONTEXT.search(low)) and not (
        m.start() > 0 and maker in ("openai", "moonshotai", "microsoft")
    ):
        marks["context"] = m[1]
        low = _CONTEXT.sub(" ", low)
    low = _POINT.sub(".", low.replace("high speed", "highspeed").replace("high-speed", "highspeed"))
    low = _FIRST.sub(" ", _REVISION.sub("", low))
    words: list[str] = []
    numbers: list[str] = []
    tuned: list[str] = []
    stage, pointer = "", False
    visual = not grammar.visual.isdisjoint(_WORD.findall(low))
    for token in _BETWEEN.split(low):
        if not token:
            continue
        if token in house.neutral or token in grammar.neutral:
            continue
        if kind := grammar.marks.get(token):
            if token in house.model or token in own or (kind == "speed" and visual):
                words.append(token)
            else:
                marks.setdefault(kind, token)
            continue
        for part in _WORD.findall(token):
            if part.isdigit():
                numbers.append(part)
            elif (
                part == "v"
                and len(token) > 1
                and token[token.index("v") + 1 : token.index("v") + 2].isdigit()
            ):
                continue  # "v3" is 3; "4v" is vision
            elif part == "latest":
                pointer = True
            elif part in grammar.tuned and part not in house.model:
                tuned.append(part)
            elif part in grammar.stages and part not in house.model:
                stage = grammar.stages[part]
            else:
                words.append(part)
    if len(numbers) > 1 and numbers[-1] == "0":
        numbers.pop()
    if not words and not numbers:
        words, tuned = tuned, []
    return ParsedName(
        text,
        maker,
        tuple(sorted(words)),
        tuple(numbers),
        sizes,
        stamp,
        stage,
        bool(tuned),
        listed,
        pointer,
        tuple(sorted(marks.items())),
    )


def readings(name: ParsedName) -> list[ParsedName]:
    """Return other ways to read a name that means nothing as it stands.

    Versions may be glued, a brand or a maker left out.

    >>> [r.numbers for r in readings(parse("gpt-52"))]
    [('5', '2')]
    """
    glued = [i for i, n in enumerate(name.numbers) if len(n) == 2 and n[1] != "0"]
    found = [replace(name, numbers=_split(name.numbers, chosen)) for chosen in _choices(glued)]
    for maker, brand in _brands():
        if maker in name.words:
            found.append(
                replace(
                    name,
                    maker=maker,
                    words=tuple(sorted(brand if w == maker else w for w in name.words)),
                )
            )
    if name.maker in catalogue.grammar().families and name.maker not in name.words:
        found.append(replace(name, words=tuple(sorted((*name.words, name.maker)))))
    return found


def _choices(places: list[int]) -> list[tuple[int, ...]]:
    """Return which of some numbers may be glued versions: all of them, or one."""
    return list(dict.fromkeys((tuple(places), *((p,) for p in places)))) if places else []


def _split(numbers: tuple[str, ...], places: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(d for i, n in enumerate(numbers) for d in (n if i in places else (n,)))


@functools.cache
def _brands() -> tuple[tuple[str, str], ...]:
    return tuple(
        (maker, house.brand) for maker, house in catalogue.grammar().houses.items() if house.brand
    )


def fits(stamp: str, other: str) -> bool:
    """True when two stamps can be of one day.

    >>> fits("20251113", "202511"), fits("1113", "20251113")
    (True, True)
    >>> fits("202507", "0704"), fits("2024", "202405")
    (False, False)
    """
    long, short = (stamp, other) if len(stamp) >= len(other) else (other, stamp)
    return (
        (long.startswith(short) and len(short) >= 6)
        or (len(long) == 8 and len(short) == 4 and long[4:] == short)
        or long == short
    )


def near(stamp: str, released: date, days: int = 14) -> bool:
    """True when a stamp names the version released on a day.

    It may be `days` off, six weeks for a stamp of a month, ten days for one without a year.
    """
    if len(stamp) == 4:
        day = _day(f"{released.year}{stamp}")
        # A release known by its month only.
        month = released.day == 1 and released.month == int(stamp[:2])
        return day is not None and (month or abs((day - released).days) <= 10)
    day = _day(f"{stamp}15"[:8])
    return day is not None and abs((day - released).days) <= (
        days if len(stamp) == 8 and released.day != 1 else 45
    )


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
