"""A comparison as Markdown and as text for a terminal: two ways to write the same sections."""

from __future__ import annotations

from typing import Any

Section = tuple[str, list[str], list[list[str]], list[str]]
"""Title, column heads, rows, sentences below."""


def sections(c: dict[str, Any]) -> list[Section]:
    """Return the sections of a comparison in order, as rows and sentences."""
    names = [m["name"] for m in c["models"]]
    ids = [m["id"] for m in c["models"]]
    out: list[Section] = [("In short", [], [], [c["verdict"], c["overlap"]["said"]])]
    out.append(("Specs", ["", *names], [[r["title"], *(x["shown"] for x in r["cells"])] for r in c["specs"]], []))
    out.append(("Capabilities", ["", *names], [[r["title"], *(x["shown"] for x in r["cells"])] for r in c["capabilities"]], []))
    if c["cost"]:
        rows = [[mix["basis"], *(f"{s} ({r})" for s, r in zip(mix["shown"], mix["routes"], strict=True)), mix["gap_shown"]] for mix in c["cost"]["mixes"].values()]
        month = c["cost"]["mixes"]["ref_800_250"]
        said = [f"On monthly cost the lower saves {month['saving_pct']:f} %.", c["cost"]["excluded"]] if month["saving_pct"] else [c["cost"]["excluded"]]
        out.append(("Cost on the cheapest route", ["Traffic", *names, "Gap"], rows, said))
    else:
        out.append(("Cost on the cheapest route", [], [], ["No cost can be said: one of the two has no known price."]))
    for i, name in zip(ids, names, strict=True):
        found = c["providers"][i]
        prices = [[r["name"], r["input"], r["output"]] for r in c["prices"][i]]
        said = [f"{found['count']} tracked providers."] + ([f"Free at: {', '.join(found['free'])}."] if found["free"] else [])
        said += [f"Stated by the seller alone, unchecked: {', '.join(found['unchecked'])}."] if found["unchecked"] else []
        out.append((f"Who serves {name}", ["Provider", "Input", "Output"], prices, said))
    rows = [[r["benchmark"], *(f"{s:f}" for s in r["scores"]), f"{r['lead'].normalize():f}"] for r in c["benchmarks"]["shared"]]
    alone = c["benchmarks"]["alone"]
    said = [f"{sum(alone.values())} more scores stand for one of the two alone." if rows else "No shared benchmark row is known for this pair."]
    if any(not r["variant_known"] for r in c["benchmarks"]["shared"]):
        said.append("A score without its variant and settings is not strictly comparable.")
    out.append(("Benchmarks", ["", *names, "Lead"] if rows else [], rows, said))
    for i, name in zip(ids, names, strict=True):
        out.append((f"Choose {name} when it matters that it …", [], [], [f"- {p}" for p in c["tradeoffs"][i]] or ["- (no known difference speaks for it)"]))
    return out


def foot(c: dict[str, Any]) -> str:
    return f"As of {c['as_of']}, release {c['release']}. Every figure: `almanac explain MODEL FIELD`."


def markdown(c: dict[str, Any]) -> str:
    """Return the comparison as Markdown; cells are escaped, so harvested text cannot break a table."""
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
