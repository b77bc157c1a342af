"""What an FSE says, by SSV: SSV_TraduireFSE. It needs no reader, and leaves the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.host.ssv.functions import TRADUIRE_FSE
from tla_sim.host.ssv.server.answers import zone_of
from tla_sim.host.ssv.server.binding import Bound, bind_call
from tla_sim.host.ssv.server.document_zones import document_group, read_document, read_documents
from tla_sim.host.ssv.server.workstation import Workstation
from tla_sim.protocol.documents.certificates import CertificateRefused, TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import Role, SignatureBlock
from tla_sim.protocol.documents.verification import SignatureInvalid, verify_fse
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.ssv_calls import DocumentSignature
from tla_sim.protocol.moment import LATEST_MOMENT

_FSE: Final = b"TLAFSE"


def translate(work: Workstation, zone: bytes) -> bytes:
    """Return what each document says: group 9310 without content, its invoice's groups, and a group 9313 for
    each signature.

    The zone holds groups 9310, or is the bytes of one FSE or DRE. A signature is valid when it and all before
    it hold. Raises CallRefused with F802 for anything else, CodecError for an invoice that cannot be read.
    """
    given = (read_document(zone),) if zone.startswith(_FSE) else read_documents((zone,))
    if not given:
        raise CallRefused(SsvCode.INPUT, "There is no document in the zone", "Pass groups 9310 or an FSE")
    return zone_of(group for each in given for group in _told(each.document, work.anchors))


def _told(document: Document, anchors: TrustAnchors) -> Iterable[Group]:
    yield document_group(document.content, with_content=False)
    yield from document.invoice.groups()
    valid = _valid_signatures(document, anchors)
    for index, block in enumerate(document.fse.blocks):
        yield _signature_group(block, anchors, valid=index < valid)


def _valid_signatures(document: Document, anchors: TrustAnchors) -> int:
    """Return how many signatures hold before the first that does not."""
    blocks = document.fse.blocks
    if not blocks:
        return 0
    try:
        verify_fse(document, anchors)
    except SignatureInvalid as error:
        return error.index
    return len(blocks)


def _signature_group(block: SignatureBlock, anchors: TrustAnchors, *, valid: bool) -> DocumentSignature:
    context = block.context
    return DocumentSignature(
        role=block.role.name,
        signer=_signer_name(block, anchors),
        signed_at=_time_of(context.moment),
        card_serial=context.vitale_serial if block.role is Role.VITALE else context.ps_serial,
        reader_serial=context.reader_serial,
        valid=valid,
    )


def _signer_name(block: SignatureBlock, anchors: TrustAnchors) -> str:
    """Return the name on a certificate, empty when nobody trusted vouches for it."""
    try:
        return anchors.verify(block.certificate).name
    except CertificateRefused:
        return ""


def _time_of(moment: int) -> datetime | None:
    """Return a moment (ms since 1970-01-01 00:00, reader local time), `None` for one that no clock shows."""
    if moment > LATEST_MOMENT:
        return None
    return datetime.fromtimestamp(moment // 1000, UTC).replace(tzinfo=None)


BOUND: Final[tuple[Bound, ...]] = (bind_call(TRADUIRE_FSE, translate),)
"""The functions of this topic."""
