"""The cards in the slots as the firmware sees them: read once per insertion, forgotten when removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from tla_sim.protocol.card_kind import CardProfile
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.certificates import CertificateRefused, SignerIdentity, TrustAnchors
from tla_sim.protocol.documents.invoice import BeneficiaryKey
from tla_sim.protocol.groups.declaration import Group, encode_typed
from tla_sim.protocol.groups.ps_card import with_todays_type
from tla_sim.protocol.groups.vitale import Beneficiary, RightsPeriod
from tla_sim.reader_fw.app.card_access import Presented, PsCard, VitaleCard
from tla_sim.reader_fw.app.card_dialogue import (
    CardForeign,
    CardMute,
    CardRefused,
    CardUnusable,
    CardWithdrawn,
    Transmit,
)
from tla_sim.reader_fw.app.refusal import Refusal

_PS_PROFILES: Final = (CardProfile.CPS, CardProfile.CPE)


def day_of(moment_ms: int) -> date:
    """Return the day of a moment in milliseconds since 1970-01-01 00:00."""
    return datetime.fromtimestamp(moment_ms / 1000, UTC).date()


@dataclass(frozen=True)
class BeneficiaryOnCard:
    """One beneficiary of a Vitale card with the groups 105 to 109 that follow it."""

    beneficiary: Beneficiary
    details: tuple[Group, ...]

    def has_rights(self, moment_ms: int) -> bool:
        """Return whether a period of AMO rights includes the day of `moment_ms`."""
        today = day_of(moment_ms)
        return any(
            period.start <= today and (period.end is None or today <= period.end)
            for period in self.details
            if isinstance(period, RightsPeriod)
        )


class InsertedPs:
    """The PS card of one insertion: its data and its verified certificate.

    Every method raises Refusal with the status for the workstation or the screen.
    """

    def __init__(self, insertion: int, transmit: Transmit, anchors: TrustAnchors) -> None:
        self.insertion = insertion
        self._transmit = transmit
        self._anchors = anchors
        self._card = PsCard(transmit)
        self.code_presented = False
        with _ps_trouble():
            self.serial = self._card.serial
            self.certificate = self._card.certificate
            self.holder = self._card.holder
            self.situations = self._card.situations
        self.identity = self._identity()
        self.profile = self.identity.profile
        self.kind = self.identity.kind
        corrected = with_todays_type(self.holder, self.profile)
        if corrected is not self.holder:
            with _ps_trouble():
                former = not self._card.tells_its_type
            if former:
                self.holder = corrected
        self.groups = encode_typed([self.holder, *self.situations])

    def _identity(self) -> SignerIdentity:
        try:
            identity = self._anchors.verify(self.certificate)
        except CertificateRefused:
            raise Refusal(Status.PS_CARD_UNUSABLE) from None
        if identity.profile not in _PS_PROFILES or identity.serial != self.serial:
            raise Refusal(Status.PS_CARD_UNUSABLE)
        return identity

    @property
    def name(self) -> str:
        """The holder's names."""
        return f"{self.holder.last_name} {self.holder.first_name}".strip()

    def check_date(self, moment_ms: int) -> None:
        """Refuse a card that is not valid at this moment."""
        if not self.identity.valid_from_ms <= moment_ms <= self.identity.valid_until_ms:
            raise Refusal(Status.PS_CARD_EXPIRED)

    def owns(self, owner: str) -> bool:
        """Return whether the card is a CPS with a billing situation of this owner."""
        numbers = [situation.billing_number for situation in self.situations]
        return self.profile is CardProfile.CPS and owner in numbers

    def may_sign_for(self, owner: str) -> bool:
        """Return whether the card may give the owner's signature: card and certificate must both say so."""
        # The card's own files are not signed. The certificate is, but does not tell invoices from lots.
        return owner in self.identity.billing_numbers and any(
            situation.billing_number == owner and situation.may_sign_invoice for situation in self.situations
        )

    def may_sign_lots_of(self, owner: str) -> bool:
        """Return whether the card may sign lots for the owner: card and certificate must both say so."""
        return owner in self.identity.billing_numbers and any(
            situation.billing_number == owner and situation.may_sign_lot for situation in self.situations
        )

    def tries_left(self) -> int:
        """Return how many wrong codes the card still allows."""
        with _ps_trouble():
            return self._card.tries_left()

    def verify(self, code: str) -> None:
        """Present the code porteur. Raises Refusal with CODE_WRONG and the tries left, or CODE_BLOCKED."""
        with _ps_trouble():
            answer = self._card.verify_code(code.encode("ascii"))
        if answer.presented is Presented.BLOCKED:
            raise Refusal(Status.CODE_BLOCKED)
        if answer.presented is Presented.WRONG:
            raise Refusal(Status.CODE_WRONG, answer.tries_left)
        self.code_presented = True

    def forget_code(self) -> None:
        """Make the card forget that its code was presented."""
        with _ps_trouble():
            self._card.forget_code()
        self.code_presented = False

    def sign(self, digest_info: bytes) -> bytes:
        """Return the card's signature (256 bytes). Raises Refusal, with CODE_LOST if it forgot the code."""
        with _ps_trouble():
            try:
                return self._card.sign(digest_info)
            except CardRefused as refused:
                if refused.status is Status.NOT_AUTHENTICATED:
                    raise Refusal(Status.CODE_LOST) from refused
                raise

    def invalidate(self) -> None:
        """Select and prepare anew before the next use, since somebody else used the card."""
        self._card = PsCard(self._transmit)


class InsertedVitale:
    """The Vitale card of one insertion. Methods raise Refusal."""

    def __init__(self, insertion: int, transmit: Transmit, anchors: TrustAnchors) -> None:
        self.insertion = insertion
        self._transmit = transmit
        self._card = VitaleCard(transmit)
        with _vitale_trouble():
            self.insured = self._card.insured
            self.serial = self._card.serial
            self.certificate = self._card.certificate
            self._beneficiary_groups = self._card.beneficiaries
        try:
            self.identity = anchors.verify(self.certificate)
        except CertificateRefused:
            raise Refusal(Status.VITALE_UNUSABLE) from None
        if self.identity.profile is not CardProfile.VITALE or self.identity.serial != self.serial:
            raise Refusal(Status.VITALE_UNUSABLE)
        self.kind = self.identity.kind
        self.beneficiaries = self._by_key()
        self.groups = encode_typed([self.insured, *self._beneficiary_groups])

    def _by_key(self) -> dict[BeneficiaryKey, BeneficiaryOnCard]:
        found: dict[BeneficiaryKey, BeneficiaryOnCard] = {}
        who: Beneficiary | None = None
        details: list[Group] = []
        for group in (*self._beneficiary_groups, None):
            if group is None or isinstance(group, Beneficiary):
                if who is not None:
                    # A child without a NIR of its own is billed under the insured's.
                    nir = who.certified_nir or self.insured.nir
                    key = BeneficiaryKey(nir, who.birth_date, who.birth_rank)
                    found[key] = BeneficiaryOnCard(who, tuple(details))
                who, details = group, []
            else:
                details.append(group)
        return found

    @property
    def name(self) -> str:
        """The first beneficiary's names."""
        first = next(iter(self.beneficiaries.values()), None)
        if first is None:
            return ""
        return f"{first.beneficiary.usual_name} {first.beneficiary.first_name}".strip()

    def groups_of(self, beneficiaries: Iterable[BeneficiaryKey]) -> tuple[Group, ...]:
        """Return group 101, then the groups of these beneficiaries."""
        out: list[Group] = [self.insured]
        for key in dict.fromkeys(beneficiaries):
            on_card = self.beneficiaries.get(key)
            if on_card is not None:
                out += [on_card.beneficiary, *on_card.details]
        return tuple(out)

    def check_date(self, moment_ms: int) -> None:
        """Refuse a card that is not valid at this moment."""
        end = self.insured.card_end
        in_window = self.identity.valid_from_ms <= moment_ms <= self.identity.valid_until_ms
        if not in_window or (end is not None and end < day_of(moment_ms)):
            raise Refusal(Status.VITALE_UNUSABLE)

    def sign(self, digest_info: bytes) -> bytes:
        """Return the card's signature (256 bytes)."""
        with _vitale_trouble():
            return self._card.sign(digest_info)

    def invalidate(self) -> None:
        """Select and prepare anew before the next use, since somebody else used the card."""
        self._card = VitaleCard(self._transmit)


@contextmanager
def _ps_trouble() -> Iterator[None]:
    try:
        yield
    except (CardRefused, CardUnusable):
        raise Refusal(Status.PS_CARD_UNUSABLE) from None
    except CardMute:
        raise Refusal(Status.PS_CARD_ABSENT) from None


@contextmanager
def _vitale_trouble() -> Iterator[None]:
    try:
        yield
    except CardForeign:
        raise Refusal(Status.VITALE_NOT_READ) from None
    except (CardRefused, CardUnusable):
        raise Refusal(Status.VITALE_UNUSABLE) from None
    except CardWithdrawn:
        raise Refusal(Status.VITALE_WITHDRAWN) from None
    except CardMute:
        raise Refusal(Status.VITALE_MUTE) from None
