"""The code porteur on the card: its counters, its hash, and the effect of each presentation.

ISO/IEC 7816-4 §7.5 (VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER). Three wrong codes in a row block the
card. The unblocking code may be presented 10 times in the card's life, right or wrong (Project-defined: the
field knows "unblocked at most 10 times"). A counter is in the card's memory **before** a code is compared, so
a power cut gives nobody a free try. RESET RETRY COUNTER takes the unblocking code itself, or trusts one that
VERIFY took before, as middleware for IAS-ECC cards has it: either counts as one presentation. Codes are
compared in constant time and stored as a salted PBKDF2, which hides them from a casual look at the file, but
does not keep anyone from trying all 10,000. Until the card loses power, a code that was found right is
compared by a plain hash, some 50 times faster.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from tla_sim.protocol.commands.status import Status
from tla_sim.reader_fw.cards.image import CodeState

MAX_TRIES: Final = 3
MAX_UNBLOCKS: Final = 10
MIN_DIGITS: Final = 4
BLOCK_BYTES: Final = 8
"""A code travels as 4 to 8 ASCII digits, padded with FF to this length."""
SALT_BYTES: Final = 16

_PAD: Final = b"\xff"
_ROUNDS: Final = 1_000
_DIGITS: Final = b"0123456789"


def code_block(digits: bytes) -> bytes:
    """Return a code of 4 to 8 ASCII digits as VERIFY carries it (8 bytes). Raises ValueError otherwise."""
    if not MIN_DIGITS <= len(digits) <= BLOCK_BYTES or digits.strip(_DIGITS):
        raise ValueError("a code has 4 to 8 digits")
    return digits.ljust(BLOCK_BYTES, _PAD)


def is_code_block(block: bytes) -> bool:
    """Return whether these are 8 bytes that hold a possible code."""
    digits = block.rstrip(_PAD)
    return len(block) == BLOCK_BYTES and len(digits) >= MIN_DIGITS and not digits.strip(_DIGITS)


def new_code_state(digits: bytes, unblocking: bytes, salt: bytes, unblock_salt: bytes) -> CodeState:
    """Return the state of a new card, from codes of 4 to 8 digits and two salts of 16 bytes.

    Raises ValueError for codes of another form.
    """
    return CodeState(
        salt,
        _digest(code_block(digits), salt),
        MAX_TRIES,
        unblock_salt,
        _digest(code_block(unblocking), unblock_salt),
        MAX_UNBLOCKS,
    )


class CodeHashes(Protocol):
    """The two hashes of a code block under a salt (32 bytes each)."""

    def slow(self, block: bytes, salt: bytes) -> bytes:
        """Return the hash that a card keeps."""

    def quick(self, block: bytes, salt: bytes) -> bytes:
        """Return the hash of a code that was found right, until the card loses power."""


class _Hashes:
    """PBKDF2, and a plain SHA-256."""

    def slow(self, block: bytes, salt: bytes) -> bytes:
        return _digest(block, salt)

    def quick(self, block: bytes, salt: bytes) -> bytes:
        return hashlib.sha256(salt + block).digest()


HASHES: Final[CodeHashes] = _Hashes()
"""The hashes that every card computes."""


class CodePorteur:
    """The code of one inserted card, and the one that unblocks it.

    `verified` and `may_unblock` are their security status, which `forget` ends.

    `hashes` computes the hashes of codes.

    `save` must have written the state when it returns. When it raises OSError, the answer is 6581, and
    nothing is compared or granted. `salt` returns 16 fresh bytes.
    """

    def __init__(
        self, state: CodeState, save: Callable[[CodeState], None], salt: Callable[[], bytes]
    ) -> None:
        self._state = state
        self._save = save
        self._salt = salt
        self._found_right: bytes | None = None
        self._may_renew = False
        self.hashes = HASHES
        self.verified = False
        self.may_unblock = False

    def put_back(self, state: CodeState) -> None:
        """Take a former state, with nothing verified: for replay only."""
        self._state = state
        self.forget()

    @property
    def state(self) -> CodeState:
        """The present counters and hashes."""
        return self._state

    def forget(self) -> None:
        """End the security status of both, at power-off, reset or logout."""
        self._found_right = None
        self._may_renew = False
        self.verified = False
        self.may_unblock = False

    def status(self) -> int:
        """Return the answer to VERIFY without data: 9000 when verified, 6983 when blocked, else 63Cx."""
        if self.verified:
            return Status.OK
        return self._tries(self._state.tries_left)

    def unblocking_status(self) -> int:
        """Return the answer to VERIFY of the unblocking code without data, as `status` does."""
        if self.may_unblock:
            return Status.OK
        return self._tries(self._state.unblocks_left)

    def verify(self, block: bytes) -> int:
        """Present a code block (8 bytes), and return the status word: 9000, 63Cx, 6983 or 6581."""
        before = self._state
        word = self._present(block)
        if word != Status.OK:
            return word
        if not self._store(before if before.tries_left == MAX_TRIES else _with_tries(before, MAX_TRIES)):
            return Status.MEMORY_FAILURE
        self.verified = True
        return Status.OK

    def change(self, block: bytes, new_block: bytes) -> int:
        """Present the code and replace it; return as `verify`, or 6A80 for an impossible new code."""
        if not is_code_block(new_block):
            return Status.WRONG_DATA
        word = self._present(block)
        if word == Status.OK:
            word = self._set(new_block)
            self.verified = word == Status.OK
        return word

    def renew(self, new_block: bytes) -> int:
        """Replace the code, once it was verified, or the tries were restored after `verify_unblocking`.

        Returns the status word: 9000, 6982 otherwise, 6A80 or 6581.
        """
        if not is_code_block(new_block):
            return Status.WRONG_DATA
        if not self.verified and not self._may_renew:
            return Status.NOT_AUTHENTICATED
        self._may_renew = False
        word = self._set(new_block)
        self.verified &= word == Status.OK
        return word

    def verify_unblocking(self, block: bytes) -> int:
        """Present the unblocking code, for an `unblock` that follows.

        Returns the status word: 9000, 63Cx with x presentations left, 6983 without any, or 6581.
        """
        self.may_unblock = False
        self._may_renew = False
        left = self._state.unblocks_left
        if left == 0:
            return Status.CODE_BLOCKED
        if not self._store(replace(self._state, unblocks_left=left - 1)):
            return Status.MEMORY_FAILURE
        self.may_unblock = self._matches(block, self._state.unblock_salt, self._state.unblock_digest)
        return Status.OK if self.may_unblock else self._tries(left - 1)

    def unblock(self, unblocking: bytes | None, new_block: bytes | None) -> int:
        """Restore all tries and, if `new_block` is given, replace the code.

        `unblocking` is presented first; `None` trusts the one that `verify_unblocking` took, and is good
        once. Returns the status word: as `verify_unblocking`, 6982 without it, or 6A80.
        """
        if new_block is not None and not is_code_block(new_block):
            return Status.WRONG_DATA
        self.verified = False
        word = Status.OK if unblocking is None else self.verify_unblocking(unblocking)
        if word != Status.OK:
            return word
        if not self.may_unblock:
            return Status.NOT_AUTHENTICATED
        self.may_unblock = False
        if new_block is not None:
            return self._set(new_block)
        if not self._store(_with_tries(self._state, MAX_TRIES)):
            return Status.MEMORY_FAILURE
        self._may_renew = unblocking is None
        return Status.OK

    def _present(self, block: bytes) -> int:
        self.verified = False
        self._may_renew = False
        left = self._state.tries_left
        if left == 0:
            return Status.CODE_BLOCKED
        if not self._store(_with_tries(self._state, left - 1)):
            return Status.MEMORY_FAILURE
        return Status.OK if self._is_right(block) else Status.CODE_WRONG | (left - 1)

    def _is_right(self, block: bytes) -> bool:
        salt = self._state.salt
        shown = self.hashes.quick(block, salt)
        if self._found_right is not None:
            return hmac.compare_digest(shown, self._found_right)
        right = self._matches(block, salt, self._state.digest)
        if right:
            self._found_right = shown
        return right

    def _set(self, new_block: bytes) -> int:
        self._found_right = None
        salt = self._salt()
        changed = replace(
            self._state, salt=salt, digest=self.hashes.slow(new_block, salt), tries_left=MAX_TRIES
        )
        return Status.OK if self._store(changed) else Status.MEMORY_FAILURE

    def _store(self, state: CodeState) -> bool:
        try:
            self._save(state)
        except OSError:
            return False
        self._state = state
        return True

    def _matches(self, block: bytes, salt: bytes, digest: bytes) -> bool:
        return hmac.compare_digest(self.hashes.slow(block, salt), digest)

    @staticmethod
    def _tries(left: int) -> int:
        return Status.CODE_WRONG | left if left else Status.CODE_BLOCKED


def _with_tries(state: CodeState, tries_left: int) -> CodeState:
    # Twice as fast as `replace`, for each presentation of a code.
    return CodeState(
        state.salt, state.digest, tries_left, state.unblock_salt, state.unblock_digest, state.unblocks_left
    )


def _digest(block: bytes, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", block, salt, _ROUNDS)
