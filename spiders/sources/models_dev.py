"""models.dev: its published JSON, a day's snapshot of its repository, or one of its TOML files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Basis, Claim, terms
from almanac.schemas.money import price_of
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page, Unreadable

LIMITS = {"context": "context_window", "input": "max_input_tokens", "output": "max_output_tokens"}
FLAGS = {
    "reasoning": "reasoning",
    "tool_call": "function_calling",
    "structured_output": "structured_outputs",
}
COSTS = {
    "input": "input",
    "output": "output",
    "reasoning": "reasoning",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "input_audio": "input_audio",
    "output_audio": "output_audio",
    "cache_input": "cache_read",
    "cached_input": "cache_read",
    "cached_write": "cache_write",
}
STATUS = {"alpha": "preview", "beta": "preview", "deprecated": "deprecated"}


class ModelsDev(Source):
    name = "models_dev"
    named_by_url = True
    start_urls = ("https://models.dev/api.json",)

    def read(self, page: Page) -> Iterator[Claim]:
        if re.search(r"\.toml$", page.url) or re.match(r"\s*(?:#[^\n]*\n\s*)*\w+ = ", page.text):
            yield from self._toml(page)
            return
        data = page.json
        if not isinstance(data, dict):
            raise LayoutChanged("not an object of providers")
        models: dict[str, Any] = data["models"] if "models" in data and "providers" in data else {}
        providers = data.get("providers", data)
        for name, row in models.items():
            yield from page.attempt(
                self._model,
                page,
                name,
                row,
                f"/models/{name}",
                locator=f"/models/{name}",
                model=name,
            )
        for provider, entry in providers.items():
            if not isinstance(entry, dict) or not isinstance(entry.get("models"), dict):
                raise LayoutChanged(f"provider {provider!r} has no models")
            for name, row in entry["models"].items():
                at = f"/providers/{provider}/models/{name}"
                base = models.get(row.get("base_model") or row.get("extends_from") or "", {})
                yield from page.attempt(
                    self._offer, page, provider, name, row, base, at, locator=at, model=name
                )

    def _toml(self, page: Page) -> Iterator[Claim]:
        if re.fullmatch(r"[\w./:@-]+\.toml", page.text.strip()):
            raise Unreadable(f"a link to another file: {page.text.strip()}")
        path = re.search(
            r"(?:^|/)(?:(providers)/([^/]+)/)?models/(.+)\.toml$",
            page.url.removeprefix("file:").replace("__", "/"),
        )
        try:
            row = tomllib.loads(page.text, parse_float=str)
        except tomllib.TOMLDecodeError as error:
            raise Unreadable(f"not TOML: {error}") from None
        if not path:
            raise LayoutChanged("the URL does not say which model the file is about")
        if path[1]:
            yield from self._offer(page, path[2], path[3], row, {}, "")
        else:
            yield from self._model(page, path[3], row, "")

    def _model(self, page: Page, name: str, m: dict[str, Any], at: str) -> Iterator[Claim]:
        yield from self._facts(page, m, {}, at, {"model": name})
        for field, key in (
            ("release_date", "release_date"),
            ("knowledge_cutoff", "knowledge"),
            ("open_weights", "open_weights"),
            ("lifecycle", "status"),
        ):
            said = STATUS.get(m.get(key, ""), m.get(key)) if key == "status" else m.get(key)
            yield from page.say(field, said, model=name, locator=f"{at}/{key}")
        yield from page.say(
            "reasoning_levels", _levels(m), model=name, locator=f"{at}/reasoning_options"
        )
        for i, score in enumerate(m.get("benchmarks") or ()):
            reported = terms(
                benchmark=score["name"],
                metric=score.get("metric"),
                variant=score.get("variant"),
                cited=score.get("source"),
                date=score.get("date"),
            )
            yield from page.say(
                "score",
                score.get("score"),
                model=name,
                subject="evaluation",
                terms=reported,
                locator=f"{at}/benchmarks/{i}",
            )

    def _offer(
        self, page: Page, provider: str, name: str, m: dict[str, Any], base: dict[str, Any], at: str
    ) -> Iterator[Claim]:
        yield from self._facts(page, m, base, at, {"model": name, "provider": provider})
        for field, key in (("first_offered", "release_date"),):
            if _inherited(m, base, key) == "stated":
                yield from page.say(
                    field,
                    m.get(key),
                    model=name,
                    provider=provider,
                    locator=f"{at}/{key}",
                    basis="derived",
                )
        cost = m.get("cost") or {}
        yield from self._costs(page, cost, name, provider, f"{at}/cost", {})
        for i, tier in enumerate(cost.get("tiers") or ()):
            above = (tier.get("tier") or {}).get("size") or tier.get("above") or tier.get("size")
            if above is None:
                page.refuse(
                    "a tier without its threshold",
                    printed=str(tier)[:200],
                    locator=f"{at}/cost/tiers/{i}",
                    model=name,
                    provider=provider,
                    field="price",
                )
                continue
            yield from self._costs(
                page, tier, name, provider, f"{at}/cost/tiers/{i}", {"above_input": above}
            )

    def _costs(
        self,
        page: Page,
        cost: dict[str, Any],
        model: str,
        provider: str,
        at: str,
        conditions: dict[str, Any],
    ) -> Iterator[Claim]:
        for key, number in cost.items():
            if key in ("tiers", "tier", "above", "size") or number is None:
                continue
            if isinstance(number, dict) and key.startswith("context_over_"):
                yield from self._costs(
                    page, number, model, provider, f"{at}/{key}", {"above_input": _thousands(key)}
                )
            elif key not in COSTS:
                page.refuse(
                    "a price component this reader does not know",
                    printed=str(number)[:200],
                    locator=f"{at}/{key}",
                    model=model,
                    provider=provider,
                    field="price",
                )
            else:
                try:
                    price = price_of(str(number), "USD", "mtok")
                except (ValueError, ArithmeticError) as error:
                    page.refuse(
                        str(error),
                        printed=str(number),
                        locator=f"{at}/{key}",
                        model=model,
                        provider=provider,
                        field="price",
                    )
                    continue
                yield from page.say(
                    "price",
                    price,
                    model=model,
                    provider=provider,
                    meter=COSTS[key],
                    terms=terms(**conditions),
                    printed=str(number),
                    locator=f"{at}/{key}",
                )

    def _facts(
        self, page: Page, m: dict[str, Any], base: dict[str, Any], at: str, who: dict[str, str]
    ) -> Iterator[Claim]:
        for key, field in LIMITS.items():
            limit = (m.get("limit") or {}).get(key)
            if limit:  # 0 stands for "not known" there
                yield from page.say(
                    field,
                    limit,
                    **who,  # type: ignore[arg-type]
                    locator=f"{at}/limit/{key}",
                    basis=_inherited(m, base, "limit"),
                )
        for side in ("input", "output"):
            kinds = tuple((m.get("modalities") or {}).get(side) or ())
            yield from page.say(
                f"{side}_modalities",
                kinds or None,
                **who,  # type: ignore[arg-type]
                locator=f"{at}/modalities/{side}",
                basis=_inherited(m, base, "modalities"),
            )
        for key, field in FLAGS.items():
            yield from page.say(
                field,
                m.get(key),
                **who,  # type: ignore[arg-type]
                locator=f"{at}/{key}",
                basis=_inherited(m, base, key),
            )


def _inherited(row: dict[str, Any], base: dict[str, Any], key: str) -> Basis:
    """Say whether an offer's row states `key` itself or takes it over from its base model."""
    if not (row.get("base_model") or row.get("extends_from")):
        return "stated"
    if "_own" in row:
        return "stated" if key in row["_own"] else "inherited"
    return "inherited" if base and row.get(key) == base.get(key) else "stated"


def _levels(row: dict[str, Any]) -> tuple[str, ...] | None:
    levels: list[str] = []
    for option in row.get("reasoning_options") or ():
        levels += (
            [v for v in option.get("values") or () if v] if option.get("type") == "effort" else []
        )
    return tuple(levels) or None


def _thousands(key: str) -> int:
    number = re.search(r"(\d+)k", key)
    if not number:
        raise ValueError(f"no threshold in {key!r}")
    return int(number[1]) * 1000
