"""Certificates of OPC UA lines: our own, those a person trusts, and those that wait for a person.

A folder holds `own/`, `trusted/` and `rejected/`. What a server shows and nobody trusts is laid
into `rejected/`, where `wedge pki trust` finds it. Everything is read anew at each connect, so
certificates are exchanged without a restart.
"""

import os
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SOON: Final = timedelta(days=30)
"""So long before its end a certificate is an alarm."""
LASTS: Final = timedelta(days=5 * 365)
BITS, LEAST_BITS = 2048, 2048
"""OPC 10000-7, Basic256Sha256 and both Aes profiles: RSA of 2048 to 4096 bits."""
KEPT: Final = 100
"""Refused certificates that wait for a person; a server could show another one each time."""
BACKDATED: Final = timedelta(hours=1)
"""A server whose clock is a little behind takes a fresh certificate as well."""


class PkiError(Exception):
    """What is wrong with a certificate or its file, and its remedy, in one sentence."""


@dataclass(frozen=True)
class Certificate:
    der: bytes

    @cached_property
    def parsed(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)

    @property
    def name(self) -> str:
        found = self.parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(found[0].value) if found else "no name"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256, as hex digits."""
        return self.parsed.fingerprint(hashes.SHA256()).hex()

    @property
    def thumbprint(self) -> str:
        """SHA-1: what OPC UA tools show."""
        return self.parsed.fingerprint(hashes.SHA1()).hex()

    @property
    def since(self) -> datetime:
        return self.parsed.not_valid_before_utc

    @property
    def until(self) -> datetime:
        return self.parsed.not_valid_after_utc

    @property
    def uris(self) -> list[str]:
        found = self._names()
        return found.get_values_for_type(x509.UniformResourceIdentifier) if found else []

    @property
    def hosts(self) -> list[str]:
        found = self._names()
        if found is None:
            return []
        addresses = found.get_values_for_type(x509.IPAddress)
        return [*found.get_values_for_type(x509.DNSName), *map(str, addresses)]

    def _names(self) -> x509.SubjectAlternativeName | None:
        try:
            return self.parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return None


@dataclass(frozen=True)
class Own:
    """Our certificate with its key, as they were on the disk just now."""

    certificate: Certificate
    key: rsa.RSAPrivateKey

    @property
    def uri(self) -> str:
        """What we call ourselves on the wire: servers compare."""
        return self.certificate.uris[0] if self.certificate.uris else ""


# --- our own --------------------------------------------------------------------------------------


def create_own(certificate: Path, key: Path, now: datetime, *, host: str = "") -> Certificate:
    """A new key and a certificate signed with it (OPC 10000-6, 6.2.2), in place of what was there.

    Takes 0.1 s and more: not for the event loop. Raises OSError.
    """
    host = host or socket.gethostname()
    secret = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    made = _self_signed(secret, f"Wedge on {host}", f"urn:{host}:wedge", host, now)
    private = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    der = made.public_bytes(serialization.Encoding.DER)
    _write(key, private)
    _write(certificate, der)
    return Certificate(der)


def _self_signed(
    key: rsa.RSAPrivateKey, name: str, uri: str, host: str, now: datetime
) -> x509.Certificate:
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    public = key.public_key()
    also = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri), x509.DNSName(host)])
    uses = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=True,
        data_encipherment=True, key_agreement=False, key_cert_sign=True, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(uses, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(also, critical=False)
        .sign(key, hashes.SHA256())
    )


def load_own(certificate: Path, key: Path, now: datetime, what: str = "our own certificate") -> Own:
    """Raises PkiError when a file is missing or wrong, when they do not belong together, and when
    the certificate is not valid now."""
    shown = load(certificate)
    try:
        private = serialization.load_pem_private_key(_bytes_of(key), password=None)
    except (ValueError, TypeError) as err:
        raise PkiError(f"{key} is not a private key in PEM without a password") from err
    if (
        not isinstance(private, rsa.RSAPrivateKey)
        or private.public_key() != shown.parsed.public_key()
    ):
        raise PkiError(f"{key} is not the key of {certificate} (wedge pki create makes both anew)")
    _valid(shown, now, what, "make a new one: wedge pki create --renew")
    return Own(shown, private)


# --- the server's ---------------------------------------------------------------------------------


def examine(shown: Certificate, *, uri: str, host: str, trust: Path, now: datetime) -> None:
    """Whether the server that calls itself `uri` at `host` may be spoken to. Raises PkiError.

    Trusted is what lies in the folder `trust`, and what was issued by something that lies there;
    the name of the host is held against the latter only: the former a person has compared.
    """
    _valid(shown, now, f"the server's certificate {shown.name}", "it needs a new one")
    key = shown.parsed.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_BITS:
        raise PkiError(f"the server's certificate {shown.name} has a key too weak for OPC UA")
    if uri not in shown.uris:
        told = ", ".join(shown.uris) or "nobody"
        raise PkiError(
            f"the server's certificate speaks for {told}, but the server calls itself {uri}:"
            " it is another's, or its maker must issue it anew"
        )
    known = _trusted_by(shown, trust)
    if known is None:
        lay_aside(shown, trust.parent / "rejected")
        mark = shown.fingerprint[:16]
        raise PkiError(
            f"the server's certificate {shown.name} is not trusted: compare its fingerprint {mark}"
            f" at the server, then wedge pki trust {mark}"
        )
    if known.der != shown.der and not _is_for(shown, host):
        raise PkiError(
            f"the server's certificate is for {', '.join(shown.hosts) or 'no host'}, not for {host}"
        )


def _trusted_by(shown: Certificate, trust: Path) -> Certificate | None:
    """Itself, or who issued it."""
    for known in certificates(trust):
        if known.der == shown.der or _issued(known, shown):
            return known
    return None


def _issued(issuer: Certificate, shown: Certificate) -> bool:
    try:
        limits = issuer.parsed.extensions.get_extension_for_class(x509.BasicConstraints).value
        shown.parsed.verify_directly_issued_by(issuer.parsed)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return limits.ca


def _is_for(shown: Certificate, host: str) -> bool:
    return host.lower() in (one.lower() for one in shown.hosts)


def _valid(shown: Certificate, now: datetime, what: str, remedy: str) -> None:
    if now > shown.until:
        raise PkiError(f"{what} expired on {shown.until:%Y-%m-%d} ({remedy})")
    if now < shown.since:
        raise PkiError(
            f"{what} is not valid before {shown.since:%Y-%m-%d %H:%M} UTC (are both clocks right?)"
        )


# --- the folders ----------------------------------------------------------------------------------


def certificates(folder: Path) -> Iterator[Certificate]:
    """Those of a folder by name; a file that is none is left out."""
    for file in sorted(folder.glob("*")) if folder.is_dir() else ():
        try:
            yield load(file)
        except PkiError:
            continue


def load(file: Path) -> Certificate:
    """DER or PEM; of a chain the first. Raises PkiError."""
    data = _bytes_of(file)
    try:
        if data.lstrip().startswith(b"-----"):
            found = x509.load_pem_x509_certificate(data)
            return Certificate(found.public_bytes(serialization.Encoding.DER))
        x509.load_der_x509_certificate(leading(data))
    except ValueError as err:
        raise PkiError(f"{file} is not a certificate in DER or PEM") from err
    return Certificate(leading(data))


def leading(chain: bytes) -> bytes:
    """The first of several certificates in DER, one behind the other (X.690, 8.1.3)."""
    if len(chain) < 4 or chain[1] != 0x82:
        return chain
    return chain[: int.from_bytes(chain[2:4], "big") + 4]


def lay_aside(shown: Certificate, rejected: Path) -> None:
    """For a person to look at; of too many the oldest is forgotten."""
    path = rejected / _file_name(shown)
    if path.exists():
        return
    waiting = sorted(rejected.glob("*.der"), key=lambda file: file.stat().st_mtime)
    for oldest in waiting[: max(0, len(waiting) + 1 - KEPT)]:
        oldest.unlink(missing_ok=True)
    _write(path, shown.der)


def find(folder: Path, mark: str) -> tuple[Path, Certificate]:
    """By the beginning of its fingerprint or thumbprint. Raises PkiError."""
    wanted = re.sub(r"[^0-9a-f]", "", mark.lower())
    if len(wanted) < 8:
        raise PkiError("a fingerprint is given by its first 8 hex digits at least")
    found = [
        (file, one)
        for file in (sorted(folder.glob("*")) if folder.is_dir() else ())
        for one in [_or_none(file)]
        if one and (one.fingerprint.startswith(wanted) or one.thumbprint.startswith(wanted))
    ]
    if len(found) != 1:
        told = "there are several certificates" if found else "there is no certificate"
        raise PkiError(f"{folder}: {told} with the fingerprint {mark} (see wedge pki list)")
    return found[0]


def move(file: Path, shown: Certificate, to: Path) -> None:
    _write(to / _file_name(shown), shown.der)
    file.unlink()


def ends_soon(shown: Certificate, now: datetime) -> bool:
    return shown.until - now < SOON


def ending(shown: Certificate, now: datetime) -> str:
    """For the alarm: when, and what to do."""
    if now > shown.until:
        return f"the certificate {shown.name} expired on {shown.until:%Y-%m-%d}: it needs a new one"
    return f"the certificate {shown.name} ends on {shown.until:%Y-%m-%d}: it needs a new one soon"


def _or_none(file: Path) -> Certificate | None:
    try:
        return load(file)
    except PkiError:
        return None


def _file_name(shown: Certificate) -> str:
    return f"{re.sub(r'[^A-Za-z0-9.-]+', '_', shown.name)[:40]}-{shown.fingerprint[:16]}.der"


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as err:
        raise PkiError(f"{file} cannot be read: {err.strerror}") from err


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all, for us alone."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(file)
