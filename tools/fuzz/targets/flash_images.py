"""Flash images of a reader in use, spoilt in one place: the file has four bytes of address, then the data."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.errors import StatusError
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import PAGE_SIZE, SECTOR_SIZE, NorFlash
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.reader import Reader
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.chance import Chance, pick
from tla_sim.tools.fuzz.images import PROFILE
from tla_sim.tools.fuzz.targets.file_kind import FileKind
from tla_sim.tools.fuzz.targets.loader_world import prepared
from tla_sim.tools.simulator.live_reader import sound_reader


@cache
def _used_image() -> bytes:
    """Return the flash of a reader with documents on board, some of them certified."""
    return prepared()[0]


@cache
def _written() -> tuple[int, ...]:
    """Return the addresses of its written pages."""
    image = _used_image()
    blank = b"\xff" * PAGE_SIZE
    whole = range(0, len(image) - PAGE_SIZE + 1, PAGE_SIZE)
    return tuple(at for at in whole if image[at : at + PAGE_SIZE] != blank)


def _read(raw: bytes) -> None:
    """Start a reader on a spoilt flash and use it: it may refuse with typed errors only."""
    image = bytearray(_used_image())
    if len(raw) > 8:
        at = int.from_bytes(raw[:4], "big") % len(image)
        piece = raw[4:]
        image[at : at + len(piece)] = piece[: len(image) - at]
    else:
        image = bytearray(raw)
    reader = sound_reader(NorFlash(image), 3, PROFILE)
    try:
        reader.power_on()
        _use(reader)
    finally:
        reader.power_off()


def _use(reader: Reader) -> None:
    port = reader.attach("host")
    client = ReaderClient(InProcessTransport(port.exchange), SeededEntropy(9).take)
    acts: tuple[Callable[[], object], ...] = (
        *(client.diagnostics, client.list_documents, lambda: client.verify_code(CODE)),
        *(client.unload_next, lambda: client.erase(players.OWNERS[0])),
    )
    for name in ("maya", "paul"):
        reader.remove(Slot.PS)
        reader.insert(Slot.PS, Card(players.cards()[name][0], SeededEntropy(5)))
        for act in acts:
            with suppress(StatusError):
                act()


def _tweaked(chance: Chance) -> bytes:
    image, at = _used_image(), pick(chance, _written()) + chance.below(PAGE_SIZE)
    piece: bytes
    match chance.below(4):
        case 0:
            piece = b"\xff" * pick(chance, (64, PAGE_SIZE, SECTOR_SIZE))
        case 1:
            piece = chance.data(8 + chance.below(64))
        case 2:
            at = pick(chance, _written())
            source = pick(chance, _written())
            piece = image[source : source + PAGE_SIZE]
        case _:
            piece = bytes((image[at] ^ 1 << chance.below(8), *image[at + 1 : at + 8]))
    return at.to_bytes(4, "big") + piece


KIND: Final = FileKind(lambda: (bytes(4) + _used_image()[:8],), _read, _tweaked)
