"""A real crawl over HTTP against a server on loopback: robots obeyed, errors named, bodies in the archive."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from spiders.archive import Archive
from tests.recorded import CAPTURES

PAGES = {"/good": (200, (CAPTURES / "anthropic_pricing/2026-05-11/body").read_bytes()), "/gone": (404, b"gone"), "/private/x": (200, b"secret")}


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            if self.path == "/robots.txt":
                status, body = 200, b"User-agent: *\nDisallow: /private/\n"
            elif self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "http://localhost:1/elsewhere")
                self.end_headers()
                return
            else:
                status, body = PAGES.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Type", "text/markdown")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()


SCRIPT = """
import sys
from spiders import base, crawl
source = base.source("anthropic_pricing")
type(source).start_urls = tuple(sys.argv[2:])
card = base.card("anthropic_pricing").model_copy(update={"hosts": ["127.0.0.1"]})
base.card = lambda name: card
crawl.SETTINGS.update(DOWNLOAD_DELAY=0, AUTOTHROTTLE_ENABLED=False, RETRY_TIMES=0)
crawl.main("anthropic_pricing", sys.argv[1])
"""


def crawl(folder: Path, *urls: str) -> dict[str, object]:
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(folder), *urls], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def test_crawled_bodies_are_in_the_archive_and_failures_are_named(site: tuple[str, list[str]], tmp_path: Path) -> None:
    url, seen = site
    said = crawl(tmp_path, f"{url}/good", f"{url}/gone", f"{url}/private/x", f"{url}/away")
    assert said["reason"] == "finished" and said["pages"] == 1
    archive = Archive(tmp_path)
    assert [archive.body(c.digest) for c, _ in archive.looks] == [PAGES["/good"][1]]
    assert "/private/x" not in seen, "robots.txt forbids it"
    errors = " ".join(said["errors"])  # type: ignore[arg-type]
    assert "/gone: answered 404" in errors and "/private/x" in errors
    assert "/away" in errors and "refused" not in errors, "the host it redirects to is never contacted"
