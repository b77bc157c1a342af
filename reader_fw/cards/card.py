"""A chip card: answers command APDUs, and forgets everything but its image at power-off.

ISO/IEC 7816-4 commands, CLA 00 (10 while chaining): SELECT A4, READ BINARY B0, GET RESPONSE C0,
GET CHALLENGE 84, MANAGE SECURITY ENVIRONMENT 22, PERFORM SECURITY OPERATION 2A, and on PS cards VERIFY 20,
CHANGE REFERENCE DATA 24, RESET RETRY COUNTER 2C, INTERNAL AUTHENTICATE 88, GET DATA CB. Everything else is
answered with an error status word.

A T=0 card answers short commands as in ISO/IEC 7816-3 §12.2: the data of a case 4 command wait behind 61xx
for GET RESPONSE, and a wrong Le is answered with 6Cxx. A T=1 card, and any card that is asked with extended
lengths, answers with the data at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.apdu import MAX_NE, MAX_SHORT_NE, CommandApdu
from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.board.entropy import Entropy
from tla_sim.reader_fw.cards import data_objects
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.code_porteur import BLOCK_BYTES, SALT_BYTES, CodePorteur
from tla_sim.reader_fw.cards.file_system import FileSystem
from tla_sim.reader_fw.cards.image import Access, CardImage, CodeState, FileKind, Operation
from tla_sim.reader_fw.cards.key_use import KeyUse
from tla_sim.reader_fw.cards.refusal import CardRefusal

SIGNING_MS: Final = 100
CODE_MS: Final = 20
COMMAND_MS: Final = 0
"""Virtual time of a signature or decipherment, of a presentation of the code, of any other command.
Project-defined, of the order of magnitude of cards in the field; shorter times are not modelled."""

_CHAINED: Final = 0x10
_MAX_CHAINED: Final = 512
_OK: Final = b"\x90\x00"
_END_OF_FILE: Final = b"\x62\x82"
_PSO: Final = 0x2A
_COMPUTE_SIGNATURE: Final = 0x9E9A
_DECIPHER: Final = 0x8086
_LOG_OUT: Final = 0xFF
_NO_NEW_CODE: Final = 0x01
_NO_UNBLOCKING_CODE: Final = 0x02
"""Bits of RESET RETRY COUNTER's P1: what its data leave out."""
_WHOLE_FILE: Final = (MAX_SHORT_NE, MAX_NE)


class Card:
    """One card. `persist` receives the whole image before any answer that depends on a changed counter.

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
        self._entropy = entropy
        self._persist = persist
        contents = image.contents
        self._files = FileSystem(image.files)
        self._keys = KeyUse(contents.keys)
        self._code = (
            None
            if image.code is None
            else CodePorteur(image.code, self._save, lambda: entropy.take(SALT_BYTES))
        )
        self._handlers: dict[int, Callable[[CommandApdu], bytes]] = {
            0xA4: self._select,
            0xB0: self._read_binary,
            0x84: self._get_challenge,
            0x22: self._manage_environment,
            _PSO: self._security_operation,
        }
        if self._code is not None:
            self._handlers |= {
                0x20: self._verify,
                0x24: self._change_code,
                0x2C: self._unblock,
                0x88: self._internal_authenticate,
                0xCB: self._get_data,
            }
        self._block_transmission = self.transmission is Transmission.T1
        self._powered = False
        self._latency = 0
        self._forget()

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
        """The answer to reset, 10 to 18 bytes."""
        return self._image.contents.atr

    @property
    def transmission(self) -> Transmission:
        """The transmission protocol that the answer to reset announces."""
        return Transmission(self._image.contents.transmission)

    @property
    def latency_ms(self) -> int:
        """The virtual milliseconds that the last command took."""
        return self._latency

    def power_on(self) -> bytes:
        """Activate the contacts, or reset: forget all that was selected or verified; return the ATR."""
        self._forget()
        self._powered = True
        return self.atr

    def power_off(self) -> None:
        """Deactivate the contacts."""
        self._forget()
        self._powered = False

    def transmit(self, apdu: bytes) -> bytes:
        """Return the response to one command APDU, data and status word; empty without power."""
        if not self._powered:
            return b""
        self._latency = COMMAND_MS
        try:
            return self._carry_out(CommandApdu.parse(apdu))
        except CardRefusal as refusal:
            return refusal.word.to_bytes(2, "big")
        except CodecError:
            return Status.WRONG_LENGTH.to_bytes(2, "big")
        except BaseException:
            self.power_off()
            raise

    def _forget(self) -> None:
        self._directory = 0
        self._file: int | None = None
        self._pending = b""
        self._chain: tuple[int, int, int, bytes] | None = None
        self._keys.forget()
        if self._code is not None:
            self._code.forget()

    def _save(self, state: CodeState) -> None:
        if self._persist is not None:
            image = self._image.with_code(state)
            self._persist(image.build())
            self._image = image

    def _carry_out(self, command: CommandApdu) -> bytes:
        if command.ins == 0xC0 and command.cla == 0:
            return self._get_response(command)
        self._pending = b""
        chain, self._chain = self._chain, None
        if command.cla & ~_CHAINED:
            raise CardRefusal(Status.CLASS_NOT_SUPPORTED)
        handler = self._handlers.get(command.ins)
        if handler is None:
            raise CardRefusal(Status.INSTRUCTION_NOT_SUPPORTED)
        if command.cla or chain is not None:
            joined = self._join(chain, command)
            if joined is None:
                return _OK
            command = joined
        return handler(command)

    def _join(self, chain: tuple[int, int, int, bytes] | None, command: CommandApdu) -> CommandApdu | None:
        """Return the whole command at the end of a chain, `None` before (ISO/IEC 7816-4 §5.3.3)."""
        header = command.ins, command.p1, command.p2
        data = command.data
        if chain is not None and chain[:3] == header:
            data = chain[3] + data
        if len(data) > _MAX_CHAINED:
            raise CardRefusal(Status.WRONG_LENGTH)
        if not command.cla:
            return CommandApdu(0, *header, data, command.ne)
        if command.ins != _PSO:
            raise CardRefusal(Status.CHAINING_NOT_SUPPORTED)
        self._chain = (*header, data)
        return None

    def _is_direct(self, command: CommandApdu) -> bool:
        return self._block_transmission or command.extended

    def _respond(self, data: bytes, command: CommandApdu) -> bytes:
        """Answer a case 4 command with data, at once if the transport allows, else through GET RESPONSE."""
        given = command.ne if self._is_direct(command) else 0
        self._pending = data[given:]
        if self._pending:
            return data[:given] + bytes((0x61, min(len(self._pending), 0x100) & 0xFF))
        return data + _OK

    def _give(self, data: bytes, command: CommandApdu) -> bytes:
        """Answer a case 2 command with data, of which there may be fewer than its Le asks for."""
        if len(data) >= command.ne:
            return data[: command.ne] + _OK
        if self._is_direct(command):
            return data + (_OK if command.ne in _WHOLE_FILE else _END_OF_FILE)
        raise CardRefusal(0x6C00 | len(data))

    def _get_response(self, command: CommandApdu) -> bytes:
        if not self._pending:
            raise CardRefusal(Status.CONDITIONS_NOT_SATISFIED)
        if command.p1 or command.p2 or command.data:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        wanted = command.ne or MAX_SHORT_NE
        if wanted > len(self._pending) and wanted not in _WHOLE_FILE:
            raise CardRefusal(0x6C00 | len(self._pending))
        data, self._pending = self._pending[:wanted], self._pending[wanted:]
        if self._pending:
            return data + bytes((0x61, min(len(self._pending), 0x100) & 0xFF))
        return data + _OK

    def _select(self, command: CommandApdu) -> bytes:
        place = self._find(command.p1, command.data)
        if command.p2 not in (0x00, 0x04, 0x0C):
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if place is None:
            raise CardRefusal(Status.FILE_NOT_FOUND)
        self._directory = self._files.directory_of(place)
        self._file = None if self._files.is_directory(place) else place
        if command.p2 == 0x0C:
            return _OK
        describe = self._files.parameters if command.p2 == 0x04 else self._files.information
        return self._respond(describe(place), command)

    def _find(self, how: int, name: bytes) -> int | None:
        files, here = self._files, self._directory
        if how == 0x04:
            return files.find_application(name)
        if how in (0x08, 0x09):
            return files.find_path(0 if how == 0x08 else here, name)
        if how == 0x03 and not name:
            return files.find_parent(here)
        if how == 0x00 and not name:
            return 0
        if how > 0x02:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if len(name) != 2:
            raise CardRefusal(Status.WRONG_LENGTH)
        fid = int.from_bytes(name, "big")
        if how == 0x00 or name == b"\x3f\x00":
            return files.find_near(here, fid)
        return files.find_child(here, fid, FileKind.DIRECTORY if how == 0x01 else FileKind.TRANSPARENT)

    def _read_binary(self, command: CommandApdu) -> bytes:
        if command.data or not command.ne:
            raise CardRefusal(Status.WRONG_LENGTH)
        offset = command.p1 << 8 | command.p2
        if command.p1 & 0x80:
            if command.p1 & 0x60:
                raise CardRefusal(Status.WRONG_PARAMETERS)
            self._file = self._files.find_short(self._directory, command.p1 & 0x1F)
            if self._file is None:
                raise CardRefusal(Status.FILE_NOT_FOUND)
            offset = command.p2
        if self._file is None:
            raise CardRefusal(Status.NO_CURRENT_FILE)
        file = self._files.file(self._file)
        if file.read == Access.NEVER or (file.read == Access.CODE and not self._verified):
            raise CardRefusal(Status.NOT_AUTHENTICATED)
        if offset >= len(file.content):
            raise CardRefusal(Status.WRONG_OFFSET)
        return self._give(file.content[offset : offset + command.ne], command)

    def _get_challenge(self, command: CommandApdu) -> bytes:
        if command.p1 or command.p2:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if command.data or not 0 < command.ne <= MAX_SHORT_NE:
            raise CardRefusal(Status.WRONG_LENGTH)
        return self._give(self._entropy.take(command.ne), command)

    @property
    def _verified(self) -> bool:
        return self._code is not None and self._code.verified

    def _porteur(self, command: CommandApdu, *others: int) -> CodePorteur:
        if self._code is None or command.p2 not in (data_objects.CODE_REFERENCE, *others):
            raise CardRefusal(Status.REFERENCE_NOT_FOUND)
        self._latency = CODE_MS
        return self._code

    def _verify(self, command: CommandApdu) -> bytes:
        code = self._porteur(command, data_objects.UNBLOCKING_REFERENCE)
        unblocking = command.p2 == data_objects.UNBLOCKING_REFERENCE
        if command.p1 == _LOG_OUT and not command.data:
            code.forget()
            return _OK
        if command.p1:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if not command.data and command.ne in (0, MAX_SHORT_NE):
            self._latency = COMMAND_MS
            return (code.unblocking_status() if unblocking else code.status()).to_bytes(2, "big")
        if len(command.data) != BLOCK_BYTES:
            raise CardRefusal(Status.WRONG_LENGTH)
        present = code.verify_unblocking if unblocking else code.verify
        return present(command.data).to_bytes(2, "big")

    def _change_code(self, command: CommandApdu) -> bytes:
        code = self._porteur(command)
        if command.p1:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if len(command.data) != 2 * BLOCK_BYTES:
            raise CardRefusal(Status.WRONG_LENGTH)
        return code.change(command.data[:BLOCK_BYTES], command.data[BLOCK_BYTES:]).to_bytes(2, "big")

    def _unblock(self, command: CommandApdu) -> bytes:
        code = self._porteur(command)
        if command.p1 & ~(_NO_NEW_CODE | _NO_UNBLOCKING_CODE):
            raise CardRefusal(Status.WRONG_PARAMETERS)
        unblocks = not command.p1 & _NO_UNBLOCKING_CODE
        replaces = not command.p1 & _NO_NEW_CODE
        if len(command.data) != (unblocks + replaces) * BLOCK_BYTES:
            raise CardRefusal(Status.WRONG_LENGTH)
        unblocking = command.data[:BLOCK_BYTES] if unblocks else None
        new = command.data[-BLOCK_BYTES:] if replaces else None
        return code.unblock(unblocking, new).to_bytes(2, "big")

    def _manage_environment(self, command: CommandApdu) -> bytes:
        if command.p1 != 0x41:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        self._keys.prepare(command.p2, command.data)
        return _OK

    def _internal_authenticate(self, command: CommandApdu) -> bytes:
        if command.p1 or command.p2:
            raise CardRefusal(Status.WRONG_PARAMETERS)
        signature = self._keys.sign(Operation.AUTHENTICATE, command.data, self._verified)
        self._latency = SIGNING_MS
        return self._respond(signature, command)

    def _security_operation(self, command: CommandApdu) -> bytes:
        operation = command.p1 << 8 | command.p2
        if operation == _COMPUTE_SIGNATURE:
            answer = self._keys.sign(Operation.SIGN, command.data, self._verified)
        elif operation == _DECIPHER:
            answer = self._keys.decipher(command.data, self._verified)
        else:
            raise CardRefusal(Status.FUNCTION_NOT_SUPPORTED)
        self._latency = SIGNING_MS
        return self._respond(answer, command)

    def _get_data(self, command: CommandApdu) -> bytes:
        if (command.p1, command.p2) != (0x3F, 0xFF):
            raise CardRefusal(Status.WRONG_PARAMETERS)
        code = None if self._code is None else self._code.state
        return self._respond(data_objects.answer(command.data, code, self._keys.key), command)
