"""Whose word it is.

A card speaks for its maker by the address it stands at, and by nothing that it says of itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from almanac.flows.entity_resolution.new_models import own_maker
from almanac.flows.harvest.plan import Order
from almanac.flows.pipeline import steps
from almanac.flows.pipeline.backfill import Past, backfill
from almanac.flows.pipeline.pipeline import Plain
from almanac.flows.reconciliation import draft
from almanac.flows.reconciliation.evidence import speaks_as
from almanac.flows.reconciliation.source_reliability import KINDS
from almanac.schemas import catalogue
from almanac.schemas.observation import Observation
from almanac.schemas.organisations import maker_of, repository
from almanac.spiders import base
from almanac.spiders.page import Page
from almanac.warehouse.write.store import Store
from tests.conftest import Built, build
from tests.support.gitrepo import GitRepo
from tests.support.observations import observation
from tests.support.recorded import CAPTURES

CARDS = draft.cards()
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SURE = 0.95
"""What a maker's own word is worth."""
LOOKS_LIKE_OPENAI = [
    "https://huggingface.co/openai-community/gpt-5/raw/main/README.md",
    "https://huggingface.co/ggml-org/gpt-5-GGUF",
    "https://huggingface.co/unsloth/gpt-5-GGUF/blob/main/README.md",
    "https://huggingface.co/0penai/gpt-5/raw/main/README.md",
    "https://huggingface.co/openai./gpt-5/raw/main/README.md",
    "https://huggingface.co/-openai/gpt-5/raw/main/README.md",
    "https://huggingface.co/open_ai/gpt-5/raw/main/README.md",
    "https://huggingface.co/open-ai/gpt-5/raw/main/README.md",
    "https://huggingface.co/gpt/gpt-5/raw/main/README.md",
    "https://huggingface.co/azure/gpt-5/raw/main/README.md",
    "https://huggingface.co/open\N{CYRILLIC SMALL LETTER A}i/gpt-5/raw/main/README.md",
    "https://huggingface.co/\N{FULLWIDTH LATIN SMALL LETTER O}penai/gpt-5/raw/main/README.md",
    "https://huggingface.co/openai\N{ZERO WIDTH SPACE}/gpt-5/raw/main/README.md",
    "https://huggingface.co/OpenAI /gpt-5/raw/main/README.md",
    "https://huggingface.co/openai%20/gpt-5/raw/main/README.md",
    "https://huggingface.co/%6fpenai/gpt-5/raw/main/README.md",
    "https://huggingface.co/x/openai/gpt-5/raw/main/README.md",
    "https://huggingface.co/openai/../x/gpt-5/raw/main/README.md",
    "https://huggingface.co/openai/gpt-5/raw/main/../../../../x/gpt-5/README.md",
    "https://huggingface.co//openai/gpt-5/raw/main/README.md",
    "https://huggingface.co/datasets/openai/gpt-5/raw/main/README.md",
    "https://huggingface.co/spaces/openai/gpt-5/raw/main/README.md",
    "https://huggingface.co/openai/gpt-5/raw/refs%2Fpr%2F7/README.md",
    "https://huggingface.co/openai/gpt-5/raw/refs/pr/7/README.md",
    "https://huggingface.co/openai/gpt-5/raw/0123456789abcdef0123456789abcdef01234567/README.md",
    "https://huggingface.co/openai/gpt-5/discussions/7",
    "https://huggingface.co.example.org/openai/gpt-5/raw/main/README.md",
    "https://huggingface.co@example.org/openai/gpt-5/raw/main/README.md",
    "https://huggingface.co:8443/openai/gpt-5/raw/main/README.md",
    "http://huggingface.co/openai/gpt-5/raw/main/README.md",
    "https://example.org/huggingface.co/openai/gpt-5/raw/main/README.md",
    "https://example.org/openai--gpt-5.md",
    "https://github.com/x/y/blob/main/openai/gpt-5/README.md",
    "https://github.com/openai-community/gpt-5/blob/main/README.md",
    "https://github.com/openai/gpt-5/blob/refs/pull/7/head/README.md",
    "https://raw.githubusercontent.com/openai/gpt-5/0123456789abcdef0123456789abcdef01234567/README.md",
    "https://hub.docker.com/r/openai/gpt-5",
    "github:x/y:openai/gpt-5/README.md",
    "file:cards-huggingface/openai--gpt-5.md",
]
"""Addresses of strangers, and of OpenAI's repositories.

Of the latter, those that do not say who wrote what stands there.
"""

CARD = """---
license: mit
license_link: https://huggingface.co/openai/gpt-5/blob/main/LICENSE
base_model: openai/gpt-5
model-index:
- name: openai/gpt-5
  results:
  - task: {type: text-generation}
    dataset: {name: MMLU}
    metrics: [{type: accuracy, value: 99.9}]
---

# gpt-5-2

- Context Length: 999,000

## Evaluation

| Benchmark | openai/gpt-5 |
|---|---|
| GPQA | 99.8 |
"""
"""A card that says, wherever a card can, that it is OpenAI's."""
CONFIG = json.dumps(
    {"model_type": "gpt", "_name_or_path": "openai/gpt-5", "max_position_embeddings": 999_000}
)
DOCKER = """# openai/gpt-5

| Attribute | Value |
|---|---|
| License | MIT |
| Parameters | 5B |

| Benchmark | Score |
|---|---|
| MMLU | 99.9 |
"""
SAYING_IT = [
    ("huggingface_cards", CARD),
    ("huggingface_config", CONFIG),
    ("docker_hub_cards", DOCKER),
]


def recorded(
    folder: Path, source: str, name: str, body: str | bytes, address: str, page: str = ""
) -> Path:
    """Save a page as a recorded capture and return the folder to replay.

    `name` begins with its day.

    `page` is the address that was asked, where another answered.
    """
    place = folder / source / name
    place.mkdir(parents=True)
    (place / "body").write_bytes(body if isinstance(body, bytes) else body.encode())
    about = {"url": address, "fetched_at": f"{name[:10]}T00:00:00Z"}
    about |= {"page": page} if page else {}
    (place / "capture.json").write_text(json.dumps(about))
    return folder


def roles(built: Built, sources: set[str]) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Return, by source and address, the models that linked claims are about.

    With each model is the role in which its claims are made.
    """
    store = Store(built.database)
    spoken: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in store.claims_of(store.subjects()):
        if row.source in sources:
            spoken.setdefault((row.source, row.page), set()).add(
                (row.model, speaks_as(row, CARDS[row.source]))
            )
    store.close()
    return spoken


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A release of strangers' cards beside a maker's own page.

    The cards are of a model there is, and of one that nobody else names.
    """
    home = tmp_path_factory.mktemp("strangers")
    own = CAPTURES / "openai_pricing/2026-08-21"
    folder = recorded(
        home / "saved",
        "openai_pricing",
        "2026-08-21",
        (own / "body").read_bytes(),
        json.loads((own / "capture.json").read_text())["url"],
    )
    for i, address in enumerate(LOOKS_LIKE_OPENAI):
        for source, body in SAYING_IT:
            recorded(folder, source, f"2026-08-22-{i}", body, address)
            recorded(
                folder,
                source,
                f"2026-08-22-{i}-new",
                body.replace("gpt-5", "gpt-99-nova"),
                address.replace("gpt-5", "gpt-99-nova"),
            )
    return build(home / "h", folder)


@pytest.mark.parametrize("source", [source for source, _ in SAYING_IT])
@pytest.mark.parametrize("address", LOOKS_LIKE_OPENAI)
def test_a_strangers_card_is_a_third_partys(source: str, address: str, strangers: Built) -> None:
    """What it says is kept and linked, whatever it looks like, but not as its maker's word."""
    spoken = roles(strangers, {source})
    assert spoken[(source, address)] == {("openai/gpt-5", "third_party")}


def told_by_strangers(built: Built) -> list[Any]:
    """Return the figures of the model there is that nobody but strangers supports."""
    cards = {source for source, _ in SAYING_IT}
    figures = [
        f
        for f in built.open().figures(model="openai/gpt-5")
        if f.value and {source for source, _, _ in built.citations(f, "support")} <= cards
    ]
    assert {f.field for f in figures} >= {"licence", "context_window", "score"}
    return figures


def test_what_strangers_alone_state_is_told_as_theirs(strangers: Built) -> None:
    for figure in told_by_strangers(strangers):
        assert figure.why.startswith("Nobody with authority states it"), (figure.field, figure.why)


def test_what_strangers_alone_state_is_no_surer_than_a_third_partys_word(strangers: Built) -> None:
    """However often other people's cards at the same source were right."""
    assert not [
        (f.field, f.terms, f.confidence)
        for f in told_by_strangers(strangers)
        if f.confidence > KINDS["third_party"]
    ]


def test_a_stranger_introduces_no_model(strangers: Built) -> None:
    """Neither by its address, nor by a name in its front matter, title, table or settings."""
    store = Store(strangers.database)
    assert [m for m in store.known_models() if "nova" in m.id] == []
    assert {n.model_said for n in store.names() if "nova" in n.model_said and not n.model}, (
        "they wait for review"
    )
    store.close()


OWN = "https://huggingface.co/Qwen/Qwen3.5-27B/raw/main/README.md"
STRANGE = "https://huggingface.co/qwen-community/Qwen3.5-27B/raw/main/README.md"
SCORED = (
    "---\nlicense: {licence}\n---\n\n# Qwen3.5-27B\n\n- Context Length: {context}\n\n"
    "## Evaluation\n\n| Benchmark | Qwen3.5-27B |\n|---|---|\n| MMLU-Pro | {score} |\n"
)
MODEST = SCORED.format(licence="apache-2.0", context="262,144", score="71.2")
BOASTING = SCORED.format(licence="mit", context="999,000", score="99.9")


def score(built: Built) -> Any:
    return built.figure("alibaba/qwen3.5-27b", "score", terms="benchmark=MMLU-Pro;reporter=card")


@pytest.mark.parametrize("later", [False, True])
def test_a_makers_own_card_decides_whatever_strangers_say(later: bool, tmp_path: Path) -> None:
    folder = recorded(tmp_path / "saved", "huggingface_cards", "2026-08-20", MODEST, OWN)
    for i in range(5):
        recorded(
            folder,
            "huggingface_cards",
            f"2026-08-{22 if later else 18}-{i}",
            BOASTING,
            STRANGE.replace("community", f"community-{i}"),
        )
    built = build(tmp_path / "h", folder)
    licence, window = (
        built.figure("alibaba/qwen3.5-27b", field) for field in ("licence", "context_window")
    )
    assert (licence.value, licence.rule, licence.confidence) == (
        "Apache-2.0",
        "one authority",
        SURE,
    )
    assert (window.number, window.rule) == (262_144, "one authority")
    assert {printed for _, printed, _ in built.citations(window, "dissent")} == {"999,000"}, (
        "what strangers say is kept, as dissent"
    )


def test_a_makers_own_score_stands_against_an_older_look_at_a_strangers(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "saved", "huggingface_cards", "2026-08-20", MODEST, OWN)
    assert (
        score(
            build(
                tmp_path / "h",
                recorded(folder, "huggingface_cards", "2026-08-18", BOASTING, STRANGE),
            )
        ).value
        == "71.2"
    )


def test_a_makers_own_score_stands_against_a_later_look_at_a_strangers(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "saved", "huggingface_cards", "2026-08-20", MODEST, OWN)
    assert (
        score(
            build(
                tmp_path / "h",
                recorded(folder, "huggingface_cards", "2026-08-22", BOASTING, STRANGE),
            )
        ).value
        == "71.2"
    )


LLAMA = CAPTURES / "llama_cards/2025-02-12/body"


@pytest.mark.parametrize(
    "address, role",
    [
        (
            "https://github.com/meta-llama/llama-models/blob/main/models/llama3_3/MODEL_CARD.md",
            "maker_card",
        ),
        (
            "https://raw.githubusercontent.com/meta-llama/llama-models/refs/heads/main/models/llama3_3/MODEL_CARD.md",
            "maker_card",
        ),
        ("github:meta-llama/llama-models:models/llama3_3/MODEL_CARD.md", "maker_card"),
        (
            "https://github.com/meta-llama-fork/llama-models/blob/main/models/llama3_3/MODEL_CARD.md",
            "third_party",
        ),
        (
            "https://github.com/meta-llama/llama-models/blob/refs/pull/9/head/models/llama3_3/MODEL_CARD.md",
            "third_party",
        ),
        (
            "https://example.org/meta-llama/llama-models/models/llama3_3/MODEL_CARD.md",
            "third_party",
        ),
        ("file:cards-llama/llama3_3_MODEL_CARD.md", "third_party"),
    ],
)
def test_a_family_card_is_its_makers_in_its_makers_repository_only(
    address: str, role: str, tmp_path: Path
) -> None:
    built = build(
        tmp_path / "h",
        recorded(tmp_path / "saved", "llama_cards", "2026-08-20", LLAMA.read_bytes(), address),
    )
    assert {spoken for _, spoken in roles(built, {"llama_cards"})[("llama_cards", address)]} == {
        role
    }


HUB = "https://huggingface.co"
ID = "0123456789abcdef0123456789abcdef01234567"
META = (
    "https://raw.githubusercontent.com/meta-llama/llama-models/main/models/llama3_3/MODEL_CARD.md"
)
ANSWERED_ELSEWHERE = [
    f"{HUB}/api/resolve-cache/models/stranger/gpt-5/{ID}/FILE",
    f"{HUB}/api/resolve-cache/models/openai/gpt-5/{ID}/FILE",
    f"{HUB}/openai/gpt-5/resolve/{ID}/FILE",
    f"{HUB}/openai/gpt-5/resolve/refs%2Fpr%2F7/FILE",
    f"{HUB}/stranger/gpt-5/resolve/main/FILE",
    "https://cdn.example.org/FILE",
    "http://huggingface.co/openai/gpt-5/resolve/main/FILE",
    "file:gpt-5/FILE",
]


@pytest.mark.parametrize("address", ANSWERED_ELSEWHERE)
@pytest.mark.parametrize("asked", ["resolve/main/{}", "raw/main/{}"])
def test_an_answer_from_elsewhere_is_not_the_makers(
    asked: str, address: str, tmp_path: Path
) -> None:
    saved = tmp_path / "saved"
    for source, body, file in (
        ("huggingface_cards", CARD.replace("# gpt-5-2", "# Model Card for gpt-5"), "README.md"),
        ("huggingface_config", CONFIG, "config.json"),
    ):
        page = f"{HUB}/openai/gpt-5/{asked.format(file)}"
        recorded(saved, source, "2026-08-20", body, address.replace("FILE", file), page)
    spoken = roles(build(tmp_path / "h", saved), {"huggingface_cards", "huggingface_config"})
    assert {source for source, _ in spoken} == {"huggingface_cards", "huggingface_config"}
    assert {role for said in spoken.values() for _, role in said} == {"third_party"}


@pytest.mark.parametrize(
    "address, role",
    [
        (META, "maker_card"),
        (META.replace("/main/", "/refs/heads/main/"), "maker_card"),
        (
            "https://raw.githubusercontent.com/stranger/llama-models/main/MODEL_CARD.md",
            "third_party",
        ),
        (META.replace("/main/", f"/{ID}/"), "third_party"),
        ("https://example.org/MODEL_CARD.md", "third_party"),
    ],
)
def test_a_family_card_that_another_address_answered_is_that_addresss(
    address: str, role: str, tmp_path: Path
) -> None:
    folder = recorded(
        tmp_path / "saved", "llama_cards", "2026-08-20", LLAMA.read_bytes(), address, META
    )
    spoken = roles(build(tmp_path / "h", folder), {"llama_cards"})
    assert {said for some in spoken.values() for _, said in some} == {role}
    assert [page for _, page in spoken] == [META if role == "maker_card" else address]


@pytest.mark.parametrize(
    "row, role",
    [
        (
            {"source": f"github:meta-llama/llama-models@{ID}:models/llama3_3/MODEL_CARD.md"},
            "third_party",
        ),
        (
            {"source": "github:meta-llama/llama-models@abc1234:models/llama3_3/MODEL_CARD.md"},
            "third_party",
        ),
        (
            {"source": "github:meta-llama/llama-models@main:models/llama3_3/MODEL_CARD.md"},
            "maker_card",
        ),
        ({"url": META, "source": f"github:meta-llama/llama-models@{ID}:models/x.md"}, "maker_card"),
        ({"url": META.replace("/main/", f"/{ID}/")}, "third_party"),
        (
            {
                "url": "https://evil.example/huggingface.co",
                "source": f"github:meta-llama/llama-models@{ID}:x.md",
            },
            "third_party",
        ),
    ],
)
def test_a_commit_that_a_manifest_names_is_not_the_main_branch(
    row: dict[str, str], role: str, tmp_path: Path
) -> None:
    """Under a commit's id a host shows what strangers propose too.

    That the id was given is kept.
    """
    folder = tmp_path / "saved"
    folder.mkdir()
    rows = [{"path": "cards-llama/card.md", "captured": "2026-08-20", **row}]
    (folder / "cards-llama").mkdir()
    (folder / "cards-llama/card.md").write_bytes(LLAMA.read_bytes())
    (folder / "MANIFEST.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    spoken = roles(build(tmp_path / "h", folder), {"llama_cards"})
    assert {said for some in spoken.values() for _, said in some} == {role}
    if role == "third_party" and "url" not in row:
        commit = row["source"].split("@")[1].split(":")[0]
        assert [page for _, page in spoken if f"/blob/{commit}/" in page]


def test_a_dated_file_is_filed_under_nobodys_card(tmp_path: Path) -> None:
    """The name of a file says that it is a card, not whose.

    A source's first page may not stand in for it.
    """
    folder = tmp_path / "cards-llama"
    folder.mkdir()
    (folder / "2026-08-20.md").write_bytes(LLAMA.read_bytes())
    spoken = roles(build(tmp_path / "h", folder), {"llama_cards"})
    assert {said for some in spoken.values() for _, said in some} == {"third_party"}


FOLDERS = [
    (
        "llama_cards",
        LLAMA.read_bytes(),
        "MODEL_CARD.md",
        "https://github.com/meta-llama/llama-models",
    ),
    (
        "huggingface_cards",
        b"---\nlicense: evil\n---\n# Model Card for gpt-5\n",
        "README.md",
        "https://huggingface.co/openai/gpt-5",
    ),
    ("huggingface_config", CONFIG.encode(), "config.json", "git@huggingface.co:openai/gpt-5"),
]


@pytest.mark.parametrize("source, body, file, address", FOLDERS)
@pytest.mark.parametrize("told", [False, True])
def test_a_folder_speaks_as_a_repository_only_where_whoever_fills_says_so(
    source: str, body: bytes, file: str, address: str, told: bool, tmp_path: Path
) -> None:
    """Its own configuration is the word of whoever made it."""
    repo = GitRepo(tmp_path / "given")
    repo.run("config", "remote.origin.url", address)
    repo.commit("2026-08-20T00:00:00Z", {file: body.decode()})
    home = tmp_path / "h"
    past = Past(source, git=str(repo.folder), files=re.escape(file), of=address if told else "")
    order = Order(home=home, database=f"sqlite:///{home / 'warehouse.db'}", as_of=NOW)
    report = backfill(past, order, Plain())
    spoken = roles(Built(home, order.database, report), {source})
    wanted = "maker_card" if told else "third_party"
    assert {said for some in spoken.values() for _, said in some} == {wanted}


@pytest.mark.parametrize(
    "address, read",
    [
        (
            "https://github.com/Azure/azureml-assets/blob/main/assets/models/system/Phi-4/description.md",
            True,
        ),
        (
            "https://raw.githubusercontent.com/Azure/azureml-assets/refs/heads/main/assets/models/system/Phi-4/description.md",
            True,
        ),
        ("https://ai.azure.com/catalog/models/Phi-4", True),
        (
            "https://github.com/Azure-Samples-x/azureml-assets/blob/main/assets/models/system/Phi-4/description.md",
            False,
        ),
        (
            "https://github.com/Azure/azureml-assets/blob/refs/pull/7/head/assets/models/system/Phi-4/description.md",
            False,
        ),
        ("https://ai.azure.com.example.org/catalog/models/Phi-4", False),
        ("https://huggingface.co/microsoft-community/Phi-4", False),
    ],
)
def test_a_strangers_copy_of_a_catalogue_is_not_the_catalogue(address: str, read: bool) -> None:
    page = Page(
        "azure_foundry_cards",
        address,
        b"# Phi-4\n\n- **License:** MIT\n- **Context Length:** 16K tokens\n",
        datetime(2026, 8, 20, tzinfo=UTC),
    )
    reading = base.read_page(base.source("azure_foundry_cards"), page)
    assert bool(reading.claims) is read and (read or "not microsoft's own" in reading.failed)


def test_a_maker_is_a_stranger_to_another_makers_models(tmp_path: Path) -> None:
    """A quantised copy speaks of itself: NVIDIA's of Google's model is not Google's word."""
    copy = "https://huggingface.co/nvidia/Gemma-4-26B-A4B-NVFP4/blob/main/config.json"
    built = build(
        tmp_path / "h",
        recorded(
            tmp_path / "saved",
            "huggingface_config",
            "2026-08-20",
            CONFIG.replace("openai/gpt-5", "google/gemma-4-26B-A4B"),
            copy,
        ),
    )
    assert roles(built, {"huggingface_config"}) == {
        ("huggingface_config", copy): {("google/gemma-4-26b-a4b-it", "third_party")}
    }


# Organisations


LISTED = {
    (host, name) for maker in catalogue.makers().values() for host, name in maker.organisations
}
ON_THE_HUB = sorted(name for host, name in LISTED if host == "huggingface")
NAMES = {name.lower() for _, name in LISTED}
NEAR = st.sampled_from(
    sorted(
        NAMES | {s.lower() for m in catalogue.makers().values() for s in (m.id, m.name, *m.aliases)}
    )
)
EDGE = st.text(
    "abcxyz019-_./ \\%#?@:"
    "\N{CYRILLIC SMALL LETTER A}\N{FULLWIDTH LATIN SMALL LETTER O}"
    "\N{ZERO WIDTH SPACE}\N{KELVIN SIGN}\t\n",
    max_size=3,
)
ORGANISATIONS = st.one_of(
    st.builds("{}{}{}".format, EDGE, NEAR, EDGE),
    NEAR.map(lambda name: name.replace("a", "\N{CYRILLIC SMALL LETTER A}", 1)),
    st.text(min_size=1),
)


def said(source: str, address: str, name: str, model: str) -> Observation:
    return observation(
        source=source,
        page=address,
        subject=model,
        model=model,
        model_said=name,
        field="licence",
        value="MIT",
        printed="MIT",
    )


@given(ORGANISATIONS)
@example("google-deepmind-x")
@example("")
def test_what_is_not_exactly_a_listed_organisation_speaks_for_nobody_and_introduces_nothing(
    organisation: str,
) -> None:
    assume(not (organisation.isascii() and organisation.lower() in NAMES))
    for maker in catalogue.makers():
        model = f"{maker}/nova-99"
        for source, address in (
            (
                "huggingface_cards",
                f"https://huggingface.co/{organisation}/nova-99/raw/main/README.md",
            ),
            (
                "huggingface_config",
                f"https://huggingface.co/{organisation}/nova-99/blob/main/config.json",
            ),
            ("docker_hub_cards", f"https://hub.docker.com/r/{organisation}/nova-99"),
            ("llama_cards", f"https://github.com/{organisation}/nova-99/blob/main/MODEL_CARD.md"),
            ("llama_cards", f"github:{organisation}/nova-99:MODEL_CARD.md"),
        ):
            assert (
                speaks_as(said(source, address, f"{organisation}/nova-99", model), CARDS[source])
                == "third_party"
            )
            assert (
                speaks_as(said(source, address, "nova-99", model), CARDS[source]) == "third_party"
            )
    for source, card in CARDS.items():
        if "/" not in organisation:
            assert own_maker(card, None, f"{organisation}/nova-99") == "", source
            assert own_maker(card, "some-seller", f"{organisation}/nova-99") == "", source
        assert card.kind == "maker" or own_maker(card, None, f"x/{organisation}/nova-99") == "", (
            source
        )


@pytest.mark.parametrize("organisation", ON_THE_HUB)
def test_a_listed_organisation_speaks_for_its_maker_and_for_no_other(organisation: str) -> None:
    address = f"https://huggingface.co/{organisation.upper()}/nova-99/raw/main/README.md"
    speaking = {
        maker: speaks_as(
            said("huggingface_cards", address, f"{organisation}/nova-99", f"{maker}/nova-99"),
            CARDS["huggingface_cards"],
        )
        for maker in catalogue.makers()
    }
    assert sorted(speaking.values()) == ["maker_card", *["third_party"] * (len(speaking) - 1)]
    assert own_maker(CARDS["huggingface_cards"], None, f"{organisation}/nova-99") == next(
        m for m, role in speaking.items() if role == "maker_card"
    )


def test_a_listed_organisation_is_one_makers_and_plainly_written() -> None:
    owners: dict[tuple[str, str], set[str]] = {}
    for maker in catalogue.makers().values():
        for host, name in maker.organisations:
            assert host in ("huggingface", "github", "docker", "catalogues") and re.fullmatch(
                r"[A-Za-z0-9][A-Za-z0-9._-]*", name
            ), name
            owners.setdefault((host, name.lower()), set()).add(maker.id)
    assert len(owners) == len(LISTED) > 80 and all(len(makers) == 1 for makers in owners.values())


def test_every_maker_whose_cards_are_saved_keeps_its_voice(shared: Path) -> None:
    """The organisations of the shared captures.

    Each is its maker's, or one of the strangers named here.
    """
    rows = [
        json.loads(line)
        for line in (shared / "captures/MANIFEST.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    at = [
        found
        for row in rows
        if row["path"].startswith(("hf-configs/", "cards-huggingface/", "cards-llama/"))
        and (found := repository(row["url"] or ""))
    ]
    assert len(at) > 80
    assert {r.organisation for r in at if not maker_of(r.host, r.organisation)} == {
        "ggml-org",
        "sgl-project",
    }


@pytest.mark.parametrize(
    "source, provider, name, maker",
    [
        ("openai_pricing", "OpenAI", "gpt-9", "openai"),
        ("models_dev", "mistral", "mistral-large-9999", "mistral"),
        ("models_dev", "nano-gpt", "qwen/qwen9-max", "alibaba"),  # a catalogue names the author
        ("litellm", "gemini", "gemini/gemini-9-pro", "google"),  # its own platform's row, and route
        # The seller before the author.
        ("litellm", "openrouter", "openrouter/xiaomi/mimo-9", "xiaomi"),
        # A seller's row of another maker's family.
        ("litellm", "dashscope", "dashscope/deepseek-v9", ""),
        ("litellm", "openrouter", "x/openai/gpt-9", ""),
        ("litellm", "openrouter", "openai/x/gpt-9", ""),
        ("models_dev", "nano-gpt", "gpt-9", ""),
        ("models_dev", "nano-gpt", "gpt/gpt-9", ""),  # an alias of its maker is no author
        ("models_dev", "nano-gpt", "Google DeepMind/gemini-9", ""),
        ("models_dev", "nano-gpt", "hf:openai/gpt-9", ""),
        ("openai_pricing", "OpenAI", "anthropic/claude-9", ""),  # a maker's page on another's
        ("llama_cards", None, "openai/gpt-9", ""),
        ("docker_hub_cards", None, "openai/gpt-9", ""),
        ("azure_foundry_cards", None, "phi-9", ""),
    ],
)
def test_who_introduces_a_model(source: str, provider: str | None, name: str, maker: str) -> None:
    assert own_maker(CARDS[source], provider, name) == maker


@pytest.mark.parametrize("kind", ["maker", "provider"])
def test_a_seller_or_rival_on_how_well_a_model_does_is_a_third_party(kind: str) -> None:
    card = CARDS["openai_pricing"].model_copy(update={"kind": kind})
    claim = replace(
        said("openai_pricing", "https://openai.com/x", "Gemini 2.5 Pro", "google/gemini-2.5-pro"),
        subject_kind="evaluation",
        field="score",
    )
    assert speaks_as(claim, card) == "third_party"


def test_a_crawls_answer_from_elsewhere_is_not_the_makers(tmp_path: Path) -> None:
    """What a redirect led to is kept under the page that was asked.

    It is read under the one that answered.
    """
    page = f"{HUB}/openai/gpt-5/raw/main/README.md"
    order = Order(home=tmp_path, database=f"sqlite:///{tmp_path / 'w.db'}", as_of=NOW)
    run = steps.Run(order)
    body = CARD.replace("# gpt-5-2", "# Model Card for gpt-5").encode()
    answered = ANSWERED_ELSEWHERE[0].replace("FILE", "README.md")
    look = run.archive.add("huggingface_cards", answered, body, NOW, page=page)
    for new in (1, 0):
        done = steps.take_in(steps.Harvest("huggingface_cards", (look,)), run)
        assert (done.looks, done.unchanged) == (new, 1 - new)
    rows = run.store.claims_of(run.store.subjects())
    assert {(r.page, speaks_as(r, CARDS[r.source])) for r in rows} == {(answered, "third_party")}
    run.close()
