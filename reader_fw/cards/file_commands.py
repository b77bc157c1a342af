"""SELECT, READ BINARY and UPDATE BINARY (ISO/IEC 7816-4 §§7.1.1, 7.2.3, 7.2.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.cards.answers import OK, Answers
from tla_sim.reader_fw.cards.channel import Channel
from tla_sim.reader_fw.cards.file_system import FileSystem
from tla_sim.reader_fw.cards.image import Access, CardFile, FileKind
from tla_sim.reader_fw.cards.refusal import CardRefusal

BY_NAME: Final = 0x04
"""P1 of SELECT by application identifier."""
_INFORMATION: Final = 0x00
_PARAMETERS: Final = 0x04
_NOTHING: Final = 0x0C


class FileCommands:
    """The commands for the files of one card.

    `verified` says whether the code porteur was; `store` keeps the new content of the file at a place, and
    has kept it when it returns. When it raises OSError, the answer is 6581 and nothing is changed.
    """

    def __init__(
        self,
        files: FileSystem,
        answers: Answers,
        verified: Callable[[], bool],
        store: Callable[[int, bytes], None],
    ) -> None:
        self._files = files
        self._answers = answers
        self._verified = verified
        self._store = store

    def select(self, channel: Channel, command: CommandApdu) -> bytes:
        """SELECT: by identifier, name or path; with parameters (62), information (6F) or neither."""
        files = self._files
        place = self._find(command.p1, command.data, channel.directory)
        how = command.p2
        if how not in (_INFORMATION, _PARAMETERS, _NOTHING):
            raise CardRefusal(Status.WRONG_PARAMETERS)
        if place is None:
            raise CardRefusal(Status.FILE_NOT_FOUND)
        channel.directory = files.directory_of(place)
        channel.file = None if files.is_directory(place) else place
        if how == _NOTHING:
            return OK
        described = files.parameters(place) if how == _PARAMETERS else files.information(place)
        return self._answers.respond(channel, command, described)

    def read_binary(self, channel: Channel, command: CommandApdu) -> bytes:
        """READ BINARY of the current file, or of one that its short identifier makes the current one."""
        if command.data or not command.ne:
            raise CardRefusal(Status.WRONG_LENGTH)
        place, offset = self._locate(channel, command)
        file = self._files.file(place)
        self._check(file.read)
        if offset >= len(file.content):
            raise CardRefusal(Status.WRONG_OFFSET)
        return self._answers.give(command, file.content[offset : offset + command.ne])

    def update_binary(self, channel: Channel, command: CommandApdu) -> bytes:
        """UPDATE BINARY inside a file, whose size never changes."""
        if not command.data or command.ne:
            raise CardRefusal(Status.WRONG_LENGTH)
        place, offset = self._locate(channel, command)
        file: CardFile = self._files.file(place)
        self._check(file.write)
        end = offset + len(command.data)
        if offset >= len(file.content):
            raise CardRefusal(Status.WRONG_OFFSET)
        if end > len(file.content):
            raise CardRefusal(Status.WRONG_LENGTH)
        try:
            self._store(place, file.content[:offset] + command.data + file.content[end:])
        except OSError:
            raise CardRefusal(Status.MEMORY_FAILURE) from None
        return OK

    def _check(self, access: int) -> None:
        if access == Access.NEVER or (access == Access.CODE and not self._verified()):
            raise CardRefusal(Status.NOT_AUTHENTICATED)

    def _locate(self, channel: Channel, command: CommandApdu) -> tuple[int, int]:
        """Return the place of the file that a command is for, and the offset in it."""
        offset = command.p1 << 8 | command.p2
        if command.p1 & 0x80:
            if command.p1 & 0x60:
                raise CardRefusal(Status.WRONG_PARAMETERS)
            place = self._files.find_short(channel.directory, command.p1 & 0x1F)
            if place is None:
                raise CardRefusal(Status.FILE_NOT_FOUND)
            channel.file = place
            offset = command.p2
        if channel.file is None:
            raise CardRefusal(Status.NO_CURRENT_FILE)
        return channel.file, offset

    def _find(self, how: int, name: bytes, here: int) -> int | None:
        files = self._files
        if how == BY_NAME:
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
