"""A comparison as Markdown and as text for a terminal: two ways to write the same sections."""

from __future__ import annotations

from typing import Any

Section = tuple[str, list[str], list[list[str]], list[str]]
"""Title, column heads, rows, sentences below."""


def sections(c: dict[str, Any]) -> list[Section]:
    """Return the sections of a comparison in order, as rows and sentences."""
    names = [m["name"] for m in c["models"]]
    ids = [m["id"] for m in c["models"]]
    out: list[Section] = [("In short", [], [], [c["lede"], c["verdict"], c["overlap"]["said"]])]
    out.append(
        (
            "Decision scorecard",
            ["", *names],
            [
                [r["title"], *(r.get("texts") or [x["shown"] for x in r["cells"]])]
                for r in c["scorecard"]
            ],
            [],
        )
    )
    out.append(
        (
            "Specs",
            ["", *names],
            [[r["title"], *(x["shown"] for x in r["cells"])] for r in c["specs"]],
            [],
        )
    )
    out.append(
        (
            "Capabilities",
            ["", *names],
            [[r["title"], *(x["shown"] for x in r["cells"])] for r in c["capabilities"]],
            [],
        )
    )
    if c["cost"]:
        rows = [
            [
                mix["basis"],
                *(f"{s} ({r})" for s, r in zip(mix["shown"], mix["routes"], strict=True)),
                mix["gap_shown"],
            ]
            for mix in c["cost"]["mixes"].values()
        ]
        month = c["cost"]["mixes"]["ref_800_250"]
        said = (
            [f"On monthly cost the lower saves {month['saving_pct']:f} %.", c["cost"]["excluded"]]
            if month["saving_pct"]
            else [c["cost"]["excluded"]]
        )
        out.append(("Cost on the cheapest route", ["Traffic", *names, "Gap"], rows, said))
    else:
        out.append(
            (
                "Cost on the cheapest route",
                [],
                [],
                ["No cost can be said: one of them has no known price."],
            )
        )
    rows = [
        (
            [m["name"], m["best"]["shown"], m["best"]["name"]]
            if m["best"]
            else [m["name"], "—", "no provider with every price known"]
        )
        for m in c["traffic"]["models"]
    ]
    gap = [f"The gap is {c['traffic']['gap_shown']}."] if c["traffic"]["gap"] else []
    out.append(
        (
            "Monthly cost at your traffic",
            ["", "Cost", "At"],
            rows,
            [f"For {c['traffic']['said']}.", *gap],
        )
    )
    for i, name in zip(ids, names, strict=True):
        found = c["providers"][i]
        prices = [[r["name"], r["input"], r["output"]] for r in c["prices"][i]]
        said = [f"{found['count']} tracked providers."] + (
            [f"Free at: {', '.join(found['free'])}."] if found["free"] else []
        )
        said += (
            [f"Stated by the seller alone, unchecked: {', '.join(found['unchecked'])}."]
            if found["unchecked"]
            else []
        )
        out.append((f"Who serves {name}", ["Provider", "Input", "Output"], prices, said))
    rows = [
        [r["benchmark"], *(f"{s:f}" for s in r["scores"]), f"{r['lead'].normalize():f}"]
        for r in c["benchmarks"]["shared"]
    ]
    alone = c["benchmarks"]["alone"]
    said = [
        (
            f"{sum(alone.values())} more scores are not known of all."
            if rows
            else "No shared benchmark row is known."
        )
    ]
    if any(not r["variant_known"] for r in c["benchmarks"]["shared"]):
        said.append("A score without its variant and settings is not strictly comparable.")
    out.append(("Benchmarks", ["", *names, "Lead"] if rows else [], rows, said))
    for i, name in zip(ids, names, strict=True):
        out.append(
            (
                f"Choose {name} when it matters that it …",
                [],
                [],
                [f"- {p}" for p in c["tradeoffs"][i]] or ["- (no known difference speaks for it)"],
            )
        )
    for i, name in zip(ids, names, strict=True):
        if avoid := c["advice"][i]["avoid"]:
            out.append((f"Avoid {name} if …", [], [], [f"- {a['said']}" for a in avoid]))
    for switch in c["friction"]:
        out.append((f"Switching: {switch['title']}", [], [], [f"- {s}" for s in switch["said"]]))
    for i, name in zip(ids, names, strict=True):
        if found := c["evals"][i]:
            rows = [
                [r["category"], r["shown"], f"{r['passes']['shown']}/{r['total']['shown']}"]
                for r in found["rows"]
            ]
            pooled = found["pooled"]
            out.append(
                (
                    f"Vision evaluations of {name}",
                    ["Category", "Passed", "Prompts"],
                    rows,
                    [f"Pooled: {pooled['shown']} ({pooled['passes']}/{pooled['total']})."],
                )
            )
    if c["deep_dive"]:
        out.append(("Deep dive", [], [], c["deep_dive"]))
    if c["faq"]:
        out.append(
            (
                "Questions",
                [],
                [],
                [line for q in c["faq"] for line in (q["question"], q["answer"], "")],
            )
        )
    return out


def foot(c: dict[str, Any]) -> str:
    return (
        f"As of {c['as_of']}, release {c['release']}. Every figure: `almanac explain MODEL FIELD`."
    )


def markdown(c: dict[str, Any]) -> str:
    """Return the comparison as Markdown.

    Cells are escaped, so that harvested text cannot break a table.
    """
    lines = [f"# {_cell(c['title'])}", ""]
    for title, heads, rows, said in sections(c):
        lines += [f"## {_cell(title)}", ""]
        if heads:
            lines += ["| " + " | ".join(map(_cell, heads)) + " |", "|" + "---|" * len(heads)]
            lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows] + [""]
        lines += [*(_text(s) for s in said), ""]
    return "\n".join([*lines, foot(c), ""])


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|").replace("\n", " ")
