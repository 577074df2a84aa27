"""The field registry: the single place where a field is defined.

The resolver, the expectation suites, the SQL views, the data dictionary and the comparison tables
are derived from it, so adding a field is one entry in `FIELDS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Subject = Literal["model", "offer", "evaluation"]
Kind = Literal["count", "price", "date", "flag", "text", "set", "score", "measure"]

# Who speaks with authority, best first. See `almanac.flows.reconciliation.evidence.speaks_as` for
# how a claim gets its role.
MODEL_FACT = (
    "correction",
    "maker",
    "maker_card",
    "provider",
    "catalogue",
    "marketplace",
    "comparison",
    "reseller",
    "blog",
)
OFFER_FACT = (
    "correction",
    "provider",
    "marketplace",
    "catalogue",
    "maker",
    "comparison",
    "reseller",
    "blog",
)
MEASURED = (
    "correction",
    "measurement",
    "marketplace",
    "provider",
    "catalogue",
    "comparison",
    "reseller",
    "blog",
)


@dataclass(frozen=True, slots=True)
class Field:
    """One property with one meaning and one unit.

    `low` and `high` bound legal values in `unit` (dates as ISO text), `reason` says why;
    `stale_days` is how long a look stays good evidence, None for facts that do not change; `title`
    is the printed label.
    """

    name: str
    subject: Subject
    kind: Kind
    title: str
    meaning: str
    unit: str = ""
    low: int | str | None = None
    high: int | str | None = None
    reason: str = ""
    stale_days: int | None = None
    authority: tuple[str, ...] = MODEL_FACT
    values: tuple[str, ...] = ()
    form: str = ""
    """Pattern of a legal text, where not every text is one."""

    @property
    def group(self) -> str:
        """Fields of like nature, on which a source is right or wrong alike.

        Reliability is learned for them.
        """
        if self.kind == "count":
            return (
                "output limit"
                if self.name == "max_output_tokens"
                else "limit"
                if self.unit == "tokens"
                else "size"
            )
        return "capability" if self.kind in ("flag", "set") else self.kind


def _limit(name: str, title: str, meaning: str) -> list[Field]:
    scopes: tuple[tuple[Subject, str, int | None, tuple[str, ...]], ...] = (
        ("model", "", None, MODEL_FACT),
        ("offer", ", as this provider serves it", 180, OFFER_FACT),
    )
    reason = (
        "Above twice the largest limit ever announced (100 M): suspect characters or a unit slip."
    )
    return [
        Field(
            name,
            subject,
            "count",
            title,
            meaning + served,
            "tokens",
            1,
            200_000_000,
            reason,
            days,
            authority,
        )
        for subject, served, days, authority in scopes
    ]


def _capability(name: str, title: str, meaning: str) -> list[Field]:
    return [
        Field(name, "model", "flag", title, "Whether " + meaning + ".", authority=MODEL_FACT),
        Field(
            name,
            "offer",
            "flag",
            title,
            "Whether " + meaning + ", as this provider serves it.",
            stale_days=180,
            authority=OFFER_FACT,
        ),
    ]


def _date(name: str, title: str, meaning: str, stale: int | None = None) -> Field:
    return Field(
        name,
        "model",
        "date",
        title,
        meaning,
        "date",
        "2015-01-01",
        "2040-12-31",
        "No language model of today is older; a later date is a typing error.",
        stale,
    )


_MODALITIES = ("text", "image", "audio", "video", "pdf", "embedding", "score", "code")

_ALL: list[Field] = [
    *_limit(
        "context_window",
        "Context window",
        "Most tokens of input and output together in one request",
    ),
    *_limit("max_input_tokens", "Max input", "Most tokens of prompt in one request"),
    *_limit("max_output_tokens", "Max output", "Most tokens the model writes in one answer"),
    Field(
        "parameters",
        "model",
        "count",
        "Parameters",
        "Trained weights in total",
        "parameters",
        1_000_000,
        100_000_000_000_000,
        "A language model has over a million weights; above 100 trillion suspect a unit slip.",
    ),
    Field(
        "active_parameters",
        "model",
        "count",
        "Active parameters",
        "Weights used for one token (mixture of experts)",
        "parameters",
        1_000_000,
        100_000_000_000_000,
        "As for parameters.",
    ),
    Field(
        "architecture", "model", "text", "Architecture", "Kind of network, as its maker states it"
    ),
    _date(
        "release_date",
        "Released",
        "Day the model became generally available (a preview is its own model)",
    ),
    _date("announced_date", "Announced", "Day the maker first spoke of it in public"),
    _date("knowledge_cutoff", "Knowledge cutoff", "Last date its knowledge is reliable to"),
    _date("training_cutoff", "Training cutoff", "Last date of any data it was trained on"),
    _date("deprecation_date", "Deprecated", "Day from which its maker advises against it", 365),
    _date("retirement_date", "Retires", "Day from which it no longer answers", 365),
    Field(
        "predecessor",
        "model",
        "text",
        "Predecessor",
        "Model it succeeds, by the name the source gives it",
    ),
    Field(
        "lifecycle",
        "model",
        "text",
        "Lifecycle",
        "Stage of life",
        stale_days=365,
        values=("preview", "ga", "deprecated", "retired"),
    ),
    Field(
        "licence",
        "model",
        "text",
        "Licence",
        "Licence of the weights, as SPDX identifier or `proprietary`",
        form=r"(?is)(?!v\d[\d.]*$)(?!(?:[a-z]+[ -])*\d+(?:\.\d+)?b$).*[a-z].*",
    ),
    Field(
        "openness",
        "model",
        "text",
        "Openness",
        "How open it is",
        values=("open source", "open weights", "restricted weights", "proprietary"),
    ),
    Field(
        "commercial_use",
        "model",
        "text",
        "Commercial use",
        "Whether business use is allowed",
        values=("permitted", "conditional", "forbidden"),
    ),
    Field("open_weights", "model", "flag", "Open weights", "Whether the weights can be downloaded"),
    Field(
        "reasoning_levels",
        "model",
        "set",
        "Reasoning levels",
        "Levels of reasoning effort a caller can ask for",
        values=("none", "minimal", "low", "medium", "high", "xhigh", "max", "default", "toggle"),
    ),
    *[
        Field(
            f"{d}_modalities",
            s,  # type: ignore[arg-type]
            "set",
            f"{d.capitalize()} modalities",
            m,
            values=_MODALITIES,
            stale_days=days,
            authority=a,
        )
        for d, verb in (("input", "takes"), ("output", "produces"))
        for s, m, days, a in (
            ("model", f"What it {verb}", None, MODEL_FACT),
            ("offer", f"What it {verb} as served", 180, OFFER_FACT),
        )
    ],
    *_capability("vision", "Vision", "it understands images given as input"),
    *_capability("multimodal", "Multimodal", "it takes more than one modality as input"),
    *_capability("reasoning", "Reasoning", "it can reason before it answers"),
    *_capability("function_calling", "Function calling", "it can emit calls of declared functions"),
    *_capability("tool_use", "Tool use", "it can use tools that run beside it"),
    *_capability("structured_outputs", "Structured outputs", "its output can be held to a schema"),
    *_capability("code_execution", "Code execution", "code it writes can be run for it"),
    *_capability("ide_integration", "IDE integration", "its maker ships an editor integration"),
    *_capability("computer_use", "Computer use", "it can operate a screen"),
    *_capability("parallel_agents", "Parallel agents", "it can drive several agents at once"),
    *_capability("prompt_caching", "Prompt caching", "repeated prompts can be cached"),
    *_capability("batch", "Batch", "requests can be queued at a batch price"),
    *_capability("fine_tuning", "Fine-tuning", "its users can train it further"),
    *_capability("streaming", "Streaming", "answers arrive piece by piece"),
    Field(
        "price",
        "offer",
        "price",
        "Price",
        "Price of one component under its terms",
        "nano-units of the currency per unit of the meter",
        0,
        1_500_000_000_000,
        "1,500 of the currency a unit: two and a half times the dearest token price known"
        " (o1-pro, $600). Beyond it suspect the unit.",
        90,
        OFFER_FACT,
    ),
    Field(
        "offered",
        "offer",
        "flag",
        "Offered",
        "Whether the provider serves it at all",
        stale_days=180,
        authority=OFFER_FACT,
    ),
    Field(
        "region",
        "offer",
        "text",
        "Region",
        "Where it is served from",
        stale_days=180,
        authority=OFFER_FACT,
    ),
    Field(
        "quantisation",
        "offer",
        "text",
        "Quantisation",
        "Number format of the weights served",
        stale_days=180,
        authority=OFFER_FACT,
        form=(
            r"(?i)(?:MOSTLY_)?(?:MX|NV|N)?(?:I?Q|FP|BF|INT|F|W|TF|U?INT|AWQ|GPTQ)-?\d[\w/-]*"
            r"|unknown|none|awq|gptq|bitsandbytes"
        ),
    ),
    Field(
        "latency",
        "offer",
        "measure",
        "Latency",
        "Time to answer; metric and method in the terms",
        "milliseconds",
        0,
        86_400_000,
        "A day.",
        30,
        MEASURED,
    ),
    Field(
        "throughput",
        "offer",
        "measure",
        "Throughput",
        "Output tokens a second; method in the terms",
        "tokens per second",
        0,
        1_000_000,
        "A hundred times the fastest server known.",
        30,
        MEASURED,
    ),
    Field(
        "uptime",
        "offer",
        "measure",
        "Uptime",
        "Share of time it answered; promised or measured in the terms",
        "percent",
        0,
        100,
        "A share.",
        30,
        MEASURED,
    ),
    Field(
        "first_offered",
        "offer",
        "date",
        "First offered",
        "Day this provider began to serve it",
        "date",
        "2019-01-01",
        "2040-12-31",
        "No model API is older.",
        None,
        OFFER_FACT,
    ),
    Field(
        "withdrawn",
        "offer",
        "date",
        "Withdrawn",
        "Day this provider stopped serving it",
        "date",
        "2019-01-01",
        "2040-12-31",
        "No model API is older.",
        None,
        OFFER_FACT,
    ),
    Field(
        "score",
        "evaluation",
        "score",
        "Score",
        "Benchmark score in the benchmark's unit;"
        " variant, harness, effort and reporter in the terms",
        "benchmark's own",
        None,
        None,
        "",
        None,
        MEASURED,
    ),
    Field(
        "passes",
        "evaluation",
        "count",
        "Passes",
        "Prompts passed in a task category",
        "prompts",
        0,
        10_000_000,
        "No set is larger.",
        None,
        MEASURED,
    ),
    Field(
        "total",
        "evaluation",
        "count",
        "Total",
        "Prompts put in a task category",
        "prompts",
        1,
        10_000_000,
        "No set is larger.",
        None,
        MEASURED,
    ),
]

FIELDS: dict[tuple[str, str], Field] = {(f.subject, f.name): f for f in _ALL}
"""Every field by (subject, name)."""

NAMES = frozenset(f.name for f in _ALL)
CAPABILITIES = tuple(
    f.name for f in _ALL if f.kind == "flag" and f.subject == "model" and f.name != "open_weights"
)

METERS = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "reasoning",
    "token",
    "training",
    "input_audio",
    "output_audio",
    "cache_read_audio",
    "cache_write_audio",
    "input_image",
    "output_image",
    "cache_read_image",
    "input_video",
    "output_video",
    "image",
    "video",
    "audio",
    "second",
    "minute",
    "hour",
    "month",
    "request",
    "search",
    "page",
    "character",
    "cache_storage",
    "session",
)
"""What a price component counts. `token` stands where a page prints no direction."""


def field(subject: str, name: str) -> Field:
    """Return the entry of a field.

    Raises KeyError, naming it, for one that is not in the registry.
    """
    try:
        return FIELDS[(subject, name)]
    except KeyError:
        raise KeyError(f"no field {name!r} of a {subject}: see schemas/fields.py") from None
