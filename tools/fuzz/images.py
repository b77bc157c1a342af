"""The images of reader software that a campaign loads: bytes for the firmware, facts for the model."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from tla_sim.protocol.firmware import MAGIC, MANIFEST, Chunk, Manifest, sign_image
from tla_sim.protocol.version import Version
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.software.profiles import TLA_1_31
from tla_sim.reader_fw.app.software.profiles.factory import image_of, update_key

PROFILE: Final = replace(TLA_1_40, max_owners=2, max_documents=10)
"""What a campaign's reader runs at first: little room, so that it is often full."""

SMALL: Final = replace(PROFILE, name="1.40-small", max_owners=1, max_documents=2)


@dataclass(frozen=True)
class ImageFacts:
    """What the rules need to know of an image. `head` is its signed manifest."""

    name: str
    head: bytes = field(repr=False)
    chunks: tuple[bytes, ...] = field(repr=False)
    version: Version
    floor: Version
    max_owners: int
    max_documents: int
    foreign: bool = False
    sound: bool = True

    @property
    def image_id(self) -> bytes:
        """Names the image in an activation."""
        return hashlib.sha256(self.head).digest()


def _facts(name: str, manifest: Manifest, head: bytes, chunks: tuple[bytes, ...]) -> ImageFacts:
    limits = (manifest.max_owners, manifest.max_documents)
    return ImageFacts(name, head, chunks, manifest.version, manifest.floor, *limits)


def _of_profile(name: str, profile: Profile) -> ImageFacts:
    image = image_of(profile)
    return _facts(name, image.manifest, image.head.raw, image.chunks)


@cache
def images() -> dict[str, ImageFacts]:
    """Return the images by name: one that runs first, one with little room, one that is too old, one for
    other readers, one with a wrong checksum."""
    running = image_of(PROFILE)
    foreign = sign_image(replace(running.manifest, target="OTHER"), running.payload, update_key())
    first, *others = running.manifest.components
    false = replace(
        running.manifest,
        components=(replace(first, checksum=first.checksum ^ 1), *others),
        chunks=tuple(Chunk(hashlib.sha256(chunk).digest()) for chunk in running.chunks),
    )
    body = MANIFEST.build(false)
    signed = MAGIC + len(body).to_bytes(2, "big") + body
    made = (
        _of_profile("running", PROFILE),
        _of_profile("small", SMALL),
        _of_profile("old", TLA_1_31),
        replace(
            _facts("foreign", foreign.manifest, foreign.head.raw, foreign.chunks),
            foreign=True,
        ),
        replace(_facts("false", false, signed + update_key().sign(signed), running.chunks), sound=False),
    )
    return {each.name: each for each in made}


@cache
def image_with(head: bytes) -> ImageFacts | None:
    """Return the image of a signed manifest; `None` for any other bytes."""
    return next((each for each in images().values() if each.head == head), None)
