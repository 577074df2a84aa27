"""From the bytes of a body to its text, and to its JSON with every number as it is printed."""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from decimal import Decimal
from typing import Any

from almanac.schemas import safe_yaml
from almanac.spiders.bounds import MOST_VALUES, TooMuch, Unreadable

ENCODINGS = frozenset(
    [
        "utf-8",
        "ascii",
        "iso8859-1",
        "koi8-r",
        "koi8-u",
        "mac-roman",
        "mac-cyrillic",
        "cp866",
        "cp874",
        "cp949",
        "cp932",
        "gbk",
        "gb2312",
        "gb18030",
        "big5",
        "big5hkscs",
        "euc_jp",
        "euc_kr",
        "shift_jis",
        "iso2022_jp",
        *(f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *(f"cp125{n}" for n in range(9)),
    ]
)
"""The encodings of the web (WHATWG), as Python names them.

Not UTF-7, in which text hides, nor what turns bytes into bytes.
"""


def text_of(body: bytes) -> str:
    """Return a body as text, in the encoding that it declares, else in UTF-8.

    Raises Unreadable for an empty body and for one that is no text.
    """
    if not body.strip():
        raise Unreadable("the body is empty")
    encoding = _declared(body)
    for name in dict.fromkeys((encoding, "utf-8")):
        try:
            return body.decode("utf-8-sig" if name == "utf-8" else name)
        except UnicodeDecodeError:
            continue
    raise Unreadable(f"the body is not text in {encoding} or UTF-8")


def _declared(body: bytes) -> str:
    """Return the encoding that a body declares by its first bytes or in a tag, else UTF-8."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = re.search(rb"charset=[\"']?([\w-]{1,40})", body[:2048], re.I)
    return _encoding(declared[1].decode("ascii")) if declared else "utf-8"


def _encoding(declared: str) -> str:
    """Return the encoding that a page declares, or UTF-8 where that is none of the web's."""
    try:
        name = codecs.lookup(declared).name
    except (LookupError, UnicodeError):
        return "utf-8"
    return name if name in ENCODINGS else "utf-8"


def json_of(text: str) -> Any:
    """Return what a JSON text holds; numbers with a fraction come as exact decimals.

    Raises Unreadable for HTML, a cut-off text, or nesting past what Python parses, and TooMuch for
    more values than are read.
    """
    if text.lstrip()[:1] == "<":
        raise Unreadable("HTML where JSON was expected")
    if (values := sum(text.count(mark) for mark in ",[{")) > MOST_VALUES:
        raise TooMuch(f"JSON of up to {values:,} values, more than {MOST_VALUES:,}")
    try:
        return json.loads(text, parse_float=_fraction, parse_int=_whole, parse_constant=_constant)
    except RecursionError:
        raise Unreadable("JSON nested too deeply") from None
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from None


def yaml_of(text: str) -> Any:
    """Return what a YAML text holds, every number as the text it is written in.

    Raises Unreadable for what is no YAML of plain values.
    """
    try:
        return safe_yaml.load(text, as_printed=True)
    except ValueError as error:
        raise Unreadable(f"not YAML: {error}") from None


def toml_of(text: str) -> dict[str, Any]:
    """Return what a TOML text holds, every number with a fraction as the text it is written in.

    Raises Unreadable for what is no TOML.
    """
    try:
        return tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"not TOML: {error}") from None


LONGEST_NUMBER = 60
"""Characters of a number in JSON."""


class Number(Decimal):
    """A JSON number with a fraction: exact, and printed the way its source prints it."""

    text: str

    def __new__(cls, text: str) -> Number:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        return self.text


def _fraction(text: str) -> Number | str:
    """Return a number of this world.

    `1e9991048576` comes as text, before anyone spends an hour writing it out.
    """
    if len(text) > LONGEST_NUMBER:
        return text
    number = Number(text)
    return number if not number or -40 < number.adjusted() < 40 else text


def _whole(text: str) -> int | str:
    """Return a whole number of this world.

    A longer one comes as text, which no reader takes for a number.
    """
    return int(text) if len(text) <= LONGEST_NUMBER else text


def _constant(name: str) -> str:
    """NaN and Infinity come as their names: text, which no reader takes for a number."""
    return name
