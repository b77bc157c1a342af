"""The security environment of a channel: which key and hash come next, and the operations with them.

MANAGE SECURITY ENVIRONMENT and PERFORM SECURITY OPERATION: ISO/IEC 7816-4 §7.5.11, 7816-8 §5. The templates
are those that the field's middlewares send: those of IAS-ECC cards for every model, besides those of ChipDoc
for models with raw RSA. That algorithm 02 takes a DigestInfo, or anything else of up to 245 bytes, is as on
IAS-ECC cards for authentication; for signatures it is Project-defined.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import rsa

from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.tlv import parse_all
from tla_sim.reader_fw.cards.algorithms import (
    CHIPDOC_ALGORITHMS,
    DECIPHER_ALGORITHM,
    DIGEST_INFO_ALGORITHM,
    HASH_ALGORITHMS,
    KEY_BYTES,
    MAX_TO_SIGN,
    SIGNATURE_ALGORITHMS,
    Signing,
    compute_raw,
    decipher,
    sign_data,
    sign_digest,
)
from tla_sim.reader_fw.cards.image import CardKey, Operation
from tla_sim.reader_fw.cards.pki import CardKeyUnusable, load_private_key
from tla_sim.reader_fw.cards.refusal import CardRefusal
from tla_sim.reader_fw.cards.sha import BLOCK_BYTES, Sha, resume

_SET_TO_USE: Final = 0x41
_SET_CHIPDOC: Final = 0x81
_AUTHENTICATION: Final = 0xA4
_HASH: Final = 0xAA
_SIGNATURE: Final = 0xB6
_CONFIDENTIALITY: Final = 0xB8
_ALGORITHM_REFERENCE: Final = 0x80
_KEY_REFERENCES: Final = frozenset((0x83, 0x84))
_CHIPDOC_OBJECT: Final = 0x91
_DIGEST_GIVEN: Final = 0x80
"""The bit that ChipDoc's template adds to the reference of a key that is to sign a digest."""
_INTERMEDIATE: Final = 0x90
_LAST_PART: Final = 0x80
_COUNTER_BYTES: Final = 8
_PADDING_INDICATORS: Final = (0x00, 0x02, 0x81)


class _Prepared(NamedTuple):
    """A key that is set for an operation; `signing` is `None` for raw RSA."""

    key: CardKey
    private: rsa.RSAPrivateKey
    signing: Signing | None = None


class KeyUse:
    """The keys of a card as one logical channel uses them: what was set, and the digest it holds.

    `raw` says whether the card computes raw RSA, and takes ChipDoc's templates (CPS4).
    """

    def __init__(self, keys: tuple[CardKey, ...], raw: bool = False) -> None:
        self._keys = {key.reference: key for key in keys}
        self._takes_raw = raw
        self._ready: dict[Operation, _Prepared] = {}
        self._hash: Sha | None = None
        self._digest: tuple[Sha, bytes] | None = None

    def forget(self) -> None:
        """Forget which keys were set, and the digest, at power-off or reset."""
        self._ready.clear()
        self._hash = None
        self._digest = None

    def key(self, reference: int) -> CardKey | None:
        """Return the key with a reference, `None` if the card does not have it."""
        return self._keys.get(reference)

    def prepare(self, how: int, template: int, data: bytes) -> None:
        """Carry out MSE SET with P1 `how` and P2 `template`; `data` has the objects of the template.

        Raises CardRefusal: 6A86 for another template, 6A80 for other objects, 6A88 for a key that the card
        does not have or that may not be used for the operation.
        """
        if how == _SET_CHIPDOC and template == _SIGNATURE and self._takes_raw:
            self._prepare_chipdoc(data)
            return
        if how != _SET_TO_USE:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if template == _SIGNATURE:
            reference, algorithm = _references(data)
            signing = None if algorithm is None else SIGNATURE_ALGORITHMS.get(algorithm)
            if signing is None:
                raise CardRefusal(Status.WRONG_DATA)
            self._set(Operation.SIGN, reference, signing)
        elif template == _AUTHENTICATION:
            reference, algorithm = _references(data)
            _expect(algorithm == DIGEST_INFO_ALGORITHM)
            self._set(Operation.AUTHENTICATE, reference, Signing(None))
        elif template == _CONFIDENTIALITY:
            reference, algorithm = _references(data)
            raw = algorithm is None and self._takes_raw
            _expect(raw or algorithm == DECIPHER_ALGORITHM)
            self._set(Operation.DECIPHER, reference, None if raw else Signing(None))
        elif template == _HASH:
            algorithm = _only_algorithm(data)
            _expect(algorithm in HASH_ALGORITHMS)
            self._hash = HASH_ALGORITHMS[algorithm]
            self._digest = None
        else:
            raise CardRefusal(Status.WRONG_PARAMETERS)

    def hash_template(self, data: bytes) -> None:
        """Carry out PSO: HASH with a template: hash the last part of a message, and hold the digest.

        `data` is 90 {intermediate digest, count of its bits on 8 bytes} 80 {last part, up to 64 bytes}, where
        an empty 90, or none, stands before a whole message, and 90 {digest} alone is a digest made outside.
        Raises CardRefusal: 6985 unless a hash is set, 6A80 for other data. No digest is held then.
        """
        sha = self._require_hash()
        self._digest = None
        given = _objects(data)
        before, last = given.get(_INTERMEDIATE, b""), given.get(_LAST_PART)
        _expect(given.keys() <= {_INTERMEDIATE, _LAST_PART})
        if last is None:
            _expect(len(before) == sha.digest_bytes)
            self._digest = sha, before
        elif not before:
            self._digest = sha, sha.digest(last)
        else:
            state, counter = before[:-_COUNTER_BYTES], before[-_COUNTER_BYTES:]
            _expect(len(last) <= BLOCK_BYTES)
            try:
                self._digest = sha, resume(sha, state, int.from_bytes(counter, "big"), last)
            except ValueError:
                raise CardRefusal(Status.WRONG_DATA) from None

    def hash_plain(self, data: bytes) -> None:
        """Carry out PSO: HASH with a whole message, and hold its digest. Raises CardRefusal 6985."""
        sha = self._require_hash()
        self._digest = sha, sha.digest(data)

    def sign(self, operation: Operation, data: bytes, verified: bool) -> bytes:
        """Return the signature (256 bytes) by the key set for `operation`.

        `data` is what the algorithm set with the key signs: a digest; 1..245 bytes for algorithm 02; nothing
        for the digest that the card holds, which is used up.
        Raises CardRefusal: 6985 if no key is set or no digest held, 6982 without the code porteur, 6700 for
        other lengths.
        """
        prepared = self._use(operation, verified)
        signing = prepared.signing
        if signing is None or signing.sha is None:
            if not 0 < len(data) <= MAX_TO_SIGN:
                raise CardRefusal(Status.WRONG_LENGTH)
            return sign_data(prepared.private, data)
        sha = signing.sha
        digest = data or self._held(sha)
        if len(digest) != sha.digest_bytes:
            raise CardRefusal(Status.WRONG_LENGTH)
        signature = sign_digest(prepared.private, sha, signing.pss, digest)
        if not data:
            self._digest = None
        return signature

    def decipher(self, data: bytes, verified: bool) -> bytes:
        """Return the plain text of a padding indicator byte and a cryptogram of 256 bytes.

        A wrong padding is not reported: the answer is then random bytes, as RFC 8017 §7.2.2 advises. With a
        key set for raw RSA, return the 256 bytes that the 256 bytes given become by the private key.
        Raises CardRefusal like `sign`, and 6A80 for other data.
        """
        prepared = self._use(Operation.DECIPHER, verified)
        try:
            if prepared.signing is None:
                return compute_raw(prepared.private, data)
            _expect(len(data) == 1 + KEY_BYTES and data[0] in _PADDING_INDICATORS)
            return decipher(prepared.private, data[1:])
        except ValueError:
            raise CardRefusal(Status.WRONG_DATA) from None

    def _prepare_chipdoc(self, data: bytes) -> None:
        objects = _objects(data)
        value = objects.get(_CHIPDOC_OBJECT, b"")
        _expect(len(objects) == 1 and len(value) == 2 and value[0] in CHIPDOC_ALGORITHMS)
        reference = value[1] & ~_DIGEST_GIVEN
        self._set(Operation.SIGN, reference, CHIPDOC_ALGORITHMS[value[0]], Operation.AUTHENTICATE)

    def _set(
        self, use: Operation, reference: int, signing: Signing | None, other_right: Operation | None = None
    ) -> None:
        """Set a key for a use that it must have the right to, or to `other_right`."""
        key = self._keys.get(reference)
        if key is None or not (key.may(use) or (other_right is not None and key.may(other_right))):
            raise CardRefusal(Status.REFERENCE_NOT_FOUND)
        try:
            self._ready[use] = _Prepared(key, load_private_key(key.pkcs8), signing)
        except CardKeyUnusable:
            raise CardRefusal(Status.DATA_INVALIDATED) from None

    def _use(self, operation: Operation, verified: bool) -> _Prepared:
        prepared = self._ready.get(operation)
        if prepared is None:
            raise CardRefusal(Status.CONDITIONS_NOT_SATISFIED)
        if prepared.key.needs_code and not verified:
            raise CardRefusal(Status.NOT_AUTHENTICATED)
        return prepared

    def _require_hash(self) -> Sha:
        if self._hash is None:
            raise CardRefusal(Status.CONDITIONS_NOT_SATISFIED)
        return self._hash

    def _held(self, sha: Sha) -> bytes:
        if self._digest is None or self._digest[0] is not sha:
            raise CardRefusal(Status.CONDITIONS_NOT_SATISFIED)
        return self._digest[1]


def _expect(condition: bool) -> None:
    if not condition:
        raise CardRefusal(Status.WRONG_DATA)


def _objects(data: bytes) -> dict[int, bytes]:
    """Return the values of a template's objects by tag, each of which may occur once."""
    try:
        objects = parse_all(data)
    except CodecError:
        raise CardRefusal(Status.WRONG_DATA) from None
    found = {each.tag: each.value for each in objects}
    _expect(len(found) == len(objects))
    return found


def _references(data: bytes) -> tuple[int, int | None]:
    """Return the key and the algorithm reference of a template, `None` if it names no algorithm."""
    objects = _objects(data)
    algorithm = objects.pop(_ALGORITHM_REFERENCE, None)
    (reference,) = objects.values() if len(objects) == 1 else (b"",)
    _expect(objects.keys() <= _KEY_REFERENCES and len(reference) == 1)
    _expect(algorithm is None or len(algorithm) == 1)
    return reference[0], None if algorithm is None else algorithm[0]


def _only_algorithm(data: bytes) -> int:
    objects = _objects(data)
    algorithm = objects.get(_ALGORITHM_REFERENCE, b"")
    _expect(len(objects) == 1 and len(algorithm) == 1)
    return algorithm[0]
