"""The factory's images: the software of each profile as it is put into a reader. Project-defined.

The bytes of the software stand in for code. They are derived from the profile, so they are always the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.firmware import (
    CHUNK_BYTES,
    MAX_CHUNKS,
    MAX_COMPONENT_VERSION,
    TARGET,
    Component,
    Image,
    Manifest,
    sign_image,
)
from tla_sim.reader_fw.app.software.profile import Profile

_TABLES_BYTES: Final = 4_096
_ALTERED_AT: Final = 0x0ABC
MAX_TABLES_BYTES: Final = MAX_CHUNKS * CHUNK_BYTES
"""The most bytes that tables could have beside software of no size."""


class TablesUnusable(TlaError):
    """No image can be made with these tables: there are none, too many bytes, or the version is no text."""

    category = Category.BAD_INPUT


@cache
def image_of(profile: Profile) -> Image:
    """Return the signed image of a profile's software as published, which is never altered."""
    version, tables = str(profile.version), f"{profile.cdc}"
    released = int(f"{profile.released:%Y%m%d}")
    floor = min(profile.floor, profile.version)
    said = f"{profile.version} {profile.cdc} {profile.capability_mask} {profile.max_owners}"
    said += f" {profile.max_documents} {profile.signs_all} {released}"
    manifest = Manifest(
        target=TARGET,
        release=profile.release,
        major=profile.version.major,
        minor=profile.version.minor,
        cdc_major=profile.cdc.major,
        cdc_minor=profile.cdc.minor,
        floor_major=floor.major,
        floor_minor=floor.minor,
        capabilities=profile.capability_mask,
        max_owners=profile.max_owners,
        max_documents=profile.max_documents,
        signs_all=profile.signs_all,
        payload_bytes=0,
        components=(
            Component("Log_SV", version, released, profile.code_bytes, 0),
            Component("Tables", tables, released, _TABLES_BYTES, 0),
        ),
        chunks=(),
    )
    payload = _code(f"Log_SV {said}", profile.code_bytes) + _code(f"Tables {said}", _TABLES_BYTES)
    return sign_image(manifest, payload, update_key())


def with_tables(profile: Profile, tables: bytes, version: str, released: date) -> Image:
    """Return the signed image of a profile's software as published, with other tables. Raises TablesUnusable.

    `version` has 1 to 20 printable ASCII characters; the tables fit beside the software into 15 chunks of
    4,096 bytes.
    """
    published = image_of(profile)
    software, component = published.manifest.components
    most = MAX_TABLES_BYTES - software.size
    if not tables:
        raise TablesUnusable("There are no bytes in these tables", "Choose another file of tables")
    if len(tables) > most:
        raise TablesUnusable(
            "These tables are larger than the {most} bytes that fit beside the software of {release}",
            "Choose another file of tables",
            most=most,
            release=profile.release,
        )
    component = replace(
        component, version=version, released=int(f"{released:%Y%m%d}"), size=len(tables), checksum=0
    )
    if not version.isascii() or not component.can_be_reported:
        raise TablesUnusable(
            "'{version}' cannot be the version of tables",
            "Choose 1 to {most} letters, digits and signs without accents",
            version=version,
            most=MAX_COMPONENT_VERSION,
        )
    manifest = replace(published.manifest, components=(software, component))
    return sign_image(manifest, published.payload[: software.size] + tables, update_key())


def installed_payload(profile: Profile) -> bytes:
    """Return the payload in a reader fresh from the factory, with a byte changed for an altered profile."""
    payload = bytearray(image_of(profile).payload)
    if profile.altered:
        payload[_ALTERED_AT] ^= 0x10
    return bytes(payload)


@cache
def update_key() -> Ed25519PrivateKey:
    """Return the TEST key that signs images."""
    raw = (files("tla_sim.reader_fw.app.software.profiles") / "test-update-key.pem").read_bytes()
    key = load_pem_private_key(raw, password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def _code(name: str, size: int) -> bytes:
    title = name.encode() + b"\0"
    return title + hashlib.shake_256(title).digest(size - len(title))
