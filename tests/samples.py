"""FSEs with dummy signatures, and a small practice file for tests to modify."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, cast

from tla_sim.host.ledger.errors import StepRefused
from tla_sim.host.ledger.ledger import Ledger, LedgerState
from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.certificates import SignerIdentity
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import (
    SIGNATURE_BYTES,
    DocumentKind,
    Fse,
    Role,
    SecurityMode,
    SignatureBlock,
    SignatureContext,
)
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.verification import VerifiedFse
from tla_sim.tools.cast.people import NURSE

PARTIAL = (Role.VITALE, Role.PARTIAL)
COMPLETE = (Role.VITALE, Role.TITULAIRE)
FINAL = (Role.VITALE, Role.PARTIAL, Role.TITULAIRE)


def make_fse(
    invoice: PreparedInvoice,
    roles: Sequence[Role] = PARTIAL,
    *,
    kind: DocumentKind = DocumentKind.FSE,
    mode: SecurityMode = SecurityMode.SECURED,
    counter: int = 1,
) -> Fse:
    """Return an FSE with dummy signatures, well-formed but not valid. Each takes the next counter value."""
    return sign(Fse(kind, mode, invoice.build()), roles, counter=counter)


def sign(
    fse: Fse,
    roles: Sequence[Role],
    *,
    reader_serial: str = "TLA0001",
    counter: int = 1,
    moment: int = 1_551_776_400_000,
    vitale_serial: str = "V0000001",
    ps_serial: str = "C0000001",
    certificate: bytes = bytes(900),
) -> Fse:
    """Add dummy signatures of further roles to an FSE."""
    blocks = []
    for offset, role in enumerate(roles):
        context = SignatureContext(reader_serial, counter + offset, moment, vitale_serial, ps_serial)
        signature = bytes([role, (counter + offset) % 256]) * (SIGNATURE_BYTES // 2)
        blocks.append(SignatureBlock(role, context, certificate, signature))
    return fse.with_blocks(*blocks)


def make_signer(role: Role, serial: str, owner: str = NURSE) -> SignerIdentity:
    """Return the claimed signer of a dummy signature; it has no key."""
    vitale = role is Role.VITALE
    return SignerIdentity(
        profile=CardProfile.VITALE if vitale else CardProfile.CPS,
        kind=CardKind.TEST,
        national_id="" if vitale else "10100000001",
        name="MARTIN PAUL" if vitale else "PIQURE2969 MAYA",
        serial=serial,
        billing_numbers=() if vitale else (owner,),
        valid_from_ms=0,
        valid_until_ms=2**50,
        public_key=cast(Any, None),
    )


def verified(fse: Fse) -> VerifiedFse:
    """Return what verification would return for an FSE if its dummy signatures were valid."""
    serials = (
        block.context.vitale_serial if block.role is Role.VITALE else block.context.ps_serial
        for block in fse.blocks
    )
    signers = (
        make_signer(block.role, serial, fse.invoice.owner)
        for block, serial in zip(fse.blocks, serials, strict=True)
    )
    return VerifiedFse(
        Document.of(fse), DocumentId(fse.invoice.owner, fse.invoice.number, fse.kind), tuple(signers)
    )


_PRACTICE: dict[str, Any] = {
    "version": 1,
    "name": "Cabinet de démonstration",
    "practitioners": [
        {
            "national_id": "10100000001",
            "civility": "MME",
            "last_name": "PIQURE2969",
            "first_name": "MAYA",
            "situations": [
                {
                    "logical_number": 1,
                    "billing_number": NURSE,
                    "billing_key": "1",
                    "speciality": "24",
                    "convention": "1",
                }
            ],
        },
        {
            "national_id": "10100000002",
            "last_name": "TOUBIB",
            "first_name": "PAUL",
            "situations": [{"logical_number": 1, "billing_number": "75100002", "billing_key": "2"}],
        },
    ],
    "staff": [{"national_id": "751000022/7", "last_name": "ACCUEIL", "first_name": "ANNE"}],
    "patients": [
        {
            "id": "martin",
            "nir": "1550899999001",
            "nir_key": "47",
            "regime": "01",
            "fund": "751",
            "centre": "0000",
            "card_serial": "V0000001",
            "card_end": "2035-12-31",
            "beneficiaries": [
                {
                    "last_name": "MARTIN",
                    "first_name": "PAUL",
                    "birth_date": "1955-08-12",
                    "quality": "0",
                    "rights": [{"start": "2019-01-01", "end": "2035-12-31"}],
                },
                {
                    "last_name": "MARTIN",
                    "first_name": "ZOÉ",
                    "birth_date": "2010-00-00",
                    "birth_rank": "2",
                    "quality": "6",
                },
            ],
        }
    ],
    "prescribers": [{"id": "toubib", "last_name": "TOUBIB", "first_name": "PAUL"}],
    "funds": [{"id": "cpam", "label": "CPAM - DEMONSTRATION", "regime": "01", "fund": "751"}],
    "invoices": [
        {
            "number": "190305028",
            "owner": NURSE,
            "patient": "martin",
            "date": "2019-03-05",
            "fund": "cpam",
            "coverage": {"nature": "10", "exoneration": "5", "third_party_amo": True, "rate": 100},
            "prescription": {"prescriber": "toubib", "date": "2019-01-01"},
            "acts": [
                {"date": "2019-03-04", "code": "AMI", "coefficient": 4.5, "amount": "100.10"},
                {"date": "2019-03-05", "code": "IFD", "coefficient": 1, "quantity": 2, "amount": 56.1},
            ],
            "totals": {"total": "156.20", "fund": 156.2},
        },
        {
            "number": "190305028",
            "owner": "75100002",
            "patient": "martin",
            "beneficiary": 2,
            "date": "2019-03-05",
            "fund": "cpam",
            "coverage": {"nature": "10", "rate": 70},
            "acts": [{"date": "2019-03-05", "code": "C", "coefficient": 1, "amount": 25}],
            "totals": {"total": 25, "fund": "17.50", "insured": "7.50", "to_pay": "7.50"},
        },
    ],
}


def make_practice_tree() -> dict[str, Any]:
    """Return a copy of a sound practice file to modify: two owners, the same invoice number for both."""
    return copy.deepcopy(_PRACTICE)


def send(ledger: Ledger, *fses: VerifiedFse) -> None:
    """Transmit FSEs from a ledger, all or none. Raises StepRefused for one that may not leave."""
    with ledger.leaving(fses) as mine:
        for each in fses:
            if each.id not in mine:
                state = ledger.state(each.id)
                raise StepRefused(each.id, "" if state is None else state.name, LedgerState.TRANSMITTED.name)
