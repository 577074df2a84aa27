"""What a card or a configuration is about.

It is an organisation's model only where its address is that organisation's.
"""

from __future__ import annotations

from almanac.schemas.organisations import repository as repository_at
from almanac.spiders.parsers.repository import repository


def named_by(address: str) -> str:
    """Return the id of the repository on Hugging Face that an address is in.

    Else the bare name of the model that it says, or nothing.

    >>> named_by("https://huggingface.co/Qwen/Qwen3-8B/raw/main/config.json")
    'Qwen/Qwen3-8B'
    >>> named_by("https://example.org/Qwen--Qwen3-8B.json")
    'Qwen3-8B'
    >>> named_by("https://huggingface.co/Qwen/Qwen3-8B/raw/refs/pr/7/config.json")
    'Qwen3-8B'
    """
    found = repository_at(address)
    if found and found.host == "huggingface":
        return f"{found.organisation}/{found.name}"
    return bare(repository(address))


def bare(name: str) -> str:
    """Return a name without the organisation that whoever wrote it puts before it.

    A text's word for whose it is proves nothing.

    >>> bare("openai/gpt-5"), bare("gpt-5")
    ('gpt-5', 'gpt-5')
    """
    return name.rsplit("/", 1)[-1]
