"""A chip card: answers command APDUs, and forgets everything but its image at power-off.

ISO/IEC 7816-4 commands, CLA 00, plus 10 while chaining, plus the number of a logical channel on models that
have several: SELECT A4, READ BINARY B0, GET RESPONSE C0, GET CHALLENGE 84, MANAGE SECURITY ENVIRONMENT 22,
PERFORM SECURITY OPERATION 2A; on PS cards VERIFY 20, CHANGE REFERENCE DATA 24, RESET RETRY COUNTER 2C,
INTERNAL AUTHENTICATE 88, GET DATA CB; with several channels MANAGE CHANNEL 70; with writable files UPDATE
BINARY D6. Everything else is answered with an error status word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.card_instructions import CardIns
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.cards import vitale_1
from tla_sim.reader_fw.cards.answers import OK, Answers
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.channel import Chain, Channel
from tla_sim.reader_fw.cards.code_commands import CodeCommands
from tla_sim.reader_fw.cards.code_porteur import SALT_BYTES, CodeHashes, CodePorteur
from tla_sim.reader_fw.cards.file_commands import BY_NAME, FileCommands
from tla_sim.reader_fw.cards.file_system import FileSystem
from tla_sim.reader_fw.cards.image import Access, CardImage, CodeState
from tla_sim.reader_fw.cards.key_commands import KeyCommands
from tla_sim.reader_fw.cards.models import PS_MODELS
from tla_sim.reader_fw.cards.refusal import CardRefusal

Handler = Callable[[Channel, CommandApdu], bytes]

_CHAINED: Final = 0x10
_CHANNEL: Final = 0x03
_MAX_CHAINED: Final = 512
_GET_DATA: Final = CardIns.GET_DATA | 1
"""GET DATA whose request is data objects, the odd instruction."""
_OPEN: Final = 0x00
_CLOSE: Final = 0x80


class Card:
    """One card. `persist` receives the whole image before any answer that depends on what changed in it.

    When `persist` raises OSError, the command ends with 6581 and grants nothing. Any other exception is a
    power cut: the card loses power and the exception propagates. `entropy` feeds GET CHALLENGE and salts.
    """

    def __init__(
        self,
        image: CardImage,
        entropy: Entropy,
        persist: Callable[[bytes], None] | None = None,
    ) -> None:
        self._image = image
        self._persist = persist
        contents = image.contents
        model = PS_MODELS.get(CardModel(contents.model))
        channels, raw = (1, False) if model is None else (model.channels, model.raw_rsa)
        self._channels = tuple(Channel(contents.keys, raw) for _ in range(channels))
        self._channel = self._channels[0]
        self._files = FileSystem(image.files)
        self._code = (
            None
            if image.code is None
            else CodePorteur(image.code, self._save_code, lambda: entropy.take(SALT_BYTES))
        )
        self._answers = Answers()
        self._handlers = self._commands(entropy)
        self._answer: Callable[[CommandApdu], bytes] = (
            vitale_1.refuse if contents.model == CardModel.VITALE_1 else self._carry_out
        )
        self._powered = False
        self._forget()

    def _commands(self, entropy: Entropy) -> dict[int, Handler]:
        files = FileCommands(self._files, self._answers, lambda: self.verified, self._store)
        keys = KeyCommands(self._answers, self._code, entropy)
        handlers: dict[int, Handler] = {
            CardIns.SELECT: files.select,
            CardIns.READ_BINARY: files.read_binary,
            CardIns.GET_CHALLENGE: keys.get_challenge,
            CardIns.MANAGE_SECURITY_ENVIRONMENT: keys.manage_environment,
            CardIns.PERFORM_SECURITY_OPERATION: keys.security_operation,
        }
        if any(file.write != Access.NEVER for file in self._image.contents.files):
            handlers[CardIns.UPDATE_BINARY] = files.update_binary
        if len(self._channels) > 1:
            handlers[CardIns.MANAGE_CHANNEL] = self._manage_channel
        if self._code is not None:
            codes = CodeCommands(self._code)
            handlers |= {
                CardIns.VERIFY: codes.verify,
                CardIns.CHANGE_REFERENCE_DATA: codes.change,
                CardIns.RESET_RETRY_COUNTER: codes.unblock,
                CardIns.INTERNAL_AUTHENTICATE: keys.internal_authenticate,
                _GET_DATA: keys.get_data,
            }
        return handlers

    def __repr__(self) -> str:
        return f"Card({self.profile.name} {self.serial})"

    @property
    def image(self) -> CardImage:
        """The image of the card in its present state."""
        return self._image if self._code is None else self._image.with_code(self._code.state)

    @property
    def profile(self) -> CardProfile:
        """CPS, CPE or Vitale."""
        return CardProfile(self._image.contents.profile)

    @property
    def kind(self) -> CardKind:
        """Test or (simulated) real."""
        return CardKind(self._image.contents.kind)

    @property
    def serial(self) -> str:
        """The card's serial number, 20 digits."""
        return self._image.contents.serial

    @property
    def atr(self) -> bytes:
        """The answer to reset, 9 to 18 bytes."""
        return self._image.contents.atr

    @property
    def transmission(self) -> Transmission:
        """The transmission protocol that the answer to reset announces."""
        return Transmission(self._image.contents.transmission)

    @property
    def verified(self) -> bool:
        """Whether the code porteur counts as verified now."""
        return self._code is not None and self._code.verified

    @property
    def latency_ms(self) -> int:
        """The virtual milliseconds that the last command took."""
        return self._channel.latency_ms

    def hash_codes_with(self, hashes: CodeHashes) -> None:
        """Have the codes that are presented hashed by others: for recording and replay only."""
        if self._code is not None:
            self._code.hashes = hashes

    def put_back(self, image: CardImage) -> None:
        """Take a former memory of this card, and lose power: for replay only."""
        for place, (file, former) in enumerate(zip(self._image.files, image.files, strict=True)):
            if file.content != former.content:
                self._files.replace(place, former.content)
        self._image = image
        if self._code is not None and image.code is not None:
            self._code.put_back(image.code)
        self.power_off()

    def save(self) -> None:
        """Write the memory as it is now. Raises OSError."""
        if self._persist is not None:
            self._persist(self.image.build())

    def power_on(self) -> bytes:
        """Activate the contacts, or reset: forget all that was selected or verified; return the ATR."""
        self._forget()
        self._powered = True
        return self.atr

    def power_off(self) -> None:
        """Deactivate the contacts."""
        self._forget()
        self._powered = False

    def select_protocol(self, number: int | None) -> None:
        """Speak T=`number`, which the answer to reset offers, until the next reset; `None`: as after one."""
        self._answers.at_once = (self.transmission if number is None else number) == Transmission.T1

    def transmit(self, apdu: bytes) -> bytes:
        """Return the response to one command APDU, data and status word; empty without power."""
        if not self._powered:
            return b""
        self._channel.latency_ms = 0
        try:
            return self._answer(CommandApdu.parse(apdu))
        except CardRefusal as refusal:
            return refusal.word.to_bytes(2, "big")
        except CodecError:
            return Status.WRONG_LENGTH.to_bytes(2, "big")
        except BaseException:
            self.power_off()
            raise

    def _forget(self) -> None:
        for channel in self._channels:
            channel.close()
        self._channel = self._channels[0]
        self._channel.open()
        self.select_protocol(None)
        if self._code is not None:
            self._code.forget()

    def _save_code(self, state: CodeState) -> None:
        if self._persist is not None:
            image = self._image.with_code(state)
            self._persist(image.build())
            self._image = image

    def _store(self, place: int, content: bytes) -> None:
        image = self.image.with_written(place, content)
        if self._persist is not None:
            self._persist(image.build())
        self._image = image
        self._files.replace(place, content)

    def _carry_out(self, command: CommandApdu) -> bytes:
        channel = self._channel = self._enter(command)
        channel.latency_ms = 0
        ins = command.ins
        chained = command.cla & _CHAINED
        if ins == CardIns.GET_RESPONSE and not chained:
            return self._answers.get_response(channel, command)
        channel.pending = b""
        chain, channel.chain = channel.chain, None
        handler = self._handlers.get(ins)
        if handler is None:
            raise CardRefusal(Status.INSTRUCTION_NOT_SUPPORTED)
        if chained or chain is not None:
            joined = self._join(channel, chain, command)
            if joined is None:
                return OK
            command = joined
        return handler(channel, command)

    def _enter(self, command: CommandApdu) -> Channel:
        """Return the channel that a command is for. SELECT by name opens it (ISO/IEC 7816-4 §5.1.1.2)."""
        cla = command.cla & ~_CHAINED
        if cla == 0:
            return self._channels[0]
        if cla & ~_CHANNEL or len(self._channels) == 1:
            raise CardRefusal(Status.CLASS_NOT_SUPPORTED)
        if cla >= len(self._channels):
            raise CardRefusal(Status.CHANNEL_NOT_SUPPORTED)
        channel = self._channels[cla]
        if not channel.is_open:
            known = self._files.find_application(command.data)
            if command.ins != CardIns.SELECT or command.p1 != BY_NAME or known is None:
                raise CardRefusal(Status.CHANNEL_NOT_SUPPORTED)
            channel.open()
        return channel

    def _manage_channel(self, channel: Channel, command: CommandApdu) -> bytes:
        """MANAGE CHANNEL: open a channel that is asked for or free, or close one (ISO/IEC 7816-4 §7.1.2)."""
        number = command.p2 or (self._channels.index(channel) if command.p1 == _CLOSE else 0)
        if command.data or number >= len(self._channels):
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if command.p1 == _CLOSE and number:
            self._channels[number].close()
            return OK
        if command.p1 != _OPEN:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        free = [each for each in range(1, len(self._channels)) if not self._channels[each].is_open]
        if not free or (number and number not in free):
            raise CardRefusal(Status.CHANNEL_NOT_SUPPORTED)
        # A wrong Le is answered first, so that the command that comes again opens a channel still free.
        answer = OK if number else self._answers.give(command, bytes((free[0],)))
        self._channels[number or free[0]].open()
        return answer

    def _join(self, channel: Channel, chain: Chain | None, command: CommandApdu) -> CommandApdu | None:
        """Return the whole command at the end of a chain, `None` before (ISO/IEC 7816-4 §5.3.3)."""
        header = command.ins, command.p1, command.p2
        data = command.data
        if chain is not None and chain[:3] == header:
            data = chain.data + data
        if len(data) > _MAX_CHAINED:
            raise CardRefusal(Status.WRONG_LENGTH)
        if not command.cla & _CHAINED:
            return CommandApdu(0, *header, data, command.ne)
        if command.ins != CardIns.PERFORM_SECURITY_OPERATION:
            raise CardRefusal(Status.CHAINING_NOT_SUPPORTED)
        channel.chain = Chain(*header, data)
        return None
