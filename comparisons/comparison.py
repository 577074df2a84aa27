"""One comparison of two models, computed from one release as plain data. Nothing is derived from what is not known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from comparisons import form
from comparisons.cost import MIXES, Route, cheapest, free, markup, routes, saving, unchecked
from schemas import catalogue
from schemas.fields import CAPABILITIES, FIELDS
from warehouse import Warehouse
from warehouse.reader import Figure

SPECS = ("release_date", "announced_date", "lifecycle", "context_window", "max_input_tokens", "max_output_tokens", "parameters", "active_parameters", "architecture",
         "licence", "openness", "commercial_use", "open_weights", "knowledge_cutoff", "training_cutoff", "retirement_date", "input_modalities",
         "output_modalities", "reasoning_levels")  # fmt: skip


class Side:
    """One model's part: its facts, its offers, its routes."""

    def __init__(self, warehouse: Warehouse, model: str) -> None:
        self.model = model
        figures = warehouse.figures(model=model)
        if not figures:
            raise LookupError(f"{model} has no figures in release {warehouse.known}" + (f" on {warehouse.valid[:10]}" if warehouse.valid else ""))
        self.name = warehouse.names([model]).get(model, model)
        self.facts = {f.field: f for f in figures if f.subject_kind == "model"}
        self.offers = [f for f in figures if f.subject_kind == "offer"]
        self.scores = {f.terms: f for f in figures if f.subject_kind == "evaluation" and f.field == "score" and f.usable}
        self.routes = routes(self.offers)
        served = {f.provider for f in self.offers if f.usable and (f.field == "price" or (f.field == "offered" and f.value == "true")) and "via=" not in f.terms}
        self.providers = sorted(served)

    def usable(self, field: str) -> Figure | None:
        f = self.facts.get(field)
        return f if f is not None and f.usable else None


def compare(warehouse: Warehouse, a: str, b: str) -> dict[str, Any]:
    """Return the comparison of two models as data for JSON, the terminal and Markdown.

    Raises LookupError for a model without figures at the moment asked about.
    """
    one, two = Side(warehouse, a), Side(warehouse, b)
    release = warehouse.release()
    as_of = (warehouse.valid or release.created_at)[:10]
    cost = _cost(one, two)
    benchmarks = _benchmarks(one, two)
    result: dict[str, Any] = {
        "title": f"{one.name} vs {two.name}", "as_of": as_of, "release": release.id, "models": [{"id": s.model, "name": s.name} for s in (one, two)],
        "specs": [_row(f, FIELDS[("model", f)].title, one, two) for f in SPECS if f in one.facts or f in two.facts],
        "capabilities": [_row(f, FIELDS[("model", f)].title, one, two) for f in CAPABILITIES if f in one.facts or f in two.facts],
        "prices": {s.model: [_route(r) for r in s.routes] for s in (one, two)},
        "providers": {s.model: {"count": len(s.providers), "names": [_provider(p) for p in s.providers], "free": [_provider(p) for p in free(s.offers)],
                                "unchecked": [_said_route(r) for r in unchecked(s.offers)]} for s in (one, two)},
        "benchmarks": benchmarks, "cost": cost, "overlap": _overlap(one, two, as_of),
    }  # fmt: skip
    result["tradeoffs"] = _tradeoffs(one, two, result)
    result["verdict"] = _verdict(cost)
    return result


def _provider(provider: str) -> str:
    entry = catalogue.providers().get(provider)
    return entry.name if entry else provider


def _row(field: str, title: str, one: Side, two: Side) -> dict[str, Any]:
    return {"field": field, "title": title, "cells": [_cell(s.facts.get(field)) for s in (one, two)]}


def _cell(f: Figure | None) -> dict[str, Any]:
    if f is None:
        return {"shown": form.MISSING, "state": "not_found", "value": None}
    support, dissent = f.sides()
    badge = " (OSI-approved)" if f.field == "licence" and f.value in catalogue.osi_approved() else ""
    return {"shown": form.value(f) + badge, "state": f.state, "value": f.value, "why": f.why, "confidence": f.confidence, "support": len(support), "dissent": len(dissent)}


def _route(r: Route) -> dict[str, Any]:
    return {"provider": r.provider, "name": _provider(r.provider), "input_usd_per_mtok": _usd(r.input), "output_usd_per_mtok": _usd(r.output),
            "input": form.value(r.input), "output": form.value(r.output),
            **{f"{m.name}_usd": r.cost(m) for m in MIXES.values()}}  # fmt: skip


def _said_route(r: Route) -> str:
    return f"{_provider(r.provider)} ({form.value(r.input)} input, {form.value(r.output)} output)"


def _usd(f: Figure) -> Decimal:
    return (Decimal(f.number or 0) / 10**9).normalize() + 0


def _cost(one: Side, two: Side) -> dict[str, Any] | None:
    """Return what both cost on their cheapest route at each mix; None where one has no known price."""
    if not one.routes or not two.routes:
        return None
    found: dict[str, Any] = {"mixes": {}}
    for mix in MIXES.values():
        best = [cheapest(s.routes, mix) for s in (one, two)]
        assert best[0] is not None and best[1] is not None
        costs = [r.cost(mix) for r in best if r is not None]
        low = costs.index(min(costs))
        found["mixes"][mix.name] = {
            "basis": mix.basis, "usd": costs, "shown": [form.money(c) for c in costs], "routes": [_provider(r.provider) for r in best if r is not None],
            "gap_usd": abs(costs[0] - costs[1]), "gap_shown": form.money(abs(costs[0] - costs[1])),
            "lower": None if costs[0] == costs[1] else (one, two)[low].model,
            "saving_pct": _pct(saving(max(costs), min(costs))), "markup_pct": _pct(markup(max(costs), min(costs))),
        }  # fmt: skip
    inputs = [min(_usd(r.input) for r in s.routes) for s in (one, two)]
    outputs = [min(_usd(r.output) for r in s.routes) for s in (one, two)]
    for name, pair in (("input", inputs), ("output", outputs)):
        found[name] = {"basis": f"cheapest {name} price of a million tokens", "usd_per_mtok": pair, "difference_usd": abs(pair[0] - pair[1]),
                       "lower": None if pair[0] == pair[1] else (one, two)[pair.index(min(pair))].model,
                       "saving_pct": _pct(saving(max(pair), min(pair))), "markup_pct": _pct(markup(max(pair), min(pair)))}  # fmt: skip
    found["names"] = {one.model: one.name, two.model: two.name}
    found["excluded"] = "Batch, cache, other service tiers, free tiers, negotiated prices and prices only their seller states are left out."
    return found


def _pct(ratio: Decimal | None) -> Decimal | None:
    return None if ratio is None else (ratio * 100).quantize(Decimal("0.1")).normalize() + 0


def _benchmarks(one: Side, two: Side) -> dict[str, Any]:
    """Return shared rows with the lead in points, and how many rows each has alone."""
    shared = []
    for terms in sorted(one.scores.keys() & two.scores.keys()):
        pair = [one.scores[terms], two.scores[terms]]
        scores = [Decimal(f.value or 0) for f in pair]
        lead = abs(scores[0] - scores[1])
        shared.append({"benchmark": pair[0].conditions.get("benchmark", terms), "terms": pair[0].conditions, "scores": scores, "lead": lead,
                       "leader": None if not lead else (one, two)[0 if scores[0] > scores[1] else 1].model,
                       "variant_known": "variant" in pair[0].conditions or " " in pair[0].conditions.get("benchmark", "")})  # fmt: skip
    return {"shared": shared, "alone": {s.model: len(s.scores) - len(shared) for s in (one, two)}}


def _overlap(one: Side, two: Side, as_of: str) -> dict[str, Any]:
    """Say who serves both: the world is open, so that nobody is found is said as of a date, over what was tracked."""
    both = sorted(set(one.providers) & set(two.providers))
    tracked = len(one.providers) + len(two.providers)
    if both:
        who = form.listed([_provider(p) for p in both])
        said = f"{who} {'serve' if len(both) > 1 else 'serves'} both, among {len(one.providers)} + {len(two.providers)} tracked offers as of {as_of}."
    else:
        said = f"No overlap among {len(one.providers)} + {len(two.providers)} tracked offers as of {as_of}."
    return {"providers": both, "tracked": tracked, "as_of": as_of, "said": said}


def _tradeoffs(one: Side, two: Side, result: dict[str, Any]) -> dict[str, list[str]]:
    """Return, for each model, what speaks for it, in a fixed order: benchmark, context, output price, providers, capabilities."""
    points: dict[str, list[str]] = {one.model: [], two.model: []}
    for row in result["benchmarks"]["shared"]:
        if row["leader"]:
            points[row["leader"]].append(f"leads on {row['benchmark']} by {row['lead'].normalize():f} points")
    contexts = [s.usable("context_window") for s in (one, two)]
    exact = [c for c in contexts if c and not c.rule.endswith("bound only")]  # a bound wins and loses nothing
    if len(exact) == 2 and contexts[0] and contexts[1] and contexts[0].number != contexts[1].number:
        larger = 0 if (contexts[0].number or 0) > (contexts[1].number or 0) else 1
        points[(one, two)[larger].model].append(f"has the larger context window ({form.value(contexts[larger])} against {form.value(contexts[1 - larger])} tokens)")
    if result["cost"] and result["cost"]["output"]["lower"]:
        out = result["cost"]["output"]
        points[out["lower"]].append(f"has the lower output price ({form.money(min(out['usd_per_mtok']))} against {form.money(max(out['usd_per_mtok']))} per million)")
    if len(one.providers) != len(two.providers):
        wider = max((one, two), key=lambda s: len(s.providers))
        points[wider.model].append(f"has more tracked providers ({len(one.providers)} and {len(two.providers)})")
    for mine, other in ((one, two), (two, one)):
        only = [FIELDS[("model", c)].title for c in CAPABILITIES if (f := mine.usable(c)) and f.value == "true" and (g := other.usable(c)) and g.value == "false"]
        if only:
            points[mine.model].append(f"alone has {form.listed(only, 10)}")
    return points


def _verdict(cost: dict[str, Any] | None) -> str:
    """Say who is cheaper and by how much: a saving is of the dearer price, a mark-up of the cheaper one."""
    if not cost or cost["input"]["lower"] is None:
        return "Neither is cheaper on input that we know of."
    pair = cost["input"]
    lower = cost["names"][pair["lower"]]
    low, high = min(pair["usd_per_mtok"]), max(pair["usd_per_mtok"])
    up = f"; the other's mark-up over it is {pair['markup_pct']:,f} %" if pair["markup_pct"] is not None else ""
    return f"{lower} costs {form.price(int(low * 10**9))} of input against {form.price(int(high * 10**9))}: a saving of {pair['saving_pct']:f} %{up}."
