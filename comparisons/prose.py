"""The sentences of a comparison.

Every one is derived from figures that are known; a rule that does not apply says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from almanac.comparisons import decision_tags, formatting
from almanac.comparisons.model_profile import ModelProfile, maker_name
from almanac.comparisons.result import BenchmarkRow, Cost, Findings, MixCost, Question, Switch
from almanac.schemas.fields import CAPABILITIES, FIELDS

Point = tuple[str, str]
"""A model, and what speaks for it."""


def lede(models: list[ModelProfile], c: Findings) -> str:
    """Return the opening: who they are, and their context windows.

    Then the one difference that can be checked first.
    """
    makers = list(dict.fromkeys(maker_name(m.model) for m in models))
    names = [f"{m.name} ({m.year})" if m.year else m.name for m in models]
    sentences = [f"{_all(names)} are models from {_all(makers)}."]
    windows = [
        f"{m.name} has a context window of {formatting.value(figure)} tokens"
        for m in models
        if (figure := m.usable("context_window"))
    ]
    if windows:
        sentences.append(f"{_all(windows)}.")
    if row := _widest(c):
        leader = next(m.name for m in models if m.model == row["leader"])
        lead = formatting.plain(row["lead"])
        sentences.append(f"On {row['benchmark']}, {leader} leads by {lead} points.")
    elif c.cost and c.cost["input"]["lower"]:
        sentences.append(verdict(c.cost))
    return " ".join(sentences)


def _all(words: Sequence[str]) -> str:
    return formatting.listed(list(words), len(words))


def _led(c: Findings) -> list[BenchmarkRow]:
    """Return the shared benchmark rows in which one model leads."""
    return [row for row in c.benchmarks["shared"] if row["leader"]]


def _widest(c: Findings) -> BenchmarkRow | None:
    """Return the shared benchmark row with the widest lead."""
    return max(_led(c), key=lambda row: (row["lead"], row["benchmark"]), default=None)


def verdict(cost: Cost | None) -> str:
    """Say who is cheaper and by how much.

    A saving is of the dearer price, a mark-up of the cheaper one.
    """
    lowest = cost["input"]["lower"] if cost else None
    if not cost or lowest is None:
        return (
            "Neither is cheaper on input that we know of."
            if not cost or len(cost["names"]) == 2
            else "None is cheapest on input that we know of."
        )
    pair = cost["input"]
    lower = cost["names"][lowest]
    low, high = min(pair["usd_per_mtok"]), max(pair["usd_per_mtok"])
    other = "the other" if len(cost["names"]) == 2 else "the dearest"
    up = (
        f"; {other}'s mark-up over it is {pair['markup_pct']:,f} %"
        if pair["markup_pct"] is not None
        else ""
    )
    return (
        f"{lower} costs {formatting.price(int(low * 10**9))} of input"
        f" against {formatting.price(int(high * 10**9))}: a saving of {pair['saving_pct']:f} %{up}."
    )


def tradeoffs(models: list[ModelProfile], c: Findings) -> dict[str, list[str]]:
    """Return, for each model, what speaks for it.

    The order is fixed: benchmark, context, output price, providers, capabilities, tags.
    """
    points: dict[str, list[str]] = {m.model: [] for m in models}
    for model, point in (
        *_leads(c),
        *_larger_window(models),
        *_cheaper_output(c),
        *_more_providers(models),
        *_only_here(models),
    ):
        points[model].append(point)
    return points


def _leads(c: Findings) -> Iterator[Point]:
    for row in c.benchmarks["shared"]:
        if leader := row["leader"]:
            yield leader, f"leads on {row['benchmark']} by {formatting.plain(row['lead'])} points"


def _larger_window(models: list[ModelProfile]) -> Iterator[Point]:
    """A bound wins and loses nothing."""
    windows = [m.exactly("context_window") for m in models]
    sizes = [f.number or 0 for f in windows if f]
    if len(sizes) == len(models) and sizes.count(max(sizes)) == 1:
        best = sizes.index(max(sizes))
        rest = max(n for n in sizes if n != sizes[best])
        size = formatting.value(windows[best])
        yield models[best].model, f"has the larger context window ({size} against {rest:,} tokens)"


def _cheaper_output(c: Findings) -> Iterator[Point]:
    if c.cost and (lower := c.cost["output"]["lower"]):
        out = c.cost["output"]
        ends = (min(out["usd_per_mtok"]), max(out["usd_per_mtok"]))
        low, high = (formatting.price(int(x * 10**9)) for x in ends)
        yield lower, f"has the lower output price ({low} against {high})"


def _more_providers(models: list[ModelProfile]) -> Iterator[Point]:
    counts = [len(m.providers) for m in models]
    if counts.count(max(counts)) == 1:
        each = _all([str(n) for n in counts])
        yield models[counts.index(max(counts))].model, f"has more tracked providers ({each})"


def _only_here(models: list[ModelProfile]) -> Iterator[Point]:
    for mine in models:
        others = [m for m in models if m is not mine]
        if only := alone(mine, others):
            yield mine.model, f"alone has {formatting.listed(only, 20)}"
        if tags := decision_tags.alone(mine, others):
            yield mine.model, f"alone is tagged {formatting.listed(tags, 20)}"


def alone(mine: ModelProfile, others: list[ModelProfile]) -> list[str]:
    """Return the capabilities that one model alone is known to have.

    All others are known not to have them.
    """
    return [
        FIELDS[("model", c)].title
        for c in CAPABILITIES
        if mine.has(c) and all(other.has(c) is False for other in others)
    ]


def friction(models: list[ModelProfile], c: Findings) -> list[Switch]:
    """Return what a switch from each model to each other meets.

    That is providers, output price, capabilities lost and gained.
    """
    return [
        {
            "from": old.model,
            "to": new.model,
            "title": f"{old.name} → {new.name}",
            "said": [_endpoint(old, new, c), *_output_change(old, new), *_exchanged(old, new)],
        }
        for old, new in permutations(models, 2)
    ]


def _endpoint(old: ModelProfile, new: ModelProfile, c: Findings) -> str:
    served = c.providers[old.model]
    shared = set(old.providers) & set(new.providers)
    names = [n for p, n in zip(served["ids"], served["names"], strict=True) if p in shared]
    if names:
        serve = "serve" if len(names) > 1 else "serves"
        return f"{formatting.listed(names)} {serve} both: the endpoint can stay."
    return (
        f"No provider of both is known among {len(old.providers)} + {len(new.providers)} tracked"
        f" offers as of {c.as_of}: plan for another account, endpoint and bill."
    )


def _output_change(old: ModelProfile, new: ModelProfile) -> Iterator[str]:
    before, after = (
        min((r.output.number or 0 for r in m.routes), default=None) for m in (old, new)
    )
    if before is not None and after is not None and before != after:
        way = "higher" if after > before else "lower"
        yield (
            f"Its cheapest output is {formatting.price(abs(after - before))} {way},"
            " before cache, batch and negotiated prices."
        )


def _exchanged(old: ModelProfile, new: ModelProfile) -> Iterator[str]:
    if lost := alone(old, [new]):
        yield f"It has no {formatting.listed(lost, 20)}: find a replacement first."
    if gained := alone(new, [old]):
        yield f"It adds {formatting.listed(gained, 20)}."


def deep_dive(models: list[ModelProfile], c: Findings) -> list[str]:
    """Return paragraphs on benchmarks, capabilities, cost and choice.

    Each is there only where something is known of it.
    """
    return [*_on_benchmarks(models, c), *_on_capabilities(models), *_on_cost(models, c)]


def _on_benchmarks(models: list[ModelProfile], c: Findings) -> Iterator[str]:
    if row := _widest(c):
        scores = [f"{m.name} {score:f}" for m, score in zip(models, row["scores"], strict=True)]
        leader = next(m.name for m in models if m.model == row["leader"])
        count = len(_led(c))
        yield (
            f"Of {count} shared benchmark {'rows' if count > 1 else 'row'}"
            f" the widest gap is on {row['benchmark']}: {_all(scores)},"
            f" a lead of {formatting.plain(row['lead'])} points for {leader}."
            " Its own prompts, effort and harness decide whether that carries over to yours."
        )


def _on_capabilities(models: list[ModelProfile]) -> Iterator[str]:
    clauses = [
        f"{mine.name} alone has {formatting.listed(only, 20)}"
        for mine in models
        if (only := alone(mine, [m for m in models if m is not mine]))
    ]
    common = [FIELDS[("model", f)].title for f in CAPABILITIES if all(m.has(f) for m in models)]
    if common:
        who = "both" if len(models) == 2 else "all"
        clauses.append(f"Known of {who}: {formatting.listed(common, 20)}")
    if clauses:
        yield ". ".join(clauses) + "."


def _on_cost(models: list[ModelProfile], c: Findings) -> Iterator[str]:
    if c.cost:
        blend = c.cost["mixes"]["blend_70_30"]
        counts = _all([f"{m.name} {len(m.providers)}" for m in models])
        yield (
            f"Of {blend['basis']}: {_routes(models, blend)}; the gap is {blend['gap_shown']}."
            f" Tracked providers: {counts}; one provider alone is a risk of its own."
        )


def _routes(models: list[ModelProfile], mix: MixCost) -> str:
    """Return what each costs at some traffic, and where."""
    costs = zip(models, mix["shown"], mix["routes"], strict=True)
    return _all([f"{m.name} {shown} at {route}" for m, shown, route in costs])


def faq(models: list[ModelProfile], c: Findings) -> list[Question]:
    """Return questions with answers.

    A question whose answer rests on something unknown is left out.
    """
    names = _all([m.name for m in models]).replace(" and ", " or ")
    answers = (
        *_which_window(models, names),
        *_which_is_cheaper(models, c, names),
        *_which_is_open(models, c, names),
        *_which_supports(models, names),
        *_where_to_run(models, c, names),
    )
    return [{"question": question, "answer": answer} for question, answer in answers]


Answer = tuple[str, str]
"""A question, and its answer."""


def _which_window(models: list[ModelProfile], names: str) -> Iterator[Answer]:
    windows = [m.exactly("context_window") for m in models]
    if all(windows):
        sizes = [f.number or 0 for f in windows if f]
        best = models[sizes.index(max(sizes))].name
        lead = f"{best}: " if sizes.count(max(sizes)) == 1 else "They are equal: "
        each = zip(models, windows, strict=True)
        takes = _all([f"{m.name} takes {formatting.value(f)} tokens" for m, f in each])
        yield (
            f"Which has the larger context window, {names}?",
            f"{lead}{takes}, input and output together. A provider may serve less.",
        )


def _which_is_cheaper(models: list[ModelProfile], c: Findings, names: str) -> Iterator[Answer]:
    if c.cost:
        month = c.cost["mixes"]["ref_800_250"]
        lower = month["lower"]
        lead = f"{c.cost['names'][lower]}, for" if lower else "They cost the same for"
        yield (
            f"Which is cheaper, {names}?",
            f"{lead} {month['basis']} on the cheapest route of each: {_routes(models, month)}."
            f" {c.cost['excluded']}",
        )


def _which_is_open(models: list[ModelProfile], c: Findings, names: str) -> Iterator[Answer]:
    if all(m.usable("licence") for m in models):
        cells = next(row for row in c.specs if row["field"] == "licence")["cells"]
        each = zip(models, cells, strict=True)
        licences = _all([f"{m.name} is licensed {cell['shown']}" for m, cell in each])
        yield (
            f"Is {names} open source?",
            f"{licences}. Only a licence marked OSI-approved is open source in the usual sense.",
        )


def _which_supports(models: list[ModelProfile], names: str) -> Iterator[Answer]:
    for field, noun in (
        ("vision", "images"),
        ("function_calling", "function calling"),
        ("structured_outputs", "structured output"),
        ("reasoning", "reasoning"),
    ):
        if all(m.has(field) is not None for m in models):
            able = [m.name for m in models if m.has(field)]
            yield f"Which supports {noun}, {names}?", _able(noun, able, len(models))


def _able(noun: str, able: list[str], of: int) -> str:
    if len(able) == of:
        return f"{'Both' if of == 2 else 'All of them'} support {noun}."
    if not able:
        return "Neither does." if of == 2 else "None of them does."
    others = "the other is" if of - len(able) == 1 else "the others are"
    return f"{formatting.listed(able, 20)}; {others} known not to."


def _where_to_run(models: list[ModelProfile], c: Findings, names: str) -> Iterator[Answer]:
    if all(m.providers for m in models):
        served = [formatting.listed(c.providers[m.model]["names"], 8) for m in models]
        where = " ".join(f"{m.name}: {who}." for m, who in zip(models, served, strict=True))
        yield f"Where can I run {names}?", f"{where} Tracked as of {c.as_of}."
