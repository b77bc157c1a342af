"""Signed documents and a signed lot, made once by a reader, to compare altered ones with."""

from __future__ import annotations

from functools import cache

from tla_sim.protocol.commands.certifying import CERTIFY, SIGN_LOT, CertifyRequest, LotSignatureRequest
from tla_sim.protocol.documents.fse import DocumentKind, Fse, SecurityMode, SignatureBlock
from tla_sim.protocol.documents.invoice import digest
from tla_sim.protocol.documents.lot import Lot
from tla_sim.protocol.groups.lot import LotDocument, LotHeader
from tla_sim.tools.cast.people import CODE
from tla_sim.tools.fuzz import players
from tla_sim.tools.fuzz.targets.base import Notes
from tla_sim.tools.fuzz.targets.log_sv_world import World
from tla_sim.tools.fuzz.targets.sequences import request_apdu


@cache
def signed_documents() -> tuple[bytes, ...]:
    """Return an unsigned, a PARTIAL, a COMPLETE and a degraded document."""
    world = World(Notes())
    world.insert("VITALE", "martin")
    made = [Fse(DocumentKind.FSE, SecurityMode.SECURED, players.invoices()[players.OWNERS[0]][0]).build()]
    wanted = (
        ("anne", 0, SecurityMode.SECURED),
        ("maya", 2, SecurityMode.SECURED),
        ("maya", 3, SecurityMode.DEGRADED),
    )
    for card, at, mode in wanted:
        world.insert("PS", card)
        world.present_code("a", CODE)
        request = CertifyRequest(DocumentKind.FSE, mode, players.invoices()[players.OWNERS[0]][at])
        response = world.command("a", request_apdu(CERTIFY, request))
        made.append(CERTIFY.response.parse(response[:-2]).content)
    world.close()
    return tuple(made)


@cache
def signed_lot() -> tuple[Lot, SignatureBlock, tuple[bytes, ...]]:
    """Return a lot of one COMPLETE document, its signature, and its documents."""
    _, _, content, _ = signed_documents()
    number = f"{190_305_003:09}"
    listed = LotDocument(number=number, total=1_002, digest=digest(content).hex())
    header = LotHeader(number=1, owner=players.OWNERS[0], recipient="CPAM - DEMONSTRATION", kind=1, mode=1)
    lot = Lot.of(header, [listed])
    world = World(Notes())
    world.insert("PS", "maya")
    world.present_code("a", CODE)
    response = world.command("a", request_apdu(SIGN_LOT, LotSignatureRequest((lot.header_bytes(),))))
    (signed,) = SIGN_LOT.response.parse(response[:-2]).blocks
    world.close()
    return lot, SignatureBlock.parse(signed.block), (content,)
