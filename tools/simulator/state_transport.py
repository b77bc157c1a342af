"""The transport `state:DIR`: the reader of a state directory, run inside this process for one connection.

    state:DIR[?cps=FILE][&vitale=FILE][&seed=N]

`cps` and `vitale` choose the card in a slot for this connection instead of the one left there; an empty value
means no card. With a seed the reader's random bytes are reproducible. `%XX` escapes a character that would
end a part (`%3F` for a question mark in a path); a leading `~` is the home directory. Opening switches the
reader on, closing switches it off.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import unquote

from tla_sim.host.transport import BadUrl
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.tools.simulator.kept_reader import KeptReader
from tla_sim.tools.simulator.state_directory import SLOT_WORDS

SCHEME: Final = "state"
_SLOT_OF: Final = {Lad.PS: Slot.PS, Lad.VITALE: Slot.VITALE}


def open_state(url: str) -> InProcessTransport:
    """Open the reader of a `state:` URL and switch it on.

    Raises BadUrl, ReaderHeld when another program has the reader, and as `KeptReader.open`.
    """
    path, cards, seed = _parts(url)
    return _switch_on(KeptReader.open(path, cards=cards, seed=seed), url)


def look_at_state(url: str) -> InProcessTransport:
    """Open the reader of a `state:` URL on a copy of its flash: nothing that it does is kept.

    Raises BadUrl, ReaderHeld when another program has the reader, and as `KeptReader.look`.
    """
    return _switch_on(KeptReader.look(_parts(url)[0]), url)


def _switch_on(kept: KeptReader, url: str) -> InProcessTransport:
    try:
        kept.power_on()
        port = kept.reader.attach(url)
    except BaseException:
        kept.close()
        raise

    def exchange(lad: Lad, apdu: bytes) -> bytes:
        answer = port.exchange(lad, apdu)
        kept.check_cards()
        return answer

    slots = kept.reader.board.slots

    def atr_of(lad: Lad) -> bytes:
        card = slots.card(_SLOT_OF[lad])
        return b"" if card is None else card.atr

    return InProcessTransport(exchange, url, kept.close, atr_of)


def _parts(url: str) -> tuple[Path, dict[Slot, Path | None], int | None]:
    head, question, query = url.partition("?")
    directory = _path(head.partition(":")[2], url)
    if directory is None:
        raise BadUrl("'{url}' does not name a directory", "Write state:DIR", url=url)
    cards: dict[Slot, Path | None] = {}
    seed = None
    for option in query.split("&") if question else ():
        name, equals, value = option.partition("=")
        if name in SLOT_WORDS and equals:
            cards[SLOT_WORDS[name]] = _path(value, url)
        elif name == "seed" and value.isascii() and value.isdigit():
            seed = int(value)
        else:
            raise BadUrl(
                "'{url}' has an unknown option: {option}",
                "Use cps=FILE, vitale=FILE or seed=N",
                url=url,
                option=option,
            )
    return directory, cards, seed


def _path(written: str, url: str) -> Path | None:
    """Return the path in a part of the URL, `None` for an empty part."""
    text = unquote(written)
    try:
        if "\0" in text:
            raise RuntimeError
        return Path(text).expanduser() if text else None
    except RuntimeError:
        raise BadUrl("'{url}' does not have a valid path", "Write the path in full", url=url) from None
