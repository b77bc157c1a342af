"""Images of reader software: whole ones are read, anything else is refused with its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.protocol.firmware import (
    CHUNK_BYTES,
    MAX_IMAGE_BYTES,
    Image,
    ImageAltered,
    ImageForeign,
    ImageRefused,
    ImageTruncated,
    SignedManifest,
    sign_image,
)
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.software.profiles import PROFILES
from tla_sim.reader_fw.app.software.profiles.factory import image_of, update_key

RAW = image_of(TLA_1_40).build()


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_version_has_an_image_that_reads_back(profile: Profile) -> None:
    image = image_of(profile)
    raw = image.build()
    assert len(raw) <= MAX_IMAGE_BYTES
    assert Image.parse(raw) == image
    assert b"".join(image.chunks) == image.payload
    assert all(len(chunk) == CHUNK_BYTES for chunk in image.chunks[:-1])


@given(st.integers(0, len(RAW) - 1))
def test_an_image_cut_anywhere_is_refused(at: int) -> None:
    with pytest.raises(ImageTruncated if at else ImageForeign):
        Image.parse(RAW[:at])


@given(st.integers(0, len(RAW) - 1), st.integers(0, 7))
def test_one_changed_bit_anywhere_is_refused(at: int, bit: int) -> None:
    changed = bytearray(RAW)
    changed[at] ^= 1 << bit
    with pytest.raises(ImageRefused):
        Image.parse(bytes(changed))


@given(st.binary(max_size=400))
def test_garbage_is_no_image(raw: bytes) -> None:
    with pytest.raises(ImageRefused):
        Image.parse(raw)


def test_something_behind_the_image_is_refused() -> None:
    with pytest.raises(ImageTruncated):
        Image.parse(RAW + b"\0")


def test_zeros_are_no_image() -> None:
    with pytest.raises(ImageForeign):
        Image.parse(bytes(MAX_IMAGE_BYTES))


def test_another_key_signs_nothing() -> None:
    image = image_of(TLA_1_40)
    forged = sign_image(image.manifest, image.payload, Ed25519PrivateKey.generate())
    with pytest.raises(ImageAltered, match="signature"):
        Image.parse(forged.build())


def test_an_image_for_another_type_of_reader_says_which() -> None:
    image = image_of(TLA_1_40)
    foreign = sign_image(replace(image.manifest, target="TLA complet"), image.payload, update_key())
    with pytest.raises(ImageForeign, match="TLA complet"):
        Image.parse(foreign.build())


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("", "1.40"),
        ("N" * 41, "1.40"),
        ("Log\n", "1.40"),
        ("Tables", ""),
        ("Tables", "V" * 21),
        ("Tables", "1\x7f"),
    ],
)
def test_a_component_that_no_reader_could_report_is_refused(name: str, version: str) -> None:
    image = image_of(TLA_1_40)
    software, tables = image.manifest.components
    odd = replace(image.manifest, components=(software, replace(tables, name=name, version=version)))
    with pytest.raises(ImageForeign, match="could report"):
        Image.parse(sign_image(odd, image.payload, update_key()).build())


def test_a_manifest_whose_numbers_contradict_each_other_is_refused() -> None:
    image = image_of(TLA_1_40)
    short = replace(image.manifest, components=image.manifest.components[:1])
    with pytest.raises(ImageAltered, match="contradicts"):
        SignedManifest.parse(sign_image(short, image.payload, update_key()).head.raw)
