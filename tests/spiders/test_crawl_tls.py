"""No page is believed over a connection whose other end did not prove its name."""

from __future__ import annotations

import ipaddress
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from almanac.spiders.archive.warc import Archive
from tests.support.crawls import crawl, kept
from tests.support.site import Site

ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2400, 1, 1, tzinfo=UTC))
"""Valid on any day a test may think it is."""
LONG_PAST = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2001, 1, 1, tzinfo=UTC))
FAR_FUTURE = (datetime(2300, 1, 1, tzinfo=UTC), datetime(2400, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Identity:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def identity(
    address: str,
    days: tuple[datetime, datetime] = ALWAYS,
    by: Identity | None = None,
    authority: bool = False,
) -> Identity:
    """Return a certificate for an address, signed by another or by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    alternative: x509.GeneralName = (
        x509.IPAddress(ipaddress.ip_address(address))
        if address[0].isdigit()
        else x509.DNSName(address)
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by.certificate.subject if by else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(days[0])
        .not_valid_after(days[1])
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return Identity(builder.sign(by.key if by else key, hashes.SHA256()), key)


AUTHORITY = identity("authority.example", authority=True)
STRANGER = identity("stranger.example", authority=True)
Served = Callable[[Identity], Site]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Start servers over TLS, each with the certificate it is given."""
    sites: list[Site] = []

    def start(identity: Identity) -> Site:
        pair = tmp_path / f"{len(sites)}.pem"
        secret = identity.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        pair.write_bytes(secret + identity.pem())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        sites.append(Site(tls=context))
        return sites[-1]

    yield start
    for site in sites:
        site.server.shutdown()


@pytest.fixture
def trust(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that trusts AUTHORITY and nobody else."""
    (tmp_path / "trusted.pem").write_bytes(AUTHORITY.pem())
    (tmp_path / "none").mkdir()
    return {"SSL_CERT_FILE": str(tmp_path / "trusted.pem"), "SSL_CERT_DIR": str(tmp_path / "none")}


DISTRUSTED = {
    "signed by itself, for another name": (identity("other.example"), "another name"),
    "signed by itself, for the right name": (identity("127.0.0.1"), "not trusted"),
    "signed by an authority that nobody knows": (identity("127.0.0.1", by=STRANGER), "not trusted"),
    "out of date": (identity("127.0.0.1", LONG_PAST, AUTHORITY), "not trusted"),
    "not yet valid": (identity("127.0.0.1", FAR_FUTURE, AUTHORITY), "not trusted"),
    "good, but for another address": (identity("127.0.0.2", by=AUTHORITY), "another name"),
    "good, but for another host": (identity("docs.example.org", by=AUTHORITY), "another name"),
}


@pytest.mark.parametrize("case", DISTRUSTED)
def test_a_server_that_does_not_prove_its_name_is_not_read(
    case: str, served: Served, trust: dict[str, str], tmp_path: Path
) -> None:
    shown, reason = DISTRUSTED[case]
    site, home = served(shown), tmp_path / "home"
    done = crawl([f"{site.url}/good"], home, env=trust)
    assert done.looks == [] and not Archive(home).looks and not site.asked, (
        "not one request reached the server"
    )
    assert site.body[:60] not in kept(home)
    (error,) = done.errors
    assert reason in error and "certificate" in error and "\n" not in error and len(error) < 300, (
        error
    )


def test_a_server_that_a_trusted_authority_vouches_for_is_read(
    served: Served, trust: dict[str, str], tmp_path: Path
) -> None:
    site = served(identity("127.0.0.1", by=AUTHORITY))
    done = crawl([f"{site.url}/good"], tmp_path / "home", env=trust)
    assert [look["url"] for look in done.looks] == [f"{site.url}/good"] and done.errors == []
    assert Archive(tmp_path / "home").body(done.looks[0]["digest"]) == site.body


def test_a_page_that_moved_to_a_server_nobody_vouches_for_is_not_read(
    served: Served, trust: dict[str, str], tmp_path: Path
) -> None:
    """The first hop is proven, the second is not."""
    proven, unproven = served(identity("127.0.0.1", by=AUTHORITY)), served(identity("127.0.0.1"))
    done = crawl([f"{proven.url}/to?{unproven.url}/good"], tmp_path / "home", env=trust)
    assert done.looks == [] and not unproven.asked and "not trusted" in done.errors[0]


def test_a_crawl_over_tls_never_goes_on_without_it(
    served: Served, site: Site, trust: dict[str, str], tmp_path: Path
) -> None:
    secure = served(identity("127.0.0.1", by=AUTHORITY))
    urls = [f"{secure.url}/to?{site.url.replace('127.0.0.1', 'localhost')}/good"]
    done = crawl(urls, tmp_path / "home", env=trust, hosts=("127.0.0.1", "localhost"))
    assert (
        done.looks == [] and not site.asked and "http is not spoken to localhost" in done.errors[0]
    )


def test_a_scrapy_that_cannot_verify_is_not_started(
    served: Served, trust: dict[str, str], tmp_path: Path
) -> None:
    """Older ones do not know the setting and would take any certificate, in silence."""
    site = served(identity("127.0.0.1", by=AUTHORITY))
    older = (
        "import runpy, scrapy.settings.default_settings as d; del d.DOWNLOAD_VERIFY_CERTIFICATES;"
        " runpy.run_module('almanac.spiders.crawling.spider', run_name='__main__')"
    )
    done = crawl(
        [f"{site.url}/good"],
        tmp_path / "home",
        env=trust,
        command=(sys.executable, "-P", "-c", older),
    )
    assert not site.asked and done.looks == [] and not (tmp_path / "home").exists()
    assert "cannot verify certificates" in done.last["reason"] and done.printed.count("\n") == 1
