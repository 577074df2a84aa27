"""What no honest table prints.

A price with two values, a cached token dearer than a fresh one, a size for a model's name.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from almanac.schemas import catalogue
from almanac.schemas.claim import Claim
from almanac.schemas.fields import FIELDS
from almanac.spiders.bounds import paced
from almanac.spiders.page import Page


def unique(page: Page, claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims, each once.

    Where one page gives one thing two values, none of them, with the reason.
    """
    groups: dict[tuple[object, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[
            (claim.subject, claim.provider, claim.model, claim.field, claim.meter, claim.terms)
        ].append(claim)
    kept: list[Claim] = []
    for same in paced(groups.values()):
        if len(same) == 1 or len({(c.value, c.unit, c.state) for c in same}) == 1:
            kept.append(same[0])
            continue
        several = len({c.value for c in same})
        for c in same:
            page.refuse(
                f"the page gives this {several} values under the same terms",
                printed=c.printed,
                locator=c.locator,
                model=c.model,
                provider=c.provider or "",
                field=c.field,
            )
    return kept


MARKUP = re.compile(r"[<>{}|\x00-\x1f\x7f\"\\]|\]\(|&\w+;")
"""What no name of a model or provider holds."""
ROW = re.compile(r"(?!/).*?\brows?[ \[]\d+\]?")


def row_of(locator: str) -> str:
    """Return the place of the table row that a cell stands in.

    Nothing for a place that is no table's.
    """
    m = ROW.match(locator)
    return m[0] if m else ""


def guarded(page: Page, claims: Sequence[Claim]) -> list[Claim]:
    """Return a page's claims less those of table rows whose cells may have changed places."""
    rows: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for c in paced(claims):
        if MARKUP.search(c.model) or MARKUP.search(c.provider or ""):
            page.refuse(
                "markup in a name",
                printed=c.printed,
                locator=c.locator,
                model=c.model,
                provider=c.provider or "",
                field=c.field,
            )
            continue
        rows[(row_of(c.locator), c.model)].append(c)
    kept = {
        id(c)
        for (row, _), some in paced(rows.items())
        for c in (held(page, _named(page, some), row) if row else some)
    }
    return [c for c in claims if id(c) in kept]


def _named(page: Page, claims: Sequence[Claim]) -> Sequence[Claim]:
    if not claims or not no_name(claims[0].model):
        return claims
    for c in claims:
        page.refuse(
            "no name of a model; cells may have changed places",
            printed=c.printed,
            locator=c.locator,
            model=c.model,
            provider=c.provider or "",
            field=c.field,
        )
    return ()


NO_NAME = re.compile(
    r"""
    # a size, a price, a resolution
    [~≈<>≤≥]?\s*[$€£¥]?\d[\d.,]*\s*(?:[-–x×*]\s*\d[\d.,]*\s*)?
    (?:[KMBT]\+?|[KMGT]i?B|tokens?|param\w*|%|p|fps|s|元|亿|万)?
    |v\d+(?:\.\d+)*
    # a number format
    |(?:\d+(?:\.\d+)?\s*-\s*)?(?:fp|bf|int|nf|mxfp|i?q)\d\w*
    |(?:(?:text|image|audio|video|embedding|speech|vision|multimodal|code|chat)s?
    (?:\s*(?:,|/|\+|&|to|and)\s*)?)+
    |yes|no|none|true|false|unknown|free|n/?a|[✓✔✗✘×\s-]+
    |(?:us|eu|ap|cn|sa|ca|me|af)-(?:gov-)?(?:north|south|east|west|central|\w*east|\w*west)[\w-]*
    |.*\b(?:per\s+(?:1?[MK]\b|million|thousand|image|minute)
    |tokens|neurons|licen[cs]e|apache[ -]2).*
    |https?:\S*|:\w+:""",
    re.I | re.X,
)


def no_name(text: str) -> bool:
    """Whether a cell cannot be the name of a model.

    It is a size, a price, a number format, a kind of medium, a maker.

    >>> [no_name(t) for t in ("FP8", "40T", "Text, Image", "Moonshot AI", "720P", "北京")]
    [True, True, True, True, True, True]
    >>> [no_name(t) for t in ("o3", "Qwen3.7-Plus", "GPT-4.1", "Yi", "gpt-4o-audio-preview")]
    [False, False, False, False, False]
    """
    said = " ".join(text.split())
    return (
        bool(NO_NAME.fullmatch(said))
        or not re.search(r"[A-Za-z]", said)
        or said.casefold() in _publishers()
    )


@functools.cache
def _publishers() -> frozenset[str]:
    """Return the names of makers and providers that no model bears."""
    names = [m.name.casefold() for m in catalogue.makers().values()] + [
        p.name.casefold() for p in catalogue.providers().values()
    ]
    return frozenset([*names, *(n.removesuffix(" ai") for n in names)])


# (less, more): in one row and tier the first never costs more than the second.
_ORDER = (
    ("input", "output"),
    ("cache_read", "input"),
    ("cache_read", "cache_write"),
    ("input", "cache_write"),
    ("cache_read_audio", "input_audio"),
    ("input", "input_audio"),
    ("input_audio", "output_audio"),
)
_BATCH = ("input", "output")


def held(page: Page, claims: Sequence[Claim], at: str) -> list[Claim]:
    """Return a row's claims less those that stand in an order no list has.

    Their cells may have changed places.
    """
    kept = list(claims)
    for problem, fields in ((disorder(claims), {"price"}), (_limits(claims), set(_LIMITS))):
        if problem:
            for c in [c for c in kept if c.field in fields]:
                page.refuse(
                    f"held: {problem}; cells may have changed places",
                    printed=c.printed,
                    locator=c.locator or at,
                    model=c.model,
                    provider=c.provider or "",
                    field=c.field,
                )
            kept = [c for c in kept if c.field not in fields]
    return kept


def disorder(claims: Sequence[Claim]) -> str:
    """Return what is out of order among the prices of one row, or nothing.

    Free components are left out.
    """
    prices: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for c in claims:
        if (
            c.field == "price"
            and isinstance(c.value, int)
            and c.value
            and c.unit.endswith("_mtok")
            and not c.unit.startswith("points")
        ):
            rest = str([(k, v) for k, v in c.terms if k not in ("tier", "cache_ttl", "cache")])
            tier = dict(c.terms).get("tier", "")
            prices[(rest, tier)].setdefault(c.meter or "", c.value)
            if c.value > int(FIELDS[("offer", "price")].high or 0):
                return f"{c.meter} beyond any price known"
    for (rest, tier), row in prices.items():
        for less, more in _ORDER:
            if less in row and more in row and row[less] > row[more]:
                return f"{less} dearer than {more}"
        standard = prices.get((rest, ""), {})
        if tier == "batch":
            for meter in _BATCH:
                if meter in row and meter in standard and row[meter] > standard[meter]:
                    return f"{meter} dearer in a batch"
        if "cache_write" in row and "input" in row and row["cache_write"] > 4 * row["input"]:
            return "a cache write over four times the input"
        if (
            "token" in row
            and standard.get("token", row["token"]) < row["token"]
            and tier == "batch"
        ):
            return "dearer in a batch"
    return ""


_LIMITS = ("context_window", "max_output_tokens", "parameters", "active_parameters")


def _limits(claims: Sequence[Claim]) -> str:
    limits = {c.field: c.value for c in claims if c.field in _LIMITS}
    for less, more in (
        ("max_output_tokens", "context_window"),
        ("active_parameters", "parameters"),
    ):
        if (
            less in limits
            and more in limits
            and isinstance(limits[less], (int, Decimal))
            and limits[less] > limits[more]  # type: ignore[operator]
        ):
            return f"{less} above {more}"
    return ""
