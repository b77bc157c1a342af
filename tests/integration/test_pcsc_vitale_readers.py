"""Practice software that reads Vitales by PC/SC: it tries every slot, and takes the first Vitale.

It does as Rufus does: the MF by identifier, 256 bytes of the file with short identifier 2, then the same in
the application. The service is stock pcscd, by CCID and by vpcd.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from smartcard.CardConnection import CardConnection
from smartcard.Exceptions import CardConnectionException, NoCardException
from smartcard.System import readers

from tests.integration.pcsc_kit import by_ccid, by_vpcd, slots_show
from tests.integration.serving import wait_for
from tests.reader_fw.cards.sample_cards import person
from tests.reader_kit import Bench
from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.groups.vitale import Insured
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import CardTerms, issue_vitale
from tla_sim.reader_fw.cards.pki import ShippedKeys
from tla_sim.tools.cast.images import vitale_image

MF = bytes.fromhex("00A40000023F00")
APPLICATION = bytes.fromhex("00A404000BD250000002564954414C45")
FILE_2 = bytes.fromhex("00B0820000")


def transmit(connection: CardConnection, apdu: bytes) -> tuple[bytes, int]:
    """Data and status word of a command, 6Cxx and 61xx followed."""
    data, first, second = connection.transmit(list(apdu))
    if first == 0x6C:
        return transmit(connection, apdu[:-1] + bytes((second,)))
    if first == 0x61:
        return transmit(connection, bytes((0, 0xC0, 0, 0, second)))
    return bytes(data), first << 8 | second


def objects(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Objects with a tag and a length of one byte each; filling or an object cut short ends them."""
    at = 0
    while at + 2 <= len(raw) and raw[at] and at + 2 + raw[at + 1] <= len(raw):
        yield raw[at], raw[at + 2 : at + 2 + raw[at + 1]]
        at += 2 + raw[at + 1]


def people() -> list[tuple[str, str, str, str]]:
    """Name, first name, birth date and NIR of everybody on the first Vitale in any slot."""
    for reader in readers():
        connection = reader.createConnection()
        try:
            connection.connect()
        except (NoCardException, CardConnectionException):
            continue
        try:
            if transmit(connection, MF)[1] != 0x9000:
                continue
            identities, _ = transmit(connection, FILE_2)
            transmit(connection, APPLICATION)
            nirs, _ = transmit(connection, FILE_2)
        finally:
            connection.disconnect()
        persons = [dict(objects(value)) for tag, value in objects(identities) if tag == 0x65]
        numbers = [dict(objects(value)) for tag, value in objects(nirs) if tag == 0x65]
        if persons:
            values = [
                (*(each[tag] for tag in (0x80, 0x81, 0x82)), number[0x93])
                for each, number in zip(persons, numbers, strict=False)
            ]
            return [tuple(value.decode("latin-1") for value in row) for row in values]  # type: ignore[misc]
    return []


def family() -> CardImage:
    insured = Insured(card_type="T", card_serial="", nir="2550899999001", nir_key="15")
    people = [
        person("LEFÈVRE", "Élodie", "19550812"),
        person("LEFÈVRE", "Noël", "20081224", "108129999900243"),
    ]
    return issue_vitale(insured, people, ShippedKeys(reuse=True))


SEEN = [
    ("LEFÈVRE", "Élodie", "19550812", "255089999900115"),
    ("LEFÈVRE", "Noël", "20081224", "108129999900243"),
]
VITALE_1 = vitale_image(terms=CardTerms(model=CardModel.VITALE_1))


def by_vitale_1() -> set[tuple[bytes, int]]:
    """What the card in the second slot says to a SELECT, in class 00 and in its own."""
    connection = readers()[1].createConnection()
    connection.connect()
    answers = {transmit(connection, MF), transmit(connection, b"\xbc" + MF[1:])}
    connection.disconnect()
    return answers


@pytest.mark.parametrize("image", [family(), VITALE_1], ids=["family", "Vitale 1"])
def test_the_vitale_is_found_beside_a_cps_and_log_sv(tmp_path: Path, image: CardImage) -> None:
    bench = Bench()
    bench.insert_ps()
    bench.insert_vitale(image)
    with by_ccid(bench.reader, bench.reader.board.clock, tmp_path):
        wait_for(slots_show(s1=image.contents.atr))
        assert people() == ([] if image is VITALE_1 else SEEN)
        if image is VITALE_1:
            assert by_vitale_1() == {(b"", 0x6E00), (b"", 0x6D00)}


def test_the_same_by_vpcd() -> None:
    bench = Bench()
    bench.insert_ps()
    bench.insert_vitale(family())
    with by_vpcd(bench.reader, bench.reader.board.clock, "ps,vitale"):
        wait_for(slots_show(s1=family().contents.atr))
        assert people() == SEEN
