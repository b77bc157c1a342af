"""The generations of PS cards as data: what differs between a CPS3 and a CPS4, whoever holds the card.

Source of the values: the CPS Cryptolib, the field's own middleware; the technical number of a CPS4 is
Project-defined. `atr` has the answers to reset. What is the same for both is elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tla_sim.protocol.card_kind import CardModel, CardProfile


@dataclass(frozen=True, slots=True)
class PsCardModel:
    """One generation: name in the card's label, references and numbers of its keys, logical channels, RSA.

    The number of a key ends its identifier in the PKCS#15 files. `channels` is the number of logical channels
    that the card answers on, the basic one included (1..4). With `raw_rsa` the card also takes ChipDoc's
    security environments: raw RSA, and PSS signatures. `marks_free_data` says whether its
    directory marks CPS_DATA, which anyone may write, as modifiable: the Cryptolib's published documents list
    that object for both, and its published trials find none so marked on a CPS4.
    """

    name: str
    signature_key: int
    authentication_key: int
    signature_number: int
    authentication_number: int
    technical_number: int
    channels: int
    raw_rsa: bool
    marks_free_data: bool


PS_MODELS: Final[Mapping[CardModel, PsCardModel]] = MappingProxyType(
    {
        CardModel.CPS3: PsCardModel(
            "CPS3v3",
            signature_key=0x81,
            authentication_key=0x82,
            signature_number=0x01,
            authentication_number=0x02,
            technical_number=0x03,
            channels=1,
            raw_rsa=False,
            marks_free_data=True,
        ),
        CardModel.CPS4: PsCardModel(
            "CPS4v1",
            signature_key=0x10,
            authentication_key=0x20,
            signature_number=0x10,
            authentication_number=0x20,
            technical_number=0x30,
            channels=2,
            raw_rsa=True,
            marks_free_data=False,
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
