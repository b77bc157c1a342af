"""The instructions of chip cards, ISO/IEC 7816-4:2020 §5.4.2 (table 5), 7816-8 and 7816-9, by their bytes."""

from __future__ import annotations

from enum import IntEnum
from typing import Self

from tla_sim.protocol.sentence import Sentence


class CardIns(IntEnum):
    """One instruction byte and what the command does.

    The same instruction with its lowest bit set takes data objects in its data field, where the standard has
    both.
    """

    summary: Sentence

    def __new__(cls, byte: int, summary: Sentence) -> Self:
        member = int.__new__(cls, byte)
        member._value_ = byte
        member.summary = summary
        return member

    DEACTIVATE_FILE = 0x04, Sentence("Make a file unusable until it is activated again.")
    ERASE_RECORD = 0x0C, Sentence("Erase a record of a file.")
    ERASE_BINARY = 0x0E, Sentence("Erase a part of a file.")
    VERIFY = 0x20, Sentence("Present a code, or ask whether one was.")
    MANAGE_SECURITY_ENVIRONMENT = 0x22, Sentence("Choose key and algorithm for what follows.")
    CHANGE_REFERENCE_DATA = 0x24, Sentence("Replace a code.")
    DISABLE_VERIFICATION_REQUIREMENT = 0x26, Sentence("Do without a code from now on.")
    ENABLE_VERIFICATION_REQUIREMENT = 0x28, Sentence("Require a code from now on.")
    PERFORM_SECURITY_OPERATION = 0x2A, Sentence("Sign, decipher, hash or verify with what was chosen.")
    RESET_RETRY_COUNTER = 0x2C, Sentence("Unblock a code.")
    ACTIVATE_FILE = 0x44, Sentence("Make a file usable.")
    GENERATE_ASYMMETRIC_KEY_PAIR = 0x46, Sentence("Make a key pair, or read the public key.")
    MANAGE_CHANNEL = 0x70, Sentence("Open or close a logical channel.")
    EXTERNAL_AUTHENTICATE = 0x82, Sentence("Prove who is outside of the card.")
    GET_CHALLENGE = 0x84, Sentence("Fetch random bytes.")
    GENERAL_AUTHENTICATE = 0x86, Sentence("Run a step of an authentication.")
    INTERNAL_AUTHENTICATE = 0x88, Sentence("Let the card prove who it is.")
    SEARCH_BINARY = 0xA0, Sentence("Search a file for bytes.")
    SEARCH_RECORD = 0xA2, Sentence("Search the records of a file.")
    SELECT = 0xA4, Sentence("Select an application or a file.")
    READ_BINARY = 0xB0, Sentence("Read a part of a file.")
    READ_RECORD = 0xB2, Sentence("Read records of a file.")
    GET_RESPONSE = 0xC0, Sentence("Fetch the answer that the card keeps.")
    ENVELOPE = 0xC2, Sentence("Carry another command.")
    GET_DATA = 0xCA, Sentence("Read a data object.")
    WRITE_BINARY = 0xD0, Sentence("Write once in a file.")
    WRITE_RECORD = 0xD2, Sentence("Write a record once.")
    UPDATE_BINARY = 0xD6, Sentence("Replace a part of a file.")
    PUT_DATA = 0xDA, Sentence("Write a data object.")
    UPDATE_RECORD = 0xDC, Sentence("Replace a record of a file.")
    CREATE_FILE = 0xE0, Sentence("Create a file.")
    APPEND_RECORD = 0xE2, Sentence("Add a record to a file.")
    DELETE_FILE = 0xE4, Sentence("Delete a file.")
    TERMINATE_DF = 0xE6, Sentence("End the life of an application.")
    TERMINATE_EF = 0xE8, Sentence("End the life of a file.")
    TERMINATE_CARD_USAGE = 0xFE, Sentence("End the life of the card.")

    @property
    def title(self) -> str:
        """The command's name as the standard writes it: `READ BINARY`."""
        return self.name.replace("_", " ")

    @property
    def has_code(self) -> bool:
        """Whether the data field may hold a code in clear."""
        return self in _WITH_CODE

    @property
    def asks_at_random(self) -> bool:
        """Whether the data field holds a challenge, a cryptogram, or a digest of what differs at each run."""
        return self in _RANDOM_REQUESTS

    @property
    def answers_at_random(self) -> bool:
        """Whether the answer is a challenge, a cryptogram, a signature or a new key."""
        return self in _RANDOM_ANSWERS

    @classmethod
    def of(cls, byte: int) -> CardIns | None:
        """Return the instruction of a byte, `None` if the standard has none."""
        found = _BY_BYTE.get(byte)
        return _BY_BYTE.get(byte & 0xFE) if found is None and byte & 1 else found


_BY_BYTE = {int(each): each for each in CardIns}
_WITH_CODE = frozenset(
    (
        CardIns.VERIFY,
        CardIns.CHANGE_REFERENCE_DATA,
        CardIns.DISABLE_VERIFICATION_REQUIREMENT,
        CardIns.ENABLE_VERIFICATION_REQUIREMENT,
        CardIns.RESET_RETRY_COUNTER,
    )
)
_RANDOM_REQUESTS = frozenset(
    (
        CardIns.PERFORM_SECURITY_OPERATION,
        CardIns.EXTERNAL_AUTHENTICATE,
        CardIns.GENERAL_AUTHENTICATE,
        CardIns.INTERNAL_AUTHENTICATE,
    )
)
_RANDOM_ANSWERS = frozenset(
    (
        *_RANDOM_REQUESTS,
        CardIns.GENERATE_ASYMMETRIC_KEY_PAIR,
        CardIns.GET_CHALLENGE,
    )
)
