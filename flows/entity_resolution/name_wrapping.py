"""What stands round a model's name: routes, ARNs, regions, commitments, tags and brackets.

All of it says through whom, where or how the model is served. It becomes marks, which stand among a
price's terms, or it is the name of a route, which says nothing more than its seller does.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping

from almanac.schemas import catalogue

Marks = dict[str, str]

_FORMAT = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co|hub\.docker\.com/r)/", re.I
)
_ARN = re.compile(r"arn:aws[\w-]*:bedrock:(?P<region>[a-z0-9-]*):\d*:[a-z-]+/", re.I)
_WRAPPED = re.compile(
    r"^(?:accounts/[\w-]+/(?:models|routers)/|(?:workers-ai/)?@(?:cf|hf)/"
    r"|models/|publishers/[\w-]+/models/|projects/[^/]+/|hf:|route/|deployments/|\*/)",
    re.I,
)
_PROFILE = r"regional|us-gov|us|eu|apac|ap|ca|sa|me|af|il|global|au|jp|uk|in"
_REGION = re.compile(rf"^(?P<region>(?:{_PROFILE})(?:-[a-z]+){{0,2}}-\d+|{_PROFILE})[./]", re.I)
_ZONE = re.compile(r"^(?P<region>global-standard|data-?zone(?:-standard)?)/", re.I)
_COMMITMENT = re.compile(r"^(?P<count>\d+)-(?P<unit>month|year)-commitment/", re.I)
_ENCLAVE = re.compile(r"^(?:tee|confidential)/", re.I)
_IN_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]{2,40})[)\]]$")
_TAG = re.compile(r":([a-z0-9][\w.-]*)$", re.I)
_COLON = re.compile(r"^([a-z][\w.-]{1,30})[:](?=[^\s/:])", re.I)
_LOCAL = re.compile(r"(?i):(?=\d+(?:\.\d+)?[bm]\b|\d+x\d+b|cloud\b)")
"""Before a size, as local runtimes write `llama3.1:8b-instruct`."""
_TRAILED: dict[str, Marks] = {
    "free": {"tier": "free"},
    "batch": {"tier": "batch"},
    "cloud": {"variant": "cloud"},
    "latency-optimized": {"tier": "latency optimised"},
}
_TRAILING = re.compile(rf"(?i)[- ]({'|'.join(_TRAILED)})$")
_REVISED = re.compile(r"(?:(?<=\d{8})-v\d+:\d+|-v?1:\d+|:\d+)(?::\d+k)?$", re.I)
_HELD = re.compile(r"(?:-maas|@default|@latest|@\d{3}|-001@[\w-]+)$", re.I)
_SNAPSHOT = re.compile(r"@(20\d{6})$")
_QUANTISED = re.compile(
    r"(?i)[-_.:\s]+(?P<how>(?:ud-)?i?q[1-8](?:[-_](?:[01k]|xxs|xs|nl))?(?:[-_](?:xs|s|m|l|xl))?"
    r"|bnb(?:[-_][48]bit)?|(?:fp8|w8a8|w4a16|int8|int4)[-_](?:dynamic|block|static)|qat)"
    r"(?=$|[-_:]|\.(?!\d))"
)
_FILE = re.compile(r"(?i)[-.]gguf$")
_THRESHOLD = re.compile(r"(?i)-(?P<side>gte?|lte?|[gl]e)-?(?P<count>\d+)k$")
_CONTEXT_THINKING = re.compile(r"(?i)(\d+)k[- ]thinking|thinking[- ](\d+)k")


def unwrapped(text: str, marks: Marks) -> tuple[tuple[str, ...], str]:
    """Return the path before a name, and the bare name; what stood round it goes into `marks`.

    >>> marks = {}
    >>> unwrapped("bedrock/us-east-1/eu.anthropic.claude-x-2", marks), marks
    ((('bedrock',), 'anthropic.claude-x-2'), {'region': 'eu'})
    """
    name = _FORMAT.sub("", unicodedata.normalize("NFKC", text)).strip().lstrip("~")
    if name[:3].lower() == "ft:":  # what a maker asks for serving a customer's fine-tuned copy
        marks["variant"], name = "fine-tuned", name[3:].partition(":")[0]
    name = _ADDRESS.sub("", name, count=1)
    if m := _ARN.match(name):
        marks["region"], name = m["region"], name[m.end() :]
    name = _without_brackets(_routed(name), marks)
    name = _before(name, marks)
    *segments, slug = name.split("/")
    path = [segment for segment in segments if _before(f"{segment}/", marks)]
    return tuple(path), _behind(_before(slug, marks), marks)


def _routed(name: str) -> str:
    """Return a name without a route and a colon before it, such as `openai-chat:`.

    What stands behind the colon must name a model: `mistral:7b` is a model and its tag.
    """
    m = _COLON.match(name)
    if not m or m[1].lower() not in _routes():
        return name
    rest = name[m.end() :]
    return rest if _names_a_family(rest) else name


@functools.cache
def _routes() -> frozenset[str]:
    known = (s for p in catalogue.providers().values() for s in (p.id, *p.aliases))
    makers = (s for m in catalogue.makers().values() for s in (m.id, *m.aliases))
    return frozenset(s.lower() for s in (*known, *makers, *catalogue.grammar().routes))


def _names_a_family(text: str) -> bool:
    words = re.findall(r"[a-z]+|o[1-9]", text.lower())
    return any(word in catalogue.grammar().families for word in words)


def _before(name: str, marks: Marks) -> str:
    """Return a name without hosts' prefixes, regions and commitments before it."""
    while True:
        if m := _WRAPPED.match(name):
            pass
        elif m := _REGION.match(name) or _ZONE.match(name):
            marks["region"] = m["region"].lower()
        elif m := _COMMITMENT.match(name):
            marks["commitment"] = f"{m['count']} {m['unit']}".lower()
        elif m := _ENCLAVE.match(name):
            marks["enclave"] = "tee"
        else:
            return name
        name = name[m.end() :]


def _without_brackets(name: str, marks: Marks) -> str:
    """Return a name without brackets behind it that hold nothing but how it is served."""
    while m := _IN_BRACKETS.search(name):
        stated = _served(m[1])
        if stated is None:
            return name
        for kind, value in stated.items():
            marks.setdefault(kind, value)
        name = name[: m.start()]
    return name


def _served(text: str) -> Mapping[str, str] | None:
    """Return the marks that all words of a text are; None where one of them is another word."""
    low = text.strip().lower()
    if m := _CONTEXT_THINKING.fullmatch(low):
        return {"effort": "thinking", "budget": f"{m[1] or m[2]}k"}
    if re.fullmatch(_PROFILE + "|asia|europe", low):
        return {"region": low}
    kinds = catalogue.grammar().served
    words = re.split(r"[\s,/]+", low)
    return {kinds[w]: w for w in words} if all(w in kinds for w in words) else None


def _behind(name: str, marks: Marks) -> str:
    """Return a name without tags, revisions, quantisation and thresholds behind it."""
    name = _LOCAL.sub("-", name, count=1)
    while True:
        tagged = _TAG.search(name)
        if (m := tagged) and (stated := _served(m[1])):
            for kind, value in stated.items():
                marks.setdefault(kind, value)
        elif m := _TRAILING.search(name):
            for kind, value in _TRAILED[m[1].lower()].items():
                marks.setdefault(kind, value)
        elif m := _SNAPSHOT.search(name):  # Vertex writes a snapshot's date so
            return f"{name[: m.start()]}-{m[1]}"
        elif m := _THRESHOLD.search(name):
            if m["side"].lower().startswith("g"):  # below it is the standard price
                marks["above_input"] = f"{m['count']}000"
        elif m := _FILE.search(name):
            marks.setdefault("quantisation", "gguf")
        elif not (m := _REVISED.search(name) or _HELD.search(name)):
            break
        name = name[: m.start()]
    while m := _QUANTISED.search(name):
        marks.setdefault("quantisation", re.sub(r"[-.]", "_", m["how"].lower()))
        name = name[: m.start()] + name[m.end() :]
    return name
