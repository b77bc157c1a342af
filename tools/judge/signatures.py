"""What must hold of everything that is signed, and of the signature counter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import SignatureBlock
from tla_sim.protocol.documents.verification import VerifiedFse, verify_fse
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.judge.violation import Violation

ANCHORS: Final = TrustAnchors.shipped()


def check_verifies(content: bytes) -> VerifiedFse:
    """Every certified document of a reader or a ledger verifies. Return it verified."""
    try:
        return verify_fse(Document(content), ANCHORS)
    except TlaError as error:
        raise Violation("signature", "a certified document does not verify", error) from error


def check_counter_grows(counter: int, highest: int) -> None:
    """The signature counter never goes back."""
    if counter < highest:
        raise Violation(
            "life",
            "the signature counter went back",
            "{counter} after {highest}",
            counter=counter,
            highest=highest,
        )


def check_counter_given(counter: int, highest: int) -> None:
    """No signature has a counter that was not given out."""
    if counter > highest:
        raise Violation(
            "life",
            "a signature counter beyond the last one given out",
            "{counter}, {highest}",
            counter=counter,
            highest=highest,
        )


class Vouched:
    """The FSEs that verified, so that each is verified only once."""

    def __init__(self) -> None:
        self._known: dict[bytes, VerifiedFse] = {}

    def __contains__(self, content: bytes) -> bool:
        return content in self._known

    def fse(self, content: bytes) -> VerifiedFse:
        """Return the verified FSE of these bytes. Raises Violation."""
        known = self._known.get(content)
        if known is None:
            known = self._known[content] = check_verifies(content)
        return known


class GivenOut:
    """Checks what one reader gives out: it verifies, with no counter above `highest()`. Raises Violation."""

    def __init__(self, highest: Callable[[], int]) -> None:
        self._highest = highest
        self._vouched = Vouched()

    def fse(self, content: bytes) -> VerifiedFse:
        """Check a certified document. Return it verified."""
        fresh = content not in self._vouched
        verified = self._vouched.fse(content)
        for block in verified.fse.blocks if fresh else ():
            check_counter_given(block.context.counter, self._highest())
        return verified

    def block(self, raw: bytes) -> SignatureBlock:
        """Check the counter of a signature. Return it parsed."""
        block = SignatureBlock.parse(raw)
        check_counter_given(block.context.counter, self._highest())
        return block


class Counters:
    """The signature counters seen so far: each signs one thing, and later ones are higher."""

    def __init__(self, highest: int = 0) -> None:
        self.highest = highest
        self._seen: dict[tuple[str, int], bytes] = {}
        self._fresh: dict[tuple[str, int], bytes] = {}

    def known(self, block: SignatureBlock) -> None:
        """Take a signature as seen if its counter was given out already."""
        if block.context.counter <= self.highest:
            self._seen[_number(block)] = block.signature

    def see(self, block: SignatureBlock) -> None:
        """No counter signs two things. Raises Violation."""
        number = _number(block)
        before = self._seen.get(number) or self._fresh.get(number)
        if before is None:
            self._fresh[number] = block.signature
        elif before != block.signature:
            raise Violation("life", "a signature counter was used twice", number[1])

    def settle(self) -> None:
        """A counter seen for the first time is higher than those before. Raises Violation."""
        fresh, self._fresh = self._fresh, {}
        for number, signature in fresh.items():
            if number[1] <= self.highest:
                raise Violation(
                    "life",
                    "a signature counter comes after a higher one",
                    "{counter}, {highest}",
                    counter=number[1],
                    highest=self.highest,
                )
            self._seen[number] = signature
        self.highest = max([self.highest, *(counter for _, counter in fresh)])


def _number(block: SignatureBlock) -> tuple[str, int]:
    return block.context.reader_serial, block.context.counter
