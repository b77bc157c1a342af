"""Small settings that survive power cycles; each change happens whole or not at all. Project-defined.

They have a log of their own in the file system, sealed under the device key. When a segment is full, the next
one begins with all settings and the old one is removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final, NamedTuple

from tla_sim.protocol.sentence import Sentence
from tla_sim.protocol.wire.record import Record, blob16, records, string, u8
from tla_sim.reader_fw.app.store.sealing import RecordDamaged, Sealer
from tla_sim.reader_fw.app.store.segment_log import SegmentLog
from tla_sim.reader_fw.board.filesystem import FlashFileSystem

MAX_NAME_BYTES: Final = 255
MAX_VALUE_BYTES: Final = 4_096
_SEGMENT_BYTES: Final = 8_192
_DIRECTORY: Final = "settings"


class _Setting(NamedTuple):
    """A name with its value, or without one from now on."""

    name: Annotated[str, string("name of the setting")]
    present: Annotated[int, u8("1, or 0 for a name without a value from now on")]
    value: Annotated[bytes, blob16("empty without one")]


@dataclass(frozen=True)
class _Frame:
    """The settings of one write."""

    settings: tuple[_Setting, ...] = records(_Setting, "in the order written")


_FRAME: Final = Record(_Frame)


class Settings:
    """The settings in a file system, read on construction.

    Construction raises FileSystemDamaged or PowerCut.
    """

    def __init__(self, fs: FlashFileSystem, sealer: Sealer) -> None:
        self._log = SegmentLog(fs, _DIRECTORY, sealer, _SEGMENT_BYTES)
        self._values: dict[str, bytes] = {}
        for _, frame in self._log.replay():
            self._apply(_FRAME.parse(frame.directory).settings)

    @property
    def damaged(self) -> bool:
        """Whether some settings may be lost or outdated."""
        return bool(self._log.damage)

    def get(self, name: str) -> bytes | None:
        """Return a setting's value, `None` if it was never put.

        Raises RecordDamaged if it may have been lost.
        """
        value = self._values.get(name)
        if value is None and self.damaged:
            raise RecordDamaged(Sentence("Setting {name}", name=name))
        return value

    def put(self, name: str, value: bytes) -> None:
        """Keep a value of up to 4,096 bytes under a name; write nothing if it is there already.

        Raises ValueError for a longer value, FlashFull, PowerCut.
        """
        if len(value) > MAX_VALUE_BYTES or len(name.encode()) > MAX_NAME_BYTES:
            raise ValueError(f"a setting has at most {MAX_VALUE_BYTES} bytes, not {len(value)}")
        if self._values.get(name) != value:
            self._write(_Setting(name, 1, value))

    def remove(self, name: str) -> None:
        """Forget a setting; nothing happens if there is none. Raises FlashFull, PowerCut."""
        if name in self._values:
            self._write(_Setting(name, 0, b""))

    def _write(self, setting: _Setting) -> None:
        log = self._log
        rows = [setting]
        if log.newest is not None and log.sizes[log.newest] >= _SEGMENT_BYTES:
            rows = [_Setting(*item) for item in self._snapshot(setting)]
        log.append([(_FRAME.build(_Frame(tuple(rows))), b"")])
        self._apply([setting])
        while log.oldest is not None and log.oldest != log.newest:
            log.remove(log.oldest)

    def _snapshot(self, setting: _Setting) -> list[tuple[str, int, bytes]]:
        others = [(name, 1, value) for name, value in self._values.items() if name != setting.name]
        return [*others, setting]

    def _apply(self, rows: Iterable[_Setting]) -> None:
        for name, present, value in rows:
            if present:
                self._values[name] = value
            else:
                self._values.pop(name, None)
