"""Posting a notice to a webhook.

It goes straight to the host that is named, once it is sure who that is, and never further.

The address is a secret (it often carries a token), so messages name scheme, host and port only, and
nothing that a server says is repeated.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from almanac.schemas.dates import utc

TRIES = (0, 2, 10)
"""Seconds to wait before each try to deliver."""
TRY_TIMEOUT = 20.0
"""Seconds one try may take, from looking up the host to the answer's headers."""
WRONG = "not a web address (http:// or https://)"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a webhook is. `label` is what may be printed of it."""

    label: str
    tls: bool
    host: str
    port: int | None
    target: str
    """Path and query, as they go over the wire."""
    authorization: str = ""

    @classmethod
    def of(cls, text: str, place: int) -> Address:
        """Return the address written in `text`, the `place`-th of the list.

        Raises ValueError, with a line that may be printed, for what is no web address.
        """
        label = f"address {place} of ALMANAC_WEBHOOKS"
        try:
            parts = urlsplit(text)
            host, port = _host(parts), parts.port
            label = f"{parts.scheme}://{_shown(parts.hostname or '')}" + (
                "" if port is None else f":{port}"
            )
            if parts.scheme not in ("http", "https"):
                raise ValueError
            target = quote(parts.path or "/", "/%:@!$&'()*+,;=~") + (
                f"?{quote(parts.query, '/?%:@!$&()*+,;=~')}" if parts.query else ""
            )
            return cls(label, parts.scheme == "https", host, port, target, _basic(parts))
        except ValueError:
            raise ValueError(f"{label}: {WRONG}") from None


def _host(parts: SplitResult) -> str:
    """Return the host as it is looked up: a name in its ASCII form, or an address.

    Raises ValueError for neither.
    """
    host = parts.hostname or ""
    if ":" in host:
        return str(ipaddress.IPv6Address(host))
    if not host or not all(c.isalnum() or c in "-._" for c in host):
        raise ValueError("no host")
    return host.encode("idna").decode("ascii")


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _basic(parts: SplitResult) -> str:
    """Return the header for a user and password written in the address, or nothing."""
    if parts.username is None and parts.password is None:
        return ""
    return "Basic " + b64encode(
        f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
    ).decode("ascii")


def signed(body: bytes, secret: str, moment: datetime) -> dict[str, str]:
    """Return the headers that say when a body was made and, with a secret, that we made it then.

    `X-Almanac-Timestamp` is in Unix seconds; `X-Almanac-Signature` is `v1=` and the HMAC-SHA256 of
    `TIMESTAMP.BODY` in hexadecimal.
    """
    stamp = str(int(utc(moment).timestamp()))
    headers = {"X-Almanac-Timestamp": stamp}
    if secret:
        headers["X-Almanac-Signature"] = (
            "v1="
            + hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        )
    return headers


@dataclass(frozen=True, slots=True)
class Letter:
    """What is posted to one address of the list."""

    address: str
    place: int
    """Which of the list it is, counted from 1."""
    body: bytes
    headers: Mapping[str, str]


def post_all(letters: Sequence[Letter]) -> list[str]:
    """Post letters at the same time.

    Return for each a line why it was not taken, empty where it was.

    It is over after all tries' waits and timeouts, whatever the hosts do.
    """
    whole = sum(TRIES) + len(TRIES) * TRY_TIMEOUT + 5
    until = time.monotonic() + whole
    outcome = [f"no answer within {whole:g} s"] * len(letters)
    lines = [""] * len(letters)
    threads = []
    for i, letter in enumerate(letters):
        try:
            address = Address.of(letter.address, letter.place)
        except ValueError as error:
            lines[i] = str(error)
            continue

        def run(i: int = i, address: Address = address, letter: Letter = letter) -> None:
            outcome[i] = _post(address, letter.body, letter.headers, until)

        threads.append((i, address, threading.Thread(target=run, daemon=True)))
    for _, _, thread in threads:
        thread.start()
    for i, address, thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
        if why := outcome[i]:
            lines[i] = f"{address.label}: {why}"
    return lines


def _post(address: Address, body: bytes, headers: Mapping[str, str], until: float) -> str:
    """Post a body, again where that may help; return why it was not taken, or nothing."""
    why = ""
    for wait in TRIES:
        time.sleep(wait)
        if time.monotonic() >= until:
            break
        try:
            status = _once(address, body, headers)
        except (OSError, ValueError, http.client.HTTPException) as error:
            why = _why(error)
            continue
        if 200 <= status < 300:
            return ""
        why = f"answered {status}" + (
            ", and redirects are not followed" if 300 <= status < 400 else ""
        )
        if status < 500 and status != 429:
            break
    return why


def _once(address: Address, body: bytes, headers: Mapping[str, str]) -> int:
    """Post a body once and return the status answered.

    What follows the headers is not read.

    Raises OSError, ValueError or HTTPException. A socket's own limit is for each of its steps, so a
    server that drips could hold us for ever: a watch ends the connection when a try's time is over.
    """
    until = time.monotonic() + TRY_TIMEOUT
    port = address.port if address.port is not None else 443 if address.tls else 80
    line = socket.create_connection((address.host, port), TRY_TIMEOUT)
    handle = line.dup()  # the same connection, also after TLS took the socket over
    watch = threading.Timer(max(0.0, until - time.monotonic()), _hang_up, (handle,))
    watch.daemon = True
    watch.start()
    try:
        return _ask(address, port, line, body, headers)
    except (OSError, ValueError, http.client.HTTPException):
        if time.monotonic() >= until:
            raise TimeoutError from None
        raise
    finally:
        watch.cancel()
        line.close()
        handle.close()


def _ask(
    address: Address, port: int, line: socket.socket, body: bytes, headers: Mapping[str, str]
) -> int:
    """Post a body over a connection and return the status answered."""
    connection: http.client.HTTPConnection
    if address.tls:
        trusted = ssl.create_default_context()
        connection = http.client.HTTPSConnection(address.host, port, context=trusted)
        connection.sock = trusted.wrap_socket(line, server_hostname=address.host)
    else:
        connection = http.client.HTTPConnection(address.host, port)
        connection.sock = line
    connection.response_class = _Answer
    extra = {"Authorization": address.authorization} if address.authorization else {}
    try:
        connection.request(
            "POST",
            address.target,
            body,
            {"User-Agent": "model-almanac", "Connection": "close", **headers, **extra},
        )
        with connection.getresponse() as answer:
            return answer.status
    finally:
        connection.close()


_STATUS = re.compile(rb"HTTP/1\.[01] [0-9]{3}(?: .*)?\r?\n", re.S)
"""RFC 9112, 4, with the older version of the protocol and without what is optional for a reason."""


class _Answer(http.client.HTTPResponse):
    """An answer whose status is three digits: Python's own takes `+200` and `2_00` for 200."""

    def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp: io.BufferedReader = _Lines(self.fp.detach())  # nothing is read yet


class _Lines(io.BufferedReader):
    """The lines of an answer.

    Raises BadStatusLine, which holds nothing of it, for a status that is none.
    """

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if line.startswith(b"HTTP/") and not _STATUS.fullmatch(line):
            raise http.client.BadStatusLine("")
        return line


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):  # over already
        line.shutdown(socket.SHUT_RDWR)


def _why(error: Exception) -> str:
    """Return in plain words why a try failed: what the machine says, never what the server says."""
    if isinstance(error, TimeoutError):
        return f"no answer within {TRY_TIMEOUT:g} s"
    if isinstance(error, http.client.RemoteDisconnected):
        return "it hung up without an answer"
    if isinstance(error, OSError):
        return error.strerror or "no connection"
    return "its answer is not HTTP"
