"""The sentences of a comparison.

Every one is derived from figures that are known; a rule that does not apply says nothing.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

from almanac.comparisons import decision_tags, formatting
from almanac.comparisons.model_profile import ModelProfile, maker_name
from almanac.schemas.fields import CAPABILITIES, FIELDS


def lede(sides: list[ModelProfile], c: dict[str, Any]) -> str:
    """Return the opening: who they are, and their context windows.

    Then the one difference that can be checked first.
    """
    makers = list(dict.fromkeys(maker_name(s.model) for s in sides))
    who = formatting.listed(
        [f"{s.name} ({s.year})" if s.year else s.name for s in sides], len(sides)
    )
    said = [f"{who} are models from {formatting.listed(makers, len(makers))}."]
    contexts = [(s, f) for s in sides if (f := s.usable("context_window"))]
    if contexts:
        said.append(
            formatting.listed(
                [
                    f"{s.name} has a context window of {formatting.value(f)} tokens"
                    for s, f in contexts
                ],
                len(contexts),
            )
            + "."
        )
    shared = [r for r in c["benchmarks"]["shared"] if r["leader"]]
    names = {s.model: s.name for s in sides}
    if shared:
        row = max(shared, key=lambda r: (r["lead"], r["benchmark"]))
        said.append(
            f"On {row['benchmark']},"
            f" {names[row['leader']]} leads by {formatting.plain(row['lead'])} points."
        )
    elif c["cost"] and c["cost"]["input"]["lower"]:
        said.append(verdict(c["cost"]))
    return " ".join(said)


def verdict(cost: dict[str, Any] | None) -> str:
    """Say who is cheaper and by how much.

    A saving is of the dearer price, a mark-up of the cheaper one.
    """
    if not cost or cost["input"]["lower"] is None:
        return (
            "Neither is cheaper on input that we know of."
            if not cost or len(cost["names"]) == 2
            else "None is cheapest on input that we know of."
        )
    pair = cost["input"]
    lower = cost["names"][pair["lower"]]
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


def tradeoffs(sides: list[ModelProfile], c: dict[str, Any]) -> dict[str, list[str]]:
    """Return, for each model, what speaks for it.

    The order is fixed: benchmark, context, output price, providers, capabilities, tags.
    """
    points: dict[str, list[str]] = {s.model: [] for s in sides}
    for row in c["benchmarks"]["shared"]:
        if row["leader"]:
            points[row["leader"]].append(
                f"leads on {row['benchmark']} by {formatting.plain(row['lead'])} points"
            )
    contexts = [s.exactly("context_window") for s in sides]  # a bound wins and loses nothing
    sizes = [f.number or 0 for f in contexts if f]
    if len(sizes) == len(sides) and sizes.count(max(sizes)) == 1:
        best = sizes.index(max(sizes))
        rest = max(n for n in sizes if n != sizes[best])
        points[sides[best].model].append(
            "has the larger context window"
            f" ({formatting.value(contexts[best])} against {rest:,} tokens)"
        )
    if c["cost"] and c["cost"]["output"]["lower"]:
        out = c["cost"]["output"]
        low, high = (
            formatting.price(int(x * 10**9))
            for x in (min(out["usd_per_mtok"]), max(out["usd_per_mtok"]))
        )
        points[out["lower"]].append(f"has the lower output price ({low} against {high})")
    counts = [len(s.providers) for s in sides]
    if counts.count(max(counts)) == 1:
        points[sides[counts.index(max(counts))].model].append(
            "has more tracked providers"
            f" ({formatting.listed([str(n) for n in counts], len(counts))})"
        )
    for mine in sides:
        if only := alone(mine, [s for s in sides if s is not mine]):
            points[mine.model].append(f"alone has {formatting.listed(only, 20)}")
        if fit := decision_tags.alone(mine, [s for s in sides if s is not mine]):
            points[mine.model].append(f"alone is tagged {formatting.listed(fit, 20)}")
    return points


def alone(mine: ModelProfile, others: list[ModelProfile]) -> list[str]:
    """Return the capabilities that one model alone is known to have.

    All others are known not to have them.
    """
    return [
        FIELDS[("model", c)].title
        for c in CAPABILITIES
        if mine.has(c) and all(s.has(c) is False for s in others)
    ]


def friction(sides: list[ModelProfile], c: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a switch from each model to each other meets.

    That is providers, output price, capabilities lost and gained.
    """
    found = []
    for one, two in permutations(sides, 2):
        shared = sorted(set(one.providers) & set(two.providers))
        names = [
            n
            for p, n in zip(
                c["providers"][one.model]["ids"], c["providers"][one.model]["names"], strict=True
            )
            if p in shared
        ]
        if names:
            said = [
                f"{formatting.listed(names)} {'serve' if len(names) > 1 else 'serves'} both:"
                " the endpoint can stay."
            ]
        else:
            tracked = (
                f"{len(one.providers)} + {len(two.providers)} tracked offers as of {c['as_of']}"
            )
            said = [
                f"No provider of both is known among {tracked}:"
                " plan for another account, endpoint and bill."
            ]
        prices = [min((r.output.number or 0 for r in s.routes), default=None) for s in (one, two)]
        if prices[0] is not None and prices[1] is not None and prices[0] != prices[1]:
            way = "higher" if prices[1] > prices[0] else "lower"
            said.append(
                f"Its cheapest output is {formatting.price(abs(prices[1] - prices[0]))} {way},"
                " before cache, batch and negotiated prices."
            )
        lost, gained = alone(one, [two]), alone(two, [one])
        said += (
            [f"It has no {formatting.listed(lost, 20)}: find a replacement first."] if lost else []
        )
        said += [f"It adds {formatting.listed(gained, 20)}."] if gained else []
        found.append(
            {"from": one.model, "to": two.model, "title": f"{one.name} → {two.name}", "said": said}
        )
    return found


def deep_dive(sides: list[ModelProfile], c: dict[str, Any]) -> list[str]:
    """Return paragraphs on benchmarks, capabilities, cost and choice.

    Each is there only where something is known of it.
    """
    names = {s.model: s.name for s in sides}
    out = []
    shared = [r for r in c["benchmarks"]["shared"] if r["leader"]]
    if shared:
        row = max(shared, key=lambda r: (r["lead"], r["benchmark"]))
        scores = formatting.listed(
            [f"{s.name} {score:f}" for s, score in zip(sides, row["scores"], strict=True)],
            len(sides),
        )
        of = f"Of {len(shared)} shared benchmark {'rows' if len(shared) > 1 else 'row'}"
        out.append(
            f"{of} the widest gap is on {row['benchmark']}: {scores},"
            f" a lead of {formatting.plain(row['lead'])} points for {names[row['leader']]}."
            " Its own prompts, effort and harness decide whether that carries over to yours."
        )
    lines = [
        f"{s.name} alone has {formatting.listed(only, 20)}"
        for s in sides
        if (only := alone(s, [o for o in sides if o is not s]))
    ]
    both = [FIELDS[("model", f)].title for f in CAPABILITIES if all(s.has(f) for s in sides)]
    if lines or both:
        out.append(
            ". ".join(
                [
                    *lines,
                    *(
                        [
                            f"Known of {'both' if len(sides) == 2 else 'all'}:"
                            f" {formatting.listed(both, 20)}"
                        ]
                        if both
                        else []
                    ),
                ]
            )
            + "."
        )
    if c["cost"]:
        blend = c["cost"]["mixes"]["blend_70_30"]
        each = formatting.listed(
            [
                f"{s.name} {shown} at {route}"
                for s, shown, route in zip(sides, blend["shown"], blend["routes"], strict=True)
            ],
            len(sides),
        )
        counts = formatting.listed([f"{s.name} {len(s.providers)}" for s in sides], len(sides))
        out.append(
            f"Of {blend['basis']}: {each}; the gap is {blend['gap_shown']}."
            f" Tracked providers: {counts}; one provider alone is a risk of its own."
        )
    return out


def faq(sides: list[ModelProfile], c: dict[str, Any]) -> list[dict[str, str]]:
    """Return questions with answers.

    A question whose answer rests on something unknown is left out.
    """
    names = formatting.listed([s.name for s in sides], len(sides)).replace(" and ", " or ")
    found: list[dict[str, str]] = []

    def ask(question: str, answer: str) -> None:
        found.append({"question": question, "answer": answer})

    contexts = [s.exactly("context_window") for s in sides]
    if all(contexts):
        sizes = [f.number or 0 for f in contexts if f]
        who = formatting.listed(
            [
                f"{s.name} takes {formatting.value(f)} tokens"
                for s, f in zip(sides, contexts, strict=True)
            ],
            len(sides),
        )
        lead = (
            f"{sides[sizes.index(max(sizes))].name}: "
            if sizes.count(max(sizes)) == 1
            else "They are equal: "
        )
        ask(
            f"Which has the larger context window, {names}?",
            f"{lead}{who}, input and output together. A provider may serve less.",
        )
    if c["cost"]:
        month = c["cost"]["mixes"]["ref_800_250"]
        each = formatting.listed(
            [
                f"{s.name} {shown} at {route}"
                for s, shown, route in zip(sides, month["shown"], month["routes"], strict=True)
            ],
            len(sides),
        )
        lead = (
            f"{c['cost']['names'][month['lower']]}, for"
            if month["lower"]
            else "They cost the same for"
        )
        ask(
            f"Which is cheaper, {names}?",
            f"{lead} {month['basis']} on the cheapest route of each: {each}."
            f" {c['cost']['excluded']}",
        )
    licences = [s.usable("licence") for s in sides]
    if all(licences):
        osi = next(r for r in c["specs"] if r["field"] == "licence")["cells"]
        who = formatting.listed(
            [f"{s.name} is licensed {x['shown']}" for s, x in zip(sides, osi, strict=True)],
            len(sides),
        )
        ask(
            f"Is {names} open source?",
            f"{who}. Only a licence marked OSI-approved is open source in the usual sense.",
        )
    for field, noun in (
        ("vision", "images"),
        ("function_calling", "function calling"),
        ("structured_outputs", "structured output"),
        ("reasoning", "reasoning"),
    ):
        has = [s.has(field) for s in sides]
        if None not in has:
            ask(
                f"Which supports {noun}, {names}?",
                _who_supports(
                    noun, [s.name for s, h in zip(sides, has, strict=True) if h], len(sides)
                ),
            )
    if all(s.providers for s in sides):
        who = " ".join(
            f"{s.name}: {formatting.listed(c['providers'][s.model]['names'], 8)}." for s in sides
        )
        ask(f"Where can I run {names}?", f"{who} Tracked as of {c['as_of']}.")
    return found


def _who_supports(noun: str, yes: list[str], of: int) -> str:
    if len(yes) == of:
        return f"{'Both' if of == 2 else 'All of them'} support {noun}."
    if not yes:
        return "Neither does." if of == 2 else "None of them does."
    return (
        f"{formatting.listed(yes, 20)};"
        f" {'the other is' if of - len(yes) == 1 else 'the others are'} known not to."
    )
