"""Every pattern that runs on text of others, and texts that make a pattern of its form slow.

Of each repetition in a pattern an attack is built: what stands before it, its body over and over,
and an end that does not match.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import re
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from tests.support.imports import ROOT, modules

FILES = [
    *(ROOT / "spiders").rglob("*.py"),
    *(ROOT / "schemas").rglob("*.py"),
    ROOT / "flows/entity_resolution/name_parser.py",
    ROOT / "flows/normalise/vocabulary.py",
    ROOT / "flows/validation/layout_check.py",
]
ENDS = ("", "!", "\x01")


SPACED = ("schemas/money.py",)
"""Files whose readers make one space of many before any of their patterns sees a text.

`test_hostile_patterns` holds them to it.
"""


def name_of(path: Path) -> str:
    """Return the name by which a file of the rooms is imported."""
    return next(name for name, file in modules().items() if file == path)


def patterns(files: Sequence[Path] = FILES) -> dict[str, re.Pattern[str]]:
    """Return every pattern of the readers by its source text.

    They are compiled ones of modules, and literals given to `re`.
    """
    by_text: dict[str, re.Pattern[str]] = {}
    for path in files:
        module = importlib.import_module(name_of(path))
        for pattern in _compiled(list(vars(module).values()), 0):
            by_text[f"{pattern.pattern}"] = pattern
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.args
            ):
                literal = node.args[0]
                if (
                    isinstance(literal, ast.Constant)
                    and isinstance(literal.value, str)
                    and node.func.attr != "escape"
                ):
                    by_text.setdefault(literal.value, re.compile(literal.value, _flags(node)))
    return by_text


def _flags(call: ast.Call) -> int:
    flags = 0
    for node in ast.walk(call):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "re"
            and node.attr.isupper()
        ):
            flags |= getattr(re, node.attr)
    return flags


def _compiled(values: list[Any], depth: int) -> Iterator[re.Pattern[str]]:
    for value in values:
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            yield value
        elif isinstance(value, (tuple, list)) and depth < 3:
            yield from _compiled(list(value), depth + 1)
        elif isinstance(value, dict) and depth < 3:
            yield from _compiled(list(value.values()), depth + 1)


def attacks(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    """Yield texts of about `size` characters on which a pattern of its form may be slow."""
    texts = set()
    for before, body in _repeats(list(parser.parse(pattern.pattern, pattern.flags)), ""):
        for end in ENDS:
            if (
                body
                and (text := (before + body * (size // len(body) + 1))[:size] + end) not in texts
            ):
                texts.add(text)
                yield text


def _repeats(items: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """Yield (what stands before, body) of every repetition without a small bound."""
    for kind, value in items:
        if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
            _, most, inner = value
            if most == kinds.MAXREPEAT or most > 9:
                bodies = list(itertools.islice(_samples(list(inner)), 4))
                yield from ((before, body) for body in bodies)
                yield from (
                    (before, a + b)
                    for a, b in itertools.islice(itertools.permutations(bodies, 2), 4)
                )
            yield from _repeats(list(inner), before)
        elif kind is kinds.SUBPATTERN:
            yield from _repeats(list(value[3]), before)
        elif kind is kinds.ATOMIC_GROUP:
            yield from _repeats(list(value), before)
        elif kind is kinds.BRANCH:
            for branch in value[1]:
                yield from _repeats(list(branch), before)
        elif kind in (kinds.ASSERT, kinds.ASSERT_NOT):
            yield from _repeats(list(value[1]), before)
        before += next(_samples([(kind, value)]), "")
    if before:
        yield "", before  # the whole of it, over and over


def _samples(items: list[Any]) -> Iterator[str]:
    """Yield a few texts that match a sequence."""
    if not items:
        yield ""
        return
    for first in itertools.islice(_of_kind(*items[0]), 6):
        for rest in itertools.islice(_samples(items[1:]), 3):
            yield first + rest


def _of_kind(kind: Any, value: Any) -> Iterator[str]:
    if kind is kinds.LITERAL:
        yield chr(value)
    elif kind in (kinds.NOT_LITERAL, kinds.ANY):
        yield from (c for c in "a1 " if kind is kinds.ANY or ord(c) != value)
    elif kind is kinds.IN:
        yield from itertools.islice(_members(value), 6)
    elif kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
        least, _, inner = value
        for sample in itertools.islice(_samples(list(inner)), 4):
            yield sample * max(least, 1)
        if not least:
            yield ""
    elif kind is kinds.SUBPATTERN:
        yield from _samples(list(value[3]))
    elif kind is kinds.ATOMIC_GROUP:
        yield from _samples(list(value))
    elif kind is kinds.BRANCH:
        for branch in value[1]:
            yield from itertools.islice(_samples(list(branch)), 2)
    else:
        yield ""  # an assertion, a group that was matched before


def _members(items: list[Any]) -> Iterator[str]:
    if items and items[0][0] is kinds.NEGATE:
        single = re.compile("[^" + "".join(_shown(i) for i in items[1:]) + "]")
        yield from (c for c in "a1 -<[({|$.\n" if single.fullmatch(c))
        return
    for kind, value in items:
        if kind is kinds.LITERAL:
            yield chr(value)
        elif kind is kinds.RANGE:
            yield chr(value[0])
        elif kind is kinds.CATEGORY:
            yield from {
                kinds.CATEGORY_DIGIT: "1",
                kinds.CATEGORY_SPACE: " \n",
                kinds.CATEGORY_WORD: "a1_",
            }.get(value, "-a ")


def _shown(item: Any) -> str:
    kind, value = item
    if kind is kinds.LITERAL:
        return re.escape(chr(value))
    if kind is kinds.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return {
        kinds.CATEGORY_DIGIT: r"\d",
        kinds.CATEGORY_SPACE: r"\s",
        kinds.CATEGORY_WORD: r"\w",
        kinds.CATEGORY_NOT_SPACE: r"\S",
        kinds.CATEGORY_NOT_DIGIT: r"\D",
        kinds.CATEGORY_NOT_WORD: r"\W",
    }.get(value, "")


class _Slow(BaseException):
    pass


def _stop(*_: object) -> None:
    raise _Slow


def slow(named: dict[str, re.Pattern[str]], size: int, most: float) -> Iterator[str]:
    """Yield, in words, each pattern that takes longer than `most` processor seconds.

    The text is of about `size` characters.

    For a process of its own: its clock interrupts a pattern at work, which only the main thread of
    a process can do.
    """
    signal.signal(signal.SIGPROF, _stop)
    spaced = patterns([ROOT / name for name in SPACED]).keys()
    for name, pattern in named.items():
        for text in attacks(pattern, size):
            text = " ".join(text.split()) if name in spaced else text
            started = time.process_time()
            try:
                signal.setitimer(signal.ITIMER_PROF, 3 * most)
                pattern.match(text)
                for _ in () if name.startswith("match ") else pattern.finditer(text):
                    pass
            except _Slow:
                pass
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            if time.process_time() - started > most:
                yield (
                    f"{time.process_time() - started:.1f} s:"
                    f" {name[:200]} on {text[:60]!r} … {text[-3:]!r}"
                )
                break


def of_pages() -> dict[str, re.Pattern[str]]:
    """Return the patterns that readers run on the text of a whole page.

    `match ` stands before one that only its beginning is asked for.
    """
    by_text = {}
    every = patterns()
    for path in FILES:
        module = importlib.import_module(name_of(path))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "matches"
                and isinstance(pattern := vars(module).get(ast.unparse(node.args[0])), re.Pattern)
            ):
                by_text[pattern.pattern] = pattern
                continue
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and any(ast.unparse(a) in ("page.text", "body", "text") for a in node.args)
            ):
                continue
            whose = ast.unparse(node.func.value)
            whole = "page.text" in ast.unparse(node) or path.name == "huggingface_cards.py"
            if (
                whose == "re"
                and isinstance(node.args[0], ast.Constant)
                and node.args[0].value in every
                and whole
            ):
                by_text[("match " if node.func.attr == "match" else "") + node.args[0].value] = (
                    every[node.args[0].value]
                )
            elif isinstance(pattern := vars(module).get(whose), re.Pattern) and (
                path.parent.name == "sources" or whose == "BULLET"
            ):
                by_text[pattern.pattern] = pattern
    return by_text
