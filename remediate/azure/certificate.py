"""Who issued the certificate that a host presents: seen without trust, and without sending anything."""

from __future__ import annotations

import ssl
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from remediate.redaction import one_line

LIMIT = 5.0
"""Seconds for the connection."""


def issuer_of(url: str, proxy: str | None = None) -> str | None:
    """The issuer's name of the certificate that is presented; None where it cannot be seen.

    `proxy` is the address of the proxy on the way.
    """
    with suppress(OSError, ValueError, HTTPException):
        return _issuer(_certificate(url, proxy))
    return None


def _certificate(url: str, proxy: str | None) -> bytes:
    """The certificate, DER. Raises OSError, ValueError and HTTPException."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    by = urlsplit(proxy) if proxy else None
    connection = HTTPConnection(by.hostname or "", by.port or 80, timeout=LIMIT) if by else None
    connection = connection or HTTPConnection(host, port, timeout=LIMIT)
    with closing(connection):
        if by:
            connection.set_tunnel(host, port)
        connection.connect()
        # Nothing is sent over it: it is only looked at.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(connection.sock, server_hostname=host) as wrapped:
            return wrapped.getpeercert(binary_form=True) or b""


def _issuer(der: bytes) -> str:
    """The organisation and common name of the issuer. Raises ValueError."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    issuer = x509.load_der_x509_certificate(der).issuer
    wanted = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
    values = [str(one.value) for oid in wanted for one in issuer.get_attributes_for_oid(oid)]
    return one_line(", ".join(values[:2]) or issuer.rfc4514_string(), 120)
