"""What the functions work with: the reader on the cable, the ledger, the names of resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tla_sim.host.client import ReaderClient
from tla_sim.host.ledger.ledger import Ledger
from tla_sim.host.park.update import wait_a_second
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.protocol.code_format import CodeFormatError
from tla_sim.protocol.commands.cards import PsCardData
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.lad import Lad

USUAL_RESOURCES: Final[Mapping[str, Lad]] = MappingProxyType(
    {"log_sv": Lad.LOG_SV, "cps": Lad.PS, "vitale": Lad.VITALE, "transpa1": Lad.PS, "transpa2": Lad.VITALE}
)
"""The names of resources where no galss.ini gives others, in small letters. Source: public samples."""


@dataclass(frozen=True)
class Workstation:
    """The reader and the ledger, for the time of one call.

    `client` speaks to the reader; `ledger_path` is the practice's ledger; `anchors` the authorities to trust;
    `resources` leads from names, in small letters, to places in the reader; `test_vitale` reads the zone that
    replaces what a test Vitale says (from [TESTSSV] of sesam.ini), `None` for the card's own; `pause` waits
    before an update goes on behind a failed exchange.
    """

    client: ReaderClient
    ledger_path: Path
    anchors: TrustAnchors = field(default_factory=TrustAnchors.shipped)
    resources: Mapping[str, Lad] = field(default_factory=lambda: USUAL_RESOURCES)
    test_vitale: Callable[[], bytes | None] = lambda: None
    pause: Callable[[], None] = wait_a_second

    def check_resource(self, name: str, *places: Lad) -> None:
        """Check that a resource is in one of these places of the reader. Raises CallRefused with F101."""
        if self.resources.get(name.lower()) not in places:
            raise CallRefused(
                SsvCode.CONNECTION,
                "The reader has no resource {name} for this function",
                "Name one of those of galss.ini",
                name=name,
            )

    def check_reader(self, name: str) -> None:
        """Check that a resource is the reader's own software. Raises CallRefused with F101."""
        self.check_resource(name, Lad.LOG_SV)

    def authenticate(self, ps_resource: str, reader: str, code: str) -> PsCardData:
        """Present the code porteur to the PS card, and return what the card says.

        Raises CallRefused for an unknown resource, and with F003 for what no code can be, which costs the
        card no try; StatusError and LinkError.
        """
        self.check_resource(ps_resource, Lad.PS)
        self.check_reader(reader)
        if not code:
            raise CallRefused(SsvCode.CODE_WRONG, "There is no code porteur", "Pass the card's code")
        try:
            return self.client.verify_code(code)
        except CodeFormatError as error:
            raise CallRefused(SsvCode.CODE_WRONG, error.message, error.action) from None

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger for the time of a block. Raises errors of the ledger."""
        with Ledger.open(self.ledger_path) as ledger:
            yield ledger
