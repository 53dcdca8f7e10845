"""Certificates as others make them: good ones, and those that must be refused."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

SERVER = "urn:test:server"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Papers:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def laid(self, folder: Path, name: str = "cert") -> tuple[Path, Path]:
        folder.mkdir(parents=True, exist_ok=True)
        certificate, key = folder / f"{name}.der", folder / f"{name}.pem"
        certificate.write_bytes(self.der)
        key.write_bytes(self.pem)
        return certificate, key


def papers(
    *,
    name: str = "test server",
    uri: str = SERVER,
    host: str = "127.0.0.1",
    since: timedelta = -DAY,
    until: timedelta = 365 * DAY,
    by: Papers | None = None,
    authority: bool = False,
    bits: int = 2048,
) -> Papers:
    """Valid from now + since to now + until, signed by itself or by an authority."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + since)
        .not_valid_after(now + until)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.UniformResourceIdentifier(uri), x509.IPAddress(ip_address(host))]
            ),
            critical=False,
        )
        .sign(by.key if by else key, hashes.SHA256())
    )
    return Papers(made, key)
