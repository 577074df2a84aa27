"""How many of peers' models are linked, held and priced, by kind of model.

    ALMANAC_HOME=HOME python -m benchmarks.coverage [../shared/peers] [--with-candidates]
                                                    [--unlinked N]

HOME holds a release, such as of a replay of `../shared/captures`. A pair is a provider and what a
peer calls a model there, over all days that lie in PEERS. Of the pairs in peers that we read: the
share whose name links to a model, the share of whose offer the release says anything on any day,
and, where a peer states a price above zero, the share that it prices. Of the pairs in peers that we
do not read, and that two others name: the share that links. Pairs of what sells nothing (tools,
statistics, one's own machine) are left out.

Without `--with-candidates` a model counts only where its maker's own source or two independent
ones name it. `--unlinked N` lists the names behind most unlinked pairs, with why.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from almanac import warehouse
from almanac.flows.entity_resolution.linker import Link, Linker
from almanac.flows.entity_resolution.name_parser import parse
from almanac.flows.entity_resolution.providers import no_seller, provider_id
from almanac.schemas import catalogue
from almanac.spiders import base
from almanac.warehouse import Warehouse

DAY = re.compile(r"20\d\d-\d\d-\d\d")
NEWEST = date(2026, 11, 21)
"""The day of a data set that has none in its name: that of the newest one that has."""
KINDS = {
    "embedding": "embed|bge|gte-|e5-|voyage-\\d|jina-(?:embed|clip)",
    "rerank": "rerank",
    "moderation": "moderation|guard|safety|shield",
    "OCR": "ocr|document-?(?:ai|intelligence|parse)|^reducto",
    "transcription": "whisper|transcri|stt|asr|nova-[23](?!.*(?:micro|lite|pro|sonic))|parakeet",
    "speech": "tts|speech|voice|eleven|aura|polly|lyria",
    "video": "video|veo-|sora|\\bkling|\\bwan-?[x\\d]|runway|hailuo|seedance|gen[34]_",
    "image": "image|imagen|dall-e|flux|diffusion|sdxl|stable-|recraft|ideogram|seedream|canvas",
    "search": "search",
    "realtime": "realtime|-live|sonic",
}
"""Words by which a name tells its kind, where no peer states it."""
MODES = {
    "embedding": "embedding",
    "rerank": "rerank",
    "moderation": "moderation",
    "ocr": "OCR",
    "audio_transcription": "transcription",
    "audio_speech": "speech",
    "video_generation": "video",
    "image_generation": "image",
    "image_edit": "image",
    "search": "search",
    "vector_store": "search",
    "realtime": "realtime",
    "chat": "chat",
    "responses": "chat",
    "completion": "chat",
}
"""What LiteLLM calls a kind."""


class Row(NamedTuple):
    """One row of a peer: `kind` where it states one, `priced` where it states a price."""

    provider: str
    name: str
    kind: str = ""
    priced: bool = False


@dataclass(slots=True)
class Pair:
    """A provider and a model's name there, over all peers and days."""

    provider: str
    name: str
    on: date
    kind: str = ""
    priced: bool = False
    peers: set[str] = field(default_factory=set)


def _costs(row: Any) -> bool:
    """Whether anything in a block of prices is above zero."""
    if isinstance(row, Mapping):
        return any(_costs(inner) for inner in row.values())
    if isinstance(row, Sequence) and not isinstance(row, str):
        return any(_costs(inner) for inner in row)
    try:
        return row is not None and float(row) > 0
    except ValueError:
        return False


def _of_modalities(outputs: Iterable[str]) -> str:
    words = set(outputs) - {"text"}
    if "text" in outputs or len(words) != 1:
        return "chat" if "text" in outputs and not words else ""
    return {"audio": "", "embeddings": "embedding", "embedding": "embedding"}.get(
        word := words.pop(), word if word in ("image", "video") else ""
    )


def _models_dev(data: Any) -> Iterator[Row]:
    for provider, entry in data["providers"].items():
        for name, row in entry["models"].items():
            outputs = (row.get("modalities") or {}).get("output") or ()
            yield Row(provider, name, _of_modalities(outputs), _costs(row.get("cost")))


def _litellm(data: Any) -> Iterator[Row]:
    for name, row in data.items():
        if name != "sample_spec" and row.get("litellm_provider"):
            costs = {k: v for k, v in row.items() if "cost" in k or "pricing" in k}
            mode = MODES.get(row.get("mode", ""), "")
            yield Row(row["litellm_provider"], name, mode, _costs(costs))


def _genai_prices(data: Any) -> Iterator[Row]:
    for provider in data:
        for row in provider["models"]:
            yield Row(provider["id"], row["id"], "", _costs(row.get("prices")))


def _llm_prices(data: Any) -> Iterator[Row]:
    vendors = data if isinstance(data, list) else []
    for vendor in vendors:
        for row in vendor["models"]:
            yield Row(vendor["vendor"], row["id"], "", _costs(row["price_history"]))
    for row in () if vendors else data["prices"]:
        yield Row(row["vendor"], row["id"], "", _costs([row["input"], row["output"]]))


def _openrouter(data: Any) -> Iterator[Row]:
    for row in data["data"] if isinstance(data, dict) else data:
        outputs = (row.get("architecture") or {}).get("output_modalities") or ()
        yield Row("openrouter", row["id"], _of_modalities(outputs), _costs(row.get("pricing")))


def _portkey(data: Any) -> Iterator[Row]:
    for provider, models in data.items():
        for name, row in models.items():
            if name != "default":
                yield Row(provider, name, "", _costs(_amounts(row.get("pricing_config"))))


def _amounts(config: Any) -> list[Any]:
    """Return the prices in a block of Portkey's."""
    if not isinstance(config, Mapping):
        return []
    own = [config["price"]] if "price" in config else []
    return own + [amount for inner in config.values() for amount in _amounts(inner)]


def _llmstats(data: Any) -> Iterator[Row]:
    for path, row in data.items():
        for model in row.get("providermodels", ()) if path.startswith("providers/") else ():
            costs = [model.get("price_per_input_token"), model.get("price_per_output_token")]
            yield Row(path.split("/")[1], model["model_id"], "", _costs(costs))


def _pi_catalog(data: Any) -> Iterator[Row]:
    for provider, models in data.items():
        for name in models:
            yield Row(provider, name)


def _facet(data: Any) -> Iterator[Row]:
    for name, row in data["models"].items():
        yield Row(row["provider"], name.removeprefix(f"{row['provider']}/"))


def _cost_calculator(data: Any) -> Iterator[Row]:
    for provider, entry in data.items():
        for row in entry["models"]:
            yield Row(provider, row["id"])


def _model_prices(data: Any) -> Iterator[Row]:
    for provider, models in data["prices"].items():
        for name in models:
            yield Row(provider, name)


Reader = Callable[[Any], Iterator[Row]]
READ: dict[str, Reader] = {
    "models.dev": _models_dev,
    "litellm": _litellm,
    "genai-prices": _genai_prices,
    "llm-prices": _llm_prices,
    "openrouter": _openrouter,
    "portkey": _portkey,
    "llmstats": _llmstats,
}
"""Peers of which we read the pages."""
UNREAD: dict[str, Reader] = {
    "pi-catalog": _pi_catalog,
    "facet": _facet,
    "openai-cost-calculator": _cost_calculator,
    "model-prices": _model_prices,
}
"""Peers of which we read nothing."""


def pairs(peers: Path) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs of peers that we read, and those that others also name of those we do not.

    Two peers name the same pair where they mean the same provider and spell the name alike, but for
    case and for the provider's own name before it.
    """
    read, unread = (
        [p for p in _gathered(peers, readers) if not no_seller(provider_id(p.provider), "price")]
        for readers in (READ, UNREAD)
    )
    naming: dict[tuple[str, str], set[str]] = defaultdict(set)
    kinds = {_key(pair): pair.kind for pair in read}
    for pair in (*read, *unread):
        naming[_key(pair)] |= pair.peers
        pair.kind = kinds.get(_key(pair), pair.kind)
    return read, [p for p in unread if any(len(naming[_key(p)] - {own}) >= 2 for own in p.peers)]


def _gathered(peers: Path, readers: Mapping[str, Reader]) -> list[Pair]:
    gathered: dict[tuple[str, str], Pair] = {}
    for peer, reader in readers.items():
        for file in sorted((peers / peer).rglob("*.json.gz")):
            day = DAY.search(file.name)
            on = date.fromisoformat(day[0]) if day else NEWEST
            for row in reader(json.loads(gzip.decompress(file.read_bytes()))):
                pair = gathered.setdefault(
                    (provider_id(row.provider), row.name), Pair(row.provider, row.name, on)
                )
                pair.on, pair.kind = max(pair.on, on), pair.kind or row.kind
                pair.priced |= row.priced
                pair.peers.add(peer)
    for pair in gathered.values():
        pair.kind = pair.kind if pair.kind not in ("", "chat") else _kind_of(pair)
    return list(gathered.values())


def _kind_of(pair: Pair) -> str:
    """Return the kind that a name tells where a peer says nothing else than that it writes text."""
    name = pair.name.lower()
    words = (kind for kind, pattern in KINDS.items() if re.search(pattern, name))
    spelled = next(words, "chat")
    return spelled if not pair.kind or spelled in ("moderation", "rerank", "embedding") else "chat"


def _key(pair: Pair) -> tuple[str, str]:
    provider, name = provider_id(pair.provider), pair.name.lower()
    head, slash, tail = name.partition("/")
    return provider, tail if slash and provider_id(head) == provider else name


class Release:
    """What a release holds: its models, and the offers it says anything of, and prices."""

    def __init__(self, snapshot: Warehouse, with_candidates: bool) -> None:
        self.linker = Linker(snapshot.model_ids())
        self.candidates = set() if with_candidates else _candidates(snapshot)
        self.held: set[tuple[str, str]] = set()
        self.priced: set[tuple[str, str]] = set()
        for provider, model, price in snapshot.ever_offered():
            self.held.add((provider, model))
            if price:
                self.priced.add((provider, model))

    def link(self, pair: Pair) -> Link:
        return self.linker.link(pair.name, provider_id(pair.provider), pair.on)

    def seller(self, pair: Pair, model: str) -> str:
        return provider_id(pair.provider, model.split("/")[0])


def _candidates(snapshot: Warehouse) -> set[str]:
    """Return the models that neither the catalogue, nor their makers, nor two sources name."""
    cards = {name: base.card(name) for name in base.names()}
    sources: dict[str, set[str]] = defaultdict(set)
    for model, source in snapshot.named_by():
        sources[model].add(source)

    def confirmed(model: str) -> bool:
        named = sources[model]
        own = any(model.split("/")[0] in cards[source].makers for source in named)
        cards_of = any(cards[source].kind == "maker_card" for source in named)
        copies = {source for source in named if named & set(cards[source].imports)}
        return own or cards_of or len(named - copies) >= 2 or model in catalogue.models()

    return {model for model in snapshot.model_ids() if not confirmed(model)}


@dataclass(slots=True)
class Count:
    pairs: int = 0
    linked: int = 0
    held: int = 0
    stating: int = 0
    priced: int = 0

    def __iadd__(self, other: Count) -> Count:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


def counted(release: Release, asked: Iterable[Pair]) -> tuple[dict[str, Count], list[Pair]]:
    """Return the counts by kind, and the pairs whose name has no model."""
    counts: dict[str, Count] = defaultdict(Count)
    unlinked: list[Pair] = []
    for pair in asked:
        model = release.link(pair).model
        linked = bool(model) and model not in release.candidates
        offer = (release.seller(pair, model), model)
        held = linked and offer in release.held
        priced = linked and pair.priced and offer in release.priced
        counts[pair.kind] += Count(1, linked, held, pair.priced, priced)
        if not linked:
            unlinked.append(pair)
    return dict(counts), unlinked


def show(title: str, counts: Mapping[str, Count], held: bool) -> None:
    print(title)
    heads = ("pairs", "linked", "held", "priced") if held else ("pairs", "linked")
    print(f"  {'kind':14}" + "".join(f"{head:>9}" for head in heads))
    total = Count()
    for kind, count in sorted(counts.items(), key=lambda item: -item[1].pairs):
        total += count
        print(_line(kind, count, held))
    print(_line("all", total, held))


def _line(kind: str, count: Count, held: bool) -> str:
    shares = [(count.linked, count.pairs)]
    if held:
        shares += [(count.held, count.pairs), (count.priced, count.stating)]
    return f"  {kind:14}{count.pairs:9,}" + "".join(
        f"{part / whole:9.1%}" if whole else f"{'':9}" for part, whole in shares
    )


def show_unlinked(release: Release, unlinked: Sequence[Pair], most: int) -> None:
    """List the names of most unlinked pairs, and count them by why they are not linked."""
    reasons = Counter(_reason(release, pair) for pair in unlinked)
    why = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    print(f"{len(unlinked):,} unlinked pairs: {why}")
    names: dict[str, list[Pair]] = defaultdict(list)
    for pair in unlinked:
        names[_key(pair)[1].rsplit("/", 1)[-1]].append(pair)
    ordered = sorted(names.items(), key=lambda item: (-len(item[1]), item[0]))
    for name, alike in ordered[:most]:
        link = release.link(alike[0])
        near = f"; near {', '.join(link.candidates)}" if link.candidates else ""
        example = f"{alike[0].provider}: {alike[0].name}"
        reason = _reason(release, alike[0])
        print(f"  {len(alike):4} {name} ({alike[0].kind}; {example}): {reason}{near}")


def _reason(release: Release, pair: Pair) -> str:
    link = release.link(pair)
    if link.model:
        return "candidates"
    maker = parse(pair.name, provider_id(pair.provider)).maker
    return f"{link.status.value}{'' if maker else ' of no known maker'}"


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("peers", nargs="?", type=Path, default=Path("../shared/peers"))
    options.add_argument("--with-candidates", action="store_true")
    options.add_argument("--unlinked", type=int, default=0, metavar="N")
    asked = options.parse_args()
    release = Release(warehouse.open(), asked.with_candidates)
    read, unread = pairs(asked.peers)
    counts, missing = counted(release, read)
    show("Pairs in peers that we read:", counts, held=True)
    others, more = counted(release, unread)
    show("Pairs in peers that we do not read, and that two others name:", others, held=False)
    if asked.unlinked:
        for unlinked in (missing, more):
            show_unlinked(release, unlinked, asked.unlinked)


if __name__ == "__main__":
    main()
