"""Currencies as pages print them: signs, names and codes."""

from __future__ import annotations

import re

_CODES = [
    "USD",
    "EUR",
    "GBP",
    "CNY",
    "JPY",
    "KRW",
    "INR",
    "HKD",
    "TWD",
    "SGD",
    "CAD",
    "AUD",
    "NZD",
    "BRL",
    "MXN",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
]
_CURRENCIES = {
    "$": "USD",
    "us$": "USD",
    "c$": "CAD",
    "ca$": "CAD",
    "a$": "AUD",
    "au$": "AUD",
    "nz$": "NZD",
    "hk$": "HKD",
    "nt$": "TWD",
    "r$": "BRL",
    "s$": "SGD",
    "mx$": "MXN",
    "€": "EUR",
    "£": "GBP",
    "₹": "INR",
    "₩": "KRW",
    "jp¥": "JPY",
    "¤": "POINTS",
    "cn¥": "CNY",
    "元": "CNY",
    "人民币": "CNY",
    "美元": "USD",
    "美金": "USD",
    "欧元": "EUR",
    "英镑": "GBP",
    "日元": "JPY",
    "韩元": "KRW",
    "港元": "HKD",
    "港币": "HKD",
    "新台币": "TWD",
    "台币": "TWD",
    "新加坡元": "SGD",
    "新元": "SGD",
    "加元": "CAD",
    "澳元": "AUD",
    "卢比": "INR",
    "rmb": "CNY",
    "yuan": "CNY",
    **{code.lower(): code for code in _CODES},
}
"""Signs, names and codes of currencies, folded."""
SIGNS = {"POINTS": "¤"}
"""The sign of each currency whose code is a word that pages print for other things."""
_WORDS = "|".join(sorted((w for w in _CURRENCIES if w.isascii() and w.isalpha()), key=len)[::-1])
_SIGNS = "|".join(
    re.escape(sign)
    for sign in sorted((w for w in _CURRENCIES if not (w.isascii() and w.isalpha())), key=len)[::-1]
)
CURRENCY = re.compile(
    rf"(?<![a-z])[a-z]{{1,2}}\$|{_SIGNS}|(?<![a-z])(?:{_WORDS})(?![a-z])", re.IGNORECASE
)
"""A sign never matches inside another: of two dollars the longer, and `元` not within `美元`."""


def currencies_in(text: str) -> set[str]:
    """Return the currencies a text prints, as their codes.

    >>> currencies_in("0.31美元"), currencies_in("C$0.50")
    ({'USD'}, {'CAD'})

    Raises ValueError for a dollar that is none known.
    """
    codes = {_CURRENCIES.get(m[0].lower(), m[0]) for m in CURRENCY.finditer(text)}
    if strange := [code for code in codes if code.endswith("$")]:
        raise ValueError(f"a currency this reader does not know: {strange[0]}")
    return codes
