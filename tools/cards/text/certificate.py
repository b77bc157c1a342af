"""Certificates as text: what the test authority was asked to certify, or the bytes as PEM.

A certificate that the shipped authorities would issue again to the byte is told by what it says, so that an
edit of that issues it anew. Any other is told by its bytes.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.documents.certificates import billing_numbers_in, subject_value
from tla_sim.protocol.errors import TlaError
from tla_sim.protocol.sentence import Sentence
from tla_sim.reader_fw.cards.pki import Authority, Holder, KeyUse
from tla_sim.tools.cards.text.given import Given
from tla_sim.tools.cards.text.keys import NamedKey, key_given, key_named

_LINE: Final = 64
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_ILL_FORMED: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_NAMES: Final = ("last_name", "first_name", "national_id", "card_serial")
_DAYS: Final = ("valid_from", "valid_until")
_KEYS: Final = ("authority", "profile", "use", "key", *_NAMES, "billing_numbers", *_DAYS)


class _Authorities(Enum):
    """The shipped authorities, by kind and by a profile that each issues."""

    TEST_PS = (CardKind.TEST, CardProfile.CPS)
    TEST_VITALE = (CardKind.TEST, CardProfile.VITALE)
    REAL_PS = (CardKind.REAL, CardProfile.CPS)
    REAL_VITALE = (CardKind.REAL, CardProfile.VITALE)


@cache
def _authority(which: _Authorities) -> Authority:
    return Authority.shipped(*which.value)


@dataclass(frozen=True, slots=True)
class HolderNames:
    """Last and first name as the card's own file of the holder has them; both empty on a Vitale."""

    last_name: str = ""
    first_name: str = ""


def certificate_told(der: bytes, keys: Sequence[NamedKey], holder: HolderNames) -> dict[str, Any] | None:
    """Return a certificate as JSON, `None` for bytes that are none."""
    if der[:1] != b"\x30":
        return None
    try:
        certificate = x509.load_der_x509_certificate(der)
        if certificate.public_bytes(Encoding.DER) != der:
            return None
        told = _asked(certificate, der, keys, holder)
        if told is not None:
            return {"certificate": told}
        note = (
            f"subject {certificate.subject.rfc4514_string()}; issuer {certificate.issuer.rfc4514_string()}; "
            f"valid {certificate.not_valid_before_utc:%Y-%m-%d} to"
            f" {certificate.not_valid_after_utc:%Y-%m-%d}"
        )
    except _ILL_FORMED:
        return None
    return {"note": note, "pem": pem_lines(der)}


def certificate_given(given: Given, keys: Mapping[str, NamedKey]) -> bytes:
    """Return the certificate that an object asks for, issued. Raises Flawed."""
    members = given.members([each for each in _KEYS if each != "billing_numbers"], ["billing_numbers"])
    last, first, national, serial = (members[each].text() for each in _NAMES)
    billing = members.get("billing_numbers")
    numbers = () if billing is None else tuple(each.text() for each in billing.items())
    days = [_day(members[each]) for each in _DAYS]
    if days[0] > days[1]:
        raise members["valid_until"].flawed(Sentence("a day that is not before {key}", key="valid_from"))
    key = key_given(members["key"], keys)
    authority = _authority(members["authority"].word(_Authorities))
    profile, use = members["profile"].word(CardProfile), members["use"].word(KeyUse)
    try:
        return authority.issue(key, profile, Holder(last, first, national, serial, numbers), use, *days)
    except (*_ILL_FORMED, TlaError):
        # A name that X.509 cannot hold: too long, or none.
        raise given.flawed(Sentence("what a certificate can hold")) from None


def pem_given(given: Given) -> bytes:
    """Return the bytes in a PEM, a text or a list of lines; they need not be a certificate. Raises Flawed."""
    expected = Sentence("lines from {begin} to {end}", begin=_BEGIN, end=_END)
    lines = (
        [each.text() for each in given.items()]
        if isinstance(given.value, list)
        else given.text().splitlines()
    )
    if len(lines) < 2 or (lines[0].strip(), lines[-1].strip()) != (_BEGIN, _END):
        raise given.flawed(expected)
    try:
        return binascii.a2b_base64("".join(lines[1:-1]).encode(), strict_mode=True)
    except (binascii.Error, ValueError):
        raise given.flawed(expected) from None


def pem_lines(der: bytes) -> list[str]:
    """Return the lines of a PEM with these bytes, whether they are a certificate or not."""
    body = binascii.b2a_base64(der, newline=False).decode()
    return [_BEGIN, *(body[at : at + _LINE] for at in range(0, len(body), _LINE)), _END]


def _day(given: Given) -> date:
    try:
        found = date.fromisoformat(given.text())
    except ValueError:
        raise given.flawed(Sentence("a day such as 2019-03-05")) from None
    if not 1950 <= found.year <= 9999:
        raise given.flawed(Sentence("a day from 1950 on, which a certificate can hold"))
    return found


def _asked(
    certificate: x509.Certificate, der: bytes, keys: Sequence[NamedKey], holder: HolderNames
) -> dict[str, Any] | None:
    """Return what the authority was asked, if asking again gives the same bytes."""
    public = certificate.public_key()
    which = next((each for each in _Authorities if _issued(each, certificate)), None)
    days = _days(certificate)
    if which is None or days is None or not isinstance(public, rsa.RSAPublicKey):
        return None
    units = subject_value(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)
    profile = CardProfile.__members__.get(units)
    named = key_named(public, keys)
    if profile is None or named is None:
        return None
    numbers = billing_numbers_in(certificate)
    serial = subject_value(certificate, NameOID.DN_QUALIFIER)
    national = subject_value(certificate, NameOID.SERIAL_NUMBER)
    for last, first in dict.fromkeys(_splits(subject_value(certificate, NameOID.COMMON_NAME), holder)):
        for use in KeyUse:
            asked = Holder(last, first, national, serial, numbers)
            if _authority(which).issue(public, profile, asked, use, *days) == der:
                values = (last, first, national, serial)
                return {
                    "authority": which.name,
                    "profile": profile.name,
                    "use": use.name,
                    "key": named,
                    **dict(zip(_NAMES, values, strict=True)),
                    "billing_numbers": list(numbers),
                    **{key: day.isoformat() for key, day in zip(_DAYS, days, strict=True)},
                }
    return None


def _issued(which: _Authorities, certificate: x509.Certificate) -> bool:
    return _authority(which).certificate.subject == certificate.issuer


def _days(certificate: x509.Certificate) -> tuple[date, date] | None:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    whole = datetime(start.year, start.month, start.day, tzinfo=UTC)
    return (start.date(), end.date()) if start == whole else None


def _splits(name: str, holder: HolderNames) -> Iterator[tuple[str, str]]:
    """Yield the last and first names that a common name may have been made of."""
    yield holder.last_name, holder.first_name
    yield "", ""
    words = name.split(" ")
    for at in range(len(words), 0, -1):
        yield " ".join(words[:at]), " ".join(words[at:])
