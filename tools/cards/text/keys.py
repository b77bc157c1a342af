"""A card's private keys as text: which ones they are, never the keys themselves.

A key of the shipped pool is named by its number there. Any other is named by the SHA-256 of its bytes, and
taken from a base card: the card file that the text came from, or another that has it. `NEW` asks for a fresh
one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa

from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards.image import CardImage, CardKey, Operation
from tla_sim.reader_fw.cards.pki import (
    CardKeyUnusable,
    KeySource,
    load_private_key,
    private_key_bytes,
    shipped_keys,
)
from tla_sim.tools.cards.text.given import Given

NEW: Final = "NEW"
_DIGEST_BYTES: Final = 32
_MOST_KEYS: Final = 256
"""As many as there are references."""


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key of the card: the reference that the text calls it by, and its public half, if it can be read."""

    reference: str
    public: rsa.RSAPublicKey | None


def named_keys(keys: Sequence[CardKey]) -> tuple[NamedKey, ...]:
    """Return the keys by the names that certificates call them by."""
    return tuple(NamedKey(f"{key.reference:02X}", _public(key.pkcs8)) for key in keys)


def keys_told(keys: Sequence[CardKey]) -> list[dict[str, Any]]:
    """Return the keys as JSON."""
    return [
        {
            "reference": f"{key.reference:02X}",
            "operations": _operations_told(key.operations),
            "needs_code": key.needs_code,
            "key": _source_told(key.pkcs8),
        }
        for key in keys
    ]


def keys_given(given: Given, base: CardImage | None, fresh: KeySource) -> tuple[CardKey, ...]:
    """Return the keys of a list. Raises Flawed."""
    items = given.items()
    if len(items) > _MOST_KEYS:
        raise given.flawed(Sentence("at most {most} keys", most=_MOST_KEYS))
    return tuple(_key(each, base, fresh) for each in items)


def key_named(public: rsa.RSAPublicKey, keys: Sequence[NamedKey]) -> str | dict[str, int] | None:
    """Return the name of the key with this public half: its reference on the card, or its shipped number."""
    for key in keys:
        if key.public is not None and key.public.public_numbers() == public.public_numbers():
            return key.reference
    for number, der in enumerate(shipped_keys()):
        if load_private_key(der).public_key().public_numbers() == public.public_numbers():
            return {"shipped": number}
    return None


def key_given(given: Given, keys: Mapping[str, NamedKey]) -> rsa.RSAPublicKey:
    """Return the public half of the key that a certificate names. Raises Flawed."""
    if isinstance(given.value, dict):
        return load_private_key(_shipped_given(given.members(("shipped",))["shipped"])).public_key()
    key = keys.get(given.text().upper())
    if key is None or key.public is None:
        references = ", ".join(keys) or "-"
        raise given.flawed(
            Sentence(
                "the reference of a key of the card ({references}), or the number of a shipped one",
                references=references,
            )
        )
    return key.public


def _public(pkcs8: bytes) -> rsa.RSAPublicKey | None:
    try:
        return load_private_key(pkcs8).public_key()
    except CardKeyUnusable:
        return None


def _operations_told(operations: int) -> list[str] | int:
    named = [each for each in Operation if operations & each]
    return [each.name for each in named] if sum(named) == operations else operations


def _source_told(pkcs8: bytes) -> dict[str, Any]:
    if pkcs8 in shipped_keys():
        return {"shipped": shipped_keys().index(pkcs8)}
    return {"sha256": hashlib.sha256(pkcs8).hexdigest().upper()}


def _key(given: Given, base: CardImage | None, fresh: KeySource) -> CardKey:
    members = given.members(("reference", "operations", "needs_code", "key"))
    (reference,) = members["reference"].octets(1, 1)
    operations = members["operations"]
    bits = (
        sum({each.word(Operation) for each in operations.items()})
        if isinstance(operations.value, list)
        else operations.whole(0, 0xFF)
    )
    return CardKey(reference, bits, members["needs_code"].flag(), _source(members["key"], base, fresh))


def _source(given: Given, base: CardImage | None, fresh: KeySource) -> bytes:
    if given.value == NEW:
        return private_key_bytes(fresh.take())
    members = given.members((), ("shipped", "sha256")) if isinstance(given.value, dict) else {}
    if len(members) != 1:
        raise given.flawed_secret(Sentence("{new}, a shipped key's number or a key's sha256", new=NEW))
    if "shipped" in members:
        return _shipped_given(members["shipped"])
    digest = members["sha256"].octets(_DIGEST_BYTES, _DIGEST_BYTES)
    held = () if base is None else base.contents.keys
    for key in held:
        if hashlib.sha256(key.pkcs8).digest() == digest:
            return key.pkcs8
    raise members["sha256"].flawed(Sentence("a key of the card given as --base, or {new}", new=NEW))


def _shipped_given(given: Given) -> bytes:
    return shipped_keys()[given.whole(0, len(shipped_keys()) - 1)]
