"""Certificates of card holders: who a signer is, and whether a trusted test authority vouches for it.

A signer's certificate is X.509 v3 (RFC 5280) with an RSA-2048 key, issued by an intermediate authority
that a trusted root issued. Chain, signatures and CA extensions are checked by `cryptography`'s
x509.verification; key, key usage, profile and kind here. The markers of profile and kind, the subject's
layout and the authorities themselves are Project-defined:

- subject: O the project and kind, OU the profile, CN the holder's name, serialNumber the holder's national
  number (PS cards), dnQualifier the card's serial number
- certificate policies: one of `PROFILE_POLICIES`, one of `KIND_POLICIES`; an authority carries the profiles
  it may issue, so that the authority for Vitale cards cannot make a CPS
- subject alternative names: a URN for each billing number whose invoices the CPS may give the final
  signature for
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from tla_sim.protocol.card_kind import CardKind, CardProfile
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.sentence import Sentence

KEY_BITS: Final = 2048
MAX_CERTIFICATE_BYTES: Final = 8_192

_ARC: Final = "2.25.91961861946818522439548289860970134628"
"""Root of the project's object identifiers: ITU-T X.667, an arc of one's own made from a random UUID."""
PROFILE_POLICIES: Final = {
    profile: x509.ObjectIdentifier(f"{_ARC}.1.{profile + 1}") for profile in CardProfile
}
KIND_POLICIES: Final = {kind: x509.ObjectIdentifier(f"{_ARC}.2.{kind + 1}") for kind in CardKind}

BILLING_URN: Final = "urn:tla-sim:facturation:"
"""The prefix of a billing number in a subject alternative name of a CPS (Project-defined)."""

_CACHED_CERTIFICATES: Final = 4_096

_ILL_FORMED: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises for ill-formed parts of a certificate, which it decodes only when asked."""


class CertificateRefused(TlaError):
    """A signer's certificate cannot be accepted; the subclasses say why."""

    category = Category.REFUSED

    ssv = 0xF004


class CertificateMalformed(CertificateRefused):
    """Not a certificate, or one whose key or key usage cannot make our signatures."""

    category = Category.BAD_INPUT


class CertificateExpired(CertificateRefused):
    """The certificate, or one above it, is not valid at the date in question."""


class CertificateUntrusted(CertificateRefused):
    """No trusted authority issued the certificate, or a signature in its chain does not verify."""


class CertificateProfileWrong(CertificateRefused):
    """The certificate's profile is not one that the use requires, or not one that its issuer may give."""


class CertificateKindMixed(CertificateRefused):
    """A test certificate where a real one is needed, or the reverse."""

    ssv = 0xF026


@dataclass(frozen=True, slots=True)
class SignerIdentity:
    """Who holds a verified certificate.

    `national_id` is empty for a Vitale. `billing_numbers` are those whose invoices a CPS may give the
    final signature for. `serial` is the card's serial number. The validity is that of the whole
    chain, in milliseconds since 1970-01-01 00:00, both ends included.
    """

    profile: CardProfile
    kind: CardKind
    national_id: str
    name: str
    serial: str
    valid_from_ms: int
    valid_until_ms: int
    billing_numbers: tuple[str, ...]
    public_key: rsa.RSAPublicKey = field(repr=False, compare=False)

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Return whether this holder's key made `signature` (256 bytes) over `signed`.

        RSA PKCS#1 v1.5 with SHA-256 (RFC 8017 §8.2.2).
        """
        try:
            self.public_key.verify(signature, signed, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True


class TrustAnchors:
    """The authorities that are trusted: roots, and the intermediate authorities below them.

    A verified certificate is remembered for as long as this object lives, so each chain is verified once,
    whatever the date. Immutable.

        >>> reader.insert_ps("PIQURE2969")
        >>> card = client.verify_code(reader.code)
        >>> tla_sim.pull(client, ledger, tla_sim.TrustAnchors.shipped()).left
        ()
    """

    def __init__(self, certificates: Iterable[x509.Certificate]) -> None:
        """Trust these authorities; the self-issued ones become roots.

        Raises CertificateMalformed when there is no root, or when one names no kind.
        """
        self._certificates = tuple(certificates)
        self._roots = [each for each in self._certificates if each.subject == each.issuer]
        if not self._roots:
            raise CertificateMalformed("There is no root authority to trust", "Give a PEM with a root CA")
        for root in self._roots:
            _kind_of(root)
        self._intermediates = [each for each in self._certificates if each.subject != each.issuer]
        self._by_subject = {each.subject.public_bytes(): each for each in self._certificates}
        self._store = Store(self._roots)
        self._verified = lru_cache(_CACHED_CERTIFICATES)(self._verify)

    @classmethod
    def shipped(cls, kinds: Collection[CardKind] = tuple(CardKind)) -> TrustAnchors:
        """Return the project's own authorities of these kinds, as the same object each time."""
        return _shipped(tuple(sorted(kinds)))

    @classmethod
    def from_pem(cls, pem: bytes) -> TrustAnchors:
        """Return the authorities in a PEM text: one or more roots with their intermediates.

        Raises CertificateMalformed.
        """
        return cls(authorities_in(pem))

    def with_pem(self, pem: bytes) -> TrustAnchors:
        """Return these authorities and those in the PEM text. Raises CertificateMalformed."""
        return TrustAnchors((*self._certificates, *authorities_in(pem)))

    def verify(self, der: bytes) -> SignerIdentity:
        """Return who holds the certificate `der`. The date is for the caller to check against the answer.

        Raises CertificateMalformed, CertificateUntrusted, CertificateProfileWrong, CertificateKindMixed.
        """
        try:
            return self._verified(bytes(der))
        except _ILL_FORMED:
            raise CertificateMalformed("The certificate is ill-formed", "Use another card") from None

    def _verify(self, der: bytes) -> SignerIdentity:
        leaf = _load_der(der)
        if der[-len(leaf.signature) - 1]:
            # The number of unused bits in the BIT STRING, which the signature does not cover: any other value
            # than 0 would make a second certificate, with other bytes, that verifies just as well.
            raise CertificateMalformed("The certificate's signature is ill-formed", "Use another card")
        key = _signing_key(leaf)
        # x509.verification only answers for one moment. The first at which all of the chain is valid is as
        # good as any: the caller compares its own date with the window that is returned.
        start, _ = _window(self._path(leaf))
        chain = self._chain(leaf, start)
        start, end = _window(chain)
        kind = _kind_of(chain[-1])
        if any(_kind_of(each) is not kind for each in chain):
            raise CertificateKindMixed(
                "The certificate and its authorities are of different kinds", "Use cards of one kind only"
            )
        return SignerIdentity(
            profile=_profile_of(leaf, issuer=chain[1]),
            kind=kind,
            national_id=subject_value(leaf, NameOID.SERIAL_NUMBER),
            name=subject_value(leaf, NameOID.COMMON_NAME),
            serial=subject_value(leaf, NameOID.DN_QUALIFIER),
            valid_from_ms=_milliseconds(start),
            valid_until_ms=_milliseconds(end) + 999,  # all of the last second (RFC 5280 §4.1.2.5)
            billing_numbers=billing_numbers_in(leaf),
            public_key=key,
        )

    def _path(self, leaf: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """Return the path from leaf to root by names alone: enough to choose the moment to verify at."""
        path = [leaf]
        while len(path) <= len(self._certificates):
            issuer = self._by_subject.get(path[-1].issuer.public_bytes())
            if issuer is None:
                break
            path.append(issuer)
            if issuer in self._roots:
                return tuple(path)
        raise CertificateUntrusted(
            "The certificate was issued by {issuer}, which is not among those trusted",
            "Use a card of these authorities, or give its authorities too, root and intermediates",
            issuer=_issuer_name(path[-1]),
        )

    def _chain(self, leaf: x509.Certificate, moment: datetime) -> tuple[x509.Certificate, ...]:
        # The policy for leaves is that of web servers by default, which no card is one of: `_verify` checks
        # the leaf's own extensions instead.
        verifier = (
            PolicyBuilder()
            .store(self._store)
            .time(moment)
            .extension_policies(
                ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
            )
            .build_client_verifier()
        )
        try:
            return tuple(verifier.verify(leaf, self._intermediates).chain)
        except VerificationError:
            raise _untrusted() from None


def verify_signer_certificate(
    der: bytes,
    at_ms: int,
    anchors: TrustAnchors,
    *,
    profiles: Collection[CardProfile] | None = None,
    kind: CardKind | None = None,
) -> SignerIdentity:
    """Return who holds the certificate `der`, which must be trusted and valid at a date.

    `at_ms` is milliseconds since 1970-01-01 00:00 local time: a certificate's own times are UTC, and the
    difference of an hour or two is ignored. `profiles` and `kind` say what is accepted, `None` for any.
    Raises CertificateMalformed, CertificateUntrusted, CertificateExpired, CertificateProfileWrong or
    CertificateKindMixed. A certificate seen before with the same anchors costs a look-up.
    """
    identity = anchors.verify(der)
    if not identity.valid_from_ms <= at_ms <= identity.valid_until_ms:
        when = Sentence("not yet valid") if at_ms < identity.valid_from_ms else Sentence("no longer valid")
        raise CertificateExpired(
            "The certificate of {name} is {when} at this date",
            "Check the date, otherwise have the card renewed",
            name=identity.name,
            when=when,
        )
    if profiles is not None and identity.profile not in profiles:
        raise CertificateProfileWrong(
            "The certificate of {name} is that of a {found}",
            "Use a {profiles}",
            name=identity.name,
            found=identity.profile.name,
            profiles=" or ".join(profile.name for profile in profiles),
        )
    if kind is not None and identity.kind is not kind:
        raise CertificateKindMixed(
            "The certificate of {name} is of kind {found}, not {kind}",
            "Use cards of one kind only",
            name=identity.name,
            found=identity.kind.name,
            kind=kind.name,
        )
    return identity


def certificate_pem(der: bytes) -> str:
    """Return a certificate as PEM text. Raises CertificateMalformed."""
    return _load_der(der).public_bytes(Encoding.PEM).decode("ascii")


def shipped_authorities_pem(kind: CardKind) -> str:
    """Return the project's root and intermediate certificates of a kind as PEM text, root first."""
    folder = files("tla_sim.protocol.documents.test_ca")
    return "".join(
        folder.joinpath(f"{kind.name.lower()}-{branch}.pem").read_text("ascii")
        for branch in ("root", "ps", "vitale")
    )


@cache
def _shipped(kinds: tuple[CardKind, ...]) -> TrustAnchors:
    return TrustAnchors.from_pem("".join(shipped_authorities_pem(kind) for kind in kinds).encode("ascii"))


def authorities_in(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates in a PEM text, at least one. Raises CertificateMalformed."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise CertificateMalformed("The PEM holds no certificate", "Give the authorities' PEM file") from None


def _load_der(der: bytes) -> x509.Certificate:
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise CertificateMalformed("A certificate is too long", "Use another card")
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        raise CertificateMalformed("These bytes are not a certificate", "Use another card") from None


def _signing_key(leaf: x509.Certificate) -> rsa.RSAPublicKey:
    key = leaf.public_key()
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != KEY_BITS:
        raise CertificateMalformed("The certificate's key is not RSA-2048", "Use another card")
    if not usage.content_commitment:
        raise CertificateMalformed("The certificate is not one for signing", "Take the signature certificate")
    return key


def _policies(certificate: x509.Certificate) -> tuple[x509.ObjectIdentifier, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(policy.policy_identifier for policy in found)


def _kind_of(certificate: x509.Certificate) -> CardKind:
    policies = _policies(certificate)
    kinds = [kind for kind, policy in KIND_POLICIES.items() if policy in policies]
    if len(kinds) != 1:
        raise CertificateMalformed(
            "The certificate names no kind, test or real", "Use certificates of this project's authorities"
        )
    return kinds[0]


def _profile_of(leaf: x509.Certificate, issuer: x509.Certificate) -> CardProfile:
    policies = _policies(leaf)
    profiles = [profile for profile, policy in PROFILE_POLICIES.items() if policy in policies]
    if len(profiles) != 1 or subject_value(leaf, NameOID.ORGANIZATIONAL_UNIT_NAME) != profiles[0].name:
        raise CertificateProfileWrong("The certificate names no card profile", "Use another card")
    if PROFILE_POLICIES[profiles[0]] not in _policies(issuer):
        raise CertificateProfileWrong(
            "The certificate's issuer may not issue a {profile}", "Use another card", profile=profiles[0].name
        )
    return profiles[0]


def _window(chain: Collection[x509.Certificate]) -> tuple[datetime, datetime]:
    start = max(each.not_valid_before_utc for each in chain)
    end = min(each.not_valid_after_utc for each in chain)
    if start > end:
        raise CertificateExpired(
            "The certificate and its authorities are never valid together", "Use another card"
        )
    return start, end


def subject_value(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    """Return the first value of an attribute in the subject (RFC 5280 §4.1.2.6), empty without one."""
    values = certificate.subject.get_attributes_for_oid(oid)
    return str(values[0].value) if values else ""


def _issuer_name(certificate: x509.Certificate) -> str:
    names = certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.issuer.rfc4514_string()


def billing_numbers_in(leaf: x509.Certificate) -> tuple[str, ...]:
    """Return the billing numbers that a card's certificate names. Project-defined: URNs in subjectAltName."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    return tuple(uri.removeprefix(BILLING_URN) for uri in uris if uri.startswith(BILLING_URN))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


def _untrusted() -> CertificateUntrusted:
    return CertificateUntrusted(
        "The certificate was not issued by a trusted authority", "Use a card of these authorities"
    )
