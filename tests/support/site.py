"""A web server on loopback that serves recorded pages over real HTTP, and misbehaves by path."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from almanac.spiders.crawling.crawl_order import Pace
from tests.support.recorded import CAPTURES

QUICK = Pace(
    delay=0,
    throttle=False,
    retries=2,
    back_off=0.05,
    longest_wait=3,
    timeout=2,
    whole=60,
    largest=2**20,
)


Answer = tuple[int, bytes, dict[str, str]]
"""Status, body, headers."""


class Site:
    """A server that misbehaves by path.

    `asked` holds every path requested, in order, with its headers.

    It listens at `host`, over TLS where it is given a context.
    """

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.times: list[float] = []
        self.robots: tuple[int, bytes] = (200, b"User-agent: *\nDisallow: /private/\n")
        self.body = (CAPTURES / "anthropic_pricing/2026-05-11/body").read_bytes()
        self.pages: dict[str, bytes] = {}
        """Pages served as they are, each with an ETag."""
        self.answers: dict[str, Answer | Callable[[dict[str, str]], Answer]] = {}
        """What paths answer, before all else; a function is given the headers of the request."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append((self.path, dict(self.headers)))
                outer.times.append(time.monotonic())
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    outer.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer((host, 0), Handler)
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def paths(self) -> Counter[str]:
        return Counter(path for path, _ in self.asked if path != "/robots.txt")

    def answer(self, h: BaseHTTPRequestHandler) -> None:
        path, before = h.path, self.paths()[h.path] - 1
        if path in self.answers:
            answer = self.answers[path]
            return self.send(h, *(answer(dict(h.headers)) if callable(answer) else answer))
        if path == "/robots.txt":
            return self.send(h, *self.robots)
        if path in self.pages:
            return self.send(
                h,
                200,
                self.pages[path],
                {"ETag": f'"{hashlib.md5(self.pages[path]).hexdigest()}"'},
                h.headers.get("If-None-Match"),
            )
        if (
            path.startswith(("/good", "/private/", "/allowed/"))
            or (path == "/busy" and before == 2)
            or (path == "/broken" and before == 3)
        ):
            return self.send(
                h,
                200,
                self.body,
                {"ETag": f'"{len(self.body)}"'} if path == "/good-etag" else {},
                h.headers.get("If-None-Match"),
            )
        if path == "/busy":
            return self.send(h, 429, b"", {"Retry-After": "1"})
        if path == "/busy-for-long":
            return self.send(h, 429, b"", {"Retry-After": "3600"})
        if path in ("/broken", "/always-broken"):
            return self.send(h, 500, b"")
        if path == "/slow":
            h.send_response(200)
            h.send_header("Content-Length", "1000")
            h.end_headers()
            for _ in range(60):
                h.wfile.write(b"x")
                h.wfile.flush()
                time.sleep(0.1)
            return None
        if path == "/cut":
            h.send_response(200)
            h.send_header("Content-Length", str(len(self.body)))
            h.end_headers()
            h.wfile.write(self.body[:100])
            h.close_connection = True
            return None
        if path == "/loop":
            return self.send(h, 302, b"", {"Location": "/loop"})
        if path.startswith("/to?"):
            return self.send(h, 302, b"", {"Location": path[4:]})
        if path == "/bomb":
            return self.send(h, 200, gzip.compress(b"0" * 50 * 2**20), {"Content-Encoding": "gzip"})
        if path == "/login":
            return self.send(h, 200, b"<html><body><form>Please log in</form></body></html>")
        if path == "/key":
            return self.send(
                h,
                200,
                (
                    f"hello {h.headers.get('X-Api-Key')}".encode()
                    if "echo" in (h.headers.get("X-Api-Key") or "")
                    else b"fine"
                ),
            )
        return self.send(h, 404, b"gone")

    def send(
        self,
        h: BaseHTTPRequestHandler,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        etag: str | None = None,
    ) -> None:
        if headers and etag and headers.get("ETag") == etag:
            status, body = 304, b""
        h.send_response(status)
        for name, value in {
            "Content-Type": "text/markdown",
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            h.send_header(name, value)
        h.end_headers()
        h.wfile.write(body)
