"""Google Cloud's model pages as Markdown: a label on one line, its value on a later one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.bounds import LONGEST_LINE, paced
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.html_tables import markdown_tables, plain
from almanac.spiders.parsers.price_table import Form, read_tables

PROVIDER = "Google Vertex AI"
STAGES = {
    "ga": "ga",
    "generally available": "ga",
    "preview": "preview",
    "public preview": "preview",
    "deprecated": "deprecated",
    "retired": "retired",
}
LIMITS = {
    "context window": "context_window",
    "context length": "context_window",
    "maximum input tokens": "max_input_tokens",
    "maximum output tokens": "max_output_tokens",
}
FLAGS = {
    "thinking": "reasoning",
    "extended thinking": "reasoning",
    "structured output": "structured_outputs",
    "function calling": "function_calling",
    "code execution": "code_execution",
    "computer use": "computer_use",
    "context caching": "prompt_caching",
    "prompt caching": "prompt_caching",
    "batch inference": "batch",
    "batch predictions": "batch",
    "tuning": "fine_tuning",
}
MEDIA = {
    "text": "text",
    "image": "image",
    "images": "image",
    "audio": "audio",
    "video": "video",
    "documents": "pdf",
    "pdf": "pdf",
    "code": "code",
}
SECTIONS = (
    "modalities",
    "token limits",
    "capabilities",
    "tools",
    "consumption options",
    "technical specifications",
    "supported regions",
    "versions",
    "security controls",
    "supported inputs & outputs",
    "usage types",
    "quota limits",
    "quotas",
    "pricing",
    "knowledge cutoff date",
    "model id",
    "launch stage",
)


RETIREMENT = re.compile(
    r"^\*\*Retirement Date:\*\*\s*(?P<later>Not sooner than )?"
    r"(?P<day>[A-Z][a-z]+ \d{1,2}, \d{4})\.?\s*$",
    re.M,
)


@dataclass
class _Listed:
    """Lines of one model's part of a page, by section, each with its line number."""

    name: str
    at: int
    sections: dict[str, list[tuple[int, str]]] = field(default_factory=dict)


class GoogleVertexModels(Source):
    name = "google_vertex_models"
    version = 2
    start_urls = (
        "https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-1-flash-lite",
    )

    def read(self, page: Page) -> Iterator[Claim]:
        models = _split(page.text)
        if not models and re.search(r"^\|.*Retirement date", page.text, re.M | re.I):
            # The lists of retirements.
            yield from read_tables(page, markdown_tables(page.text), Form(PROVIDER, facts="model"))
            return
        if not models:
            raise LayoutChanged("no Model ID on the page")
        yield from self._retirement(page, models)
        for model in models:
            yield from self._limits(page, model)
            yield from self._quotas(page, model)
            yield from self._modalities(page, model)
            yield from self._capabilities(page, model)
            yield from self._versions(page, model)

    def _limits(self, page: Page, m: _Listed) -> Iterator[Claim]:
        lines = m.sections.get("token limits", [])
        for i, (n, line) in enumerate(lines):
            label, _, value = line.lstrip("- ").partition(":")
            field = LIMITS.get(label.strip().lower())
            if not field:
                continue
            if not value.strip() and i + 1 < len(lines):
                n, value = lines[i + 1]
            said = re.sub(r"\s*\(GA\)$", "", value.strip())
            if "(preview)" in said.lower():  # the generally available limit stands on the next line
                later = lines[i + 1][1] if i + 1 < len(lines) else ""
                if not later.strip().upper().endswith("(GA)"):
                    page.refuse(
                        "a limit in preview only",
                        printed=value,
                        locator=f"line {n}",
                        model=m.name,
                        field=field,
                    )
                    continue
                n, said = lines[i + 1][0], re.sub(r"\s*\(GA\)$", "", later.strip(), flags=re.I)
            yield from self._both(page, field, said, m.name, f"line {n}")

    def _retirement(self, page: Page, models: list[_Listed]) -> Iterator[Claim]:
        """A partner's page says above its sections when its one model may go."""
        if (m := RETIREMENT.search(page.text)) and len(models) == 1:
            printed = m["day"] + (" or later" if m["later"] else "")
            line = page.text.count("\n", 0, m.start()) + 1
            yield from page.say(
                "retirement_date",
                printed,
                model=models[0].name,
                locator=f"line {line}",
                printed=f"{m['later'] or ''}{m['day']}",
            )

    def _quotas(self, page: Page, m: _Listed) -> Iterator[Claim]:
        """Limits in the quotas of regions; those that are the same in all are the offer's."""
        found: dict[str, dict[str, int]] = {"context_window": {}, "max_output_tokens": {}}
        for n, line in paced([*m.sections.get("quotas", []), *m.sections.get("quota limits", [])]):
            for said, label in re.findall(
                r"(?<![\d,])([\d,]{4,}) (maximum output|context length)", line
            ):
                found["max_output_tokens" if "output" in label else "context_window"].setdefault(
                    said, n
                )
            if one := re.fullmatch(r"\s*- Context length: ([\d,]{4,})\s*", line):
                found["context_window"].setdefault(one[1], n)
        stated = {
            line.partition(":")[0].strip("- ").lower()
            for _, line in m.sections.get("token limits", [])
        }
        for name, values in found.items():
            if len(values) == 1 and not any(LIMITS.get(label) == name for label in stated):
                ((said, n),) = values.items()
                yield from page.say(
                    name, said, model=m.name, provider=PROVIDER, locator=f"line {n}"
                )
            elif len(values) > 1:
                page.refuse(
                    "a limit that differs by region",
                    printed=", ".join(values),
                    locator=f"line {min(values.values())}",
                    model=m.name,
                    field=name,
                )

    def _both(
        self, page: Page, field: str, said: object, model: str, at: str, printed: str | None = None
    ) -> Iterator[Claim]:
        """A serving provider's page: its own offer's, and the model's where Google made it."""
        yield from page.say(field, said, model=model, locator=at, printed=printed)
        yield from page.say(
            field, said, model=model, provider=PROVIDER, locator=at, printed=printed
        )

    def _modalities(self, page: Page, m: _Listed) -> Iterator[Claim]:
        sides: dict[str, list[str]] = {"input": [], "output": []}
        printed: dict[str, list[str]] = {"input": [], "output": []}
        where = 0
        current = ""
        for n, line in m.sections.get("modalities", []):
            word = line.strip().lower()
            where = where or n
            if word in MEDIA:
                current = MEDIA[word]
            elif current and word in (
                "input and output",
                "input only",
                "output only",
                "not supported",
            ):
                for side in sides:
                    if side in word:
                        sides[side].append(current)
                        printed[side].append(f"{current}: {word}")
                current = ""
        side = ""
        for n, line in m.sections.get("supported inputs & outputs", []):
            where = where or n
            label = line.strip("-: ").lower()
            if label in ("inputs", "outputs"):
                side = label[:-1]
            elif side:
                known = [MEDIA.get(part.strip().lower()) for part in line.split(",")]
                if None in known:
                    page.refuse(
                        "a modality this reader does not know",
                        printed=line,
                        locator=f"line {n}",
                        model=m.name,
                        field=f"{side}_modalities",
                    )
                sides[side] += [k for k in known if k and k != "code"]
                printed[side].append(line.strip())
        for name, kinds in sides.items():
            if kinds:
                yield from self._both(
                    page,
                    f"{name}_modalities",
                    tuple(kinds),
                    m.name,
                    f"line {where}",
                    "; ".join(printed[name]),
                )

    def _capabilities(self, page: Page, m: _Listed) -> Iterator[Claim]:
        for section in ("capabilities", "tools", "consumption options"):
            lines = m.sections.get(section, [])
            group: bool | None = None
            for i, (n, line) in enumerate(paced(lines)):
                if (
                    line.strip() in ("Supported", "Not supported")
                    and not lines[i - 1][1].startswith("-")
                    and not line.startswith("    ")
                ):
                    group = line.strip() == "Supported"
                if not line.startswith("-"):
                    continue
                label = re.sub(r"\s+preview.*$", "", line.lstrip("- "), flags=re.I).strip().lower()
                field = FLAGS.get(label)
                own = next(
                    (
                        x.strip()
                        for _, x in _until_dash(lines, i + 1)
                        if x.strip() in ("Supported", "Not supported")
                    ),
                    None,
                )
                said = own or (
                    {True: "Supported", False: "Not supported"}[group]
                    if group is not None
                    else None
                )
                if field and said:
                    yield from self._both(
                        page, field, said, m.name, f"line {n}", f"{label}: {said}"
                    )

    def _versions(self, page: Page, m: _Listed) -> Iterator[Claim]:
        for n, line in m.sections.get("versions", []):
            label, _, value = line.lstrip("- ").partition(":")
            said, at = value.strip(), f"line {n}"
            match label.strip().lower():
                case "launch stage" if said.lower() in STAGES:
                    yield from page.say(
                        "lifecycle", STAGES[said.lower()], model=m.name, locator=at, printed=said
                    )
                case "release date":
                    yield from page.say("release_date", said, model=m.name, locator=at)
                    yield from page.say(
                        "first_offered", said, model=m.name, provider=PROVIDER, locator=at
                    )
                case "retirement date" | "retirement date not sooner than" | "discontinuation date":
                    yield from page.say(
                        "retirement_date",
                        said if "sooner" not in label else f"{said} or later",
                        model=m.name,
                        locator=at,
                        printed=line.strip("- "),
                    )
        for n, line in m.sections.get("knowledge cutoff date", [])[:1]:
            yield from page.say("knowledge_cutoff", line.strip(), model=m.name, locator=f"line {n}")


def _until_dash(lines: list[tuple[int, str]], start: int) -> Iterator[tuple[int, str]]:
    for i in range(start, len(lines)):
        if lines[i][1].startswith("-"):
            return
        yield lines[i]


def _split(text: str) -> list[_Listed]:
    """Return the page cut at each `Model ID`, and each part cut into its sections."""
    models: list[_Listed] = []
    section = ""
    for n, raw in enumerate(paced(text.splitlines()), start=1):
        line = plain(raw.rstrip())
        if not line or len(line) > LONGEST_LINE:
            continue
        if raw.lstrip().startswith("#"):
            section = ""
        label = line.strip("-: ").lower()
        if label in SECTIONS and not raw.lstrip().startswith("-"):
            section = label
        elif section == "model id":
            if re.fullmatch(r"[\w.@/-]+", line):
                models.append(_Listed(line, n))
            section = ""
        elif models and section:
            models[-1].sections.setdefault(section, []).append(
                (n, ("- " if raw.lstrip().startswith("- ") else "") + line.lstrip("- "))
            )
    return models
