"""The shared form of benchmark tables.

One row a benchmark, one column a model, and columns that say how it was measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from almanac.schemas.claim import Claim, terms
from almanac.schemas.quantity import LONGEST, is_missing
from almanac.spiders.page import Page
from almanac.spiders.parsers.html_tables import PageTable

BENCHMARK = {"benchmark", "benchmarks", "dataset", "evaluation", "eval"}
METRIC = {"metric", "metrics"}
GROUP = {"category", "capability", "capabilities", "metrics"}
SHOTS = {"# shots", "#shots", "shots", "n-shot", "num shots"}
SETTING = {"setting", "settings", "mode"}
LANGUAGE = {"language"}
VALUE = {"score", "value", "result", "results", "accuracy"}
_METHOD = re.compile(
    r"(?:\d+-shots?|pass@\d+|em|acc\w*|f1|avg|average|macro.*|.*exact match.*"
    r"|strict|loose|)(?:,? .*)?",
    re.I,
)
_COUNT = re.compile(
    r"(?:\d{1,3}(?:-\d{1,3})?|zero|few|one)?\W*(?:-?shots?)?"
    r"(?:[\s,(]+[A-Za-z][^.@]{0,20})?|[A-Za-z][^.@]{0,20}",
    re.I,
)
_KIND = re.compile(
    r"general(?: knowledge)?|code|coding|reasoning|knowledge|multilingual|tool[ -]use|steerability"
    r"|long[ -]context|safety|vision|chat|instruction following|",
    re.I,
)
_LANGUAGES = {
    "english",
    "french",
    "german",
    "spanish",
    "italian",
    "portuguese",
    "russian",
    "chinese",
    "japanese",
    "hindi",
    "thai",
    "korean",
    "arabic",
}
_SCORE = re.compile(r"[~≈]?\s*\d+(?:\.\d+)?\s*%?")


def read_scores(page: Page, table: PageTable, own: str, every: bool = False) -> Iterator[Claim]:
    """Yield the scores of a table for the card's own model, or for every model its heads name."""
    heads = [h.strip().lower() for h in table.head]
    role = {
        name: next((i for i, h in enumerate(heads) if h in names), None)
        for name, names in (
            ("benchmark", BENCHMARK),
            ("metric", METRIC),
            ("group", GROUP),
            ("shots", SHOTS),
            ("setting", SETTING),
            ("language", LANGUAGE),
        )
    }
    if role["metric"] == role["group"]:
        role["metric" if role["benchmark"] is not None else "group"] = None
    label = role["benchmark"] if role["benchmark"] is not None else 0
    about = {i for i in role.values() if i is not None} | {label}
    columns = [(i, h) for i, h in enumerate(table.head) if i not in about]
    for i, head in columns:
        name = _about(head, own, every, alone=len(columns) == 1)
        if not name:
            continue
        group = ""
        for n, row in enumerate(table.rows):
            group = row[role["group"]] or group if role["group"] is not None else ""
            if is_missing(row[i]) or not _SCORE.fullmatch(row[i].strip()):
                continue
            if any(len(row[j]) > LONGEST for j in about):
                page.refuse(
                    "a benchmark's name among more words than any has",
                    printed=" | ".join(row),
                    locator=table.row(n),
                    model=name,
                    field="score",
                )
                continue
            benchmark, how = _benchmark(row, role, label, group)
            if not benchmark:
                continue
            grouped = role["benchmark"] is not None and role["group"] is not None
            if wrong := (
                "name of a benchmark"
                if grouped and _KIND.fullmatch(benchmark)
                else _misplaced(benchmark, how)
            ):
                page.refuse(
                    f"no {wrong}; cells may have changed places",
                    printed=" | ".join(row)[:300],
                    locator=table.row(n),
                    model=name,
                    field="score",
                )
                continue
            said, shots = _shots(benchmark)
            where = f"{table.heading}: " if said.lower() in _LANGUAGES else ""
            yield from page.say(
                "score",
                row[i],
                model=name,
                subject="evaluation",
                locator=f"{table.row(n)} column {head}",
                terms=terms(
                    benchmark=where + said,
                    **{**how, "shots": how.get("shots") or shots},
                    reporter="card",
                ),
            )


def _about(head: str, own: str, every: bool, alone: bool) -> str:
    """Return whose scores a column holds.

    They are the card's own model's, those of one its head names, or nobody's where
    rivals are left out.
    """
    if head.strip().lower() in VALUE or (alone and not re.search(r"\d", head)):
        return own
    if same_model(head, own):
        return head if every else own
    # The only column: the base of an instruct model, as its head says.
    kin = alone and words(head)[:1] == words(own)[:1]
    return head.strip() if every or kin else ""


def _benchmark(
    row: tuple[str, ...], role: dict[str, int | None], label: int, group: str
) -> tuple[str, dict[str, str]]:
    """Return the benchmark of a row and how it was measured.

    Under Category and Metric either may hold the name.
    """
    how = {
        name: row[i]
        for name, i in role.items()
        if i is not None
        and name in ("metric", "shots", "setting", "language")
        and i != label
        and not is_missing(row[i])
    }
    if role["benchmark"] is None and role["metric"] is not None and role["group"] is not None:
        metric = row[role["metric"]]
        if not _METHOD.fullmatch(metric):
            how.pop("metric", None)
            return metric, how
        return row[role["group"]] or group, how
    return row[label], how


def _misplaced(benchmark: str, how: dict[str, str]) -> str:
    """Return which cell of a row cannot be what its head says.

    Such as a figure for a benchmark's name, or a name for a count of shots.
    """
    if _SCORE.fullmatch(benchmark) or re.fullmatch(r"\d+-shots?|pass@\d+", benchmark, re.I):
        return "name of a benchmark"
    if _SCORE.fullmatch(how.get("metric", "")) or _KIND.fullmatch(how.get("metric") or "-"):
        return "metric"
    if _KIND.fullmatch(how.get("shots") or "-"):
        return "count of shots"
    return (
        "count of shots" if how.get("shots") and not _COUNT.fullmatch(how["shots"].strip()) else ""
    )


def _shots(cell: str) -> tuple[str, str | None]:
    m = re.search(r"\s*\((\d+)-shot(?:, [^)]*)?\)", cell)
    return re.sub(r"\s*\(\d+-shot(?:, [^)]*)?\)", "", cell).strip(), m[1] if m else None


def words(name: str) -> list[str]:
    return re.findall(r"[a-z]+|\d+(?:\.\d+)?", name.split("/")[-1].lower())


def same_model(head: str, model: str) -> bool:
    """True when a column head names the card's model: the same words, give or take "instruct"."""
    drop = {"instruct", "it", "in", "ins", "chat", "model"}
    return bool(words(head)) and set(words(head)) - drop == set(words(model)) - drop
