"""Every FSE that leaves, alone or in a lot, is verified once, as read from the ledger's disk.

The verified bytes are those that leave. The caller hands the ledger what was verified, and the ledger
compares its digest with the one on disk in the transaction that notes the leaving.
"""

from __future__ import annotations

from tla_sim.host.ledger.model import HeldFse, LedgerDocument, LedgerState
from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.verification import VerifiedFse, verify_fse
from tla_sim.protocol.errors import CodecError


def verify_leaving(held: HeldFse, anchors: TrustAnchors) -> VerifiedFse:
    """Verify all signatures of an FSE held by the ledger, and that it is the document that its line names.

    Raises `SignatureInvalid`, and `CodecError` for bytes that are not that FSE.
    """
    verified = verify_fse(held.document, anchors)
    check_named(verified, held.line, held.line.state)
    return verified


def check_named(verified: VerifiedFse, line: LedgerDocument, state: LedgerState) -> None:
    """Check that an FSE is the document that a line of the ledger names, in a state. Raises `CodecError`."""
    if verified.id != line.id or LedgerState(verified.state) is not state:
        raise CodecError(
            "The ledger holds something else as {kind} {number} of {owner}",
            "Restore the ledger from a backup",
            kind=line.kind.name,
            number=line.number,
            owner=line.owner,
        )
