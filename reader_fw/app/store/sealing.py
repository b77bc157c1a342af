"""Sealing of records with AES-256-GCM, which keeps them secret and protects their integrity.

A sealed record is a 12-byte nonce, the ciphertext and a 16-byte tag (NIST SP 800-38D). The associated data
binds it to its place: a record moved to another name does not open.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import Category
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.failure import FirmwareFailure

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
SEAL_BYTES: Final = NONCE_BYTES + 16


class RecordDamaged(FirmwareFailure):
    """A record does not open: some of it changed, or its key is gone. `record` names it for users."""

    category = Category.BAD_INPUT

    def __init__(self, record: str) -> None:
        super().__init__(Status.RECORD_DAMAGED, record)
        self.record = record


class Sealer:
    """Seals and opens records under one 32-byte key, with nonces from the board's entropy."""

    __slots__ = ("_cipher", "_entropy")

    def __init__(self, key: bytes, entropy: Entropy) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a sealing key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(key)
        self._entropy = entropy

    def seal(self, data: bytes, place: bytes) -> bytes:
        """Return `data` sealed for `place`, which makes it 28 bytes longer."""
        nonce = self._entropy.take(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, place)

    def open(self, sealed: bytes, place: bytes, record: str) -> bytes:
        """Return what was sealed for `place`. Raises RecordDamaged, which names `record`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise RecordDamaged(record) from None

    def __repr__(self) -> str:
        return "Sealer(…)"
