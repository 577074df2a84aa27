"""What the commands print: JSON, tables and errors, one way for all."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


class Refused(Exception):
    """The answer is "no", or data was refused: one line on stderr, exit 1."""


def plain(value: Any) -> Any:
    """Return exact decimals as JSON numbers.

    Whole ones become integers, others have their shortest digits.
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def as_json(value: Any) -> None:
    """Print one JSON document."""
    print(_json(value, indent=2))


def json_lines(values: Iterable[Any]) -> None:
    """Print one JSON document a line."""
    for value in values:
        print(_json(value))


def _json(value: Any, indent: int | None = None) -> str:
    """Return JSON that any stream of UTF-8 takes.

    Half a character, as in odd file names, is escaped.
    """
    text = json.dumps(value, default=plain, ensure_ascii=False, indent=indent)
    return text.encode(errors="backslashreplace").decode()


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], title: str = "") -> None:
    """Print a table: drawn on a terminal, tab-separated into a pipe, so that `cut` works on it."""
    cells = [[clean(str(c)) for c in row] for row in rows]
    if not sys.stdout.isatty():
        if title:
            print(title)
        print("\t".join(heads))
        for row in cells:
            print("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(
        title=title or None, title_justify="left", box=box.SIMPLE_HEAD, header_style="bold"
    )
    for head in heads:
        drawn.add_column(head, overflow="fold")
    for row in cells:
        drawn.add_row(*(Text(c) for c in row))
    Console().print(drawn)


T = TypeVar("T")


def capped(rows: Sequence[T], limit: int) -> Sequence[T]:
    """Return at most so many rows; all of them where the limit is 0."""
    return rows[:limit] if limit else rows


def write(file: Path, text: str, end: str = "\n") -> None:
    """Write text to a file, or print it, followed by `end`, where the file is `-`."""
    print(text, end=end) if str(file) == "-" else file.write_text(text, encoding="utf-8")


def clean(text: str) -> str:
    """Return harvested text without what a terminal would act on.

    That is control characters, line breaks and tabs.
    """
    return "".join(c if c.isprintable() else " " for c in text)


def fail(message: str, code: int = 1) -> NoReturn:
    """Print one plain line and leave."""
    print(f"almanac: {clean(message)}", file=sys.stderr)
    raise SystemExit(code)
