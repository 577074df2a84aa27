"""A webhook's delivery, over real sockets of loopback.

Whom it reaches, what it signs, what it never prints.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from almanac.flows.pipeline import notifications, webhooks
from almanac.flows.pipeline.notifications import Notice

MOMENT = datetime(2026, 5, 19, 12, 0, tzinfo=UTC)
FOUND = [
    Notice(
        "price.moved",
        "openai:openai/gpt-4o",
        "openai:openai/gpt-4o input: 3 to 2 — «usd»",
        {"field": "price", "after": "2"},
    )
]
SECRETS = ("hunter2", "t0ken", "s3cret", "pathpart")
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def deliver(found: list[Notice], release: int, moment: datetime) -> list[str]:
    """Return the lines about webhooks that could not be told."""
    return list(notifications.deliver(found, release, moment).values())


@dataclass
class Listener:
    """A web server: what was posted to it, and what it answers."""

    url: str
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    endless: bool = False


Start = Callable[[], Listener]


@pytest.fixture
def listen() -> Iterator[Start]:
    """Start web servers on loopback."""
    with ExitStack() as stack:

        def start() -> Listener:
            class Hook(BaseHTTPRequestHandler):
                def do_POST(self) -> None:
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    listener.posts.append((self.path, dict(self.headers), body))
                    self.send_response(listener.status)
                    for name, value in listener.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    while listener.endless:
                        self.wfile.write(b"x" * 65536)

                do_GET = do_POST

                def log_message(self, *args: Any) -> None:
                    pass

            server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.shutdown)
            listener = Listener(f"http://127.0.0.1:{server.server_port}")
            return listener

        yield start


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "TRIES", (0, 0, 0))


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.setenv("ALMANAC_WEBHOOK_SECRET", "s3cret")
    return lambda addresses: monkeypatch.setenv("ALMANAC_WEBHOOKS", addresses)


def posed(address: str) -> str:
    """Return what is said of an address that could not be told."""
    (why,) = deliver(FOUND, 3, MOMENT)
    for secret in SECRETS:
        assert secret not in why, (address, why)
    assert "\n" not in why and why.isprintable()
    return why


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_not_taken_for_delivery(
    listen: Start, hooks: Any, status: int
) -> None:
    first, second = listen(), listen()
    first.status, first.headers = status, {"Location": f"{second.url}/stolen"}
    hooks(f"{first.url}/pathpart?key=t0ken")
    assert posed(first.url) == f"{first.url}: answered {status}, and redirects are not followed"
    assert len(first.posts) == 1 and second.posts == [], (
        "neither tried again nor carried on to where it points"
    )


def test_only_a_2xx_is_delivery(listen: Start, hooks: Any) -> None:
    hook = listen()
    hooks(f"{hook.url}/pathpart")
    for status, posts, why in (
        (200, 1, []),
        (204, 1, []),
        (304, 1, [f"{hook.url}: answered 304, and redirects are not followed"]),
        (403, 1, [f"{hook.url}: answered 403"]),
        (429, 3, [f"{hook.url}: answered 429"]),
        (500, 3, [f"{hook.url}: answered 500"]),
    ):
        hook.status = status
        hook.posts.clear()
        assert (deliver(FOUND, 3, MOMENT), len(hook.posts)) == (why, posts), status


def test_the_signature_is_over_time_and_body(listen: Start, hooks: Any) -> None:
    hook = listen()
    hooks(f"{hook.url}/pathpart?key=t0ken")
    assert deliver(FOUND, 3, MOMENT) == []
    ((path, headers, body),) = hook.posts
    assert path == "/pathpart?key=t0ken" and headers["Content-Type"] == "application/json"
    assert headers["X-Almanac-Timestamp"] == str(int(MOMENT.timestamp()))
    assert (
        headers["X-Almanac-Signature"]
        == "v1="
        + hmac.new(
            b"s3cret", f"{int(MOMENT.timestamp())}.".encode() + body, hashlib.sha256
        ).hexdigest()
    )
    assert json.loads(body) == {
        "release": 3,
        "notices": [
            {
                "event": "price.moved",
                "subject": FOUND[0].subject,
                "said": FOUND[0].sentence,
                "detail": dict(FOUND[0].detail),
            }
        ],
        "more": 0,
    }


def test_what_the_docs_tell_receivers_to_do_takes_ours_and_refuses_others(
    listen: Start, hooks: Any
) -> None:
    hook = listen()
    hooks(hook.url)
    deliver(FOUND, 3, MOMENT)
    ((_, headers, body),) = hook.posts
    (snippet,) = [
        s
        for s in re.findall(r"```python\n(.*?)```", OPERATIONS.read_text(encoding="utf-8"), re.S)
        if "X-Almanac-Signature" in s
    ]
    told: dict[str, Any] = {}
    exec(snippet, told)
    genuine = told["genuine"]
    now = MOMENT.timestamp()
    assert genuine(headers, body, "s3cret", now)
    assert genuine(headers, body, "s3cret", now + 299) and genuine(
        headers, body, "s3cret", now - 299
    ), "clocks differ a little"
    assert not genuine(headers, body, "s3cret", now + 301) and not genuine(
        headers, body, "s3cret", now - 301
    ), "an old one sent again"
    assert not genuine(headers, body + b" ", "s3cret", now) and not genuine(
        headers, body, "other", now
    )
    later = {**headers, "X-Almanac-Timestamp": str(int(now + 600))}
    assert not genuine(later, body, "s3cret", now + 600), (
        "the time is signed too: an old body under a new time is refused"
    )
    for broken in (
        {},
        {**headers, "X-Almanac-Timestamp": "soon"},
        {**headers, "X-Almanac-Signature": "v1=é"},
        {**headers, "X-Almanac-Signature": ""},
    ):
        assert not genuine(broken, body, "s3cret", now)


def test_without_a_secret_nothing_is_signed(listen: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = listen()
    monkeypatch.setenv("ALMANAC_WEBHOOKS", hook.url)
    monkeypatch.delenv("ALMANAC_WEBHOOK_SECRET", raising=False)
    assert deliver(FOUND, 3, MOMENT) == []
    assert "X-Almanac-Signature" not in hook.posts[0][1]


def test_every_try_is_the_same_delivery(listen: Start, hooks: Any) -> None:
    hook = listen()
    hook.status = 503
    hooks(hook.url)
    deliver(FOUND, 3, MOMENT)
    assert (
        len(hook.posts) == 3
        and len({(h["X-Almanac-Signature"], h["X-Almanac-Timestamp"], b) for _, h, b in hook.posts})
        == 1
    )


@pytest.mark.parametrize(
    "address",
    [
        "http://[",
        "http://",
        "http:///pathpart",
        "http://user:hunter2@host:notaport/pathpart",
        "http://user:hunter2@host:99999/pathpart",
        "user:hunter2@host/pathpart",
        "pathpart",
        "file:///pathpart/t0ken",
        "ftp://user:hunter2@example.org/pathpart?t0ken",
        "http://user:hunter2@[::1/pathpart",
        "https://user:hunter2@ho\x00st/pathpart",
        "http://user:hunter2@" + "a" * 300 + ".example/pathpart",
        "http://user:hunter2@a..b/pathpart",
        "http://ho\u202est/t0ken",
        "http://user:hunter2@:80/t0ken",
        "http://user:hunter2@\u2100.example/pathpart",
        "javascript:t0ken",
        "http://host\\t0ken/",
        "http://%2f..t0ken/",
        "//user:hunter2@host/t0ken",
    ],
)
def test_what_is_no_web_address_is_refused_without_repeating_it(
    hooks: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    # A real environment takes no NUL.
    monkeypatch.setattr(
        "os.environ", {"ALMANAC_WEBHOOKS": address, "ALMANAC_WEBHOOK_SECRET": "s3cret"}
    )
    assert posed(address).endswith(": not a web address (http:// or https://)")


def test_an_address_is_named_by_its_place_where_it_has_no_host(hooks: Any) -> None:
    hooks("ftp://example.org/t0ken, http://[")
    assert deliver(FOUND, 3, MOMENT) == [
        "ftp://example.org: not a web address (http:// or https://)",
        "address 2 of ALMANAC_WEBHOOKS: not a web address (http:// or https://)",
    ]


def test_a_failure_names_the_host_only(hooks: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    hooks(f"http://user:hunter2@127.0.0.1:{port}/pathpart?key=t0ken#s3cret")
    assert posed("") == f"http://127.0.0.1:{port}: Connection refused"


def test_a_user_and_a_path_reach_the_host_as_they_were_given(listen: Start, hooks: Any) -> None:
    hook = listen()
    hooks(hook.url.replace("://", "://us%40er:hunter2@") + "/päth/%2F?q=ä#part")
    assert deliver(FOUND, 3, MOMENT) == []
    ((path, headers, _),) = hook.posts
    assert (
        path == "/p%C3%A4th/%2F?q=%C3%A4"
        and headers["Authorization"] == "Basic dXNAZXI6aHVudGVyMg=="
    )


def test_a_unicode_host_is_asked_for_by_its_own_name(
    hooks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def nobody(host: Any, *args: Any, **more: Any) -> Any:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)  # no name is looked up from a test
    hooks("https://bücher.example/pathpart/t0ken")
    assert posed("") == "https://bücher.example: Name or service not known"
    assert set(asked) <= {"bücher.example", "xn--bcher-kva.example"}


class _Talk(socketserver.BaseRequestHandler):
    words: bytes = b""
    pause: float = 0.0
    repeat: bool = False

    def handle(self) -> None:
        self.server.asked.append(self.request.recv(65536))  # type: ignore[attr-defined]
        try:
            while True:
                for i in range(len(self.words)):
                    self.request.sendall(self.words[i : i + 1] if self.pause else self.words)
                    time.sleep(self.pause)
                    if not self.pause:
                        break
                if not self.repeat:
                    return
        except OSError:
            return


@pytest.fixture
def talker() -> Iterator[Callable[..., tuple[str, list[bytes]]]]:
    """Start servers that say given bytes: at once or drop by drop, once or for ever."""
    with ExitStack() as stack:

        def start(
            words: bytes, pause: float = 0.0, repeat: bool = False
        ) -> tuple[str, list[bytes]]:
            server = socketserver.ThreadingTCPServer(
                ("127.0.0.1", 0),
                type("Said", (_Talk,), {"words": words, "pause": pause, "repeat": repeat}),
            )
            server.daemon_threads = True
            server.asked = []  # type: ignore[attr-defined]
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_address[1]}", server.asked  # type: ignore[attr-defined]

        yield start


def test_a_server_that_drips_holds_nobody_up(
    talker: Any, hooks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "TRY_TIMEOUT", 0.5)
    drips = [
        talker(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 4000, pause=0.05),
        talker(b"", repeat=False),
        talker(b"HTTP/1.1 100 Continue\r\n\r\n", repeat=True),
        talker(b"X: y\r\n", pause=0.02, repeat=True),
    ]
    hooks(" ".join(f"{url}/pathpart" for url, _ in drips))
    started = time.monotonic()
    failed = deliver(FOUND, 3, MOMENT)
    assert time.monotonic() - started < 30, (
        "three tries of half a second each, all addresses at once"
    )
    assert [why.split(": ")[0] for why in failed] == [url for url, _ in drips]
    assert failed[0].endswith("no answer within 0.5 s"), failed
    assert not any("pathpart" in why for why in failed)


def test_an_endless_answer_is_not_read(listen: Start, hooks: Any) -> None:
    hook = listen()
    hook.endless = True
    hooks(hook.url)
    started = time.monotonic()
    assert deliver(FOUND, 3, MOMENT) == [] and time.monotonic() - started < 20


def test_an_answer_that_is_none_is_not_repeated(talker: Any, hooks: Any) -> None:
    """A server may echo the address; what it says is not put into our messages."""
    for words in (
        b"POST /pathpart?key=t0ken\r\n\r\n",
        b"HTTP/1.1 pathpart t0ken\r\n\r\n",
        b"\x00\xff t0ken",
        b"HTTP/1.1 200 OK\r\n" + b"t0ken: x\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"t0ken" * 40000 + b"\r\n\r\n",
        b"HTTP/1.1 500 pathpart t0ken\r\n\r\n",
    ):
        url, asked = talker(words)
        hooks(f"{url}/pathpart?key=t0ken")
        assert posed(url) in (f"{url}: its answer is not HTTP", f"{url}: answered 500"), words
        assert len(asked) == 3


STATUSES = ("+200", "2_00", " 200", "0200", "2.0", "200x", "２００", "")


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_three_digits(talker: Any, hooks: Any, status: str) -> None:
    """Python's own reading takes `+200` and `2_00` for 200."""
    url, asked = talker(f"HTTP/1.1 {status} OK\r\n\r\n".encode())
    hooks(url)
    assert posed(url) == f"{url}: its answer is not HTTP" and len(asked) == 3


@pytest.mark.parametrize(
    "line", ["HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.0 204 a b  c"]
)
def test_a_status_needs_no_reason(talker: Any, hooks: Any, line: str) -> None:
    for end in ("\r\n\r\n", "\n\n"):
        url, asked = talker(f"{line}{end}".encode())
        hooks(url)
        assert deliver(FOUND, 3, MOMENT) == [] and len(asked) == 1


def test_no_proxy_is_told(listen: Start, hooks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hook, proxy = listen(), listen()
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    hooks(hook.url)
    assert deliver(FOUND, 3, MOMENT) == [] and len(hook.posts) == 1 and proxy.posts == []


def test_a_certificate_nobody_vouches_for_is_refused(
    hooks: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "localhost")])
    known = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .add_extension(known, False)
    )
    cert = (
        made.not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "cert.pem"
    pem.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, tmp_path / "key.pem")
    posts: list[bytes] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posts.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    server.handle_error = lambda *a: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    hooks(f"https://user:hunter2@localhost:{server.server_port}/pathpart?t0ken")
    assert "CERTIFICATE_VERIFY_FAILED" in posed("") and posts == []
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    assert deliver(FOUND, 3, MOMENT) == [] and len(posts) == 1, (
        "one that the machine's own list vouches for is taken"
    )
    hooks(f"https://127.0.0.1:{server.server_port}/pathpart?t0ken")
    assert "CERTIFICATE_VERIFY_FAILED" in posed("") and len(posts) == 1, "another's certificate"
    server.shutdown()


def test_addresses_are_told_at_once_and_keep_their_order(
    talker: Any, listen: Start, hooks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "TRY_TIMEOUT", 1.0)
    slow = [talker(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 4000, pause=0.2)[0] for _ in range(6)]
    good = listen()
    hooks(" ".join([*slow, good.url]))
    started = time.monotonic()
    failed = deliver(FOUND, 3, MOMENT)
    assert [why.rpartition(": ")[0] for why in failed] == slow and len(good.posts) == 1
    assert time.monotonic() - started < 6 * 3, (
        "one after another would be eighteen seconds and more"
    )


def test_a_moment_in_any_zone_is_the_same_moment(listen: Start, hooks: Any) -> None:
    from datetime import timezone

    hook = listen()
    hooks(hook.url)
    deliver(FOUND, 3, MOMENT.astimezone(timezone(timedelta(hours=9))))
    assert hook.posts[0][1]["X-Almanac-Timestamp"] == str(int(MOMENT.timestamp()))
