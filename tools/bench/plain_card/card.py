"""The card: a handler by instruction, the code and the keys."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo

from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.pki import load_private_key
from tla_sim.tools.bench.plain_card.apdu import Answer, Command, Malformed
from tla_sim.tools.bench.plain_card.files import Refused, Tree, decode_objects

LOG: Final = logging.getLogger(__name__)

Handler = Callable[[int, int, bytes], tuple[int, bytes]]

_MOST_TRIES: Final = 3
_READ_BINARY: Final = 0xB0
_KEY_REFERENCES: Final = (0x83, 0x84)
_ALGORITHM: Final = 0x80
_SIGNATURE: Final = 0xB6
_CHALLENGE_BYTES: Final = 8


class PlainCard:
    """A card with the files and keys of an image, and a code (8 bytes). It answers APDUs."""

    def __init__(self, image: CardImage, code: bytes) -> None:
        self.atr = image.contents.atr
        self._files = Tree(image.files)
        self._code = code
        self._tries = _MOST_TRIES
        self._verified = False
        self._keys = {each.reference: load_private_key(each.pkcs8) for each in image.contents.keys}
        self._prepared: dict[int, rsa.RSAPrivateKey] = {}
        self._waiting = b""
        self._handlers: dict[int, Handler] = {
            0x20: self._verify,
            0x22: self._set_environment,
            0x2A: self._sign,
            0x84: self._challenge,
            0xA4: self._files.select,
            _READ_BINARY: self._files.read_binary,
            0xC0: self._get_response,
        }

    def power_on(self) -> None:
        """Select the MF, and forget the code and what was prepared."""
        self._files.selected = self._files.mf
        self._verified = False
        self._prepared.clear()
        self._waiting = b""

    def carry_out(self, apdu: bytes) -> bytes:
        """Return the answer to a command."""
        try:
            command = Command(apdu)
            text = str(command)
            LOG.debug(text)
            self._refuse_secure_messaging(command)
            handler = self._handlers.get(command.ins)
            if handler is None:
                raise Refused(0x6D00, "unknown instruction")
            word, data = handler(command.p1, command.p2, command.data)
        except Malformed as error:
            LOG.info("malformed: %s", error)
            return self._said(Answer(b"", 0x6700))
        except Refused as refusal:
            LOG.info("refused: %s", refusal)
            return self._said(Answer(b"", refusal.word))
        return self._said(self._answer(command, word, data))

    def _said(self, answer: Answer) -> bytes:
        text = answer.summary
        LOG.debug(text)
        return answer.encode()

    def _answer(self, command: Command, word: int, data: bytes) -> Answer:
        """Return what is expected now; the rest waits, but for that of a file."""
        expected = command.expected or 0
        given, rest = data[:expected], data[expected:]
        if command.ins == _READ_BINARY:
            return Answer(given, word if len(given) == expected else 0x6282)
        self._waiting = rest
        return Answer(given, 0x6100 | min(len(rest), 0x100) & 0xFF if rest else word)

    def _refuse_secure_messaging(self, command: Command) -> None:
        if command.meaning.protected:
            raise Refused(0x6882, "no secure messaging")

    def _get_response(self, p1: int, p2: int, _: bytes) -> tuple[int, bytes]:
        if p1 or p2:
            raise Refused(0x6A86, "parameters that mean nothing")
        return 0x9000, self._waiting

    def _verify(self, p1: int, _: int, data: bytes) -> tuple[int, bytes]:
        if p1:
            raise Refused(0x6A86, "parameters that mean nothing")
        if not self._tries:
            raise Refused(0x6983, "the code is blocked")
        self._verified = data == self._code
        if not self._verified:
            self._tries -= 1
            raise Refused(0x63C0 + self._tries, "a wrong code")
        self._tries = _MOST_TRIES
        return 0x9000, b""

    def _challenge(self, p1: int, p2: int, _: bytes) -> tuple[int, bytes]:
        if p1 or p2:
            raise Refused(0x6A86, "parameters that mean nothing")
        return 0x9000, os.urandom(_CHALLENGE_BYTES)

    def _set_environment(self, p1: int, p2: int, data: bytes) -> tuple[int, bytes]:
        if p1 != 0x41:
            raise Refused(0x6A86, "nothing but SET")
        for each in decode_objects(data):
            if each.tag in _KEY_REFERENCES:
                key = self._keys.get(each.value[0])
                if key is None:
                    raise Refused(0x6A88, "no key of this reference")
                self._prepared[p2] = key
            elif each.tag != _ALGORITHM:
                raise Refused(0x6A80, "an object that means nothing")
        return 0x9000, b""

    def _sign(self, p1: int, p2: int, data: bytes) -> tuple[int, bytes]:
        if (p1, p2) != (0x9E, 0x9A):
            raise Refused(0x6A81, "nothing but signatures")
        key = self._prepared.get(_SIGNATURE)
        if key is None or not self._verified:
            raise Refused(0x6982, "no key, or no code")
        return 0x9000, key.sign(data, padding.PKCS1v15(), NoDigestInfo())
