"""Certified documents in memory zones: groups 9310 with the bytes of an FSE or DRE. Project-defined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.invoice import names_in
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.ssv_calls import HeldDocument
from tla_sim.protocol.groups.zone import decode_zone


class GivenDocument(NamedTuple):
    """A document that a program passes, and its name. Its signatures are not verified."""

    id: DocumentId
    document: Document


def document_group(content: bytes, *, with_content: bool = True) -> HeldDocument:
    """Return group 9310 of a document's bytes, by which it is named too. Raises CodecError for no FSE."""
    document = Document(content)
    fse = document.fse
    owner, number = names_in(fse.invoice_bytes)
    return HeldDocument(
        owner=owner,
        number=number,
        kind=int(fse.kind),
        state=fse.state.name,
        mode=int(fse.mode),
        content=content if with_content else b"",
        digest=document.digest.hex(),
    )


def read_documents(zones: Sequence[bytes]) -> tuple[GivenDocument, ...]:
    """Return the documents of the groups 9310 in zones, in order, each once.

    Raises ZoneError for an ill-formed zone, and CallRefused with F802 for another group, for bytes that are
    no FSE, for a group that says something else than its bytes do, and for two of one name.
    """
    return documents_of_groups(group for zone in zones for group in decode_zone(zone))


def documents_of_groups(groups: Iterable[Group]) -> tuple[GivenDocument, ...]:
    """Return the same of groups."""
    found: dict[DocumentId, GivenDocument] = {}
    for group in groups:
        if not isinstance(group, HeldDocument):
            raise CallRefused(
                SsvCode.INPUT,
                "Group {number} stands where a document is expected",
                "Pass groups 9310",
                number=group.DECLARATION.number,
            )
        given = _read(group)
        if found.setdefault(given.id, given).document.content != given.document.content:
            raise CallRefused(
                SsvCode.INPUT,
                "Two documents have the name {kind} {number} of {owner}",
                "Pass one of them",
                kind=given.id.kind.name,
                number=group.number,
                owner=group.owner,
            )
    return tuple(found.values())


def read_document(content: bytes) -> GivenDocument:
    """Return the document in an FSE's bytes. Raises CallRefused with F802 for anything else."""
    try:
        document = Document(content)
        owner, number = names_in(document.fse.invoice_bytes)
    except CodecError as error:
        raise CallRefused(SsvCode.INPUT, error.message, error.action) from None
    return GivenDocument(DocumentId(owner, number, document.fse.kind), document)


def _read(group: HeldDocument) -> GivenDocument:
    given = read_document(group.content)
    said = document_group(group.content)
    names = (said.owner, said.number, said.kind)
    optional = ((group.state, said.state), (group.mode, said.mode), (group.digest.lower(), said.digest))
    if (group.owner, group.number, group.kind) != names or any(
        told and told != found for told, found in optional
    ):
        raise CallRefused(
            SsvCode.INPUT,
            "Group 9310 of invoice {number} of {owner} does not say what its document does",
            "Pass documents as they came",
            number=group.number,
            owner=group.owner,
        )
    return given
