"""The grammar of model names: what in a name is the model, and what says how it is served.

A name is cut into host prefixes, maker, words, sizes, date stamps and serving marks. Two names are the same
model when their keys are equal: the multiset of meaningful parts, so `claude-3-5-haiku` and `Claude Haiku 3.5`
meet while `gpt-4.1-mini` and `gpt-4o-mini` do not.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from schemas import catalogue

_HOSTS = re.compile(
    r"^(?:accounts/[\w-]+/(?:models|routers)/|@cf/|@hf/|models/|publishers/[\w-]+/models/|projects/[^/]+/|hf:|route/|"
    r"(?:us|eu|ap|apac|ca|sa|me|af|il|global|au|jp|us-gov)(?:-[a-z]+-\d)?[./]|(?:us|eu|ap|ca|sa|me|af)-[a-z-]+-\d/|(?:\d+-month-commitment|\*)/)",
    re.I,
)
_TIER = re.compile(r":(free|nitro|floor|extended|exacto|online|beta)$|\s*\((free)\)$|-(free)$", re.I)
_SUFFIX = re.compile(r"(?:-maas|-v\d+:\d+(?::\d+k)?|:\d+k?|@default|@latest|-\d{3}@[\w-]+|:0|-v\d:\d)$", re.I)
_REGION = re.compile(r"\s*\((?:eu|us|au|apac|global|jp|asia|europe|uk|in)\)$", re.I)
_QUANTISED = frozenset(["fp8", "fp4", "nvfp4", "mxfp4", "int8", "int4", "bf16", "fp16", "awq", "gptq", "gguf", "w8a8", "w4a16", "tee", "4bit", "6bit", "8bit", "mlx"])
_NEUTRAL = frozenset(["instruct", "it", "chat", "ins", "hf"])
_DATE = re.compile(r"(?<!\d)(?:(20\d\d)[-.]?(0[1-9]|1[0-2])[-.]?([0-2]\d|3[01])|(0[1-9]|1[0-2])-(20\d\d))(?!\d)")
_SIZE = re.compile(r"\d+x\d+(?:\.\d+)?[bm]|[ae]?\d+(?:\.\d+)?[bm](?![a-z])")
_PART = re.compile(r"[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Name:
    """A parsed model name. `parts` are sorted; `marks` are serving conditions that a price's terms should hold."""

    text: str
    maker: str
    parts: tuple[str, ...]
    stamp: str
    marks: tuple[tuple[str, str], ...]

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.parts, self.stamp) if self.stamp else self.parts

    @property
    def plain(self) -> tuple[str, ...]:
        """The key without words every served model carries (instruct, chat)."""
        return tuple(p for p in self.key if p not in _NEUTRAL)


@functools.cache
def maker_of(word: str) -> str:
    """Return the canonical maker of an organisation's spelling, or nothing."""
    return _makers().get(word.strip().lower(), "")


@functools.cache
def _makers() -> dict[str, str]:
    return {s.lower(): m.id for m in catalogue.makers().values() for s in (m.id, m.name, *m.aliases)}


@functools.cache
def _maker_words() -> frozenset[str]:
    """Words that name a maker and are no family of models: dropped where they merely introduce a name."""
    families = {"llama", "gemini", "gemma", "claude", "gpt", "grok", "qwen", "kimi", "phi", "granite", "sonar", "nemotron", "mimo", "ernie", "mercury",
                "hunyuan", "doubao", "mistral", "deepseek", "minimax", "command"}  # fmt: skip
    return frozenset(w for w in _makers() if w not in families and " " not in w)


@functools.lru_cache(maxsize=200_000)
def parse(text: str) -> Name:
    """Return the parts of a model name, display name, provider's id or repository.

    >>> parse("claude-3-5-haiku").key == parse("Claude Haiku 3.5").key
    True
    >>> parse("us.anthropic.claude-sonnet-4-6").maker, parse("google/gemma-4-31b-it").maker
    ('anthropic', 'google')
    >>> parse("GPT-4.1-mini").key == parse("gpt-4o-mini").key
    False
    """
    name = unicodedata.normalize("NFKC", text).strip()
    marks: dict[str, str] = {}
    while m := _TIER.search(name):
        kind = next(g for g in m.groups() if g).lower()
        marks["tier" if kind == "free" else "variant"] = kind
        name = name[: m.start()]
    maker = ""
    if (m := re.match(r"([\w .-]+?):\s+(?=\S)", name)) and maker_of(m[1]):  # "Google: Gemini 3.1 Flash Lite"
        maker, name = maker_of(m[1]), name[m.end() :]
    while m := _HOSTS.match(name):
        name = name[m.end() :]
    *path, slug = name.split("/")
    for segment in path:
        maker = maker_of(segment) or maker
    if (m := re.match(r"([a-z0-9-]+)\.(?=[a-z])", slug)) and maker_of(m[1]):
        maker, slug = maker_of(m[1]), slug[m.end() :]
    while m := _SUFFIX.search(slug):
        slug = slug[: m.start()]
    slug = _REGION.sub("", slug)
    low = slug.lower().replace("+", " plus ").replace("_", "-")
    stamp = ""
    if m := _DATE.search(low):
        stamp = f"{m[1]}{m[2]}{m[3]}" if m[1] else f"{m[5]}{m[4]}"
        low = low[: m.start()] + " " + low[m.end() :]
    sizes = _SIZE.findall(low)
    low = _SIZE.sub(" ", low)
    words = [w for w in re.split(r"[^a-z0-9.]+", low) if w]
    for word in list(words):
        if word in _QUANTISED:
            marks["quantisation"] = word
            words.remove(word)
    while len(words) > 1 and words[0] in _maker_words():
        maker = maker or maker_of(words[0])
        words = words[1:]
    parts = [p for w in words for p in _PART.findall(w)]
    return Name(text, maker, tuple(sorted([*parts, *sizes])), stamp, tuple(sorted(marks.items())))
