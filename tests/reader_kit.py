"""A reader in virtual time with its people, cards and invoices, for tests of firmware and loader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from tests.samples import make_invoice
from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.transport.in_process import InProcessTransport
from tla_sim.protocol.apdu import CommandApdu, ResponseApdu
from tla_sim.protocol.commands.loading import LoadedBatch, LoadOpening
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.documents.load import batch_digest, load_identifier
from tla_sim.protocol.groups.ps_card import PsHolder, PsSituation
from tla_sim.protocol.groups.vitale import Beneficiary, Insured, RightsPeriod
from tla_sim.protocol.lad import Lad
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.board.board import Board
from tla_sim.reader_fw.board.clock import Clock
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.board.flash import NorFlash, blank_image
from tla_sim.reader_fw.board.keypad import Key
from tla_sim.reader_fw.board.slots import Slot
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import BeneficiaryEntry, CardTerms, issue_cpe, issue_cps, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.reader_fw.reader import Reader, ReaderPort

MORNING = 1_551_772_800_000
"""2019-03-05 08:00, reader local time."""
NURSE, DOCTOR, OTHER = "75600001", "75100002", "75600003"
CODE = "1234"
MARTIN_NIR = "1550899999001"
FAMILY_BIRTH = "19550812"
RIGHTS = (RightsPeriod(start=date(2019, 1, 1), end=date(2035, 12, 31)),)
ORDINARY = CardTerms()
SMALL_FLASH = 2 * 1024 * 1024


@dataclass(frozen=True)
class Person:
    """A PS: national id, names, and the billing numbers of the situations on the card."""

    national_id: str
    last_name: str
    first_name: str
    numbers: tuple[str, ...]


MAYA = Person("899700000011", "PIQURE2969", "MAYA", (NURSE,))
PAUL = Person("810000000012", "TOUBIB", "PAUL", (DOCTOR,))
LEA = Person("899700000013", "AUTRE", "LEA", (OTHER,))
SECRETARY = Person("399900000014", "ACCUEIL", "ANNE", (NURSE,))


@cache
def ps_image(
    person: Person, *, cpe: bool = False, may_sign: bool = True, terms: CardTerms = ORDINARY
) -> CardImage:
    """A person's card, the same each time; its code is 1234."""
    start = 2 * [MAYA, PAUL, LEA, SECRETARY].index(person)
    situations = [
        PsSituation(
            logical_number=position + 1,
            billing_number=number,
            billing_key="1",
            speciality="24",
            may_sign_invoice=may_sign,
            may_sign_lot=may_sign,
        )
        for position, number in enumerate(person.numbers)
    ]
    holder = PsHolder(
        card_type="0",
        national_id=person.national_id,
        last_name=person.last_name,
        first_name=person.first_name,
    )
    issue = issue_cpe if cpe else issue_cps
    return issue(holder, situations, ShippedKeys(start), terms)


@cache
def vitale_image(
    nir: str = MARTIN_NIR,
    name: str = "MARTIN",
    rights: tuple[RightsPeriod, ...] = RIGHTS,
    terms: CardTerms = ORDINARY,
) -> CardImage:
    """A Vitale with one beneficiary, the same each time."""
    insured = Insured(card_type="T", card_serial="", nir=nir, nir_key="47", regime="01", fund="751")
    beneficiary = Beneficiary(
        usual_name=name, first_name="PAUL", birth_date=FAMILY_BIRTH, birth_rank="1", quality="0"
    )
    return issue_vitale(insured, [BeneficiaryEntry(beneficiary, rights)], ShippedKeys(10), terms)


class PortTransport(InProcessTransport):
    """The host's transport onto a port of a reader in the same process, in virtual time."""

    def __init__(self, reader: Reader, port: ReaderPort) -> None:
        super().__init__(self._on_port, on_close=port.detach)
        self._reader = reader
        self._port = port

    def _on_port(self, lad: Lad, apdu: bytes) -> bytes:
        self._port.begin(lad, apdu)
        return self._reader.finish(self._port)


@dataclass
class Bench:
    """One reader on the table: everything a test does to it."""

    seed: int = 1
    flash_size: int = SMALL_FLASH
    profile: Profile = TLA_1_40
    image: bytearray = field(init=False, repr=False)
    reader: Reader = field(init=False)
    entropy: SeededEntropy = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.image = blank_image(self.flash_size)
        self.entropy = SeededEntropy(self.seed)
        self.reader = Reader(self._board(MORNING), self.profile)
        self.reader.power_on()

    def _board(self, now_ms: int) -> Board:
        return Board(Clock(now_ms), self.entropy, NorFlash(self.image), bytes(range(32)))

    def replace_reader(self, image: bytearray | None = None) -> None:
        """Another board with the same flash image: only what the image holds is left."""
        now = self.reader.board.clock.now_ms
        if image is not None:
            self.image = image
        self.reader = Reader(self._board(now), self.profile)
        self.reader.power_on()

    def card(self, image: CardImage) -> Card:
        """A fresh chip with this image."""
        return Card(image, self.entropy)

    def insert_ps(self, person: Person = MAYA, *, cpe: bool = False, may_sign: bool = True) -> Card:
        """Put a person's card in, taking out the one that is there."""
        self.reader.remove(Slot.PS)
        card = self.card(ps_image(person, cpe=cpe, may_sign=may_sign))
        self.reader.insert(Slot.PS, card)
        return card

    def insert_vitale(self, image: CardImage | None = None) -> Card:
        """Put a Vitale in, taking out the one that is there."""
        self.reader.remove(Slot.VITALE)
        card = self.card(image or vitale_image())
        self.reader.insert(Slot.VITALE, card)
        return card

    def client(self, name: str = "host") -> ReaderClient:
        """A host on a new cable."""
        return ReaderClient(PortTransport(self.reader, self.reader.attach(name)), self.entropy.take)

    def unplug(self) -> None:
        """Take every cable out."""
        for port in self.reader.ports:
            port.detach()

    def press(self, *keys: str) -> None:
        """Press keys by their legends."""
        for key in keys:
            self.reader.press(Key(key))

    def type_code(self, code: str = CODE) -> None:
        """Type a code and VAL."""
        self.press(*code, "VAL")

    @property
    def screen(self) -> str:
        """The display as one text."""
        return "\n".join(line.rstrip() for line in self.reader.display).rstrip()


def documents(owner: str = NURSE, count: int = 3, *, nir: str = MARTIN_NIR) -> list[OutgoingDocument]:
    """So many prepared invoices of one owner for one patient."""
    return [OutgoingDocument.of(invoice) for invoice in invoices(owner, count, nir=nir)]


def invoices(owner: str = NURSE, count: int = 3, *, nir: str = MARTIN_NIR) -> list[PreparedInvoice]:
    """Invoices 190305001 and on."""
    return [
        make_invoice(190_305_001 + position, owner, total=15_620 + position, nir=nir, birth_date=FAMILY_BIRTH)
        for position in range(count)
    ]


def load(client: ReaderClient, sent: Sequence[OutgoingDocument]) -> int:
    """Load documents of one owner in one batch and commit."""
    owner = sent[0].invoice.owner
    load_id = load_identifier(each.digest for each in sent)
    contents = tuple(each.content for each in sent)
    client.open_load(LoadOpening(owner, load_id, len(sent), sum(map(len, contents))))
    client.load_batch(LoadedBatch(0, sent[0].kind, sent[0].mode, batch_digest(contents), contents))
    return client.commit_load(load_id, len(sent))


def raw(reader: Reader, port: ReaderPort, apdu: CommandApdu | bytes, lad: Lad = Lad.LOG_SV) -> ResponseApdu:
    """Exchange any bytes with the reader."""
    port.begin(lad, apdu if isinstance(apdu, bytes) else apdu.build())
    return ResponseApdu.parse(reader.finish(port))
