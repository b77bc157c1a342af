"""The rules of Log_SV as tables: for each command, in order, which fact refuses it with which status.

A rule is a status and a question. The first question answered yes gives the status; without one, the command
is done and has its effect. The rules follow the pages and declarations, not the firmware's code, so that both
do not share a mistake. Project-defined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.commands.cards import READ_PS_CARD, READ_VITALE
from tla_sim.protocol.commands.certifying import CERTIFY, SIGN_FINAL, SIGN_LOT
from tla_sim.protocol.commands.identity import (
    DIAGNOSTICS,
    IDENTIFY,
    READ_CLOCK,
    READ_CONFIGURATION,
    SET_CLOCK,
)
from tla_sim.protocol.commands.loading import COMMIT_LOAD, LIST_INVOICES, LOAD_INVOICE, OPEN_LOAD
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.commands.unloading import ERASE, UNLOAD_BENEFICIARIES, UNLOAD_FSE
from tla_sim.protocol.commands.updating import ACTIVATE_UPDATE, OPEN_UPDATE, UPDATE_BLOCK
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import SecurityMode
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.documents.load import batch_digest
from tla_sim.tools.fuzz.images import ImageFacts, image_with
from tla_sim.tools.fuzz.model.state import LATEST, Document, Link, Staged, State
from tla_sim.tools.fuzz.players import CardFacts, document_digest, facts_of
from tla_sim.tools.judge.board import CERTIFIED

FIRST_DAY: Final = 1_420_070_400_000
"""2015-01-01: the test authorities issue from this day on."""

LARGEST_LOAD: Final = 2**20
"""More bytes than fit into the flash of a campaign's reader, which has half as many."""


@dataclass
class Ask:
    """One command on one link, with its parsed request."""

    state: State
    link: Link
    request: Any

    @property
    def ps(self) -> CardFacts:
        """The PS card. Only asked after a rule that there is one."""
        assert self.state.ps is not None
        return self.state.ps


Question = Callable[[Ask], bool]
Rule = tuple[Status, Question]


def no_ps(ask: Ask) -> bool:
    """Return whether the PS slot is empty."""
    return ask.state.ps is None


def ps_unfit(ask: Ask) -> bool:
    """Return whether the card in the PS slot is a Vitale."""
    return ask.ps.profile is CardProfile.VITALE


def ps_invalid(ask: Ask) -> bool:
    """Return whether the PS card is not valid at the reader's date."""
    return not FIRST_DAY <= ask.state.moment <= ask.ps.valid_until


def unverified(ask: Ask) -> bool:
    """Return whether the code of this insertion was not verified on this link."""
    return ask.link.verified != ask.state.ps_insertion


def no_vitale(ask: Ask) -> bool:
    """Return whether the Vitale slot is empty."""
    return ask.state.vitale is None


def vitale_unfit(ask: Ask) -> bool:
    """Return whether the card in the Vitale slot is not a Vitale."""
    assert ask.state.vitale is not None
    return ask.state.vitale.profile is not CardProfile.VITALE


def mixed(ask: Ask) -> bool:
    """Return whether one card is a test card and the other a real one."""
    assert ask.state.vitale is not None
    return ask.state.vitale.kind is not ask.ps.kind


def vitale_invalid(ask: Ask, moment: int | None = None) -> bool:
    """Return whether the Vitale is not valid at a moment, by default the reader's."""
    assert ask.state.vitale is not None
    at = ask.state.moment if moment is None else moment
    return not FIRST_DAY <= at <= ask.state.vitale.valid_until


def tampered(ask: Ask) -> bool:
    """Return whether the reader was opened."""
    return ask.state.tampered


NEEDS_CODE: Final[tuple[Rule, ...]] = (
    (Status.PS_CARD_ABSENT, no_ps),
    (Status.PS_CARD_UNUSABLE, ps_unfit),
    (Status.NOT_AUTHENTICATED, unverified),
)
CARD: Final[tuple[Rule, ...]] = (
    (Status.PS_CARD_ABSENT, no_ps),
    (Status.PS_CARD_UNUSABLE, ps_unfit),
    (Status.PS_CARD_EXPIRED, ps_invalid),
)
_VITALE: Final[tuple[Rule, ...]] = (
    (Status.VITALE_ABSENT, no_vitale),
    (Status.VITALE_UNUSABLE, vitale_unfit),
    (Status.CARDS_MIXED, mixed),
)


def _opened_is_committed(ask: Ask) -> bool:
    return ask.state.owner(ask.request.owner).has_committed(ask.request.load_id)


def _missing(ask: Ask) -> int:
    present = ask.state.owner(ask.request.owner).staged_of(ask.request.load_id)
    return max(int(ask.request.count) - len(present), 0)


def _no_room(ask: Ask, why: str) -> bool:
    if _opened_is_committed(ask):
        return False
    return ask.state.admits(ask.request.owner, ask.request.load_id, _missing(ask)) == why


def batch_items(ask: Ask) -> dict[int, Staged]:
    """Return the documents of a batch by their positions in the load."""
    request = ask.request
    kind, mode = request.kind, request.mode
    found = {}
    for position, content in enumerate(request.contents, request.first):
        facts = facts_of(content)
        assert facts is not None
        document = DocumentId(facts.owner, facts.number, kind)
        found[position] = Staged(document, document_digest(content, kind, mode), mode)
    return found


def load_of(ask: Ask) -> tuple[str, bytes, int]:
    """Return the link's open load. Only asked after a rule that there is one."""
    assert ask.link.load is not None
    return ask.link.load


def batch_is_committed(ask: Ask) -> bool:
    """Return whether the link's open load was committed already."""
    owner, load_id, _ = load_of(ask)
    return ask.state.owner(owner).has_committed(load_id)


def _staged_so_far(ask: Ask) -> Mapping[int, Staged]:
    owner, load_id, _ = load_of(ask)
    return ask.state.owner(owner).staged_of(load_id)


def _batch_conflicts(ask: Ask) -> bool:
    if batch_is_committed(ask):
        return False
    seen = dict(_staged_so_far(ask))
    for position, item in batch_items(ask).items():
        known = seen.get(position)
        elsewhere = any(at != position and each.id == item.id for at, each in seen.items())
        if elsewhere or (known is not None and known != item):
            return True
        held = ask.state.documents.get(item.id)
        if held is not None and held.origin != item.origin:
            return True
        seen[position] = item
    return False


def _fresh(ask: Ask) -> list[int]:
    staged = _staged_so_far(ask)
    return [
        at
        for at in range(ask.request.first, ask.request.first + len(ask.request.contents))
        if at not in staged
    ]


def _batch_overflows(ask: Ask, why: str) -> bool:
    if batch_is_committed(ask) or not _fresh(ask):
        return False
    owner, load_id, _ = load_of(ask)
    return ask.state.admits(owner, load_id, len(_fresh(ask))) == why


def _commit_incomplete(ask: Ask) -> bool:
    owner, load_id, count = load_of(ask)
    known = ask.state.owner(owner)
    if known.committed is not None and known.has_committed(load_id):
        return known.committed[1] != count
    return not count or sorted(known.staged_of(load_id)) != list(range(count))


def _commit_conflicts(ask: Ask) -> bool:
    if batch_is_committed(ask):
        return False
    held = ask.state.documents
    return any(
        (before := held.get(each.id)) is not None and before.origin != each.origin
        for each in ask.state.owner(load_of(ask)[0]).staged.values()
    )


def takes(ask: Ask, key: DocumentId, document: Document) -> bool:
    """Return whether the PS card may unload this certified document."""
    return key.owner in ask.ps.owns or document.signer == ask.ps.name


def wanted(ask: Ask) -> tuple[DocumentId, ...]:
    """Return what an acknowledgement names, or else what was given last."""
    return ask.request.documents or ask.link.last_given


def known_of(ask: Ask) -> dict[DocumentId, Document]:
    """Return the acknowledged documents that are on board."""
    held = ask.state.documents
    return {key: held[key] for key in dict.fromkeys(wanted(ask)) if key in held}


def foreign(ask: Ask) -> bool:
    """Return whether one of them may not be acknowledged with this card."""
    for key, document in known_of(ask).items():
        given = ask.link.given.get(key) == document.version
        if document.state in CERTIFIED and not given and not takes(ask, key, document):
            return True
    return False


def _unpulled(ask: Ask) -> bool:
    owner = ask.request.owner
    waiting = any(key.owner == owner and each.state in CERTIFIED for key, each in ask.state.documents.items())
    return waiting and owner not in ask.ps.owns


def _stranger(ask: Ask) -> bool:
    owner = ask.request.owner
    return owner not in ask.ps.owns and ask.ps.name not in [ps for _, ps in ask.state.owner(owner).met]


def certify_key(ask: Ask) -> DocumentId:
    """Return the name of the document to certify."""
    facts = facts_of(ask.request.content)
    assert facts is not None
    return DocumentId(facts.owner, facts.number, ask.request.kind)


def held_one(ask: Ask) -> Document | None:
    """Return the document of that name on board."""
    return ask.state.documents.get(certify_key(ask))


def already(ask: Ask) -> bool:
    """Return whether it is certified already: then the same is given again."""
    held = held_one(ask)
    return held is not None and held.state in CERTIFIED


def _origin(ask: Ask) -> bytes:
    return document_digest(ask.request.content, ask.request.kind, ask.request.mode)


def _certify_conflicts(ask: Ask) -> bool:
    held = held_one(ask)
    return held is not None and held.state is not InvoiceState.CANCELLED and held.origin != _origin(ask)


def _certify_cancelled(ask: Ask) -> bool:
    held = held_one(ask)
    return held is not None and held.state is InvoiceState.CANCELLED


def _new(question: Question) -> Question:
    return lambda ask: not already(ask) and question(ask)


def _secured(question: Question) -> Question:
    return lambda ask: not already(ask) and ask.request.mode == SecurityMode.SECURED and question(ask)


def _degraded(question: Question) -> Question:
    return lambda ask: not already(ask) and ask.request.mode == SecurityMode.DEGRADED and question(ask)


def _patient_rights(ask: Ask) -> tuple[int, int] | None:
    facts = facts_of(ask.request.content)
    assert facts is not None
    assert ask.state.vitale is not None
    return next(((start, end) for nir, start, end in ask.state.vitale.patients if nir == facts.patient), None)


def _no_rights(ask: Ask) -> bool:
    rights = _patient_rights(ask)
    return rights is not None and not rights[0] <= ask.state.moment <= rights[1]


def _no_place(ask: Ask, why: str) -> bool:
    if held_one(ask) is not None:
        return False
    owner = certify_key(ask).owner
    return ask.state.admits(owner, ask.state.owner(owner).stage_id, 1) == why


def _unsound(ask: Ask) -> bool:
    return facts_of(ask.request.content) is None


def _opened_image(ask: Ask) -> ImageFacts | None:
    return image_with(ask.request.head)


def _image(question: Callable[[ImageFacts], bool]) -> Question:
    def asked(ask: Ask) -> bool:
        image = _opened_image(ask)
        return image is not None and question(image)

    return asked


def _no_room_for_opened(ask: Ask) -> bool:
    image = _opened_image(ask)
    return image is not None and not ask.state.has_room_in(image)


def _coming(ask: Ask) -> ImageFacts:
    assert ask.state.coming is not None
    return ask.state.coming


def _version_refused(ask: Ask) -> bool:
    image = _opened_image(ask)
    return image is not None and image.version < ask.state.floor


def _no_update(ask: Ask) -> bool:
    return ask.state.coming is None


def _wrong_chunk(ask: Ask) -> bool:
    return bool(_coming(ask).chunks[ask.request.position] != ask.request.content)


def _incomplete(ask: Ask) -> bool:
    coming, spare = _coming(ask), ask.state.spare
    present = all(spare.get(at) == chunk for at, chunk in enumerate(coming.chunks))
    return not present or coming.image_id != ask.request.image_id


RULES: Final[dict[str, tuple[Rule, ...]]] = {
    IDENTIFY.name: (),
    READ_CONFIGURATION.name: (),
    READ_CLOCK.name: (),
    SET_CLOCK.name: ((Status.WRONG_DATA, lambda ask: ask.request.moment > LATEST),),
    DIAGNOSTICS.name: (),
    READ_PS_CARD.name: CARD,
    READ_VITALE.name: (
        *_VITALE,
        (Status.VITALE_UNUSABLE, lambda ask: vitale_invalid(ask, ask.request.moment or ask.state.moment)),
    ),
    OPEN_LOAD.name: (
        (Status.TAMPERED, tampered),
        (
            Status.WRONG_DATA,
            lambda ask: (
                not (ask.request.owner.isascii() and ask.request.owner.isdigit() and ask.request.count)
            ),
        ),
        (Status.TOO_MANY_OWNERS, lambda ask: _no_room(ask, "owners")),
        (Status.NO_FREE_SLOT, lambda ask: _no_room(ask, "documents")),
        (
            Status.NO_FREE_SLOT,
            lambda ask: not _opened_is_committed(ask) and ask.request.total_bytes >= LARGEST_LOAD,
        ),
    ),
    LOAD_INVOICE.name: (
        (
            Status.CONDITIONS_NOT_SATISFIED,
            lambda ask: (
                ask.link.load is None or ask.request.first + len(ask.request.contents) > ask.link.load[2]
            ),
        ),
        (Status.DIGEST_MISMATCH, lambda ask: batch_digest(ask.request.contents) != ask.request.digest),
    ),
    COMMIT_LOAD.name: (
        (
            Status.CONDITIONS_NOT_SATISFIED,
            lambda ask: (
                ask.link.load is None or ask.link.load[1:] != (ask.request.load_id, ask.request.count)
            ),
        ),
        (Status.CONDITIONS_NOT_SATISFIED, _commit_incomplete),
        (Status.INVOICE_CONFLICT, _commit_conflicts),
    ),
    LIST_INVOICES.name: (),
    UNLOAD_FSE.name: (),
    ERASE.name: ((Status.NOT_ACKNOWLEDGED, _unpulled),),
    UNLOAD_BENEFICIARIES.name: ((Status.NOT_OWNER, _stranger),),
    CERTIFY.name: (
        (Status.WRONG_DATA, _unsound),
        (Status.INVOICE_CONFLICT, _certify_conflicts),
        (Status.INVOICE_STATE, _certify_cancelled),
        (Status.TAMPERED, _new(tampered)),
        (Status.VITALE_ABSENT, _secured(no_vitale)),
        (Status.VITALE_UNUSABLE, _secured(vitale_unfit)),
        (Status.CARDS_MIXED, _secured(mixed)),
        (Status.PS_CARD_EXPIRED, _new(ps_invalid)),
        (Status.NOT_ENTITLED, _new(lambda ask: not ask.ps.signs)),
        (Status.NOT_OWNER, _degraded(lambda ask: certify_key(ask).owner not in ask.ps.owns)),
        (Status.NOT_ENTITLED, _degraded(lambda ask: certify_key(ask).owner not in ask.ps.signs)),
        (Status.VITALE_UNUSABLE, _secured(vitale_invalid)),
        (Status.BENEFICIARY_MISMATCH, _secured(lambda ask: _patient_rights(ask) is None)),
        (Status.NO_RIGHTS, _secured(_no_rights)),
        (Status.CODE_LOST, _new(lambda ask: not ask.state.card_knows_code)),
        (Status.TOO_MANY_OWNERS, lambda ask: _no_place(ask, "owners")),
        (Status.NO_FREE_SLOT, lambda ask: _no_place(ask, "documents")),
    ),
    OPEN_UPDATE.name: (
        (Status.TAMPERED, tampered),
        (Status.IMAGE_INVALID, lambda ask: _opened_image(ask) is None),
        (Status.IMAGE_FOREIGN, _image(lambda image: image.foreign)),
        (Status.VERSION_REFUSED, _version_refused),
        (Status.INVOICES_ON_BOARD, _no_room_for_opened),
    ),
    UPDATE_BLOCK.name: (
        (Status.TAMPERED, tampered),
        (Status.CONDITIONS_NOT_SATISFIED, _no_update),
        (
            Status.CONDITIONS_NOT_SATISFIED,
            lambda ask: ask.request.position >= len(_coming(ask).chunks),
        ),
        (Status.DIGEST_MISMATCH, _wrong_chunk),
    ),
    ACTIVATE_UPDATE.name: (
        (Status.TAMPERED, tampered),
        (Status.CONDITIONS_NOT_SATISFIED, _no_update),
        (Status.CONDITIONS_NOT_SATISFIED, _incomplete),
        (Status.IMAGE_INVALID, lambda ask: not _coming(ask).sound),
        (Status.INVOICES_ON_BOARD, lambda ask: not ask.state.has_room_in(_coming(ask))),
    ),
    SIGN_FINAL.name: ((Status.TAMPERED, tampered), (Status.PS_CARD_EXPIRED, ps_invalid)),
    SIGN_LOT.name: ((Status.TAMPERED, tampered), (Status.PS_CARD_EXPIRED, ps_invalid)),
}
"""What refuses each command, after the checks that all commands share, in order."""

_CONTENT_RULES: Final[tuple[Rule, ...]] = (
    (Status.INVOICE_CONFLICT, _batch_conflicts),
    (Status.TOO_MANY_OWNERS, lambda ask: _batch_overflows(ask, "owners")),
    (Status.NO_FREE_SLOT, lambda ask: _batch_overflows(ask, "documents")),
)


def refusal(name: str, ask: Ask) -> Status | None:
    """Return the status that refuses a command, `None` if it is done."""
    first = next((status for status, question in RULES[name] if question(ask)), None)
    if first is not None or name != LOAD_INVOICE.name:
        return first
    owner = load_of(ask)[0]
    for content in ask.request.contents:
        facts = facts_of(content)
        if facts is None:
            return Status.WRONG_DATA
        if facts.owner != owner:
            return Status.NOT_OWNER
    return next((status for status, question in _CONTENT_RULES if question(ask)), None)
