"""The odd cards by name: what is odd about each, which profiles it is made for, and how it is made.

A new one needs its declaration here, a line on `docs/how-to/odd-cards.md` that says what the reader does with
it, and no more: the tests walk this list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from tla_sim.host.practice.model import Practice
from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards.atr import Transmission
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import CardTerms
from tla_sim.tools.cards.odd import edits, people

_ALL: Final = tuple(CardProfile)
_VITALE: Final = (CardProfile.VITALE,)
_PS: Final = tuple(profile for profile in CardProfile if profile is not CardProfile.VITALE)
_CPS: Final = (CardProfile.CPS,)


def _same(practice: Practice) -> Practice:
    return practice


def _usual(terms: CardTerms) -> CardTerms:
    return terms


def _unedited(_: Any, __: CardImage) -> None:
    pass


@dataclass(frozen=True, slots=True)
class OddCard:
    """One odd card. `said` says what is odd; the rest is what is changed on the way to it.

    `people` changes the practice, `terms` the terms of the card, `edit` its text.
    """

    said: Sentence
    profiles: tuple[CardProfile, ...]
    people: people.Change = _same
    terms: Callable[[CardTerms], CardTerms] = _usual
    edit: edits.Edit = _unedited


def _terms(**values: Any) -> Callable[[CardTerms], CardTerms]:
    return lambda terms: replace(terms, **values)


ODD_CARDS: Final[Mapping[str, OddCard]] = {
    "expired": OddCard(
        Sentence("It ended on 31 December 2016."), _ALL, people=people.holders(card_end=people.ENDED)
    ),
    "not-yet-valid": OddCard(
        Sentence("It begins on 1 January 2045."),
        _ALL,
        people=people.holders(card_end=people.LATE),
        terms=_terms(valid_from=date(2045, 1, 1)),
    ),
    "real-kind": OddCard(
        Sentence("It says that it is a real card; its authorities are simulated ones."),
        _ALL,
        terms=_terms(kind=CardKind.REAL),
    ),
    "no-situation": OddCard(
        Sentence("It has no billing situation."), _CPS, people=people.situations(lambda _: ())
    ),
    "sixteen-situations": OddCard(
        Sentence("It has sixteen billing situations, each with a billing number of its own."),
        _CPS,
        people=people.situations(people.many_situations),
    ),
    "no-invoice-right": OddCard(
        Sentence("It may sign no invoice, and its certificate names no billing number."),
        _CPS,
        people=people.rights(may_sign_invoice=False),
    ),
    "no-lot-right": OddCard(
        Sentence("It may sign invoices, and no lot."),
        _CPS,
        people=people.rights(may_sign_invoice=True, may_sign_lot=False),
    ),
    "situations-behind-code": OddCard(
        Sentence("Its billing situations are read only after the code porteur."),
        _CPS,
        edit=edits.behind_code(2),
    ),
    "blocked-code": OddCard(
        Sentence("Three wrong codes were presented to it."), _PS, edit=edits.code(tries_left=0)
    ),
    "one-try-left": OddCard(
        Sentence("Two wrong codes were presented to it."), _PS, edit=edits.code(tries_left=1)
    ),
    "blocked-for-good": OddCard(
        Sentence("Its code is blocked, and so is the code that would unblock it."),
        _PS,
        edit=edits.code(tries_left=0, unblocks_left=0),
    ),
    "past-rights": OddCard(
        Sentence("The rights of everyone on it ended on 31 December 2016."),
        _VITALE,
        people=people.past_rights,
    ),
    "future-rights": OddCard(
        Sentence("The rights of everyone on it begin on 1 January 2044."),
        _VITALE,
        people=people.future_rights,
    ),
    "no-rights": OddCard(
        Sentence("Nobody on it has a period of rights."), _VITALE, people=people.with_rights()
    ),
    "open-rights": OddCard(
        Sentence("The rights of everyone on it have no end."), _VITALE, people=people.open_rights
    ),
    "nineteen-beneficiaries": OddCard(
        Sentence("It has nineteen beneficiaries, as many as a card can have."),
        _VITALE,
        people=people.beneficiaries(people.large_family),
    ),
    "no-beneficiary": OddCard(
        Sentence("It has an insured person, and no beneficiary."), _VITALE, edit=edits.no_beneficiary
    ),
    "both-complementaries": OddCard(
        Sentence("Its first beneficiary has a mutuelle and an AMC, which exclude each other."),
        _VITALE,
        edit=edits.both_complementaries,
    ),
    "bad-nir-key": OddCard(
        Sentence("The key of the insured's NIR is 00, which is never right."),
        _VITALE,
        edit=edits.fields(101, nir_key="00"),
    ),
    "impossible-birth": OddCard(
        Sentence("Everyone on it was born in month 99, as cards of people born abroad may say."),
        _VITALE,
        people=people.beneficiary(birth_date=people.UNKNOWN_BIRTH),
    ),
    "long-names": OddCard(Sentence("Its names have 60 characters each."), _ALL, people=people.long_names),
    "accented-names": OddCard(
        Sentence("Its names have accents, a Ñ and an apostrophe."),
        _ALL,
        people=people.accented_names,
    ),
    "damaged-holder": OddCard(
        Sentence("The file of its holder, or of the insured, is unreadable."),
        _ALL,
        edit=edits.damaged_holder,
    ),
    "damaged-beneficiaries": OddCard(
        Sentence("The file of its beneficiaries is unreadable."), _VITALE, edit=edits.damaged(104)
    ),
    "damaged-certificate": OddCard(
        Sentence("One bit of its signature certificate is wrong."), _ALL, edit=edits.damaged_certificate
    ),
    "cut-certificate": OddCard(
        Sentence("Half of its signature certificate is missing."), _ALL, edit=edits.cut_certificate
    ),
    "foreign-authority": OddCard(
        Sentence("An authority that nobody here trusts certified its signature key."),
        _ALL,
        edit=edits.foreign_authority,
    ),
    "certificate-of-another": OddCard(
        Sentence("Its signature certificate belongs to the key of another card."),
        _ALL,
        edit=edits.anothers_key,
    ),
    "certificate-of-another-card": OddCard(
        Sentence("Its certificates name the serial number of another card."),
        _ALL,
        edit=edits.certificate(card_serial="8" * 20),
    ),
    "wrong-profile": OddCard(
        Sentence("Its certificates say that it is a card of another profile."),
        _ALL,
        edit=edits.another_profile,
    ),
    "t1": OddCard(
        Sentence("It speaks T=1, where ordinary cards speak T=0."),
        _ALL,
        terms=_terms(transmission=Transmission.T1),
    ),
    "cps4": OddCard(
        Sentence("It is a CPS4, a later generation than the usual CPS3."),
        _PS,
        terms=_terms(model=CardModel.CPS4),
    ),
    "cpf": OddCard(
        Sentence("It is the card of a professional in training, a CPF, and may do what a CPE may."),
        (CardProfile.CPE,),
        people=people.holders(card="cpf"),
    ),
    "vitale-1": OddCard(
        Sentence("It is a Vitale 1, which refuses every command."),
        _VITALE,
        terms=_terms(model=CardModel.VITALE_1),
    ),
}
"""The odd cards, by name."""
