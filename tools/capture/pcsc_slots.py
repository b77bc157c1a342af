"""The slots of the PC/SC service, asked for on its socket as programs do (see `pcsc_messages`)."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final

from tla_sim.tools.capture.pcsc_messages import HEADER, Command, Conversation, Event, Seen

PATIENCE: Final = 1.0
"""The seconds within which each part of the answer comes."""
_QUESTION: Final = HEADER.pack(0, Command.GET_READERS_STATE)
_READ_SIZE: Final = 1 << 16


def list_slot_names(service: Path) -> list[str]:
    """Return the name of each slot of the service with this socket; none when it does not answer."""
    found: list[Event] = []
    conversation = Conversation(found.append)
    conversation.ask(_QUESTION)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.connect(str(service))
            connection.sendall(_QUESTION)
            while not found and (data := connection.recv(_READ_SIZE)):
                conversation.answer(data)
        except OSError:
            return []
    return [name for event in found if isinstance(event, Seen) for name in event.atrs]
