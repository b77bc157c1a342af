"""Signed documents made once by a reader: what altered ones are compared with."""

from __future__ import annotations

from functools import cache

from protocol import commands as c
from protocol.fse import DocumentKind, Fse, SecurityMode
from tools.fuzz import cast
from tools.fuzz.targets.base import Notes
from tools.fuzz.targets.log_sv import apdu_of
from tools.fuzz.targets.log_sv_world import World


@cache
def signed_documents() -> tuple[bytes, ...]:
    """One unsigned, one PARTIAL, one COMPLETE and one degraded document."""
    world = World(Notes())
    world.insert("VITALE", "martin")
    made = [Fse(DocumentKind.FSE, SecurityMode.SECURED, cast.invoices()[cast.OWNERS[0]][0]).build()]
    wanted = (
        ("anne", 0, SecurityMode.SECURED),
        ("maya", 2, SecurityMode.SECURED),
        ("maya", 3, SecurityMode.DEGRADED),
    )
    for card, at, mode in wanted:
        world.insert("PS", card)
        world.present_code("a", cast.CODE)
        request = c.CertifyRequest(DocumentKind.FSE, mode, cast.invoices()[cast.OWNERS[0]][at])
        response = world.command("a", apdu_of(c.CERTIFY, c.CERTIFY.request.build(request)))
        made.append(c.CERTIFY.response.parse(response[:-2]).content)
    world.close()
    return tuple(made)
