"""A document's content: its bytes, and what is computed from them, each at most once.

It is passed on instead of the bytes, so that nobody hashes or parses them again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.invoice import PreparedInvoice, digest
from tla_sim.protocol.documents.load import fingerprint


@dataclass(frozen=True)
class Document:
    """The bytes of an FSE or DRE, signed or not. They are not checked until `fse` is read."""

    content: bytes = field(repr=False)

    @classmethod
    def of(cls, fse: Fse) -> Self:
        """Return the document of an FSE. Raises CodecError when a field does not fit."""
        document = cls(fse.build())
        vars(document)["fse"] = fse
        return document

    @cached_property
    def digest(self) -> bytes:
        """The SHA-256 digest of the bytes (32 bytes)."""
        return digest(self.content)

    @property
    def fingerprint(self) -> bytes:
        """The fingerprint that stands for the bytes in the reader's list (8 bytes)."""
        return fingerprint(self.digest)

    @cached_property
    def fse(self) -> Fse:
        """The FSE that the bytes encode. Raises CodecError when they are not one."""
        return Fse.parse(self.content)

    @cached_property
    def invoice(self) -> PreparedInvoice:
        """The invoice in the FSE. Raises CodecError when it is ill-formed."""
        return self.fse.invoice
