"""HTTPS without anybody's help: a certificate authority of the sandbox's own, and a server certificate it signed.

Real portals speak only HTTPS, and so do some clients of theirs. The authority's key is forgotten at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOSTS = ("localhost", "127.0.0.1", "::1")
LIFETIME = timedelta(days=90)

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Certificates:
    """Files in PEM; a client that trusts `authority` trusts the server."""

    authority: Path
    server: Path
    key: Path


def make_certificates(folder: Path, hosts: Iterable[str] = HOSTS) -> Certificates:
    """Write a new authority and a server certificate for these host names and addresses, good for 90 days."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    authority_key, server_key = _new_key(), _new_key()
    authority = _signed(_authority(authority_key), authority_key)
    made.authority.write_bytes(authority.public_bytes(Encoding.PEM))
    made.server.write_bytes(_signed(_server(server_key, authority, hosts), authority_key).public_bytes(Encoding.PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def _new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _signed(builder: x509.CertificateBuilder, key: Key) -> x509.Certificate:
    return builder.sign(key, SHA256())


def _authority(key: Key) -> x509.CertificateBuilder:
    name = _name("Backoffice sandbox authority")
    builder = _builder(key, subject=name, issuer=name)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(_usage(signs_certificates=True), critical=True)


def _server(key: Key, authority: x509.Certificate, hosts: Iterable[str]) -> x509.CertificateBuilder:
    builder = _builder(key, subject=_name("Backoffice sandbox"), issuer=authority.subject)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    signer = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), critical=False
    )
    return builder.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)


def _builder(key: Key, *, subject: x509.Name, issuer: x509.Name) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
