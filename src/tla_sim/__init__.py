"""A simulated SESAM-Vitale portable card reader (TLA 1.40), its loader and its test instruments.

    import tla_sim

    practice = tla_sim.demo_practice()
    with tla_sim.SimulatedReader.in_memory(seed=1) as reader, tla_sim.Ledger.open("ledger.db") as ledger:
        tla_sim.push(reader.client("serial"), ledger, practice, on_progress=print)

The names in this module are public; everything else is internal and may move. Each name is loaded when it is
first used. Its docstring says what it takes, returns and raises, with an example. In the examples `reader` is
`SimulatedReader.in_memory()`, `client` its client, `ledger` a new Ledger and `practice` the shipped practice,
whose file is `practice.json`.
"""

from __future__ import annotations

__version__ = "0.2.0"

# Not imported from typing, which costs every start of `tla` more than the rest of this module.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, Final

    from tla_sim.host.client import ReaderClient as ReaderClient
    from tla_sim.host.desk.certification import certify as certify
    from tla_sim.host.desk.lists import DeskList as DeskList
    from tla_sim.host.desk.lists import desk_lines as desk_lines
    from tla_sim.host.desk.load import push as push
    from tla_sim.host.desk.marks import bill_degraded as bill_degraded
    from tla_sim.host.desk.pieces import attach as attach
    from tla_sim.host.desk.rectification import rectify as rectify
    from tla_sim.host.desk.signature_image import register_signature as register_signature
    from tla_sim.host.ledger.desk_model import PieceRole as PieceRole
    from tla_sim.host.ledger.desk_model import Rights as Rights
    from tla_sim.host.ledger.ledger import Ledger as Ledger
    from tla_sim.host.ledger.model import LedgerState as LedgerState
    from tla_sim.host.park.update import update_reader as update_reader
    from tla_sim.host.practice.file import load_practice as load_practice
    from tla_sim.host.practice.invoices import prepared_invoices as prepared_invoices
    from tla_sim.host.practice.model import Practice as Practice
    from tla_sim.host.progress import Progress as Progress
    from tla_sim.host.round.erase import erase as erase
    from tla_sim.host.round.pull import pull as pull
    from tla_sim.host.round.sign import sign as sign
    from tla_sim.host.round.transmit import transmit as transmit
    from tla_sim.host.sending.arl import read_arl as read_arl
    from tla_sim.host.sending.lots import make_lots as make_lots
    from tla_sim.host.sending.mail_route import MailRoute as MailRoute
    from tla_sim.host.sending.send import send_by_mail as send_by_mail
    from tla_sim.host.sending.send import send_to_folder as send_to_folder
    from tla_sim.host.transport import open_transport as open_transport
    from tla_sim.protocol.documents.certificates import TrustAnchors as TrustAnchors
    from tla_sim.protocol.documents.document_id import DocumentId as DocumentId
    from tla_sim.protocol.errors import Category as Category
    from tla_sim.protocol.errors import CodecError as CodecError
    from tla_sim.protocol.errors import LinkError as LinkError
    from tla_sim.protocol.errors import StatusError as StatusError
    from tla_sim.protocol.errors import TlaError as TlaError
    from tla_sim.tools.cards.issue import issue_cards as issue_cards
    from tla_sim.tools.cast import demo_practice as demo_practice
    from tla_sim.tools.faults.plan import FaultPlan as FaultPlan
    from tla_sim.tools.simulator.checking import check_reader as check_reader
    from tla_sim.tools.simulator.simulated_reader import SimulatedReader as SimulatedReader

_ROOMS: Final = {
    "host.client": ("ReaderClient",),
    "host.desk.certification": ("certify",),
    "host.desk.lists": ("DeskList", "desk_lines"),
    "host.desk.load": ("push",),
    "host.desk.marks": ("bill_degraded",),
    "host.desk.pieces": ("attach",),
    "host.desk.rectification": ("rectify",),
    "host.desk.signature_image": ("register_signature",),
    "host.ledger.desk_model": ("PieceRole", "Rights"),
    "host.ledger.ledger": ("Ledger",),
    "host.ledger.model": ("LedgerState",),
    "host.park.update": ("update_reader",),
    "host.practice.file": ("load_practice",),
    "host.practice.invoices": ("prepared_invoices",),
    "host.practice.model": ("Practice",),
    "host.progress": ("Progress",),
    "host.round.erase": ("erase",),
    "host.round.pull": ("pull",),
    "host.round.sign": ("sign",),
    "host.round.transmit": ("transmit",),
    "host.sending.arl": ("read_arl",),
    "host.sending.lots": ("make_lots",),
    "host.sending.mail_route": ("MailRoute",),
    "host.sending.send": ("send_by_mail", "send_to_folder"),
    "host.transport": ("open_transport",),
    "protocol.documents.certificates": ("TrustAnchors",),
    "protocol.documents.document_id": ("DocumentId",),
    "protocol.errors": ("Category", "CodecError", "LinkError", "StatusError", "TlaError"),
    "tools.cards.issue": ("issue_cards",),
    "tools.cast": ("demo_practice",),
    "tools.faults.plan": ("FaultPlan",),
    "tools.simulator.checking": ("check_reader",),
    "tools.simulator.simulated_reader": ("SimulatedReader",),
}
"""The module of each public name. The block above tells type checkers the same; a test compares the two."""

_HOMES: Final = {name: f"{__name__}.{room}" for room, names in _ROOMS.items() for name in names}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    # Imported late, like `difflib` below: `tla` starts for every command, and most need neither.
    import importlib

    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(_unknown(name))
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, _HOMES, cutoff=0.5)
    hint = f"near it are {', '.join(near)}" if near else f"there are {', '.join(sorted(_HOMES))}"
    return f"tla_sim has no {name!r}; {hint}"
