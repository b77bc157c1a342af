"""The server as programs meet it: one reader, one ledger, a party for each program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.ssv.declaration import Function
from tla_sim.host.ssv.frames import Client, Hello
from tla_sim.host.ssv.server.dispatch import FUNCTIONS, answer_call
from tla_sim.host.ssv.server.galss.desk import GalssDesk
from tla_sim.host.ssv.server.galss.program import GalssProgram
from tla_sim.host.ssv.server.no_reader import NoReader
from tla_sim.host.ssv.server.party import Party, Peer
from tla_sim.host.ssv.server.reader_held import ReaderHeld
from tla_sim.host.ssv.server.sesam_ini import SesamIni, read_sesam_ini
from tla_sim.host.ssv.server.workstation import USUAL_RESOURCES, Workstation
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.lad import Lad


@dataclass(frozen=True)
class Service:
    """What a server has: the reader, the practice's ledger, the authorities to trust, its own sesam.ini.

    `sesam_ini` counts for programs that name none of their own; `None` for no file at all.
    """

    held: ReaderHeld
    ledger_path: Path
    sesam_ini: Path | None = None
    anchors: TrustAnchors = field(default_factory=TrustAnchors.shipped)
    desk: GalssDesk = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "desk", GalssDesk(self.held))

    def welcome(self, hello: Hello, peer: Peer) -> Party:
        """Return the party of a program that says hello.

        Raises SesamUnusable for its sesam.ini, GalssUnreadable for galss.ini, and CallRefused for a library
        that this server does not know.
        """
        return PARTIES[hello.client](self, hello, peer)

    def settings(self, hello: Hello) -> SesamIni:
        """Return what the sesam.ini says that counts for a program. Raises SesamUnusable."""
        named = hello.sesam_ini.decode("utf-8", "surrogateescape")
        path = Path(named) if named else self.sesam_ini
        return SesamIni() if path is None else read_sesam_ini(path)


class SsvProgram:
    """A program that calls the SSV functions."""

    functions: Mapping[int, Function] = FUNCTIONS

    def __init__(self, service: Service, hello: Hello, peer: Peer) -> None:
        self._service = service
        self._settings = service.settings(hello)
        self.peer = peer
        service.held.check()

    def answer(self, function: Function, values: Mapping[str, Any]) -> bytes:
        """Carry out a call and return the body of its answer.

        Raises CallRefused with 0004 when the turn does not come, GalssUnreadable, UnknownResource.
        """
        if not function.needs_reader:
            return answer_call(self._work(ReaderClient(NoReader()), USUAL_RESOURCES), function, values)
        with self._service.held.turn(self) as reader:
            self.peer.check_waiting()
            return answer_call(self._work(ReaderClient(reader), reader.resources), function, values)

    def leave(self) -> None:
        """Give back what the program held."""
        self._service.held.forget(self)

    def _work(self, client: ReaderClient, resources: Mapping[str, Lad]) -> Workstation:
        service, test_vitale = self._service, self._settings.test_vitale
        return Workstation(client, service.ledger_path, service.anchors, resources, test_vitale)


def _galss_program(service: Service, _hello: Hello, _peer: Peer) -> Party:
    return GalssProgram(service.desk)


PARTIES: Final[Mapping[Client, Callable[[Service, Hello, Peer], Party]]] = {
    Client.SSV: SsvProgram,
    Client.GALSS: _galss_program,
}
"""What makes the party of a program, by the library that speaks for it."""
