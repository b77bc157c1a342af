"""Handlers of the commands about cards: read the PS card, verify its code porteur, read the Vitale card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tla_sim.protocol.code_channel import CodeChannelEnd
from tla_sim.protocol.commands.cards import (
    READ_PS_CARD,
    READ_VITALE,
    VERIFY_CODE,
    CodeEntry,
    CodePresentation,
    PsCardData,
    VitaleData,
    VitaleRequest,
)
from tla_sim.protocol.commands.declaration import Empty
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.app.handlers.handler import Handled, bind_handler
from tla_sim.reader_fw.app.refusal import KeypadNeeded, Refusal

if TYPE_CHECKING:
    from tla_sim.reader_fw.app.log_sv import LogSv
    from tla_sim.reader_fw.app.session import Session


def read_ps_card(app: LogSv, session: Session, _: Empty) -> PsCardData:
    """Return holder and situations, and a fresh key for the code porteur."""
    ps = app.cards.ps()
    ps.check_date(app.moment())
    session.channel = CodeChannelEnd(app.board.entropy.take(32))
    session.channel_insertion = ps.insertion
    return PsCardData(
        profile=ps.profile,
        kind=ps.kind,
        serial=ps.serial,
        tries_left=ps.tries_left(),
        verified=session.verified_insertion == ps.insertion,
        code_key=session.channel.public_key,
        groups=ps.groups,
    )


def verify_code(app: LogSv, session: Session, request: CodePresentation) -> Empty:
    """Verify a code that the workstation enciphered, or wait for one typed at the reader."""
    ps = app.cards.ps()
    ps.check_date(app.moment())
    channel = session.channel
    # Before anything can fail: the channel is good for one code, right or wrong, and whoever presents a code
    # anew no longer rests on the one before.
    session.reset_authentication()
    if request.entry == CodeEntry.KEYPAD:
        raise KeypadNeeded
    if channel is None or session.channel_insertion != ps.insertion:
        raise Refusal(Status.CONDITIONS_NOT_SATISFIED)
    try:
        code = channel.open(request.cryptogram, request.host_key, ps.serial)
    except CodecError:
        raise Refusal(Status.WRONG_DATA) from None
    present_code(app, session, code)
    return Empty()


def present_code(app: LogSv, session: Session, code: str) -> None:
    """Verify a code against the card in the slot, and authenticate this link's session. Raises Refusal."""
    ps = app.cards.ps()
    ps.verify(code)
    session.verified_insertion = ps.insertion


def read_vitale(app: LogSv, _: Session, request: VitaleRequest) -> VitaleData:
    """Return insured, beneficiaries and their rights at a date."""
    vitale = app.cards.vitale()
    if vitale.kind is not app.cards.ps().kind:
        raise Refusal(Status.CARDS_MIXED)
    moment = request.moment or app.moment()
    vitale.check_date(moment)
    entitled = sum(each.has_rights(moment) for each in vitale.beneficiaries.values())
    return VitaleData(vitale.kind, vitale.serial, entitled, vitale.groups)


HANDLED: Final[tuple[Handled, ...]] = (
    bind_handler(READ_PS_CARD, read_ps_card),
    bind_handler(VERIFY_CODE, verify_code),
    bind_handler(READ_VITALE, read_vitale),
)
"""The commands of this topic, each with its handler."""
