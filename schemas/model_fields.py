"""The fields of a model, and those of them that a provider can state of what it serves."""

from __future__ import annotations

from almanac.schemas.field import MODEL_FACT, OFFER_FACT, Field, Subject


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
            unit="tokens",
            low=1,
            high=200_000_000,
            reason=reason,
            stale_days=days,
            authority=authority,
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
        unit="date",
        low="2015-01-01",
        high="2040-12-31",
        reason="No language model of today is older; a later date is a typing error.",
        stale_days=stale,
    )


_MODALITIES = ("text", "image", "audio", "video", "pdf", "embedding", "score", "code")

MODEL_FIELDS: tuple[Field, ...] = (
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
        unit="parameters",
        low=1_000_000,
        high=100_000_000_000_000,
        reason="A language model has over a million weights;"
        " above 100 trillion suspect a unit slip.",
    ),
    Field(
        "active_parameters",
        "model",
        "count",
        "Active parameters",
        "Weights used for one token (mixture of experts)",
        unit="parameters",
        low=1_000_000,
        high=100_000_000_000_000,
        reason="As for parameters.",
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
)
