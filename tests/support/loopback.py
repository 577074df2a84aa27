"""Asking a server that a test has started on this machine."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

PATIENCE = (1, 2, 4, 8, 16, 32)
"""Seconds between one try and the next: 503 comes from a busy database, as clients know."""


def asked(url: str, body: Any = None, method: str | None = None) -> Any:
    """Return what a server answers as JSON, by no proxy; `body` is sent as JSON.

    Raises HTTPError for an answer above 399, for 503 when it comes a seventh time.
    """
    request = urllib.request.Request(
        url,
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for patience in (*PATIENCE, 0):
        try:
            with opener.open(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            if error.code != 503 or not patience:
                raise
            time.sleep(patience)
    return None
