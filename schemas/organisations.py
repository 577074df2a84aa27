"""Who may write at an address.

It is the organisation of a repository, and the maker whose own that organisation is.

A card's authority comes from here and from nothing else. What a card says of itself, and what its
name looks like, says which model is meant, never who speaks. Organisations are data
(`schemas/catalogue/makers.yaml`) and are compared whole.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from almanac.schemas import catalogue

_HOSTS = {
    "huggingface.co": "huggingface",
    "hub.docker.com": "docker",
    "github.com": "github",
    "raw.githubusercontent.com": "github",
}
_ADDRESS = re.compile(r"(?i:https)://(?P<host>[A-Za-z.]+)/(?P<path>[^?#]+)(?:[?#].*)?", re.S)
_OF_GIT = re.compile(r"github:(?P<path>[^:]+/[^:]+):(?P<file>.+)", re.S)
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
"""What an organisation, a repository or a folder can be called.

No `..`, no escape, no letter that looks like another.
"""
_OWN = frozenset(["main", "master", "HEAD"])
"""Branches that only an organisation's own people write to.

Under a pull request's number, or a commit's, a host also shows what strangers propose.
"""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on one of the hosts that we know: `huggingface`, `docker` or `github`."""

    host: str
    organisation: str
    name: str


@functools.lru_cache(maxsize=100_000)
def repository(address: str) -> Repository | None:
    """Return the repository whose own page or file an address is; None for any other address.

    >>> repository("https://huggingface.co/Qwen/Qwen3-8B/raw/main/config.json")
    Repository(host='huggingface', organisation='Qwen', name='Qwen3-8B')
    >>> repository("https://huggingface.co/Qwen/Qwen3-8B/raw/refs%2Fpr%2F7/config.json")
    >>> repository("github:meta-llama/llama-models:models/llama4/MODEL_CARD.md").organisation
    'meta-llama'
    """
    if m := _OF_GIT.fullmatch(address):
        return _named("github", [*m["path"].split("/"), "blob", "main", *m["file"].split("/")])
    m = _ADDRESS.fullmatch(address)
    site = m["host"].lower() if m else ""
    if m is None or site not in _HOSTS:
        return None
    parts = m["path"].removesuffix("/").split("/")
    if site == "hub.docker.com":
        return _named("docker", parts[1:]) if parts[0] == "r" and len(parts) == 3 else None
    if site == "raw.githubusercontent.com":
        parts = [*parts[:2], "raw", *parts[2:]]
    return _named(_HOSTS[site], parts)


def _named(host: str, parts: list[str]) -> Repository | None:
    """Return the repository that the parts of a path name.

    They are the organisation, the name, then perhaps a view, a branch and a file.
    """
    if len(parts) < 2 or not all(_SEGMENT.fullmatch(part) for part in parts[:4]):
        return None
    if len(parts) > 2 and not (
        parts[2] in ("raw", "blob", "resolve") and _branch(parts[3:]) in _OWN
    ):
        return None
    if any(part in ("", ".", "..") or "%" in part or "\\" in part for part in parts[4:]):
        return None
    return Repository(host, parts[0], parts[1])


def _branch(parts: list[str]) -> str:
    return (
        parts[2] if parts[:2] == ["refs", "heads"] and len(parts) > 2 else parts[0] if parts else ""
    )


def maker_at(address: str) -> str:
    """Return the maker at whose own repository an address is, or nothing.

    >>> maker_at("https://huggingface.co/openai/gpt-oss-120b")
    'openai'
    >>> maker_at("https://huggingface.co/openai-community/gpt2")
    ''
    """
    place = repository(address)
    return maker_of(place.host, place.organisation) if place else ""


def filed(page: str, answered: str) -> str:
    """Return the page that a look is filed under: the one asked for, or the address that answered.

    The latter where a maker's repository was asked, and what answered is not at one of the same
    maker, on its main branch: then it is not that maker who speaks.

    >>> filed("https://huggingface.co/openai/gpt-5/raw/main/README.md", "https://example.org/x")
    'https://example.org/x'
    >>> filed("https://docs.x.ai/docs/models", "https://docs.x.ai/docs/models?page=1")
    'https://docs.x.ai/docs/models'
    """
    maker = maker_at(page)
    return page if not maker or maker_at(answered) == maker else answered


def in_history(page: str, address: str) -> bool:
    """Whether an address is that of a file at a commit, and a page the file's in its repository.

    So a repository's history is kept (`almanac.flows.ingest.repository_history`): it is of the
    branch the repository stands at.

    >>> in_history("git:b#c.md", f"git:b/blob/{'0' * 40}/c.md"), in_history("b#c.md", "b/c.md")
    (True, False)
    """
    name, mark, path = page.partition("#")
    at = f"{re.escape(name)}/blob/[0-9a-f]{{40}}/{re.escape(path)}"
    return bool(mark) and bool(re.fullmatch(at, address))


def is_main(branch: str) -> bool:
    """Whether a word is the name of a branch that only an organisation's own people write to."""
    return branch in _OWN


def maker_of(host: str, organisation: str) -> str:
    """Return the maker whose own an organisation of a host is, or nothing.

    Case makes no difference, anything else does.

    `host` is one of `Repository`'s, or `catalogues` for the names that public catalogues
    give to authors.

    >>> maker_of("huggingface", "qwen")
    'alibaba'
    >>> maker_of("huggingface", "qwen-community"), maker_of("huggingface", "Alibaba")
    ('', '')
    """
    return _makers().get((host, organisation.lower()), "") if organisation.isascii() else ""


@functools.cache
def _makers() -> dict[tuple[str, str], str]:
    """Return makers by host and organisation.

    Raises ValueError for an organisation that two makers list.
    """
    owners: dict[tuple[str, str], str] = {}
    for maker in catalogue.makers().values():
        for host, organisation in maker.organisations:
            key = host, organisation.lower()
            if owners.setdefault(key, maker.id) != maker.id:
                raise ValueError(
                    f"makers.yaml: the organisation {organisation} on {host} is listed"
                    f" for {owners[key]} and for {maker.id}; it can be one maker's only"
                )
    return owners
