"""Card images in form 1, before 0.2: without models, writable files and what was written. Only read."""

from __future__ import annotations

from typing import Annotated, Final, NamedTuple

from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.wire.record import (
    Record,
    blob8,
    blob16,
    blob32,
    choice,
    records,
    string,
    u8,
    u16,
)
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.image import CODE, Access, CardContents, CardFile, CardKey, CodeState, FileKind


class _FormerBody(NamedTuple):
    """What a card was issued with, and its code state, in bytes."""

    contents: Annotated[bytes, blob32("as issued, never changed")]
    code: Annotated[bytes, blob8("the code state, empty for a card without a code")]

    def __repr__(self) -> str:
        # The bytes have the private keys and the hashes of the codes.
        return f"_FormerBody({len(self.contents)} bytes)"


class _FormerFile(NamedTuple):
    """A file in form 1."""

    parent: Annotated[int, u16("place of the directory it is in")]
    kind: Annotated[int, choice(FileKind, "directory or transparent file")]
    fid: Annotated[int, u16("file identifier")]
    sfi: Annotated[int, u8("short file identifier")]
    read: Annotated[int, choice(Access, "who may read it")]
    aid: Annotated[bytes, blob8("application identifier")]
    content: Annotated[bytes, blob16("bytes of a transparent file")]


class _FormerContents(NamedTuple):
    """The contents of a card in form 1."""

    profile: Annotated[int, choice(CardProfile, "CPS, CPE or Vitale")]
    kind: Annotated[int, choice(CardKind, "test or real")]
    serial: Annotated[str, string("card serial number")]
    transmission: Annotated[int, choice(Transmission, "T=0 or T=1")]
    atr: Annotated[bytes, blob8("answer to reset")]
    files: Annotated[tuple[_FormerFile, ...], records(_FormerFile, "MF first")]
    keys: Annotated[tuple[CardKey, ...], records(CardKey, "in order of reference")]


_BODY: Final = Record(_FormerBody)
_CONTENTS: Final = Record(_FormerContents)


def parse_former(body: bytes) -> tuple[CardContents, CodeState | None]:
    """Return contents and code state from what is between head and checksum. Raises CodecError."""
    row = _BODY.parse(body)
    former = _CONTENTS.parse(row.contents)
    vitale = former.profile == CardProfile.VITALE
    contents = CardContents(
        former.profile,
        CardModel.VITALE_2 if vitale else CardModel.CPS3,
        former.kind,
        former.serial,
        former.transmission,
        former.atr,
        tuple(CardFile(*each[:5], Access.NEVER, *each[5:]) for each in former.files),
        former.keys,
    )
    return contents, CODE.parse(row.code) if row.code else None
