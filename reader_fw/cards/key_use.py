"""The card's private keys, and the security environment that selects the one to use next.

MANAGE SECURITY ENVIRONMENT and PERFORM SECURITY OPERATION: ISO/IEC 7816-4 §7.5.11, 7816-8 §5. Padding is
PKCS#1 v1.5 (RFC 8017): type 1 is put around the data of a signature command, usually a DigestInfo; type 2 is
removed when deciphering. The templates are those of IAS-ECC cards. That a signature command carries its
DigestInfo itself, without a hash command before it, is Project-defined.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.tlv import parse_all
from tla_sim.reader_fw.cards.image import CardKey, Operation
from tla_sim.reader_fw.cards.pki import CardKeyUnusable, load_private_key
from tla_sim.reader_fw.cards.refusal import CardRefusal

KEY_BYTES: Final = 256
MAX_TO_SIGN: Final = KEY_BYTES - 11
"""The bytes that PKCS#1 v1.5 leaves for the DigestInfo."""

TEMPLATES: Final = {
    0xA4: (Operation.AUTHENTICATE, 0x02),
    0xB6: (Operation.SIGN, 0x02),
    0xB8: (Operation.DECIPHER, 0x1A),
}
"""The control reference templates of MSE SET (authentication, digital signature, confidentiality), each with
the operation that it prepares and the one algorithm reference that it takes."""

_KEY_REFERENCE: Final = (0x83, 0x84)
_ALGORITHM_REFERENCE: Final = 0x80
_PADDING_INDICATORS: Final = (0x00, 0x02, 0x81)


class KeyUse:
    """The keys of a card, and which one was set for which operation since power-on."""

    def __init__(self, keys: tuple[CardKey, ...]) -> None:
        self._keys = {key.reference: key for key in keys}
        self._ready: dict[Operation, tuple[CardKey, rsa.RSAPrivateKey]] = {}
        self._padding = padding.PKCS1v15()
        self._no_digest = NoDigestInfo()

    def forget(self) -> None:
        """Forget which keys were set, at power-off or reset."""
        self._ready.clear()

    def key(self, reference: int) -> CardKey | None:
        """Return the key with a reference, `None` if the card does not have it."""
        return self._keys.get(reference)

    def prepare(self, template: int, data: bytes) -> None:
        """Carry out MSE SET. `data` has the objects of the template: key and algorithm reference.

        Raises CardRefusal: 6A86 for another template, 6A80 for other objects, 6A88 for a key that the card
        does not have or that may not be used for the operation.
        """
        if template not in TEMPLATES:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        operation, algorithm = TEMPLATES[template]
        try:
            objects = parse_all(data)
        except CodecError:
            raise CardRefusal(Status.WRONG_DATA) from None
        given = {each.tag: each.value for each in objects}
        references = [value for tag, value in given.items() if tag in _KEY_REFERENCE]
        if len(objects) != 2 or len(references) != 1 or len(references[0]) != 1:
            raise CardRefusal(Status.WRONG_DATA)
        if given.get(_ALGORITHM_REFERENCE) != bytes((algorithm,)):
            raise CardRefusal(Status.WRONG_DATA)
        key = self._keys.get(references[0][0])
        if key is None or not key.may(operation):
            raise CardRefusal(Status.REFERENCE_NOT_FOUND)
        try:
            self._ready[operation] = key, load_private_key(key.pkcs8)
        except CardKeyUnusable:
            raise CardRefusal(Status.DATA_INVALIDATED) from None

    def sign(self, operation: Operation, data: bytes, verified: bool) -> bytes:
        """Return the signature (256 bytes) of 1..245 bytes, by the key set for `operation`.

        Raises CardRefusal: 6985 if none is set, 6982 without the code porteur, 6700 for other lengths.
        """
        key = self._use(operation, verified)
        if not 0 < len(data) <= MAX_TO_SIGN:
            raise CardRefusal(Status.WRONG_LENGTH)
        return key.sign(data, self._padding, self._no_digest)

    def decipher(self, data: bytes, verified: bool) -> bytes:
        """Return the plain text of a padding indicator byte and a cryptogram of 256 bytes.

        A wrong padding is not reported: the answer is then random bytes, as RFC 8017 §7.2.2 advises.
        Raises CardRefusal like `sign`, and 6A80 for other data.
        """
        key = self._use(Operation.DECIPHER, verified)
        if len(data) != 1 + KEY_BYTES or data[0] not in _PADDING_INDICATORS:
            raise CardRefusal(Status.WRONG_DATA)
        try:
            return key.decrypt(data[1:], self._padding)
        except ValueError:
            raise CardRefusal(Status.WRONG_DATA) from None

    def _use(self, operation: Operation, verified: bool) -> rsa.RSAPrivateKey:
        ready = self._ready.get(operation)
        if ready is None:
            raise CardRefusal(Status.CONDITIONS_NOT_SATISFIED)
        key, private = ready
        if key.needs_code and not verified:
            raise CardRefusal(Status.NOT_AUTHENTICATED)
        return private
