"""Which repository a saved card or configuration belongs to.

Its address says it, or the name it was filed under.
"""

from __future__ import annotations

import re

_HUB = re.compile(r"https://huggingface\.co/([\w.-]+/[\w.-]+?)(?:/(?:raw|blob|resolve)/.*)?$")
_FILED = re.compile(
    r"(?:^|[/:])([A-Za-z][\w.]*(?:-[\w.]+)*?)--([\w.-]+?)"
    r"(?:_config|_README|_README\.md)?(?:\.(?:json|md))?$"
)
_FOLDER = re.compile(
    r"(?:/|__)(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z])([A-Za-z][\w.]*-[\w.-]+?)"
    r"(?:/(?:config\.json|README\.md)|\.(?:json|md))$"
)


def repository(url: str) -> str:
    """Return `org/name`, or the name alone where only a folder says it.

    Nothing where neither does.

    >>> repository("https://huggingface.co/Qwen/Qwen3-8B/raw/main/config.json")
    'Qwen/Qwen3-8B'
    >>> repository("file:MiniMaxAI--MiniMax-M2.json")
    'MiniMaxAI/MiniMax-M2'
    >>> repository("https://github.com/x/y/blob/HEAD/models/Qwen2/files/Qwen2-72B-Instruct/config.json")
    'Qwen2-72B-Instruct'
    """
    if m := _HUB.match(url):
        return m[1]
    if m := _FILED.search(url):
        return f"{m[1]}/{m[2]}"
    m = _FOLDER.search(url)
    return m[1] if m else ""
