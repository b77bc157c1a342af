"""The generations of PS cards as data: what differs between a CPS3 and a CPS4, whoever holds the card.

Source of the values: public lists of answers to reset and the CPS Cryptolib, the field's own middleware. What
is the same for both, and what belongs to one holder, is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tla_sim.protocol.card_kind import CardModel, CardProfile


@dataclass(frozen=True, slots=True)
class PsCardModel:
    """One generation: name in the card's label, references of the two keys, logical channels, raw RSA.

    `channels` is the number of logical channels the card answers on, the basic one included (1..4). With
    `raw_rsa` the card also takes ChipDoc's security environments: raw RSA, and PSS signatures.
    """

    name: str
    signature_key: int
    authentication_key: int
    channels: int
    raw_rsa: bool


PS_MODELS: Final[Mapping[CardModel, PsCardModel]] = MappingProxyType(
    {
        CardModel.CPS3: PsCardModel(
            "CPS3v3", signature_key=0x81, authentication_key=0x82, channels=1, raw_rsa=False
        ),
        CardModel.CPS4: PsCardModel(
            "CPS4v1", signature_key=0x10, authentication_key=0x20, channels=2, raw_rsa=True
        ),
    }
)

MODELS: Final[Mapping[CardProfile, tuple[CardModel, ...]]] = MappingProxyType(
    {
        CardProfile.CPS: tuple(PS_MODELS),
        CardProfile.CPE: tuple(PS_MODELS),
        CardProfile.VITALE: (CardModel.VITALE_2, CardModel.VITALE_1),
    }
)
"""The models that a profile's cards are issued as, the usual one first."""

SIGNATURE_KEYS: Final = tuple(model.signature_key for model in PS_MODELS.values())
"""The references under which a PS card may keep its signature key."""
