"""Which repository a saved card or configuration belongs to: its address, or the name it was filed under."""

from __future__ import annotations

import re

_HUB = re.compile(r"https://huggingface\.co/([\w.-]+/[\w.-]+?)(?:/(?:raw|blob|resolve)/.*)?$")
_FILED = re.compile(r"(?:^|[/:])([A-Za-z][\w.]*(?:-[\w.]+)*?)--([\w.-]+?)(?:_config|_README|_README\.md)?(?:\.(?:json|md))?$")
_FOLDER = re.compile(r"(?:/|__)(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z])([A-Za-z][\w.]*-[\w.-]+?)(?:/(?:config\.json|README\.md)|\.(?:json|md))$")


def repository(url: str) -> str:
    """Return `org/name`, or the name alone where only a folder says it; nothing where neither does.

    >>> repository("https://huggingface.co/Qwen/Qwen3-8B/raw/main/config.json"), repository("file:MiniMaxAI--MiniMax-M2.json")
    ('Qwen/Qwen3-8B', 'MiniMaxAI/MiniMax-M2')
    >>> repository("https://github.com/x/y/blob/HEAD/models/Qwen2/files/Qwen2-72B-Instruct/config.json")
    'Qwen2-72B-Instruct'
    """
    if m := _HUB.match(url):
        return m[1]
    if m := _FILED.search(url):
        return f"{m[1]}/{m[2]}"
    m = _FOLDER.search(url)
    return m[1] if m else ""
