"""Frames out of the bytes of a stream, for both ends of the socket. It does no input or output itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.host.ssv.frames import LENGTH_BYTES, MAX_FRAME_BYTES
from tla_sim.protocol.errors import CodecError

SMALL_FRAME_BYTES: Final = 65_536
"""Frames up to this length need no leave."""


class FrameReader:
    """The frames of a stream, which arrive in pieces.

    A frame longer than `SMALL_FRAME_BYTES` needs leave: `allow(length)` says whether there is room for it.
    One without is taken in and dropped as it arrives. `Too long` for the format itself is a CodecError, after
    which the stream means nothing.
    """

    def __init__(self, allow: Callable[[int], bool] = lambda _length: True) -> None:
        self._allow = allow
        self._held = bytearray()
        self._length: int | None = None
        self._dropping = 0

    @property
    def is_partial(self) -> bool:
        """Whether a frame has begun that is not there as a whole."""
        return bool(self._held) or self._length is not None or self._dropping > 0

    def feed(self, data: bytes) -> None:
        """Take in bytes of the stream."""
        self._held += data

    def next_frame(self) -> bytes | None:
        """Return the body of the next whole frame, `None` when it is not there yet.

        Raises CodecError for a frame over `MAX_FRAME_BYTES`, and FrameDropped when a frame without leave has
        passed.
        """
        if self._length is None and not self._dropping and not self._begin():
            return None
        if self._dropping:
            passed = min(self._dropping, len(self._held))
            del self._held[:passed]
            self._dropping -= passed
            if self._dropping:
                return None
            raise FrameDropped("There is no memory for a frame this long now", "Send it again later")
        length = self._length
        if length is None or len(self._held) < length:
            return None
        body = bytes(memoryview(self._held)[:length])
        del self._held[:length]
        self._length = None
        return body

    def _begin(self) -> bool:
        if len(self._held) < LENGTH_BYTES:
            return False
        length = int.from_bytes(self._held[:LENGTH_BYTES], "big")
        if length > MAX_FRAME_BYTES:
            raise CodecError("A frame takes at most {most} bytes", "Send less", most=MAX_FRAME_BYTES)
        del self._held[:LENGTH_BYTES]
        if length > SMALL_FRAME_BYTES and not self._allow(length):
            self._dropping = length
        else:
            self._length = length
        return True


class FrameDropped(CodecError):
    """A frame was dropped for want of memory; the stream goes on behind it."""

    ssv = 0xF801
