"""Images of reader software: what a reader installs, and then reports in group 61. Project-defined.

An image file is the magic `TLAFW`, a format byte, the manifest behind its u16 length, an Ed25519 signature
(RFC 8032, 64 bytes) over everything before it, and the payload: the components one after another. The
manifest gives the type of reader, the version that it will have, the version below which it never goes back,
and the SHA-256 of each 4,096-byte chunk of the payload, so that a reader checks every chunk as it comes and
knows after a power cut which ones it has. A component's checksum is the CRC-32 of its bytes.

The one key that signs is a TEST key, shipped for everybody to use: an image proves nothing about its maker.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tla_sim.protocol.errors import Category, CodecError, TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.version import Version
from tla_sim.protocol.wire.record import Record, boolean, fixed, records, string, u8, u16, u32

MAGIC: Final = b"TLAFW\x01"
CHUNK_BYTES: Final = 4_096
MAX_CHUNKS: Final = 15
MAX_HEAD_BYTES: Final = 2_048
MAX_IMAGE_BYTES: Final = MAX_HEAD_BYTES + MAX_CHUNKS * CHUNK_BYTES
MAX_NAME: Final = 40
"""The most characters in a component's name: what group 61 has room for."""
MAX_COMPONENT_VERSION: Final = 20
"""The most characters in a component's version: what group 61 has room for."""
TARGET: Final = "TLA reduit simule"
"""The type of reader that this project's images are for."""

_SIGNATURE_BYTES: Final = 64
_LENGTH_BYTES: Final = 2
_PUBLIC_KEY: Final = Path(__file__).with_name("test-update-key.pub.pem")
_KEY_BYTES: Final = 32


class ImageRefused(TlaError):
    """The file is not an image that a reader would install."""

    category = Category.BAD_INPUT


class ImageTruncated(ImageRefused):
    """The image ends too early, or something follows it."""


class ImageForeign(ImageRefused):
    """The file is not an image, or is an image for another type of reader."""


class ImageAltered(ImageRefused):
    """The signature or a checksum is wrong: the image was changed, or comes from somebody else."""


@dataclass(frozen=True)
class Component:
    """One piece of software in the image."""

    name: str = string("name")
    version: str = string("version")
    released: int = u32("date, YYYYMMDD as a number")
    size: int = u32("bytes")
    checksum: int = u32("CRC-32 of the bytes")

    @property
    def can_be_reported(self) -> bool:
        """Whether group 61 takes the name and the version."""
        texts = (self.name, MAX_NAME), (self.version, MAX_COMPONENT_VERSION)
        return all(0 < len(text) <= most and text.isprintable() for text, most in texts)

    @property
    def day(self) -> date:
        """The date of release. Raises ValueError when the number is not a date."""
        return date(self.released // 10_000, self.released // 100 % 100, self.released % 100)


@dataclass(frozen=True)
class Chunk:
    """One chunk of the payload."""

    digest: bytes = fixed(32, "SHA-256 of the chunk's bytes")


@dataclass(frozen=True)
class Manifest:
    """The description of an image, and of a reader that runs it."""

    target: str = string("type of reader it is for")
    release: str = string("name of the release")
    major: int = u8("major version")
    minor: int = u8("minor version")
    cdc_major: int = u8("major version of the CDC it follows")
    cdc_minor: int = u8("minor version of the CDC it follows")
    floor_major: int = u8("major version below which the reader never goes back")
    floor_minor: int = u8("minor version below which the reader never goes back")
    capabilities: int = u32("mask of Capability")
    max_owners: int = u16("owners whose invoices it takes")
    max_documents: int = u16("invoices it takes")
    signs_all: bool = boolean("offers to sign all of a patient's invoices at once")
    payload_bytes: int = u32("bytes of the payload")
    components: tuple[Component, ...] = records(Component, "in the order of the payload")
    chunks: tuple[Chunk, ...] = records(Chunk, "in order; all of 4,096 bytes but the last one")

    @property
    def version(self) -> Version:
        """The version of a reader that runs the image."""
        return Version(self.major, self.minor)

    @property
    def cdc(self) -> Version:
        """The version of the CDC that it follows."""
        return Version(self.cdc_major, self.cdc_minor)

    @property
    def floor(self) -> Version:
        """The version below which the reader never goes back."""
        return Version(self.floor_major, self.floor_minor)

    def chunk_size(self, position: int) -> int:
        """Return how many bytes the chunk at `position` has."""
        return min(CHUNK_BYTES, self.payload_bytes - position * CHUNK_BYTES)


MANIFEST: Final = Record(Manifest)


class SignedManifest(NamedTuple):
    """A manifest with its signature, as it travels and as it precedes the payload."""

    manifest: Manifest
    raw: bytes

    @property
    def image_id(self) -> bytes:
        """The identifier of the image (32 bytes): the SHA-256 of the signed manifest."""
        return hashlib.sha256(self.raw).digest()

    @classmethod
    def parse(cls, raw: bytes) -> SignedManifest:
        """Return the signed manifest in these bytes, verified and free of contradictions.

        Raises ImageTruncated, ImageForeign, ImageAltered.
        """
        signed, length = cls.measure(raw)
        if len(raw) != length:
            raise ImageTruncated("The head of the image has another length than it says", _GET_AGAIN)
        try:
            _public_key().verify(raw[signed:], raw[:signed])
        except InvalidSignature:
            raise ImageAltered("The signature of the image is wrong", _GET_AGAIN) from None
        try:
            manifest = MANIFEST.parse(raw[len(MAGIC) + _LENGTH_BYTES : signed])
            for component in manifest.components:
                _ = component.day
        except (CodecError, ValueError):
            raise ImageAltered("The manifest of the image cannot be read", _GET_AGAIN) from None
        count = -(-manifest.payload_bytes // CHUNK_BYTES)
        sizes = sum(component.size for component in manifest.components)
        if not 1 <= count <= MAX_CHUNKS or count != len(manifest.chunks) or sizes != manifest.payload_bytes:
            raise ImageAltered("The manifest of the image contradicts itself", _GET_AGAIN)
        if not all(component.can_be_reported for component in manifest.components):
            # A reader that installed it could not say any more what it runs.
            raise ImageForeign(
                "The image holds a name or version that no reader could report",
                "Names have 1 to {name} printable characters, versions 1 to {version}",
                name=MAX_NAME,
                version=MAX_COMPONENT_VERSION,
            )
        return cls(manifest, raw)

    @staticmethod
    def measure(raw: bytes) -> tuple[int, int]:
        """Return how many bytes of `raw` are signed, and how many the head takes with its signature.

        Raises ImageForeign, ImageTruncated.
        """
        if raw[: len(MAGIC)] != MAGIC[: len(raw)] or not raw:
            raise ImageForeign("This is not an image of reader software", "Name a .tlafw file")
        start = len(MAGIC) + _LENGTH_BYTES
        if len(raw) < start:
            raise _truncated()
        signed = start + int.from_bytes(raw[len(MAGIC) : start], "big")
        length = signed + _SIGNATURE_BYTES
        if length > MAX_HEAD_BYTES:
            raise ImageForeign("This is not an image that a reader has room for", "Name a .tlafw file")
        if len(raw) < length:
            raise _truncated()
        return signed, length

    def holds(self, position: int, content: bytes) -> bool:
        """Return whether `content` is the chunk at `position`."""
        return hashlib.sha256(content).digest() == self.manifest.chunks[position].digest


class Image(NamedTuple):
    """A whole image, verified."""

    head: SignedManifest
    payload: bytes

    @property
    def manifest(self) -> Manifest:
        """The manifest of the image."""
        return self.head.manifest

    @property
    def chunks(self) -> tuple[bytes, ...]:
        """The payload in chunks."""
        return tuple(self.payload[at : at + CHUNK_BYTES] for at in range(0, len(self.payload), CHUNK_BYTES))

    @classmethod
    def parse(cls, raw: bytes) -> Image:
        """Return the one image in these bytes, verified.

        Raises ImageTruncated, ImageForeign (also for another type of reader), ImageAltered.
        """
        _, length = SignedManifest.measure(raw)
        head = SignedManifest.parse(raw[:length])
        image = cls(head, raw[length:])
        if head.manifest.target != TARGET:
            raise ImageForeign(
                "This image is for another type of reader: {found}",
                "Name one for {target}",
                found=head.manifest.target,
                target=TARGET,
            )
        if len(image.payload) != head.manifest.payload_bytes:
            raise _truncated()
        if not all(head.holds(position, chunk) for position, chunk in enumerate(image.chunks)):
            raise ImageAltered("The content of the image was changed", _GET_AGAIN)
        if checksums(head.manifest, image.payload) != [each.checksum for each in head.manifest.components]:
            raise ImageAltered("A checksum of the image is wrong", _GET_AGAIN)
        return image

    def build(self) -> bytes:
        """Return the bytes of the image file."""
        return self.head.raw + self.payload


def checksums(manifest: Manifest, payload: bytes) -> list[int]:
    """Return the CRC-32 of each component's bytes in `payload`."""
    found, at = [], 0
    for component in manifest.components:
        found.append(zlib.crc32(payload[at : at + component.size]))
        at += component.size
    return found


def sign_image(manifest: Manifest, payload: bytes, key: Ed25519PrivateKey) -> Image:
    """Return the signed image of a payload, with the chunks and checksums of `manifest` computed."""
    starts = range(0, len(payload), CHUNK_BYTES)
    manifest = replace(
        manifest,
        payload_bytes=len(payload),
        components=tuple(
            replace(component, checksum=checksum)
            for component, checksum in zip(manifest.components, checksums(manifest, payload), strict=True)
        ),
        chunks=tuple(Chunk(hashlib.sha256(payload[at : at + CHUNK_BYTES]).digest()) for at in starts),
    )
    body = MANIFEST.build(manifest)
    signed = MAGIC + len(body).to_bytes(_LENGTH_BYTES, "big") + body
    return Image(SignedManifest(manifest, signed + key.sign(signed)), payload)


@cache
def _public_key() -> Ed25519PublicKey:
    # The DER of an Ed25519 SubjectPublicKeyInfo ends with the key (RFC 8410 §4). To take it from there spares
    # each start of a reader what `cryptography` loads to read keys of every kind.
    pem = _PUBLIC_KEY.read_text("ascii")
    body = pem.partition("-----BEGIN PUBLIC KEY-----")[2].partition("-----END PUBLIC KEY-----")[0]
    return Ed25519PublicKey.from_public_bytes(b64decode(body)[-_KEY_BYTES:])


_GET_AGAIN: Final = Sentence("Get the image again from where it comes")


def _truncated() -> ImageTruncated:
    return ImageTruncated("The image is cut short, or something follows it", _GET_AGAIN)
