"""Only the hosts of a card are ever contacted: no redirect off them, no private address, no other scheme."""

from __future__ import annotations

import ipaddress
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver


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
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host not in hosts:
        return f"{host or 'no host'} is not a host of the source's card"
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(host)):
        return f"{parts.scheme} is not spoken to {host}"
    return ""


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(name: str, address: str) -> str:
    """Return the address a name resolved to. Raises PrivateAddress for one that is not public, unless the name is that address."""
    if name != address and not ipaddress.ip_address(address).is_global:
        raise PrivateAddress(f"{name} resolves to {address}, which is not a public address")
    return address


class HostsMiddleware:
    """Downloader middleware: every request, redirected ones too, is held to the card's hosts."""

    def __init__(self, hosts: frozenset[str]) -> None:
        self.hosts = hosts

    @classmethod
    def from_crawler(cls, crawler: Any) -> HostsMiddleware:
        return cls(frozenset(crawler.settings.getlist("HOSTS")))

    def process_request(self, request: Request) -> None:
        if problem := refusal(request.url, self.hosts):
            raise IgnoreRequest(f"{request.url[:200]}: {problem}" if request.meta.get("redirect_times") else problem)


class PublicResolver(CachingThreadedResolver):  # type: ignore[misc]
    """Resolves names to public addresses only, so that no name of a card can lead inside the network."""

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
