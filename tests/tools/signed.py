"""FSEs with valid signatures of the test PKI, made without a reader, for code that only reads them."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from tests.samples import PARTIAL
from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.fse import (
    DocumentKind,
    Fse,
    Role,
    SecurityMode,
    SignatureBlock,
    SignatureContext,
    signed_part,
)
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.reader_fw.cards.pki import Authority, Holder, KeyUse, ShippedKeys
from tla_sim.tools.cast.people import NURSE

MOMENT = 1_551_776_400_000
_VITALE = Holder("", "", "", "90000000000000000001")
_NURSE = Holder("PIQURE2969", "MAYA", "10100000001", "80250000010000000001", ())
_OWNER = Holder("TOUBIB", "PAUL", "10100000002", "80250000010000000002", (NURSE,))
_SIGNERS = {
    Role.VITALE: (CardProfile.VITALE, _VITALE, 0),
    Role.PARTIAL: (CardProfile.CPS, _NURSE, 1),
    Role.TITULAIRE: (CardProfile.CPS, _OWNER, 2),
}


def signed(invoice: PreparedInvoice, roles: Sequence[Role] = PARTIAL, counter: int = 1) -> Fse:
    """Return the FSE of an invoice of NURSE, validly signed in these roles at MOMENT."""
    content = Fse(DocumentKind.FSE, SecurityMode.SECURED, invoice.build()).build()
    for offset, role in enumerate(roles):
        profile, holder, place = _SIGNERS[role]
        key = ShippedKeys(start=place).take()
        authority = Authority.shipped(CardKind.TEST, profile)
        certificate = authority.issue(key.public_key(), profile, holder, KeyUse.SIGNATURE)
        beside = _OWNER if role is Role.TITULAIRE or roles[1] is Role.TITULAIRE else _NURSE
        vitale = "" if role is Role.TITULAIRE and offset == 2 else _VITALE.card_serial
        context = SignatureContext("TLA00000001", counter + offset, MOMENT, vitale, beside.card_serial)
        covered = content + signed_part(role, context, certificate)
        signature = key.sign(covered, padding.PKCS1v15(), SHA256())
        content += SignatureBlock(role, context, certificate, signature).build()
    return Fse.parse(content)
