"""Only the hosts of a card are ever contacted.

No redirect off them, no private address, no other scheme, no unproven name.
"""

from __future__ import annotations

import ipaddress
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver

from almanac.spiders.bounds import LONGEST_URL


class PrivateAddress(Exception):
    """A host of a card resolves to an address that is not public."""


def refusal(url: str, hosts: frozenset[str]) -> str:
    """Return why a URL may not be contacted, or nothing.

    >>> refusal("https://docs.example.org/x", frozenset({"docs.example.org"}))
    ''
    >>> refusal("https://10.0.0.1/", frozenset({"docs.example.org"}))
    "10.0.0.1 is not a host of the source's card"

    A loopback address that a card names itself (a test server) may be spoken to over plain HTTP.
    """
    if len(url) > LONGEST_URL:
        return f"an address longer than {LONGEST_URL} characters"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"not an address ({error})"
    if host not in hosts:
        return f"{host or 'no host'} is not a host of the source's card"
    if "@" in parts.netloc:
        return "an address with a user name or password is not asked"
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(host)):
        return f"{parts.scheme} is not spoken to {host}"
    return ""


def origin(url: str) -> tuple[str, str, int]:
    """Return (scheme, host, port) of a URL (RFC 6454). Raises ValueError for one that has none."""
    parts = urlsplit(url)
    return (
        parts.scheme,
        parts.hostname or "",
        parts.port or (443 if parts.scheme == "https" else 80),
    )


def distrust(error: str) -> str:
    """Return in plain words why a server's certificate was not accepted.

    Nothing for any other error.
    """
    if "certificate verify failed" in error:
        return (
            "the server's certificate is not trusted:"
            " nobody this machine trusts vouches for it, or its dates are not now"
        )
    if "VerificationError" in error or "Mismatch" in error:
        return "the server's certificate is for another name"
    return ""


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(name: str, address: str) -> str:
    """Return the address a name resolved to.

    Raises PrivateAddress for one that is not public, unless the name is that address.
    """
    parsed = ipaddress.ip_address(address)
    if name != address and (not parsed.is_global or parsed.is_multicast):
        raise PrivateAddress(f"{name} resolves to {address}, which is not a public address")
    return address


class HostsMiddleware:
    """Downloader middleware: every request, redirected ones too, is held to the card's hosts.

    Also to the crawl's time.

    The key goes to the origin of the page it was given for and to no other, the card's other
    hosts included.
    """

    def __init__(self, settings: Any) -> None:
        self.hosts = frozenset(settings.getlist("HOSTS"))
        self.limit = settings["LIMIT"]
        self.key_header: str = settings["KEY_HEADER"] or ""

    @classmethod
    def from_crawler(cls, crawler: Any) -> HostsMiddleware:
        return cls(crawler.settings)

    def process_request(self, request: Request) -> None:
        if self.limit.left() <= 0:
            raise IgnoreRequest("the time of the crawl was up before it was asked for")
        if problem := refusal(request.url, self.hosts):
            raise IgnoreRequest(
                f"{problem} (it was led to {request.url})"
                if request.meta.get("redirect_times")
                else problem
            )
        if self.key_header and origin(request.url) != origin(request.meta.get("page", request.url)):
            request.headers.pop(self.key_header, None)


class PublicResolver(CachingThreadedResolver):  # type: ignore[misc]
    """Resolves names to public addresses only.

    So no name of a card can lead inside the network.
    """

    refused: ClassVar[dict[str, str]] = {}
    """Why names were refused: the reactor reports every failure as "no results"."""

    def getHostByName(self, name: str, timeout: Any = ()) -> Any:
        return super().getHostByName(name, timeout).addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        try:
            return check_address(name, address)
        except PrivateAddress as error:
            self.refused[name] = str(error)
            raise
