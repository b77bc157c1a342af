"""The commands for a card's keys: MANAGE SECURITY ENVIRONMENT, PERFORM SECURITY OPERATION, and the others.

Source: ISO/IEC 7816-4 §§7.5.2, 7.5.5, 7.5.11; 7816-8 §5; GET DATA as on IAS-ECC cards (`data_objects`).
"""

from __future__ import annotations

from typing import Final

from tla_sim.protocol.apdu import MAX_SHORT_NE, CommandApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.cards import data_objects
from tla_sim.reader_fw.cards.answers import OK, Answers
from tla_sim.reader_fw.cards.channel import Channel
from tla_sim.reader_fw.cards.code_porteur import CodePorteur
from tla_sim.reader_fw.cards.image import Operation
from tla_sim.reader_fw.cards.refusal import CardRefusal

SIGNING_MS: Final = 100
"""Virtual time of a signature or decipherment. Project-defined, of the order of magnitude of cards in the
field; shorter times are not modelled."""


class KeyCommands:
    """The commands for the keys of one card. `code` is its code porteur, `None` for a card without."""

    def __init__(self, answers: Answers, code: CodePorteur | None, entropy: Entropy) -> None:
        self._answers = answers
        self._code = code
        self._entropy = entropy

    @property
    def _verified(self) -> bool:
        return self._code is not None and self._code.verified

    def get_challenge(self, channel: Channel, command: CommandApdu) -> bytes:
        """GET CHALLENGE: 1 to 256 random bytes."""
        del channel
        if command.p1 or command.p2:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if command.data or not 0 < command.ne <= MAX_SHORT_NE:
            raise CardRefusal(Status.WRONG_LENGTH)
        return self._answers.give(command, self._entropy.take(command.ne))

    def manage_environment(self, channel: Channel, command: CommandApdu) -> bytes:
        """MANAGE SECURITY ENVIRONMENT: SET."""
        channel.keys.prepare(command.p1, command.p2, command.data)
        return OK

    def internal_authenticate(self, channel: Channel, command: CommandApdu) -> bytes:
        """INTERNAL AUTHENTICATE: sign what is given with the key set for authentication."""
        if command.p1 or command.p2:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        signature = channel.keys.sign(Operation.AUTHENTICATE, command.data, self._verified)
        channel.latency_ms = SIGNING_MS
        return self._answers.respond(channel, command, signature)

    def security_operation(self, channel: Channel, command: CommandApdu) -> bytes:
        """PERFORM SECURITY OPERATION: compute a digital signature, decipher, or hash."""
        match command.p1 << 8 | command.p2:
            case 0x9E9A:
                answer = channel.keys.sign(Operation.SIGN, command.data, self._verified)
            case 0x8086:
                answer = channel.keys.decipher(command.data, self._verified)
            case 0x90A0:
                channel.keys.hash_template(command.data)
                return OK
            case 0x9080:
                channel.keys.hash_plain(command.data)
                return OK
            case _:
                raise CardRefusal(Status.FUNCTION_NOT_SUPPORTED)
        channel.latency_ms = SIGNING_MS
        return self._answers.respond(channel, command, answer)

    def get_data(self, channel: Channel, command: CommandApdu) -> bytes:
        """GET DATA: what the card says about its code and keys."""
        if (command.p1, command.p2) != (0x3F, 0xFF):
            raise CardRefusal(Status.WRONG_PARAMETERS)
        state = None if self._code is None else self._code.state
        return self._answers.respond(
            channel, command, data_objects.answer(command.data, state, channel.keys.key)
        )
