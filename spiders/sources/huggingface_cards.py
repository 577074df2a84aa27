"""Hugging Face model cards: YAML front matter, then Markdown with tables, pipes or HTML."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from almanac.schemas import safe_yaml
from almanac.schemas.claim import Claim, terms
from almanac.schemas.quantity import LONGEST
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.card_subject import bare, named_by
from almanac.spiders.parsers.flat import matches
from almanac.spiders.parsers.html_tables import PageTable, html_tables, markdown_tables, plain
from almanac.spiders.parsers.repository import repository
from almanac.spiders.parsers.scores import read_scores, same_model, words

SPECS = {
    "context length": "context_window",
    "context window": "context_window",
    "total parameters": "parameters",
    "number of parameters": "parameters",
    "params": "parameters",
    "active parameters": "active_parameters",
    "activated parameters": "active_parameters",
}
MEASURED = re.compile(r"benchmark|evaluation|metric|result|performance|score|leaderboard", re.I)
BULLET = re.compile(
    r"^[^\S\n]*[-*]\s+(?:\*\*)?"
    r"(Context Length|Number of Parameters|Number of Activated Parameters)(?:\*\*)?:\s*(\S.*)$",
    re.M | re.I,
)
FULL = re.compile(r"Full ([\d,]+) tokens(?: and generation ([\d,]+) tokens)?$")
TRAINED_WINDOW = re.compile(r"\*\*(\d+(?:\.\d+)?[kKmM]) context window\*\*")


class HuggingFaceCards(Source):
    name = "huggingface_cards"
    version = 3
    named_by_url = True
    start_urls = ("https://huggingface.co/mistralai/Mistral-Nemo-Instruct-2407/raw/main/README.md",)

    def read(self, page: Page) -> Iterator[Claim]:
        front, body, offset = _front(page)
        model = _name(page.url, body, front)
        if not model:
            raise LayoutChanged("neither the URL nor a title names the model")
        tags = front.get("license_name") or front.get("license")
        if isinstance(tags, str):
            yield from page.say("licence", tags, model=model, locator="front matter license")
        for i, result in enumerate(_results(front)):
            yield from page.attempt(
                self._indexed,
                page,
                model,
                result,
                f"model-index {i}",
                locator=f"model-index {i}",
                model=model,
            )
        for n, m in matches(BULLET, body):
            at = f"line {offset + n}"
            field = {"context length": "context_window", "number of parameters": "parameters"}.get(
                m[1].lower(), "active_parameters"
            )
            printed = m[2].rstrip()
            if full := FULL.match(printed):
                yield from page.say(
                    "context_window", full[1], model=model, locator=at, printed=printed
                )
                yield from page.say(
                    "max_output_tokens", full[2], model=model, locator=at, printed=printed
                )
                continue
            said = (
                re.sub(r"\s+(?:in total.*|natively.*)$", "", printed)
                if len(printed) <= LONGEST
                else printed
            )
            yield from page.say(field, said, model=model, locator=at, printed=printed)
        for n, trained in itertools.islice(matches(TRAINED_WINDOW, body), 1):
            yield from page.say(
                "context_window",
                trained[1],
                model=model,
                locator=f"line {offset + n}",
                printed=trained[0].strip("*"),
            )
        for table in [
            *markdown_tables(body),
            *(html_tables(page.soup) if "<table" in body else ()),
        ]:
            yield from self._table(page, table, model)

    def _table(self, page: Page, table: PageTable, model: str) -> Iterator[Claim]:
        for row in table.ragged:
            page.refuse(
                "cells do not match the head",
                printed=" | ".join(row)[:300],
                locator=table.locator,
                model=model,
            )
        columns = table.head[1:]
        label = table.head[0].lower()
        specs = sum(SPECS.get(r[0].lower()) is not None for r in table.rows)
        if specs and not MEASURED.search(table.heading):
            for i, row in enumerate(table.rows):
                for column, printed in zip(columns, row[1:], strict=True):
                    name = _variant(model, column) if len(columns) > 1 else model
                    if name and SPECS.get(row[0].lower()):
                        yield from page.say(
                            SPECS[row[0].lower()],
                            printed,
                            model=name,
                            locator=f"{table.row(i)} column {column}",
                        )
        elif MEASURED.search(table.heading) or label in ("benchmark", "category", "capability"):
            # A head may name the model that it was trained from.
            for claim in read_scores(page, table, model):
                yield (
                    claim
                    if claim.model == model
                    else claim.model_copy(update={"model": bare(claim.model)})
                )

    def _indexed(
        self,
        page: Page,
        model: str,
        result: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
        at: str,
    ) -> Iterator[Claim]:
        task, dataset, metric = result
        yield from page.say(
            "score",
            str(metric["value"]),
            model=model,
            subject="evaluation",
            locator=at,
            terms=terms(
                benchmark=dataset.get("name"),
                split=dataset.get("split"),
                config=dataset.get("config"),
                task=task.get("type"),
                metric=metric.get("type"),
                reporter="card",
            ),
        )


def _front(page: Page) -> tuple[dict[str, Any], str, int]:
    """Return (front matter, body, lines before the body).

    Raises LayoutChanged for front matter that is no YAML.
    """
    text = page.text
    match = re.match(r"---\r?\n(.*?)\r?\n---\r?\n?", text, re.S)
    if not match:
        return {}, text, 0
    try:
        front = safe_yaml.load(match[1])
    except ValueError as error:
        raise LayoutChanged(f"front matter is not YAML: {error}") from None
    return (front if isinstance(front, dict) else {}), text[match.end() :], match[0].count("\n")


def _name(url: str, body: str, front: dict[str, Any]) -> str:
    """Return the repository's id from the address, else the bare name the card gives."""
    if "/" in repository(url):
        return named_by(url)
    index: list[dict[str, Any]] = front.get("model-index") or []
    if len(index) == 1 and index[0].get("name"):
        return bare(str(index[0]["name"]))
    if m := re.search(r"^#\s+Model Card for\s+(\S.*)$", body, re.M):
        return bare(plain(m[1]))
    if m := re.match(
        r"https://huggingface\.co/[\w.-]+/([\w.-]+)/", str(front.get("license_link") or "")
    ):
        return m[1]
    if m := re.match(
        r"\s*(?:<[^>]+>\s*)*#\s+([\w.-]{0,80}\d[\w.-]{0,80}(?: [\w.-]{1,80}){0,5})\s*$", body, re.M
    ):
        return plain(m[1])
    return ""


def _results(
    front: dict[str, Any],
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    for entry in front.get("model-index") or ():
        for result in entry.get("results") or ():
            for metric in result.get("metrics") or ():
                yield result.get("task") or {}, result.get("dataset") or {}, metric


def _variant(model: str, column: str) -> str:
    """Return the model a spec column of a family card is about, if the card's own name says it."""
    return model if same_model(column, model) or set(words(column)) <= set(words(model)) else ""
