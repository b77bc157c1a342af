"""A copy of a flash image that leaves out what is blank, compressed. Project-defined."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

from tla_sim.protocol.errors import CodecError
from tla_sim.reader_fw.board.flash import SECTOR_SIZE

_ERASED: Final = b"\xff" * SECTOR_SIZE
_FASTEST: Final = 1
_NUMBER: Final = struct.Struct(">I")


@dataclass(frozen=True)
class FlashCopy:
    """An image of `image_bytes` bytes, `array_bytes` of them in the array.

    `packed` has each sector that is not blank behind its number, then the trailer.
    """

    array_bytes: int
    image_bytes: int
    packed: bytes = field(repr=False)

    @classmethod
    def of(cls, image: bytes, array_bytes: int) -> FlashCopy:
        """Return the copy of an image."""
        parts = [_NUMBER.pack(0)]
        for sector in range(array_bytes // SECTOR_SIZE):
            at = sector * SECTOR_SIZE
            content = image[at : at + SECTOR_SIZE]
            if content != _ERASED:
                parts += (_NUMBER.pack(sector), content)
        used = len(parts) // 2
        parts[0] = _NUMBER.pack(used)
        parts.append(image[array_bytes:])
        return cls(array_bytes, len(image), zlib.compress(b"".join(parts), _FASTEST))

    def image(self) -> bytes:
        """Return the image. Raises CodecError when the copy is damaged."""
        try:
            return self._unpack()
        except (zlib.error, struct.error):
            raise damaged() from None

    def _unpack(self) -> bytes:
        # The most that a sound copy holds, so that a damaged one cannot fill the memory.
        most = self.image_bytes + self.array_bytes // SECTOR_SIZE * _NUMBER.size + _NUMBER.size
        engine = zlib.decompressobj()
        content = engine.decompress(self.packed, most)
        (used,) = _NUMBER.unpack_from(content)
        at = _NUMBER.size
        image = bytearray(b"\xff" * self.array_bytes)
        last = -1
        for _ in range(used):
            (sector,) = _NUMBER.unpack_from(content, at)
            at += _NUMBER.size
            start = sector * SECTOR_SIZE
            if not last < sector or start >= self.array_bytes or at + SECTOR_SIZE > len(content):
                raise damaged()
            image[start : start + SECTOR_SIZE] = content[at : at + SECTOR_SIZE]
            at += SECTOR_SIZE
            last = sector
        image += content[at:]
        if not engine.eof or len(image) != self.image_bytes:
            raise damaged()
        return bytes(image)


def damaged() -> CodecError:
    """Return the error for a copy that is not as it was made."""
    return CodecError("The copy of the flash is damaged", "Use another snapshot")
