"""Hugging Face config.json: what the weights were built for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from almanac.schemas.claim import Claim
from almanac.spiders.base import Source
from almanac.spiders.page import LayoutChanged, Page
from almanac.spiders.parsers.card_subject import bare, named_by


class HuggingFaceConfig(Source):
    name = "huggingface_config"
    version = 3
    named_by_url = True
    start_urls = ("https://huggingface.co/openai/gpt-oss-120b/raw/main/config.json",)

    def read(self, page: Page) -> Iterator[Claim]:
        config = page.json
        if not isinstance(config, dict) or not ({"model_type", "architectures"} & config.keys()):
            raise LayoutChanged("no model_type: this is no model configuration")
        model = _name(page.url, config)
        if not model:
            raise LayoutChanged("neither the URL nor _name_or_path names the model")
        text = config["text_config"] if isinstance(config.get("text_config"), dict) else config
        prefix = "/text_config" if text is not config else ""
        key = next(
            (k for k in ("max_position_embeddings", "seq_length", "max_seq_len") if text.get(k)),
            None,
        )
        if key == "max_position_embeddings":
            yield from self._window(page, text, key, model, prefix)
        elif key:
            page.refuse(
                f"{key} is a setting of the training run, not a limit",
                printed=str(text[key]),
                locator=f"{prefix}/{key}",
                model=model,
                field="context_window",
            )
        experts = next(
            (k for k in ("num_experts", "n_routed_experts", "num_local_experts") if text.get(k)),
            None,
        )
        if experts:
            yield from page.say(
                "architecture",
                "mixture of experts",
                model=model,
                printed=f"{experts}: {text[experts]}",
                locator=f"{prefix}/{experts}",
                basis="derived",
            )

    def _window(
        self, page: Page, text: dict[str, Any], key: str, model: str, prefix: str
    ) -> Iterator[Claim]:
        limit = text[key]
        if not isinstance(limit, int) or isinstance(limit, bool):
            page.refuse(
                "not a whole number",
                printed=str(limit),
                locator=f"{prefix}/{key}",
                model=model,
                field="context_window",
            )
            return
        if limit < 2048:
            page.refuse(
                "too short to be the model's limit: a demo's setting",
                printed=str(limit),
                locator=f"{prefix}/{key}",
                model=model,
                field="context_window",
            )
            return
        scaling = text.get("rope_scaling") or {}
        original, factor = scaling.get("original_max_position_embeddings"), scaling.get("factor")
        shown = str(limit)
        if (
            original
            and factor
            and int(original * factor) > limit
            and (scaling.get("rope_type") or scaling.get("type")) == "yarn"
        ):
            shown = f"{limit}; rope_scaling {original} × {factor}"
        yield from page.say(
            "context_window", limit, model=model, printed=shown, locator=f"{prefix}/{key}"
        )


def _name(url: str, config: dict[str, Any]) -> str:
    """Return the repository's id from the address, else the bare name that it or the file gives."""
    named = str(config.get("_name_or_path") or "")
    return named_by(url) or (bare(named) if re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", named) else "")
