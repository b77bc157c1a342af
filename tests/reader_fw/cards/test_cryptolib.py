"""The CPS Cryptolib 5.2.2's commands, in its order, as its own test program had it send them to both models.

Its binary is not in Debian; these are what it sends of a trial where all published results were met.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.reader_fw.cards.sample_cards import CODE, NURSE, UNBLOCKING, digest_info, insert
from tests.reader_fw.cards.test_sha import padded
from tla_sim.protocol.card_kind import CardModel
from tla_sim.protocol.tlv import parse, parse_all
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.image import Operation
from tla_sim.reader_fw.cards.pki import load_private_key
from tla_sim.reader_fw.cards.sha import Sha

MESSAGE = b"Some message, longer than the block of 64 bytes that the Cryptolib leaves to the card to hash."
NEW = "3938373635343332"


class Dialogue:
    """Sends commands on one channel, and follows 61xx there."""

    def __init__(self, card: Card, channel: int) -> None:
        self.card = card
        self._channel = channel

    def ask(self, apdu: str) -> tuple[bytes, int]:
        """The answer to a command of which the class is left out, but for chaining."""
        raw = bytes.fromhex(apdu)
        data, word = self._transmit(bytes((raw[0] | self._channel,)) + raw[1:])
        while word >> 8 == 0x61:
            more, word = self._transmit(bytes((self._channel, 0xC0, 0, 0, word & 0xFF)))
            data += more
        return data, word

    def get(self, apdu: str) -> bytes:
        """The data of a command that is carried out."""
        data, word = self.ask(apdu)
        assert word == 0x9000, f"{apdu}: {word:04X}"
        return data

    def key(self, operation: Operation) -> rsa.RSAPublicKey:
        """The public key of the key for an operation."""
        (key,) = (each for each in self.card.image.contents.keys if each.may(operation))
        return load_private_key(key.pkcs8).public_key()

    def _transmit(self, raw: bytes) -> tuple[bytes, int]:
        answer = self.card.transmit(raw)
        return answer[:-2], int.from_bytes(answer[-2:], "big")


def check(public: rsa.RSAPublicKey, signature: bytes, message: bytes = MESSAGE) -> None:
    public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())


def entries(directory: bytes) -> list[str]:
    """The labels of a PKCS#15 directory."""
    return [each.children[0].children[0].value.decode() for each in parse_all(directory)]


class TestCps3:
    @pytest.fixture
    def cps(self) -> Dialogue:
        return Dialogue(insert(), 0)

    def read(self, cps: Dialogue, path: str) -> bytes:
        """SELECT by path twice, then READ BINARY in steps of E7, as the Cryptolib reads a file."""
        select = f"00A40904{len(path) // 2:02X}{path}"
        described = parse(cps.get(select))
        assert cps.get(select) == described.build()
        sizes = described.find(0x80)
        assert sizes is not None
        size, content = int.from_bytes(sizes.value, "big"), b""
        while len(content) < size:
            content += cps.get(f"00B0{len(content):04X}{min(0xE7, size - len(content)):02X}")
        return content

    def log_in(self, cps: Dialogue) -> None:
        cps.get("00A4090C023F00")
        policy = cps.get("00CB3FFF0A4D087006BF810102A080")
        assert policy.hex().upper() == "7016BF810112A0109A01039B0103A1088C06F3000013FF00"
        cps.get("0020000108" + CODE)
        cps.get("00A4090C043F000001")

    def test_it_finds_card_and_objects(self, cps: Dialogue) -> None:
        assert self.read(cps, "3F00D003").hex() == "5a0a" + cps.card.serial
        assert parse(self.read(cps, "3F002F00")).find(0x51) is not None
        assert cps.ask("00A40904043F00D010") == (b"", 0x6A82)
        cps.get("00A4090C043F000001")
        assert [each.tag for each in parse_all(self.read(cps, "3F0000015031"))] == [0xA8, 0xA0, 0xA4, 0xA7]
        self.read(cps, "3F0000015032")
        assert len(parse_all(self.read(cps, "3F0000017001"))) == 2
        cps.get("00A4090C023F00")
        unblocking = cps.get("00CB3FFF0A4D087006BF810202A080")
        assert unblocking.hex().upper() == "7016BF810212A0109A010A9B010AA1088C06F3FF00FFFF00"
        assert entries(self.read(cps, "3F0000017002")) == ["CPS_PRIV_AUT", "CPS_PRIV_SIG"]
        assert "Certificat Technique CPS" in entries(self.read(cps, "3F0000017005"))
        assert "CPS_ACTIVITY_01_PS" in entries(self.read(cps, "3F0000017006"))
        assert cps.ask("00A40904063F000001D120")[1] == 0x9000
        assert cps.ask("00B0000010") == (b"", 0x6982)
        assert NURSE.last_name.encode() in self.read(cps, "3F000001D102")

    def test_it_authenticates(self, cps: Dialogue) -> None:
        self.log_in(cps)
        info = digest_info(MESSAGE)
        cps.get("002241A406800102840182")
        check(cps.key(Operation.AUTHENTICATE), cps.get(f"00880000{len(info):02X}{info.hex()}00"))

    def test_it_signs_what_the_card_hashes(self, cps: Dialogue) -> None:
        self.log_in(cps)
        before, last = MESSAGE[:30], MESSAGE[30:]
        state, bits = Sha.SHA_256.digest(before), 8 * len(padded(before))
        cps.get("002241AA03800140")
        data = f"9028{state.hex()}{bits:016X}80{len(last):02X}{last.hex()}"
        cps.get(f"002A90A0{len(data) // 2:02X}{data}")
        cps.get("002241B606800142840181")
        check(cps.key(Operation.SIGN), cps.get("002A9E9A00"), padded(before) + last)

    def test_it_signs_a_digest(self, cps: Dialogue) -> None:
        self.log_in(cps)
        cps.get("002241B606800142840181")
        check(cps.key(Operation.SIGN), cps.get(f"002A9E9A20{Sha.SHA_256.digest(MESSAGE).hex()}00"))

    def test_it_deciphers(self, cps: Dialogue) -> None:
        self.log_in(cps)
        data = b"\x81" + cps.key(Operation.DECIPHER).encrypt(b"winlogonDecrypt", padding.PKCS1v15())
        cps.get("002241B80680011A840182")
        cps.get(f"102A8086FF{data[:255].hex()}")
        assert cps.get(f"002A808602{data[255:].hex()}") == b"winlogonDecrypt"

    def test_it_writes_the_free_data(self, cps: Dialogue) -> None:
        self.log_in(cps)
        size = len(self.read(cps, "3F000001D107"))
        new = bytes(each & 0xFF for each in range(size))
        for start in range(0, size, 0xFF):
            part = new[start : start + 0xFF]
            cps.get(f"00D6{start:04X}{len(part):02X}{part.hex()}")
        assert self.read(cps, "3F000001D107") == new

    def test_it_unblocks_and_changes_the_code(self, cps: Dialogue) -> None:
        for _ in range(3):
            cps.ask("0020000108" + NEW)
        cps.get("0020000208" + UNBLOCKING)
        cps.get("002C020108" + NEW)
        cps.get("0020000108" + NEW)
        cps.get("0024000110" + NEW + CODE)
        cps.get("0020000108" + CODE)


class TestCps4:
    @pytest.fixture
    def cps(self) -> Dialogue:
        cps = Dialogue(insert(model=CardModel.CPS4), 1)
        self.find(cps)
        return cps

    def find(self, cps: Dialogue) -> None:
        """What comes before every operation."""
        cps.get("00A4040C088025000001FF0100")
        assert self.read(cps, "D003").hex() == "5a0a" + cps.card.serial
        cps.get("00A40800020001")
        assert cps.ask("00200001")[1] in (0x63C3, 0x9000)
        assert cps.ask("00200002") == (b"", 0x63CA)

    def read(self, cps: Dialogue, path: str) -> bytes:
        """SELECT by path from the MF, then READ BINARY in steps of 256."""
        described = parse(cps.get(f"00A40800{len(path) // 2:02X}{path}00"))
        assert described.tag == 0x6F
        sizes = described.find(0x80)
        assert sizes is not None
        size, content = int.from_bytes(sizes.value, "big"), b""
        while len(content) < size:
            content += cps.get(f"00B0{len(content):04X}{min(256, size - len(content)) & 0xFF:02X}")
        return content

    def test_it_finds_the_objects(self, cps: Dialogue) -> None:
        assert parse(self.read(cps, "2F00")).find(0x51) is not None
        assert len(parse_all(self.read(cps, "00015031"))) == 4
        assert entries(self.read(cps, "00017002")) == ["CPS_PRIV_AUT", "CPS_PRIV_SIG"]
        assert "CPS_DATA" in entries(self.read(cps, "00017006"))
        assert bytes.fromhex("03020640") not in self.read(cps, "00017006"), "nothing modifiable"

    def test_it_authenticates_and_deciphers_with_raw_rsa(self, cps: Dialogue) -> None:
        cps.get("0020000108" + CODE)
        info = digest_info(MESSAGE)
        block = b"\0\1" + b"\xff" * (253 - len(info)) + b"\0" + info
        check(cps.key(Operation.AUTHENTICATE), self.compute(cps, block))
        cryptogram = cps.key(Operation.DECIPHER).encrypt(b"winlogonDecrypt", padding.PKCS1v15())
        assert self.compute(cps, cryptogram).endswith(b"\0winlogonDecrypt")

    def compute(self, cps: Dialogue, block: bytes) -> bytes:
        cps.get("002241B803830120")
        cps.get(f"102A8086FF{block[:255].hex()}")
        return cps.get(f"002A808601{block[255:].hex()}00")

    def test_it_signs_a_digest(self, cps: Dialogue) -> None:
        cps.get("0020000108" + CODE)
        digest = Sha.SHA_256.digest(MESSAGE)
        cps.get("002281B60491022890")
        check(cps.key(Operation.SIGN), cps.get(f"002A9E9A20{digest.hex()}00"))
        cps.get("002281B6049102" + "2CA0")
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        signature = cps.get(f"002A9E9A20{digest.hex()}00")
        cps.key(Operation.AUTHENTICATE).verify(signature, MESSAGE, scheme, hashes.SHA256())

    def test_it_unblocks_and_changes_the_code(self, cps: Dialogue) -> None:
        for _ in range(3):
            cps.ask("0020000108" + NEW)
        cps.get("0020000208" + UNBLOCKING)
        cps.get("002C0381")
        cps.get("0024010108" + NEW)
        cps.get("0020000108" + NEW)
        cps.get("0024010108" + CODE)
        cps.get("0020000108" + CODE)
