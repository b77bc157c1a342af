"""The channel on which a code porteur travels from the workstation to the reader, enciphered, for one use.

The reader gives a fresh X25519 public key with `read_ps_card`. The workstation answers with its own and the
code under AES-256-GCM, the key derived from both (HKDF-SHA256). The reader forgets its key after one
`verify_code`, so a recorded exchange cannot be replayed, and no trace of the line holds a code. The keys are
not certified: this protects the code from eavesdroppers, not from someone who impersonates the reader.
Source: Project-defined.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tla_sim.protocol.code_format import check_code
from tla_sim.protocol.errors import CodecError

KEY_BYTES: Final = 32
_PADDED: Final = 8  # the longest code, so that the cryptogram does not tell how long this one is
_PAD: Final = b"\xff"
_NONCE: Final = bytes(12)  # safe because every key enciphers one code only


class CodeChannelEnd:
    """One end of the channel: a key pair made from 32 random bytes that the caller supplies."""

    def __init__(self, entropy: bytes) -> None:
        self._private = X25519PrivateKey.from_private_bytes(entropy)
        self.public_key = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def __repr__(self) -> str:
        return "CodeChannelEnd(…)"

    def _cipher(self, peer: bytes, reader_key: bytes, host_key: bytes) -> AESGCM:
        try:
            shared = self._private.exchange(X25519PublicKey.from_public_bytes(peer))
        except ValueError:
            raise CodecError("The code channel's key is not acceptable", "Read the PS card again") from None
        info = b"tla-sim code porteur" + reader_key + host_key
        return AESGCM(HKDF(SHA256(), 32, None, info).derive(shared))

    def seal(self, digits: str, reader_key: bytes, card_serial: str) -> bytes:
        """Return the cryptogram (24 bytes) of a code for the reader that gave `reader_key` (32 bytes)."""
        code = check_code(digits).encode().ljust(_PADDED, _PAD)
        cipher = self._cipher(reader_key, reader_key, self.public_key)
        return cipher.encrypt(_NONCE, code, card_serial.encode())

    def open(self, cryptogram: bytes, host_key: bytes, card_serial: str) -> str:
        """Return the code in a cryptogram. Raises CodecError if it was made for another key or card."""
        cipher = self._cipher(host_key, self.public_key, host_key)
        try:
            padded = cipher.decrypt(_NONCE, cryptogram, card_serial.encode())
        except InvalidTag:
            raise CodecError("The enciphered code porteur does not open", "Read the PS card again") from None
        return check_code(padded.rstrip(_PAD).decode("ascii", "replace"))

    def seal_zeros(self, cryptogram: bytes, host_key: bytes, card_serial: str) -> bytes:
        """Return a cryptogram that opens in place of this one, to as many zeros as its code has digits.

        So an exchange can be recorded without its code. Raises CodecError as `open`.
        """
        zeros = "0" * len(self.open(cryptogram, host_key, card_serial))
        cipher = self._cipher(host_key, self.public_key, host_key)
        return cipher.encrypt(_NONCE, zeros.encode().ljust(_PADDED, _PAD), card_serial.encode())
