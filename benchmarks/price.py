"""`price()` beside genai-prices' `calc_price`, in one process.

Run `ALMANAC_HOME=HOME python -m benchmarks.price`.

Microseconds a call, the best of seven rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from genai_prices import Usage, calc_price

from almanac.comparisons import Prices, price

CALLS = 3000
MODELS = (
    ("openai/gpt-4o", "openai", "gpt-4o", "openai"),
    ("anthropic/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5", "anthropic"),
    ("google/gemini-2.5-pro", "google-ai-studio", "gemini-2.5-pro", "google"),
)


def main() -> None:
    book = Prices()
    for ours, provider, theirs, their_provider in MODELS:
        if provider not in book.providers(ours):
            print(f"{ours}: not in this home")
            continue
        asked = partial(
            calc_price,
            Usage(input_tokens=1000, output_tokens=200, cache_read_tokens=100),
            theirs,
            provider_id=their_provider,
        )
        used = {"provider": provider, "input": 1000, "output": 200, "cached": 100}
        base = _best(asked)
        for name, run in (
            ("price()", partial(price, ours, **used)),
            ("price(as_of=…)", partial(price, ours, **used, as_of="2026-09-01")),
            ("Prices().price()", partial(book.price, ours, **used)),
        ):
            try:
                taken = _best(run)
            except LookupError as error:
                print(f"{ours:32} {name:18} {error}")
                continue
            print(
                f"{ours:32} {name:18} {taken:6.1f} µs, calc_price {base:6.1f} µs:"
                f" {taken / base:.2f} of it"
            )


def _best(run: Callable[[], object]) -> float:
    run()
    rounds = []
    for _ in range(7):
        started = time.perf_counter()
        for _ in range(CALLS // 7):
            run()
        rounds.append((time.perf_counter() - started) / (CALLS // 7) * 1e6)
    return min(rounds)


if __name__ == "__main__":
    main()
