"""A real SMTP server on loopback, with STARTTLS or without, that can go away at a chosen moment."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Mailbox:
    """What arrived, and what the server does: answers to RCPT and DATA, or going away around DATA."""

    rcpt: str = "250 OK"
    data: str = "250 OK"
    drop: str = ""
    """`before` the message is kept or `after`; then the connection ends without an answer."""
    raw: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def messages(self) -> list[Message]:
        """The messages, one for each Message-ID, as a mail program keeps them."""
        found = {message_from_bytes(each)["Message-ID"]: message_from_bytes(each) for each in self.raw}
        return list(found.values())

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """The answer to RCPT."""
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message, or go away."""
        if self.drop != "before" and self.data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.raw.append(envelope.content)
            self.encrypted.append(session.ssl is not None)
        if self.drop:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.data

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
    ) -> AuthResult:
        """Anyone may log in but `wrong`."""
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password != b"wrong", handled=False)


@contextmanager
def mail_server(
    box: Mailbox,
    tls: ssl.SSLContext | None = None,
    *,
    login: bool = False,
    at_once: bool = False,
    host: str = "127.0.0.1",
    limit: int | None = None,
) -> Iterator[Mailbox]:
    """The server while the context lasts; its port is the mailbox's.

    TLS by STARTTLS, or `at_once`; messages of at most `limit` bytes; addresses in UTF-8 are taken.
    """

    def speak() -> SMTP:
        return SMTP(
            box,
            hostname="loopback",
            tls_context=None if at_once else tls,
            auth_require_tls=not at_once,
            authenticator=box.authenticate if login else None,
            data_size_limit=limit,
            enable_SMTPUTF8=True,
            loop=loop,
        )

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        starting = loop.create_server(speak, host, 0, ssl=tls if at_once else None)
        server = asyncio.run_coroutine_threadsafe(starting, loop).result()
        box.port = server.sockets[0].getsockname()[1]
        yield box
        loop.call_soon_threadsafe(server.close)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def certificate(
    directory: Path, address: str = "127.0.0.1", *, days: tuple[int, int] = (-1, 1)
) -> tuple[ssl.SSLContext, Path]:
    """TLS for an address with its own certificate, valid from day to day, and the file that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    trusted = directory / "server.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = directory / "server.key"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted
