"""The hand-checked sample: what a person read on real captures, against what the readers say.

`python -m tests.support.sample [FOLDER]`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from almanac.flows.harvest.saved_captures import SavedLook, listing
from almanac.schemas.claim import Claim, canonical
from almanac.spiders import base
from almanac.spiders.page import Page

SAMPLE = Path(__file__).with_name("sample.txt")
Fact = tuple[str, str, str, str]
"""Model, meter or field, terms, value."""


@dataclass
class Part:
    """The facts of one capture."""

    path: str
    source: str
    fields: set[str]
    models: set[str] = field(default_factory=set)
    facts: set[Fact] = field(default_factory=set)


def parts() -> Iterator[Part]:
    """Yield the sample capture by capture."""
    part: Part | None = None
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            if part:
                yield part
            path, source, fields = (x.strip() for x in line[2:].split("|"))
            part = Part(path, source, set(fields.split()))
        elif part and line.strip() and not line.startswith("#"):
            model, facts_text = re.split(r":\s+|:$", line, maxsplit=1)
            part.models.add(model)
            for fact in filter(None, (x.strip() for x in facts_text.split("; "))):
                m = re.fullmatch(r"(?P<what>\w+)(?:\{(?P<terms>.*)\})?=(?P<value>.+)", fact)
                if not m:
                    raise ValueError(f"{part.path}: no fact: {fact!r}")
                part.facts.add(
                    (
                        model,
                        m["what"],
                        ",".join(
                            sorted(
                                (m["terms"] or "").split(",")
                                if m["what"] != "score"
                                else [m["terms"]]
                            )
                        ),
                        value_of(m["value"]),
                    )
                )
    if part:
        yield part


def value_of(text: str) -> str:
    try:
        return format(Decimal(text).normalize(), "f")
    except ArithmeticError:
        return text.replace("\u2011", "-")


def fact_of(c: Claim) -> Fact:
    """Return a claim as the sample writes it.

    Terms that only say how it was served or measured are left out.
    """
    if isinstance(c.value, tuple):
        value = "+".join(c.value)
    elif c.value is None:
        value = str(c.state)
    elif c.field == "price":
        value = value_of(str(Decimal(int(c.value)) / 10**9))
    else:
        value = value_of(canonical(c.value) or "")
    kept = {
        "score": ("benchmark", "shots"),
        "price": ("tier", "cache_ttl", "above_input", "above_output", "until", "tool", "region"),
    }.get(c.field, ())
    return (
        c.model,
        c.meter or c.field,
        ",".join(f"{k}={v}" for k, v in sorted(c.terms) if k in kept),
        value,
    )


def found_in(folder: Path) -> dict[str, SavedLook]:
    return {f.path: f for f in listing(folder).looks}


def compare(folder: Path) -> tuple[list[tuple[str, Fact]], list[tuple[str, Fact]], int, int]:
    """Return (facts missed, claims that are wrong, facts, claims) over the whole sample."""
    captures = found_in(folder)
    missed, wrong, facts, claims = [], [], 0, 0
    for part in parts():
        capture = captures[part.path]
        if capture.source != part.source:
            raise ValueError(f"{part.path} is read by {capture.source}")
        reading = base.read_page(
            base.source(part.source),
            Page(part.source, capture.url, capture.body(), capture.fetched_at),
        )
        stated = {
            fact_of(c) for c in reading.claims if c.model in part.models and c.field in part.fields
        }
        missed += [(part.path, f) for f in sorted(part.facts - stated)]
        wrong += [(part.path, f) for f in sorted(stated - part.facts)]
        facts, claims = facts + len(part.facts), claims + len(stated)
    return missed, wrong, facts, claims


if __name__ == "__main__":
    missed, wrong, facts, claims = compare(
        Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/captures")
    )
    for word, listed in (("missed", missed), ("wrong", wrong)):
        for path, fact in listed:
            print(f"{word}: {path}: {' | '.join(fact)}")
    print(
        f"{facts} facts of {len(list(parts()))} captures:"
        f" recall {(facts - len(missed)) / facts:.1%},"
        f" precision {(claims - len(wrong)) / claims:.1%} of {claims} claims"
    )
