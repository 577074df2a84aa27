"""The founding documents rebuilt from the warehouse, section by section beside the originals.

`python -m docs.tools.originals` writes docs/originals.md.

The originals' figures are facts; their sentences are not repeated. What ours prints is computed
from a release and from nothing else: its day is that of its newest look. Each section says what
must be true of ours for it to count as the same, corrected or more; where none of that holds, the
section is at fault, and `page` raises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from almanac.comparisons import formatting
from almanac.comparisons.comparison import compare
from almanac.comparisons.result import plain
from almanac.schemas.fields import CAPABILITIES, FIELDS
from almanac.warehouse import Warehouse
from almanac.warehouse.read.reader import StoredFigure

PAGE = Path(__file__).parents[1] / "originals.md"


class Pair:
    """A comparison, and the release it was computed from, to hold one to the other."""

    def __init__(self, snapshot: Warehouse, models: tuple[str, str]) -> None:
        self.snapshot, self.models = snapshot, models
        self.c = compare(snapshot, *models)
        self.figures = [snapshot.figures(model=m) for m in models]

    @cached_property
    def text(self) -> str:
        """Everything the comparison says, as JSON."""
        return json.dumps(plain(self.c), default=str, ensure_ascii=False)

    def fact(self, side: int, field: str) -> StoredFigure | None:
        """Return what the release says of a model itself."""
        return next(
            (f for f in self.figures[side] if f.subject_kind == "model" and f.field == field), None
        )

    def value(self, side: int, field: str) -> str | None:
        """Return a fact's value if it is known and claims bear it out; else None."""
        f = self.fact(side, field)
        return f.value if f and self.traced(f) else None

    def values(self, field: str) -> tuple[str | None, str | None]:
        return self.value(0, field), self.value(1, field)

    def traced(self, f: StoredFigure | None) -> bool:
        """Whether a figure may be used, and a claim in its support says just that."""
        return (
            f is not None
            and f.usable
            and any(
                c.value == f.value
                for c in self.snapshot.claims(i for i, _ in f.sides()[0]).values()
            )
        )

    def sources(self, f: StoredFigure | None, side: int = 0) -> set[str]:
        """Return who supports a figure, or with 1 who dissents."""
        return (
            {c.source for c in self.snapshot.claims(i for i, _ in f.sides()[side]).values()}
            if f
            else set()
        )

    def open_between(self, side: int, field: str, *values: str) -> bool:
        """Whether a fact has no winner, and its reason names all of these values."""
        f = self.fact(side, field)
        return (
            f is not None
            and f.state == "conflicted"
            and f.value is None
            and all(v in f.why for v in values)
        )

    def amount(self, side: int, provider: str, meter: str) -> int | None:
        """Return a plain price in nano-dollars a million tokens.

        It is known, borne out, and more than its seller's own word.
        """
        f = self.snapshot.figure(f"{provider}:{self.models[side]}", "price", meter)
        fit = (
            f is not None
            and f.state == "known"
            and f.unit == "usd_per_mtok"
            and f.rule != "self-reported"
            and self.traced(f)
        )
        return f.number if f and fit else None

    def months(self, side: int) -> dict[str, Decimal]:
        """Return what 800 M input and 250 M output tokens cost (R1), in dollars, by provider.

        Only providers count whose two plain prices are known and not both nothing.
        """
        found = {}
        for provider in {f.provider for f in self.figures[side] if f.field == "price"}:
            taken, written = (
                self.amount(side, provider, "input"),
                self.amount(side, provider, "output"),
            )
            if taken is not None and written is not None and (taken or written):
                found[provider] = (800 * Decimal(taken) + 250 * Decimal(written)) / 10**9
        return found

    def least(self, side: int, meter: str) -> int | None:
        """Return the lowest plain price of a meter, in nano-dollars a million tokens.

        It is of the providers that `months` knows.
        """
        return min((self.amount(side, p, meter) or 0 for p in self.months(side)), default=None)

    def providers(self, side: int) -> list[str]:
        return list(self.c.providers[self.models[side]]["ids"])

    def refused(self, source: str, printed: str, reason: str) -> bool:
        """Whether a text that a source prints is in quarantine for a reason."""
        return any(
            printed in r["printed"] and reason in r["reason"]
            for r in self.snapshot.refusals(source=source)
        )


Ours = Callable[[Pair], str]
Holds = Callable[[Pair], bool]


@dataclass(frozen=True, slots=True)
class Reading:
    """A way in which ours may stand to the original: `same`, `corrected` or `more`.

    With it is why, and what must be true of ours for that.
    """

    kind: str
    why: str
    holds: Holds

    @property
    def said(self) -> str:
        return f"{self.kind}: {self.why}" if self.why else self.kind


@dataclass(frozen=True, slots=True)
class Row:
    """A section: what the original prints, and how ours reads it.

    Ours may stand to it in several ways; the first that holds counts.
    """

    section: str
    original: str
    ours: Ours
    readings: tuple[Reading, ...]
    open: str = ""
    """A fault of ours that is known: none of the readings holds on real pages at large, and why."""
    open_here: bool = False
    """Whether none holds on the recorded pages either."""


class Unexplained(ValueError):
    """Ours differs from an original in a way that nothing explains."""


def verdict(row: Row, pair: Pair) -> str:
    """Return how ours stands to the original, and why.

    Raises Unexplained where none of the row's readings holds.
    """
    for reading in row.readings:
        if reading.holds(pair):
            return reading.said
    raise Unexplained(
        f"{row.section}: ours prints {row.ours(pair)!r}, the original {row.original!r},"
        " and it is neither " + " nor ".join(r.said for r in row.readings)
    )


def same(holds: Holds) -> Reading:
    return Reading("same", "", holds)


def corrected(why: str, holds: Holds) -> Reading:
    return Reading("corrected", why, holds)


def more(why: str, holds: Holds) -> Reading:
    return Reading("more", why, holds)


# How ours is read


def _cells(kind: str, field: str) -> Ours:
    def read(p: Pair) -> str:
        row = next((r for r in p.c[kind] if r["field"] == field), None)
        return " · ".join(x["shown"] for x in row["cells"]) if row else "— · —"

    return read


def _score(title: str) -> Ours:
    def read(p: Pair) -> str:
        row = next(r for r in p.c.scorecard if r["title"] == title)
        return " · ".join(row.get("texts") or [x["shown"] for x in row["cells"]])

    return read


def _each(read: Callable[[dict[str, Any], str], str]) -> Ours:
    return lambda p: " · ".join(read(p.c, m) for m in p.models)


def _month(p: Pair) -> str:
    return " · ".join(
        f"{m['best']['shown']} at {m['best']['name']}" if m["best"] else "—"
        for m in p.c.traffic["models"]
    )


def _cheapest_output(p: Pair) -> str:
    if not p.c.cost:
        return "— · —"
    out = p.c.cost["output"]
    return " · ".join(
        f"{cell['shown']} at {name}"
        for cell, name in zip(out["cells"], out["providers"], strict=True)
    )


_SPECS, _ABLE = "specs", "capabilities"
_PROVIDERS = _each(lambda c, m: formatting.listed(c.providers[m]["names"], 6) or "none tracked")
_TAGS = _each(lambda c, m: formatting.listed([t["tag"] for t in c.tags[m]], 12))
_FRICTION = _each(lambda c, m: next((s["said"][0] for s in c.friction if s["from"] == m), ""))
_FAQ: Ours = lambda p: f"{len(p.c.faq)} questions"
_SCORES: Ours = lambda p: (
    " · ".join(f"{s:f}" for s in p.c.benchmarks["shared"][0]["scores"])
    if p.c.benchmarks["shared"]
    else "none"
)


# What must be true of ours


def _are(field: str, *values: str | None) -> Holds:
    """Both facts are known, borne out by claims, and these; None for one that has no value."""
    return lambda p: p.values(field) == values


def _flags(field: str, first: str, second: str) -> Holds:
    return _are(
        field, {"yes": "true", "no": "false"}[first], {"yes": "true", "no": "false"}[second]
    )


def _lede(p: Pair) -> bool:
    """Exact windows, and the lead in points (R5).

    No year is there but that of a release date that is known.
    """
    lede, dates = p.c.lede, p.values("release_date")
    shown = [m["year"] for m in p.c.models]
    return (
        "1,048,576" in lede
        and "128,000" in lede
        and "leads by 29.8 points" in lede
        and shown == [(d or "")[:4] for d in dates]
        and dates[0] is not None
    )


def _saving(p: Pair) -> bool:
    """The two prices are the lowest known of each (R2).

    The saving is of the dearer, the mark-up of the cheaper, and nothing is more than all cheaper.
    """
    m = re.search(
        r"costs \$([\d.]+)/1M tokens of input against \$([\d.]+)/1M tokens: a saving of "
        r"([\d.]+) %; the other's mark-up over it is ([\d.,]+) %\.",
        p.c.verdict,
    )
    if not m:
        return False
    low, high, saving, markup = (Decimal(x.replace(",", "")) for x in m.groups())
    least = {p.least(0, "input"), p.least(1, "input")}
    tenth = Decimal("0.05")
    return (
        least == {int(low * 10**9), int(high * 10**9)}
        and abs((high - low) / high * 100 - saving) <= tenth
        and saving < 100
        and abs((high - low) / low * 100 - markup) <= tenth
        and "cheaper" not in p.c.verdict
    )


def _tagged(p: Pair) -> bool:
    """The same rule for both (A-09, B-09).

    Who is known to take 128,000 tokens and more is fit for long prompts, who cannot run code is not
    for coding; none is an import.
    """
    for side, model in enumerate(p.models):
        tags = {t["tag"] for t in p.c.tags[model]}
        window = p.fact(side, "context_window")
        long = (
            window is not None
            and p.traced(window)
            and not window.rule.endswith("bound only")
            and (window.number or 0) >= 128_000
        )
        if (
            ("Long context" in tags) != long
            or ("Coding" in tags) != (p.value(side, "code_execution") == "true")
            or tags & {"RAG", "Classification", "JSON / Tool use"}
        ):
            return False
        if ("Tool calling" in tags) != (p.value(side, "function_calling") == "true") or (
            "Structured output" in tags
        ) != (p.value(side, "structured_outputs") == "true"):
            return False
    return bool(p.c.tags[p.models[0]])


def _phrases(p: Pair) -> bool:
    """What each is best for is said of its own tags alone, and what is left out is counted."""
    row = next(r for r in p.c.scorecard if r["title"] == "Best for")
    for text, model in zip(row["texts"], p.models, strict=True):
        serves = [t["serves"] for t in p.c.tags[model]]
        if (
            text != (formatting.listed(serves, 3) or "no tag follows from what is known")
            or not serves
        ):
            return False
    return _tagged(p)


def _cheapest_is_paid(p: Pair) -> bool:
    """Each side's cheapest output is the lowest known one of a paid route (B-03, D-08).

    It is at a provider that is named and asks just that.
    """
    out = p.c.cost and p.c.cost["output"]
    if not out:
        return False
    for side, (cell, price) in enumerate(zip(out["cells"], out["usd_per_mtok"], strict=True)):
        provider = cell["subject"].partition(":")[0]
        if int(price * 10**9) != p.least(side, "output") or p.amount(
            side, provider, "output"
        ) != int(price * 10**9):
            return False
    return True


def _counted(*at_least: set[str]) -> Holds:
    """The count is that of the list shown (B-01).

    The list has the routes that are known to serve it (A-20), each with a figure of its own, and no
    statistic stands among them.
    """

    def holds(p: Pair) -> bool:
        row = next(r for r in p.c.scorecard if r["title"] == "Providers")
        for side, known in enumerate(at_least):
            ids = p.providers(side)
            offered = {
                f.provider for f in p.figures[side] if f.subject_kind == "offer" and f.usable
            }
            if (
                row["texts"][side] != f"{len(ids)} tracked"
                or len(set(ids)) != len(ids)
                or not known <= set(ids) <= offered
                or any("median" in i for i in ids)
            ):
                return False
        return True

    return holds


def _every_difference(p: Pair) -> bool:
    """Every capability is named that one is known to have and the other to lack, not three (R9).

    None is named that is unknown.
    """
    for mine, other in ((0, 1), (1, 0)):
        differ = {
            FIELDS[("model", f)].title
            for f in CAPABILITIES
            if p.value(mine, f) == "true" and p.value(other, f) == "false"
        }
        said = next(
            (
                t.removeprefix("alone has ")
                for t in p.c.tradeoffs[p.models[mine]]
                if t.startswith("alone has ")
            ),
            "",
        )
        if set(filter(None, re.split(r", | and ", said))) != differ:
            return False
    return len([t for t in p.c.tradeoffs[p.models[0]] if t.startswith("alone has ")]) == 1


def _cheapest_month(first_party: str = "") -> Holds:
    """Each month is R1's arithmetic on two prices that are known.

    None is cheaper, and of equals the maker's own platform goes first.
    """

    def holds(p: Pair) -> bool:
        for side, row in enumerate(p.c.traffic["models"]):
            months, best = p.months(side), row["best"]
            if (
                not best
                or best["total"] != months.get(best["provider"])
                or best["total"] != min(months.values())
            ):
                return False
            if (
                not side
                and first_party
                and months.get(first_party) == best["total"]
                and best["provider"] != first_party
            ):
                return False
        return True

    return holds


def _gap(p: Pair) -> bool:
    """The gap is that of the two months shown."""
    totals = [m["best"]["total"] for m in p.c.traffic["models"] if m["best"]]
    return (
        len(totals) == 2
        and p.c.traffic["gap"] == max(totals) - min(totals)
        and p.c.traffic["gap_shown"] == formatting.money(max(totals) - min(totals))
    )


def _overlap(p: Pair) -> bool:
    """Who serves both is who offers both.

    That nobody is found is said of what is tracked, on a day (B-02).

    A statistic serves nobody.
    """
    both = sorted(set(p.providers(0)) & set(p.providers(1)))
    said = p.c.overlap["said"]
    each = all(
        any(f.provider == b and f.usable and self_made(f) for f in p.figures[side])
        for b in both
        for side in (0, 1)
    )
    return (
        p.c.overlap["providers"] == both != []
        and each
        and f"as of {p.c.as_of}" in said
        and not said.startswith("No overlap")
        and not any("median" in b for b in both)
    )


def self_made(f: StoredFigure) -> bool:
    """Whether a figure is of an offer's own price or presence, not seen through another seller."""
    return f.subject_kind == "offer" and f.field in ("price", "offered") and "via=" not in f.terms


def _both_serve(*providers: str) -> Holds:
    return lambda p: (
        _overlap(p)
        and set(providers) <= set(p.c.overlap["providers"])
        and all("the endpoint can stay" in s["said"][0] for s in p.c.friction)
    )


def _parameters(p: Pair) -> bool:
    """Twelve billion are the second's, and the first's maker does not say."""
    second = p.fact(1, "parameters")
    return (
        p.value(0, "parameters") is None
        and second is not None
        and p.traced(second)
        and (second.number or 0) == 12 * 10**9
    )


def _architecture(p: Pair) -> bool:
    """No template's default (A-19), and nothing that one source of no great record says alone.

    Below .7 nothing is known.
    """
    facts = [p.fact(side, "architecture") for side in (0, 1)]
    heard = any("llm_reference" in p.sources(f, 1) for f in facts)
    return heard and all(
        f is None or not f.usable or (f.confidence >= 0.7 and p.sources(f) != {"llm_reference"})
        for f in facts
    )


def _licences(p: Pair) -> bool:
    """Proprietary, and Apache-2.0 with the badge on the second alone."""
    return _cells(_SPECS, "licence")(p) == "proprietary · Apache-2.0 (OSI-approved)" and p.values(
        "licence"
    ) == ("proprietary", "Apache-2.0")


def _names(p: Pair) -> bool:
    """Each list is cut only with the count of the rest, and names no statistic."""
    for side, text in enumerate(_PROVIDERS(p).split(" · ")):
        cut = re.search(r" and (\d+) more$", text)
        shown = re.split(r", | and ", text.removesuffix(cut[0]) if cut else text)
        if len(shown) + (int(cut[1]) if cut else 0) != len(p.providers(side)) or any(
            "median" in i for i in p.providers(side)
        ):
            return False
    return _counted({"google-ai-studio", "openrouter", "vercel"}, {"deepinfra", "openrouter"})(p)


def _thinks(p: Pair) -> bool:
    """Yes, as its levels are listed, and the template's "standard" is none of them (A-07)."""
    levels = set(json.loads(p.value(0, "reasoning_levels") or "[]"))
    return (
        p.value(0, "reasoning") == "true"
        and levels == {"minimal", "low", "medium", "high"}
        and p.value(1, "reasoning") != "true"
    )


def _calls(p: Pair) -> bool:
    """Both call functions, as a maintained list says of the second too.

    Routes differ, and theirs are figures of their own (B-08).
    """
    routes = {
        f.value for f in p.figures[1] if f.subject_kind == "offer" and f.field == "function_calling"
    }
    return (
        p.values("function_calling") == ("true", "true")
        and "llm_reference" in p.sources(p.fact(1, "function_calling"), 1)
        and routes == {"true", "false"}
    )


def _uses_tools(p: Pair) -> bool:
    """What calls functions uses tools (B-08).

    The lone "No" of the original stands against its makers' and most routes' word on
    the same thing.
    """
    return p.value(0, "tool_use") == "true" and p.value(1, "tool_use") != "false"


def _lead(p: Pair) -> bool:
    """One row, GPQA, its variant unknown, the lead a difference of points (R5, B-11)."""
    rows = [r for r in p.c.benchmarks["shared"] if r["benchmark"] == "GPQA"]
    return (
        len(rows) == 1
        and rows[0]["scores"] == [Decimal("86.9"), Decimal("57.1")]
        and rows[0]["lead"] == Decimal("29.8")
        and not rows[0]["variant_known"]
    )


def _blend(p: Pair) -> bool:
    """The blend is 70/30 (R3) of prices that are known, and its gap is their difference."""
    shown = re.search(r"the gap is (\S+)\. Tracked", " ".join(p.c.deep_dive))
    rates = []
    for side in (0, 1):
        both = [(p.amount(side, x, "input"), p.amount(side, x, "output")) for x in p.months(side)]
        rates.append(
            min((Decimal(7 * (a or 0) + 3 * (b or 0)) / 10**10 for a, b in both), default=None)
        )
    return (
        shown is not None
        and None not in rates
        and shown[1] == formatting.money(abs(rates[0] - rates[1]))
        and len(p.c.deep_dive) <= 4
    )  # type: ignore[operator]


def _answers(least: int) -> Holds:
    """As many questions at least, each answered, none by the name of a state.

    The larger window is told where both are known.
    """

    def holds(p: Pair) -> bool:
        asked = p.c.faq
        bare = [
            a
            for a in asked
            if not a["answer"]
            or re.search(r"\b(?:unknown|conflicted|not found|not-yet)\b", a["answer"], re.I)
        ]
        sizes = [p.value(side, "context_window") for side in (0, 1)]
        windows = any("context" in a["question"].lower() for a in asked)
        return len(asked) >= least and not bare and (windows or None in sizes)

    return holds


def _of_its_day(p: Pair) -> bool:
    """The day is that of the release's newest look, and an earlier one can be asked for."""
    earlier = compare(p.snapshot.as_of("2026-06-30"), *p.models).as_of
    return (
        p.c.as_of == p.snapshot.newest_look()[:10]
        and earlier == "2026-06-30"
        and p.c.release == p.snapshot.known
        and len(p.figures[0]) > 20
    )


def _makers(p: Pair) -> bool:
    """The row that had moved left is in quarantine.

    The makers are those of the two models (C-01).
    """
    return p.refused("roboflow_playground", "Organization | Mistral", "moved left") and [
        m["maker"] for m in p.c.models
    ] == ["Google", "Mistral"]


def _released(p: Pair) -> bool:
    """A month agrees with a day in it.

    A day on which a host listed it is not the release (C-05).
    """
    first, second = p.values("release_date")
    return (first or "").startswith("2026-06") and second in ("2025-03", "2025-03-17")


def _windows(p: Pair) -> bool:
    """The second's is the model's own 128K; the first's is known from somebody else."""
    first = p.fact(0, "context_window")
    return (
        p.value(1, "context_window") == "128000"
        and p.traced(first)
        and p.sources(first) != {"roboflow_playground"}
    )


def _sizes(p: Pair) -> bool:
    """Twelve and twenty-four billion, as both names say."""
    numbers = [
        (f.number or 0) if (f := p.fact(side, "parameters")) and p.traced(f) else 0
        for side in (0, 1)
    ]
    return all(
        abs(n - want) <= want // 20
        for n, want in zip(numbers, (12 * 10**9, 24 * 10**9), strict=True)
    )


def _sees(p: Pair) -> bool:
    """The model sees, whatever a route serves (C-03)."""
    route = p.snapshot.figure(
        "cloudflare-workers-ai:mistral/mistral-small-2503", "input_modalities"
    )
    return (
        p.value(1, "vision") == "true" and route is not None and "image" not in (route.value or "")
    )


def _cloudflares(p: Pair) -> bool:
    """The pair is Cloudflare's for the second model, nobody's for the first (C-01, C-01b).

    It is not the maker's.
    """
    pair = (351_000_000, 555_000_000)
    asked = [
        (p.amount(1, who, "input"), p.amount(1, who, "output"))
        for who in ("cloudflare-workers-ai", "mistral")
    ]
    firsts = {f.number for f in p.figures[0] if f.field == "price" and f.usable}
    return (
        asked[0] == pair
        and asked[1] != pair
        and not firsts & set(pair)
        and p.refused("roboflow_playground", "$0.351", "moved left")
    )


def _evals_read(p: Pair) -> bool:
    """From a page with its cells: 42 of 67, pooled (R7), under the first alone.

    The flattened text is in quarantine (C-02).
    """
    first, second = (p.c.evals[m] for m in p.models)
    pooled = first and (
        first["pooled"]["passes"],
        first["pooled"]["total"],
        first["pooled"]["shown"],
    ) == (42, 67, "62.69 %")
    return bool(pooled) and second is None and _evals_refused(p)


def _evals_refused(p: Pair) -> bool:
    return p.refused("roboflow_playground", "(11/15)", "cannot be told")


def _no_evals(p: Pair) -> bool:
    """Only the flattened text is there: whose evaluations they are cannot be told (C-02)."""
    return not any(p.c.evals.values()) and _evals_refused(p)


def _speed_kept_apart(p: Pair) -> bool:
    """It is kept, refused as nobody's, and compared with nothing (A-13, C-02)."""
    return p.refused("roboflow_playground", "6.88", "cannot be told") and "6.88" not in p.text


def _demos_left(p: Pair) -> bool:
    return (
        p.refused("roboflow_playground", "Captioning | Demo", "") and "demo" not in p.text.lower()
    )


def _sections(p: Pair) -> bool:
    """Every section that the other two documents have, of figures that claims bear out."""
    larger = [p.fact(side, "context_window") for side in (0, 1)]
    claimed = any("larger context" in t for ts in p.c.tradeoffs.values() for t in ts)
    return (
        len(p.c.friction) == 2
        and bool(p.c.faq)
        and any(p.c.tradeoffs.values())
        and claimed == (None not in larger and len({f.number for f in larger if f}) == 2)
    )


def _one_version(p: Pair) -> bool:
    """A record of several versions is refused as a chimera (D-01, C-04).

    It bears out no fact of the version compared.
    """
    chimera = [
        r
        for r in p.snapshot.refusals(stage="link", source="llm_reference")
        if r["model"] == "Mistral Small"
    ]
    heard = {s for f in p.figures[0] for s in p.sources(f)}
    return (
        bool(chimera)
        and all("chimera" in r["reason"] for r in chimera)
        and "llm_reference" not in heard
        and p.models[0].rpartition("-")[2].isdigit()
    )


def _found_later(p: Pair) -> bool:
    """Both windows are known now; the second's was not before it was first found (D-03)."""
    said = [f.valid_from for f in p.snapshot.history(p.models[1], "context_window") if f.usable]
    before = (
        p.snapshot.as_of(date.fromisoformat(min(said)[:10]) - timedelta(days=1)) if said else None
    )
    return (
        before is not None
        and p.values("context_window") == ("128000", "128000")
        and before.figure(p.models[1], "context_window") is None
    )


def _no_winner_unknown(p: Pair) -> bool:
    """A window is larger only where both are known and differ (D-04)."""
    windows = [p.fact(side, "context_window") for side in (0, 1)]
    known = [f.number for f in windows if f and p.traced(f) and not f.rule.endswith("bound only")]
    claims = [m for m in p.models if any("context" in t for t in p.c.tradeoffs[m])]
    if len(known) < 2 or known[0] == known[1]:
        return not claims and any(known)
    return claims == [p.models[known.index(max(known))]]  # type: ignore[type-var]


def _left_but_kept(p: Pair) -> bool:
    """The cheapest are paid and known (D-08).

    The free route and the paid price said of it are both kept.
    """
    subject = f"openrouter:{p.models[1]}"
    free, paid = (
        p.snapshot.figure(subject, "price", "output", "tier=free"),
        p.snapshot.figure(subject, "price", "output"),
    )
    return (
        _cheapest_is_paid(p)
        and free is not None
        and free.number == 0
        and paid is not None
        and paid.number == 600_000_000
    )


def _unknown_licence(p: Pair) -> bool:
    """What is "Unknown" is no licence and is not found (D-07).

    The weights are open, whatever a route says.
    """
    f = p.fact(1, "licence")
    return (
        f is not None
        and (f.value, f.state) == (None, "not_found")
        and p.value(0, "licence") == "Apache-2.0"
        and p.value(1, "open_weights") == "true"
    )


def _licence_found(p: Pair) -> bool:
    second = p.value(1, "licence")
    return (
        second not in (None, "Unknown")
        and p.value(0, "licence") == "Apache-2.0"
        and p.value(1, "open_weights") == "true"
    )


def _one_mark(p: Pair) -> bool:
    """One mark for what is missing; a date is one that a claim gives (D-09)."""
    row = next((r for r in p.c.specs if r["field"] == "knowledge_cutoff"), None)
    cells = row["cells"] if row else []
    shown = [x["shown"] for x in cells]
    borne = all(
        x["value"] is None or p.value(side, "knowledge_cutoff") == x["value"]
        for side, x in enumerate(cells)
    )
    return (
        len(cells) == 2
        and borne
        and not {"-", ""} & set(shown)
        and any(
            x["value"] is None and x["shown"] in (formatting.MISSING, "not found") for x in cells
        )
    )


def _shared_rows(p: Pair) -> bool:
    """No row, or rows that both have under the same terms."""
    scores = [
        {f.terms for f in figures if f.field == "score" and f.usable} for figures in p.figures
    ]
    return (
        len(p.c.benchmarks["shared"]) == len(scores[0] & scores[1])
        and p.snapshot.figure(p.models[1], "reasoning") is not None
    )


S0 = (
    "S0",
    "Gemini 3.1 Flash-Lite vs Mistral NeMo Instruct (2407)",
    ("google/gemini-3.1-flash-lite", "mistral/mistral-nemo"),
    (
        Row(
            "Lede",
            "years 2026, 2024; context 1.05m, 128k; lead 29.8 points",
            lambda p: p.c.lede,
            (
                more(
                    "contexts exact; every number links to its claims;"
                    " a year only of a date that is known",
                    _lede,
                ),
            ),
        ),
        Row(
            "Verdict",
            "~1150% cheaper at $0.02/1M",
            lambda p: p.c.verdict,
            (
                corrected(
                    "a mark-up was called a saving (R2);"
                    " both are said, each with its basis, from the cheapest routes known",
                    _saving,
                ),
            ),
        ),
        Row(
            "Best for",
            "three phrases · one phrase",
            _score("Best for"),
            (
                corrected(
                    "derived from our own figures by one rule for both (A-09, B-09)", _phrases
                ),
            ),
        ),
        Row(
            "Decision fit",
            "Coding, RAG, Agents · Coding, Long context, Classification",
            _TAGS,
            (
                corrected(
                    "the 1.05m model lacked the tag the 128k one had (B-09);"
                    " tags follow stated rules, none is cut",
                    _tagged,
                ),
            ),
        ),
        Row(
            "Context window",
            "1.05m · 128k",
            _score("Context window"),
            (same(_are("context_window", "1048576", "128000")),),
        ),
        Row(
            "Cheapest output",
            "$1.50 · $0.04",
            _cheapest_output,
            (
                same(
                    lambda p: (
                        _cheapest_is_paid(p)
                        and [p.least(0, "output"), p.least(1, "output")]
                        == [1_500_000_000, 40_000_000]
                    )
                ),
                corrected(
                    "the cheapest paid route known, its provider named (B-03)",
                    lambda p: (
                        _cheapest_is_paid(p)
                        and p.least(0, "output") == 1_500_000_000
                        and (p.least(1, "output") or 0) < 40_000_000
                    ),
                ),
            ),
        ),
        Row(
            "Provider routes",
            "3 tracked · 7 tracked",
            _score("Providers"),
            (
                corrected(
                    "counted from the list that is shown (B-01), with other sources' routes",
                    _counted(
                        {"google-ai-studio", "google-vertex", "openrouter", "vercel"},
                        {"deepinfra", "openrouter", "vercel"},
                    ),
                ),
            ),
        ),
        Row(
            "Shared benchmarks",
            "1 shared",
            lambda p: f"{len(p.c.benchmarks['shared'])} shared",
            (
                same(lambda p: _lead(p) and len(p.c.benchmarks["shared"]) == 1),
                more(
                    "further rows that both have under the same terms",
                    lambda p: _lead(p) and _shared_rows(p),
                ),
            ),
        ),
        Row(
            "Decision trade-offs",
            "4 · 3 points",
            _each(lambda c, m: f"{len(c.tradeoffs[m])} points"),
            (corrected("all differing capabilities are named, not three (R9)", _every_difference),),
        ),
        Row(
            "Monthly cost",
            "$575 at Google AI Studio · $26.00 at DeepInfra",
            _month,
            (
                more(
                    "at the same 800 M + 250 M tokens on the cheapest route known;"
                    " the reader's own traffic, cached and batch shares, tier",
                    lambda p: (
                        _cheapest_month("google-ai-studio")(p)
                        and p.months(0).get("google-ai-studio") == 575
                    ),
                ),
            ),
            open=(
                "of routes that cost the same the first by its letters is named,"
                " not the maker's own platform (DESIGN §16)"
            ),
        ),
        Row(
            "Monthly gap",
            "$549",
            lambda p: p.c.traffic["gap_shown"],
            (
                same(lambda p: _gap(p) and p.c.traffic["gap"] == 549),
                corrected("follows from the routes above", _gap),
            ),
        ),
        Row(
            "Switch friction",
            "no overlapping route, both ways",
            _FRICTION,
            (
                corrected(
                    "absence is said over the offers tracked as of a date, never as a fact;"
                    " here two and more serve both (B-02)",
                    _both_serve("openrouter", "vercel"),
                ),
            ),
        ),
        Row(
            "Released",
            "2026-05-07 · 2024-07-18",
            _cells(_SPECS, "release_date"),
            (
                same(_are("release_date", "2026-05-07", "2024-07-18")),
                corrected(
                    "sources name several days for the second"
                    " and no maker's page settles it (B-06)",
                    lambda p: (
                        p.value(0, "release_date") == "2026-05-07"
                        and p.open_between(1, "release_date", "2024-07-01", "2024-07-18")
                    ),
                ),
            ),
        ),
        Row(
            "Parameters",
            "12B, under the first",
            _cells(_SPECS, "parameters"),
            (
                corrected(
                    "the lost cell put it under the wrong model (§1.4); it is the second's",
                    _parameters,
                ),
            ),
        ),
        Row(
            "Architecture",
            "Decoder Only · Decoder Only",
            _cells(_SPECS, "architecture"),
            (corrected("a template's default is no fact (A-19)", _architecture),),
            open="a lone source that is right half of the time is shown as known (DESIGN §15)",
        ),
        Row(
            "License",
            "Proprietary · Apache 2.0 OSI-approved",
            _cells(_SPECS, "licence"),
            (same(_licences),),
        ),
        Row(
            "Openness",
            "Proprietary · Open source",
            _cells(_SPECS, "openness"),
            (same(_are("openness", "proprietary", "open source")),),
        ),
        Row(
            "Commercial use",
            "conditional · permitted",
            _cells(_SPECS, "commercial_use"),
            (same(_are("commercial_use", "conditional", "permitted")),),
        ),
        Row(
            "Knowledge cutoff",
            "2025-01 · 2024-04",
            _cells(_SPECS, "knowledge_cutoff"),
            (
                corrected(
                    "no first-party figure of the second, and sources disagree (B-07)",
                    lambda p: (
                        p.value(0, "knowledge_cutoff") == "2025-01"
                        and p.open_between(1, "knowledge_cutoff", "2024-04", "2024-07")
                    ),
                ),
            ),
        ),
        Row(
            "Providers",
            "logos, lost in the text",
            _PROVIDERS,
            (more("named, with every tier, cache and region on each offer's page", _names),),
        ),
        Row("Vision", "Yes · No", _cells(_ABLE, "vision"), (same(_flags("vision", "yes", "no")),)),
        Row(
            "Multimodal",
            "Yes · No",
            _cells(_ABLE, "multimodal"),
            (same(_flags("multimodal", "yes", "no")),),
        ),
        Row(
            "Reasoning",
            "No · No",
            _cells(_ABLE, "reasoning"),
            (corrected("the maker lists levels of thinking (A-07)", _thinks),),
        ),
        Row(
            "Function calling",
            "Yes · No",
            _cells(_ABLE, "function_calling"),
            (corrected("its catalogue entry and most routes say yes (B-08)", _calls),),
        ),
        Row(
            "Tool use",
            "Yes · No",
            _cells(_ABLE, "tool_use"),
            (corrected("what calls functions uses tools (B-08)", _uses_tools),),
            open=(
                "a lone comparison site's no of the second stands beside its yes"
                " to function calling (B-08, DESIGN §13)"
            ),
            open_here=True,
        ),
        *(
            Row(
                title,
                original,
                _cells(_ABLE, field),
                (same(_flags(field, *original.lower().split(" · "))),),
            )
            for title, field, original in (
                ("Structured outputs", "structured_outputs", "Yes · No"),
                ("Code execution", "code_execution", "Yes · No"),
                ("IDE integration", "ide_integration", "No · No"),
                ("Computer use", "computer_use", "No · No"),
                ("Parallel agents", "parallel_agents", "No · No"),
            )
        ),
        Row("Benchmarks", "86.9 · 57.1", _SCORES, (same(_lead),)),
        Row(
            "Deep dive",
            "4 paragraphs",
            lambda p: f"{len(p.c.deep_dive)} paragraphs",
            (
                corrected(
                    "only what follows from known figures;"
                    " the blend is of prices that are known (R3)",
                    _blend,
                ),
            ),
        ),
        Row(
            "FAQ",
            "6 questions",
            _FAQ,
            (more("one for each thing known of both, none on what is not", _answers(6)),),
        ),
        Row(
            "Last reviewed",
            "2026-06-19",
            lambda p: f"as of {p.c.as_of}, release {p.c.release}",
            (
                more(
                    "the day of the newest look; any earlier day and release can be asked for",
                    _of_its_day,
                ),
            ),
        ),
    ),
)

S1 = (
    "S1",
    "Gemma 4 12B vs Mistral Small 3.1 24B",
    ("google/gemma-4-12b-it", "mistral/mistral-small-2503"),
    (
        Row(
            "Organization",
            "Mistral, under the first",
            lambda p: " · ".join(m["maker"] for m in p.c.models),
            (corrected("the row had moved left (C-01)", _makers),),
        ),
        Row(
            "Release date",
            "Jun 2026 · Mar 2025",
            _cells(_SPECS, "release_date"),
            (
                same(_are("release_date", "2026-06", "2025-03")),
                more("as precise as any source (C-05)", _released),
            ),
            open=(
                "the day on which a host lists the second stands for its release (C-05, DESIGN §13)"
            ),
        ),
        Row(
            "Context window",
            "— · 128K",
            _cells(_SPECS, "context_window"),
            (
                same(
                    lambda p: (
                        p.value(1, "context_window") == "128000"
                        and p.value(0, "context_window") is None
                    )
                ),
                more("the first's is known from another source", _windows),
            ),
        ),
        Row("Parameters", "12B · 24B", _cells(_SPECS, "parameters"), (same(_sizes),)),
        Row(
            "License",
            "Apache 2.0 · Apache 2.0",
            _cells(_SPECS, "licence"),
            (same(_are("licence", "Apache-2.0", "Apache-2.0")),),
        ),
        Row(
            "Modality",
            "multimodal · multimodal",
            _cells(_ABLE, "multimodal"),
            (same(_flags("multimodal", "yes", "yes")),),
        ),
        Row(
            "Multimodal vision",
            "an icon, lost in the text; its prose says that the second sees",
            _cells(_ABLE, "vision"),
            (more("a fact of the model, whatever a route serves (C-03)", _sees),),
            open="a host's list of what it takes is a no of the model (C-03, DESIGN §13)",
        ),
        Row(
            "Input, output $/1M",
            "$0.351, $0.555 under the first",
            _each(
                lambda c, m: (
                    formatting.listed(
                        [f"{r['input']} and {r['output']} at {r['name']}" for r in c.prices[m]],
                        2,
                    )
                    or "no price known"
                )
            ),
            (corrected("they are Cloudflare's for the second model (C-01, C-01b)", _cloudflares),),
        ),
        Row(
            "Vision evals",
            "62.69 % of 67 prompts under the first",
            _each(
                lambda c, m: (
                    c.evals[m]["pooled"]["shown"] if c.evals[m] else "none that can be told"
                )
            ),
            (
                more(
                    "pooled from whole numbers (R7); the flattened text, whose column cannot be"
                    " told, is in quarantine (C-02), the recorded page with its cells is read",
                    _evals_read,
                ),
                corrected(
                    "of the flattened text the column cannot be told: it is in quarantine (C-02)",
                    _no_evals,
                ),
            ),
        ),
        Row(
            "Average response time",
            "6.88 s",
            lambda p: "shown" if "6.88" in p.text else "not shown",
            (
                corrected(
                    "a speed without provider, method and day is compared with nothing (A-13),"
                    " and whose it is cannot be told (C-02)",
                    _speed_kept_apart,
                ),
            ),
        ),
        Row(
            "Tasks with a demo",
            "three",
            lambda p: "shown" if "demo" in p.text.lower() else "not shown",
            (corrected("a demonstration of that site, no property of a model", _demos_left),),
        ),
        Row(
            "Verdict, cost, switching, questions",
            "none",
            lambda p: (
                f"{sum(map(len, p.c.tradeoffs.values()))} trade-offs,"
                f" {len(p.c.friction)} switches, {len(p.c.faq)} questions"
            ),
            (more("the same sections for every pair", _sections),),
        ),
    ),
)

S3 = (
    "S3",
    "Mistral Small vs Nemotron-Nano-12B-v2-VL",
    ("mistral/mistral-small-2503", "nvidia/nemotron-nano-12b-v2-vl"),
    (
        Row(
            "Which Mistral Small",
            "released 2024-02-26, 32K, $0.1/$0.3, Apache 2.0",
            lambda p: p.models[0],
            (
                corrected(
                    "facts of several dated versions under one moving name (D-01);"
                    " we compare the version its price belonged to",
                    _one_version,
                ),
            ),
        ),
        Row(
            "Context window",
            "32K · —",
            _cells(_SPECS, "context_window"),
            (
                corrected(
                    "the dated version's own;"
                    " the second was found later (D-03), and is unknown before",
                    _found_later,
                ),
            ),
        ),
        Row(
            "Larger context",
            "claimed against an unknown",
            _each(
                lambda c, m: (
                    formatting.listed([p for p in c.tradeoffs[m] if "context" in p]) or "nothing"
                )
            ),
            (corrected("a winner needs both sides known (D-04)", _no_winner_unknown),),
        ),
        Row(
            "Cheapest output",
            "$0.3 · $0.6",
            _cheapest_output,
            (
                corrected(
                    "the cheapest paid routes known;"
                    " a route that left is kept with its days (D-08)",
                    _left_but_kept,
                ),
            ),
        ),
        Row(
            "Provider routes",
            "5 · 2 tracked",
            _score("Providers"),
            (
                corrected(
                    "counted from the list shown",
                    _counted({"cloudflare-workers-ai", "openrouter"}, {"openrouter", "vercel"}),
                ),
            ),
            open="a statistic over providers counts as one (DESIGN §14)",
        ),
        Row(
            "Monthly cost",
            "$155 at Mistral AI Studio · $310 at OpenRouter",
            _month,
            (corrected("each at the cheapest paid route known", _cheapest_month()),),
        ),
        Row(
            "License",
            "Apache 2.0 · Unknown",
            _cells(_SPECS, "licence"),
            (same(_unknown_licence), more("the second's was found", _licence_found)),
        ),
        Row(
            "Knowledge cutoff",
            "- · -",
            _cells(_SPECS, "knowledge_cutoff"),
            (more("one mark for missing, and what others say (D-09)", _one_mark),),
        ),
        Row(
            "Reasoning",
            "No · No",
            _cells(_ABLE, "reasoning"),
            (
                corrected(
                    "the second's catalogue entry says yes (D-06)",
                    lambda p: (
                        p.value(1, "reasoning") == "true" and p.value(0, "reasoning") != "true"
                    ),
                ),
            ),
        ),
        Row(
            "Decision fit",
            "JSON / Tool use for both, Tool use No for both",
            _TAGS,
            (corrected("structured output and tool calling are two tags (D-05)", _tagged),),
        ),
        Row(
            "Benchmarks",
            "0 rows",
            lambda p: f"{len(p.c.benchmarks['shared'])} shared",
            (
                same(lambda p: _shared_rows(p) and not p.c.benchmarks["shared"]),
                more("rows that both have under the same terms", _shared_rows),
            ),
        ),
        Row(
            "Overlap",
            "none",
            lambda p: p.c.overlap["said"],
            (corrected("said over what is tracked, as of a date (B-02)", _overlap),),
            open="a statistic over providers is said to serve both (DESIGN §14)",
        ),
        Row(
            "FAQ",
            "6 questions, one on an unknown licence",
            _FAQ,
            (corrected("a question on something unknown is left out (D-07)", _answers(3)),),
        ),
    ),
)
DOCUMENTS = (S0, S1, S3)


def pairs(snapshot: Warehouse, as_of: str = "") -> dict[str, Pair]:
    """Return the three comparisons by their document, as the release has them on a day.

    By default it is the day of its newest look.
    """
    then = snapshot.as_of(as_of or snapshot.newest_look())
    return {tag: Pair(then, models) for tag, _, models, _ in DOCUMENTS}


def page(snapshot: Warehouse, as_of: str = "") -> str:
    """Return the page over a release of the recorded pages.

    Raises Unexplained for a section that differs and nothing says why.
    """
    lines = [
        "# The founding documents, rebuilt",
        "",
        (
            "Written by `python -m docs.tools.originals` from a release of the recorded pages"
            " and held to it by a test. The letters name the cases of"
        ),
        (
            "the conflict each correction rests on;"
            " each verdict is a rule that the test holds ours to, here and on real pages at large."
        ),
        "`almanac compare A B --html FILE` shows a page whole.",
        "",
    ]
    compared = pairs(snapshot, as_of)
    for tag, title, _, rows in DOCUMENTS:
        pair = compared[tag]
        said = [f"open: {r.open}" if r.open_here else verdict(r, pair) for r in rows]
        counts = {
            k: sum(v.startswith(k) for v in said) for k in ("same", "corrected", "more", "open")
        }
        still = f", {counts['open']} not right yet" if counts["open"] else ""
        lines += [
            f"## {tag}: {title}",
            "",
            (
                f"{len(rows)} sections: {counts['same']} the same, {counts['corrected']} corrected,"
                f" {counts['more']} say more{still}."
            ),
            "",
            "| section | the original | ours | |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| {r.section} | {_safe(r.original)} | {_safe(r.ours(pair))} | {_safe(v)} |"
            for r, v in zip(rows, said, strict=True)
        ] + [""]
        if faults := [f"- {r.section}: {r.open}" for r in rows if r.open and not r.open_here]:
            lines += ["Right here, and not yet on real pages at large:", "", *faults, ""]
    return "\n".join(lines)


def _safe(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write() -> None:
    """Write the page over a release of the recorded pages, made for it."""
    import tempfile

    from almanac import warehouse
    from almanac.flows.harvest.plan import Order
    from almanac.flows.pipeline.pipeline import Plain, line

    with tempfile.TemporaryDirectory() as made:
        database = f"sqlite:///{made}/warehouse.db"
        line(
            Order(
                datetime(2026, 11, 21, tzinfo=UTC),
                (),
                PAGE.parents[1] / "tests/captures",
                False,
                Path(made),
                database,
            ),
            Plain(),
        )
        PAGE.write_text(page(warehouse.open(database)), encoding="utf-8")


if __name__ == "__main__":
    write()
