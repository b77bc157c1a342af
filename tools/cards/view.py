"""The displayable content of a card: never its code, never a key. It is read by APDU, as by a reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from tla_sim.protocol.card_kind import CardKind, CardModel, CardProfile
from tla_sim.protocol.groups.declaration import Group
from tla_sim.protocol.groups.ps_card import PsCardType, with_todays_type
from tla_sim.protocol.groups.vitale import Beneficiary, CoveragePeriod, RightsPeriod
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.app.card_access import PsCard, VitaleCard
from tla_sim.reader_fw.app.card_dialogue import CardRefused, CardUnusable
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage

_NAME_PARTS: Final = {NameOID.DN_QUALIFIER: "dnQualifier", NameOID.SERIAL_NUMBER: "serialNumber"}
"""The parts of a name that RFC 4514 would print as numbers, as RFC 4519 and openssl call them."""


@dataclass(frozen=True)
class CardView:
    """The view of a card. `facts` are names and values; `parts` its situations or beneficiaries.

    `parts_title` is empty for a card that a reader could not read.
    """

    facts: dict[str, Any]
    parts_title: str
    parts: tuple[dict[str, Any], ...]


def view_card(image: CardImage) -> CardView:
    """Return the view of a card; of one that a reader could not read, why not and what the image says."""
    card = Card(image, SeededEntropy(0), None)
    card.power_on()
    facts = card_facts(image)
    if image.contents.model == CardModel.VITALE_1:
        facts[Sentence("contents")] = Sentence("not readable: a Vitale 1 refuses every command")
        return CardView(facts, Sentence("beneficiaries"), ())
    try:
        return _vitale(card, facts) if card.profile is CardProfile.VITALE else _ps(card, image, facts)
    except (CardRefused, CardUnusable) as error:
        return CardView(facts | {Sentence("contents"): error.message}, "", ())


def card_facts(image: CardImage) -> dict[str, Any]:
    """Return what every card has: names and values."""
    contents = image.contents
    return {
        Sentence("profile"): CardProfile(contents.profile).name,
        Sentence("model"): CardModel(contents.model).name,
        "kind": "test" if contents.kind == CardKind.TEST else Sentence("simulated real"),
        Sentence("serial"): contents.serial,
        Sentence("atr"): contents.atr.hex(" ").upper(),
        Sentence("protocol"): f"T={contents.transmission:d}",
    }


def _ps(card: Card, image: CardImage, facts: dict[str, Any]) -> CardView:
    reading = PsCard(card.transmit)
    holder = reading.holder
    if not reading.tells_its_type:
        holder = with_todays_type(holder, card.profile)
    facts[Sentence("card type")] = _type(holder.card_type)
    facts |= {
        Sentence("holder"): f"{holder.last_name} {holder.first_name}".strip(),
        Sentence("national id"): holder.national_id,
        **_certificate(reading.certificate),
    }
    if image.code is not None:
        facts |= {
            Sentence("tries left"): image.code.tries_left,
            Sentence("unblockings left"): image.code.unblocks_left,
        }
    situations: tuple[dict[str, Any], ...] = tuple(
        {
            Sentence("situation"): each.logical_number,
            Sentence("billing number"): each.billing_number,
            Sentence("speciality"): each.speciality,
            Sentence("signs invoices"): each.may_sign_invoice,
            Sentence("signs lots"): each.may_sign_lot,
        }
        for each in reading.situations
    )
    return CardView(facts, Sentence("situations"), situations)


def _type(number: str) -> str:
    return next((each.name for each in PsCardType if each == number), number)


def _vitale(card: Card, facts: dict[str, Any]) -> CardView:
    reading = VitaleCard(card.transmit)
    insured = reading.insured
    facts |= {
        Sentence("insured"): f"{insured.nir} {insured.nir_key}",
        Sentence("serial in group 101"): insured.card_serial,
        Sentence("fund"): " ".join(part for part in (insured.regime, insured.fund, insured.centre) if part),
        Sentence("card ends"): _day(insured.card_end),
        **_certificate(reading.certificate),
    }
    return CardView(facts, Sentence("beneficiaries"), tuple(_beneficiaries(reading.beneficiaries)))


def _beneficiaries(groups: tuple[Group, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for group in groups:
        match group:
            case Beneficiary():
                found.append(
                    {
                        "name": f"{group.usual_name} {group.first_name}",
                        Sentence("born"): group.birth_date.iso,
                        Sentence("rank"): group.birth_rank,
                        Sentence("quality"): group.quality,
                        Sentence("rights"): [],
                        Sentence("coverage"): [],
                    }
                )
            case RightsPeriod() if found:
                found[-1]["rights"].append(_period(group.start, group.end))
            case CoveragePeriod() if found:
                code = f"{group.ald_code}{group.situation_code}".strip()
                found[-1]["coverage"].append(f"{_period(group.start, group.end)} {code}".strip())
    return found


def _certificate(der: bytes) -> dict[str, str]:
    try:
        certificate = x509.load_der_x509_certificate(der)
        subject, issuer = (
            name.rfc4514_string(_NAME_PARTS) for name in (certificate.subject, certificate.issuer)
        )
    except ValueError:
        return {Sentence("certificate"): Sentence("unreadable")}
    valid = _period(certificate.not_valid_before_utc.date(), certificate.not_valid_after_utc.date())
    return {
        Sentence("certificate"): subject,
        Sentence("issued by"): issuer,
        Sentence("valid"): valid,
    }


def _period(start: date, end: date | None) -> str:
    return f"{start.isoformat()} – {_day(end)}" if end else Sentence("from {start}", start=start.isoformat())


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
