"""OpenRouter's price object: US dollars for one token, image, request or search, as strings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from almanac.schemas.claim import Claim, terms
from almanac.schemas.money import TOKEN, Per, price_of
from almanac.schemas.terms import STANDARD, Terms
from almanac.spiders.page import Page

# key -> (meter, what one unit is, terms)
COMPONENTS: dict[str, tuple[str, Per, Decimal | int, dict[str, str]]] = {
    "prompt": ("input", "mtok", TOKEN, {}),
    "completion": ("output", "mtok", TOKEN, {}),
    "input_cache_read": ("cache_read", "mtok", TOKEN, {}),
    "input_cache_write": ("cache_write", "mtok", TOKEN, {}),
    "input_cache_write_1h": ("cache_write", "mtok", TOKEN, {"cache_ttl": "1h"}),
    "internal_reasoning": ("reasoning", "mtok", TOKEN, {}),
    "audio": ("input_audio", "mtok", TOKEN, {}),
    "audio_output": ("output_audio", "mtok", TOKEN, {}),
    "input_audio_cache": ("cache_read_audio", "mtok", TOKEN, {}),
    "image_token": ("input_image", "mtok", TOKEN, {}),
    "image_output": ("output_image", "mtok", TOKEN, {}),
    "web_search": ("search", "search", 1, {}),
    "request": ("request", "request", 1, {}),
}
IGNORED = {"discount", "overrides"}
"""A share off, not a price; conditional prices, kept in the archive until they are modelled."""


def prices(
    page: Page,
    pricing: dict[str, Any],
    *,
    model: str,
    provider: str,
    locator: str,
    extra: Terms = STANDARD,
) -> Iterator[Claim]:
    """Yield one claim for every price component; a router's -1 and an unknown key are refused."""
    for key, number in pricing.items():
        here = f"{locator}/{key}"
        if key in IGNORED or number is None:
            continue
        if key == "image":
            # Documented per image, but for token-priced models it repeats the prompt price,
            # per token.
            if Decimal(str(number)) and number == pricing.get("prompt"):
                component: tuple[str, Per, Decimal | int, dict[str, str]] = (
                    "input_image",
                    "mtok",
                    TOKEN,
                    {},
                )
            else:
                component = ("image", "image", 1, {})
        elif key in COMPONENTS:
            component = COMPONENTS[key]
        else:
            page.refuse(
                "a price component this reader does not know",
                printed=str(number),
                locator=here,
                model=model,
                provider=provider,
                field="price",
            )
            continue
        meter, per, units, conditions = component
        if meter in ("image", "request", "search") and not Decimal(str(number)):
            continue  # 0 stands for "no such charge" on these
        try:
            price = price_of(str(number), "USD", per, units)
        except (ValueError, ArithmeticError) as error:
            page.refuse(
                f"{error}",
                printed=str(number),
                locator=here,
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
            meter=meter,
            printed=str(number),
            locator=here,
            terms=terms(**dict(extra), **conditions),
        )
