"""Count how often bytes are hashed, parsed and verified, so that a test can forbid doing it twice."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from tla_sim.protocol.documents.certificates import SignerIdentity
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice import PreparedInvoice


@dataclass
class Effort:
    """How often each content was hashed, parsed as FSE or invoice, and each signature verified."""

    hashed: Counter[bytes] = field(default_factory=Counter)
    parsed: Counter[bytes] = field(default_factory=Counter)
    invoices: Counter[bytes] = field(default_factory=Counter)
    verified: Counter[bytes] = field(default_factory=Counter)

    def forget(self) -> None:
        """Reset all counts."""
        for counter in (self.hashed, self.parsed, self.invoices, self.verified):
            counter.clear()


def count_effort(monkeypatch: pytest.MonkeyPatch) -> Effort:
    """Count from now to the end of the test."""
    effort = Effort()
    sha256, parse, read, verifies = hashlib.sha256, Fse.parse, PreparedInvoice.parse, SignerIdentity.verifies

    def counted_sha256(content: bytes = b"") -> Any:
        effort.hashed[content] += 1
        return sha256(content)

    def counted_parse(content: bytes) -> Fse:
        effort.parsed[content] += 1
        return parse(content)

    def counted_read(content: bytes) -> PreparedInvoice:
        effort.invoices[content] += 1
        return read(content)

    def counted_verifies(signer: SignerIdentity, signature: bytes, signed: bytes) -> bool:
        effort.verified[signature] += 1
        return verifies(signer, signature, signed)

    monkeypatch.setattr(hashlib, "sha256", counted_sha256)
    monkeypatch.setattr(Fse, "parse", counted_parse)
    monkeypatch.setattr(PreparedInvoice, "parse", counted_read)
    monkeypatch.setattr(SignerIdentity, "verifies", counted_verifies)
    return effort
