"""The code porteur: three tries, ten unblockings, and no power cut that gives one more of either."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.reader_fw.cards.memory import Memory, PowerCut
from tests.reader_fw.cards.sample_cards import (
    CODE,
    NURSE,
    NURSE_SITUATIONS,
    STATUS,
    UNBLOCKING,
    VERIFY,
    VERIFY_WRONG,
    WRONG,
    image,
    send,
)
from tla_sim.protocol.card_kind import CardProfile
from tla_sim.reader_fw.board.entropy import SeededEntropy
from tla_sim.reader_fw.cards.card import Card
from tla_sim.reader_fw.cards.code_porteur import MAX_TRIES, MAX_UNBLOCKS
from tla_sim.reader_fw.cards.image import CardImage
from tla_sim.reader_fw.cards.issue import issue_cps
from tla_sim.reader_fw.cards.pki import ShippedKeys

NEW = "393837363534FFFF"
UNBLOCK = "002C010108" + UNBLOCKING
UNBLOCK_WRONG = "002C010108" + "30" * 8
UNBLOCK_WITH_NEW = "002C000110" + UNBLOCKING + NEW
CHANGE = "0024000110" + CODE + NEW
VERIFY_NEW = "0020000108" + NEW
VERIFY_UNBLOCKING = "0020000208" + UNBLOCKING
VERIFY_UNBLOCKING_WRONG = "0020000208" + "30" * 8
UNBLOCKING_STATUS = "0020000200"
SET_NEW = "002C020108" + NEW
RESET_TRIES = "002C0301"


@pytest.fixture
def memory() -> Memory:
    return Memory(image())


class TestTries:
    def test_three_wrong_codes_block_even_the_right_one(self, memory: Memory) -> None:
        card = memory.card()
        assert [send(card, VERIFY_WRONG)[1] for _ in range(4)] == [0x63C2, 0x63C1, 0x63C0, 0x6983]
        assert send(card, VERIFY) == (b"", 0x6983)
        assert send(card, STATUS) == (b"", 0x6983)

    def test_the_right_code_gives_all_tries_back(self, memory: Memory) -> None:
        card = memory.card()
        send(card, VERIFY_WRONG)
        send(card, VERIFY_WRONG)
        assert send(card, VERIFY) == (b"", 0x9000)
        card.power_on()
        assert send(card, STATUS) == (b"", 0x63C3)

    def test_a_code_found_right_before_makes_no_other_right(self, memory: Memory) -> None:
        card = memory.card()
        words = [send(card, each)[1] for each in (VERIFY, VERIFY, VERIFY_WRONG, VERIFY, CHANGE, VERIFY)]
        assert words == [0x9000, 0x9000, 0x63C2, 0x9000, 0x9000, 0x63C2]
        assert send(card, VERIFY_NEW) == (b"", 0x9000)

    def test_tries_and_blocking_outlive_the_power(self, memory: Memory) -> None:
        for left in (2, 1, 0):
            card = memory.card()
            assert send(card, VERIFY_WRONG) == (b"", 0x63C0 | left)
            card.power_off()
        assert send(memory.card(), VERIFY) == (b"", 0x6983)

    def test_the_verified_state_dies_with_the_power(self, memory: Memory) -> None:
        card = memory.card()
        send(card, VERIFY)
        assert send(card, STATUS) == (b"", 0x9000)
        card.power_on()
        assert send(card, STATUS) == (b"", 0x63C3)

    @pytest.mark.parametrize(
        ("apdu", "word"),
        [
            ("002000010431323334", 0x6700),  # without padding
            ("0020000109" + CODE + "FF", 0x6700),
            ("0020000108", 0x6700),
            ("0020000308" + CODE, 0x6A88),
            ("0020000204" + CODE[:8], 0x6700),
            ("0020010208" + UNBLOCKING, 0x6A86),
            ("0024000210" + UNBLOCKING + NEW, 0x6A88),
            ("0020008108" + CODE, 0x6A88),
            ("0020010108" + CODE, 0x6A86),
            ("0020FF0108" + CODE, 0x6A86),
            ("0024000108" + CODE, 0x6700),
            ("0024010108" + CODE, 0x6982),
            ("0024010108" + "FF" * 8, 0x6A80),
            ("0024010110" + CODE + CODE, 0x6700),
            ("0024020108" + CODE, 0x6A86),
            ("0024000110" + CODE + "31FFFFFFFFFFFFFF", 0x6A80),  # a new code of one digit
            ("0024000110" + CODE + "31323334FF35FFFF", 0x6A80),
            ("002C040108" + CODE, 0x6A86),
            ("002C000210" + UNBLOCKING + CODE, 0x6A88),
            ("002C020110" + UNBLOCKING + CODE, 0x6700),
            ("002C030108" + CODE, 0x6700),
            ("002C020108" + CODE, 0x6982),  # nobody has presented the unblocking code
            ("002C0301", 0x6982),
            ("002C000108" + UNBLOCKING, 0x6700),
            ("002C000110" + UNBLOCKING + "41424344FFFFFFFF", 0x6A80),
        ],
    )
    def test_an_ill_formed_command_costs_no_try(self, memory: Memory, apdu: str, word: int) -> None:
        card = memory.card()
        before = memory.image
        assert send(card, apdu) == (b"", word)
        assert memory.image == before
        assert send(card, STATUS) == (b"", 0x63C3)

    def test_an_impossible_code_costs_a_try_as_any_other(self, memory: Memory) -> None:
        assert send(memory.card(), "0020000108" + "FF" * 8) == (b"", 0x63C2)


class TestChange:
    def test_the_new_code_replaces_the_old_for_good(self, memory: Memory) -> None:
        assert send(memory.card(), CHANGE) == (b"", 0x9000)
        card = memory.card()
        assert send(card, VERIFY) == (b"", 0x63C2)
        assert send(card, VERIFY_NEW) == (b"", 0x9000)

    def test_a_wrong_old_code_costs_a_try_and_changes_nothing(self, memory: Memory) -> None:
        card = memory.card()
        assert send(card, "0024000110" + WRONG + NEW) == (b"", 0x63C2)
        assert send(card, VERIFY) == (b"", 0x9000)

    def test_a_blocked_card_keeps_its_code(self, memory: Memory) -> None:
        card = memory.card()
        for _ in range(3):
            send(card, VERIFY_WRONG)
        assert send(card, CHANGE) == (b"", 0x6983)


class TestRenewal:
    """A new code without the present one: after VERIFY, or after unblocking in the way of a CPS4."""

    RENEW = "0024010108" + NEW
    VERIFY_UNBLOCKING = "0020000208" + UNBLOCKING

    def test_after_the_code_was_verified(self, memory: Memory) -> None:
        card = memory.card()
        send(card, VERIFY)
        assert send(card, self.RENEW) == (b"", 0x9000)
        assert send(card, STATUS) == (b"", 0x9000)
        assert send(memory.card(), VERIFY_NEW) == (b"", 0x9000)

    def test_after_unblocking_with_a_verified_code(self, memory: Memory) -> None:
        card = memory.card()
        for _ in range(MAX_TRIES):
            send(card, VERIFY_WRONG)
        assert send(card, "002C0381") == (b"", 0x6982)
        assert send(card, self.VERIFY_UNBLOCKING) == (b"", 0x9000)
        assert send(card, self.RENEW) == (b"", 0x6982)
        assert send(card, "002C0381") == (b"", 0x9000)
        assert send(card, self.RENEW) == (b"", 0x9000)
        assert send(card, STATUS) == (b"", 0x63C3)
        assert send(card, self.RENEW) == (b"", 0x6982)
        assert send(memory.card(), VERIFY_NEW) == (b"", 0x9000)

    def test_not_after_unblocking_and_anything_else(self, memory: Memory) -> None:
        for between in (VERIFY_WRONG, "0020FF01", "0020000208" + WRONG):
            card = memory.card()
            send(card, self.VERIFY_UNBLOCKING)
            assert send(card, "002C0301") == (b"", 0x9000)
            send(card, between)
            assert send(card, self.RENEW) == (b"", 0x6982)
        card = memory.card()
        assert send(card, UNBLOCK) == (b"", 0x9000)
        assert send(card, self.RENEW) == (b"", 0x6982)

    def test_a_memory_that_refuses_to_write_leaves_the_code(self, memory: Memory) -> None:
        card = memory.card()
        send(card, VERIFY)
        memory.fail_at, memory.error = memory.writes, OSError
        assert send(card, self.RENEW) == (b"", 0x6581)
        assert send(card, STATUS) == (b"", 0x63C3)
        assert send(card, VERIFY) == (b"", 0x9000)


class TestUnblocking:
    def test_a_card_can_be_unblocked_ten_times_in_its_life(self, memory: Memory) -> None:
        for _ in range(MAX_UNBLOCKS):
            card = memory.card()
            for _ in range(MAX_TRIES):
                send(card, VERIFY_WRONG)
            assert send(card, UNBLOCK) == (b"", 0x9000)
            assert send(card, STATUS) == (b"", 0x63C3)
        for _ in range(MAX_TRIES):
            send(card, VERIFY_WRONG)
        assert send(card, UNBLOCK) == (b"", 0x6983)
        assert send(memory.card(), VERIFY) == (b"", 0x6983)

    def test_wrong_unblocking_codes_count_too(self, memory: Memory) -> None:
        card = memory.card()
        words = [send(card, UNBLOCK_WRONG)[1] for _ in range(MAX_UNBLOCKS + 1)]
        assert words == [0x63C0 | left for left in range(9, 0, -1)] + [0x6983, 0x6983]
        assert send(memory.card(), UNBLOCK) == (b"", 0x6983)

    def test_unblocking_may_set_a_new_code(self, memory: Memory) -> None:
        card = memory.card()
        for _ in range(MAX_TRIES):
            send(card, VERIFY_WRONG)
        assert send(card, UNBLOCK_WITH_NEW) == (b"", 0x9000)
        assert send(card, STATUS) == (b"", 0x63C3)
        assert send(memory.card(), VERIFY_NEW) == (b"", 0x9000)

    def test_unblocking_does_not_verify(self, memory: Memory) -> None:
        card = memory.card()
        send(card, VERIFY)
        assert send(card, UNBLOCK) == (b"", 0x9000)
        assert send(card, STATUS) == (b"", 0x63C3)


class TestUnblockingInTwoSteps:
    """VERIFY of the unblocking code, then RESET RETRY COUNTER without it, as OpenSC 0.23 does."""

    def test_the_new_code_is_set(self, memory: Memory) -> None:
        card = memory.card()
        for _ in range(MAX_TRIES):
            send(card, VERIFY_WRONG)
        assert send(card, UNBLOCKING_STATUS) == (b"", 0x63CA)
        assert send(card, VERIFY_UNBLOCKING) == (b"", 0x9000)
        assert send(card, UNBLOCKING_STATUS) == (b"", 0x9000)
        assert send(card, STATUS) == (b"", 0x6983)
        assert send(card, SET_NEW) == (b"", 0x9000)
        assert memory.left() == (MAX_TRIES, MAX_UNBLOCKS - 1)
        assert send(memory.card(), VERIFY_NEW) == (b"", 0x9000)

    def test_the_old_code_may_stay(self, memory: Memory) -> None:
        card = memory.card()
        send(card, VERIFY_WRONG)
        send(card, VERIFY_UNBLOCKING)
        assert send(card, RESET_TRIES) == (b"", 0x9000)
        assert send(card, STATUS) == (b"", 0x63C3)
        assert send(card, VERIFY) == (b"", 0x9000)

    def test_the_unblocking_code_is_good_for_one_reset(self, memory: Memory) -> None:
        card = memory.card()
        send(card, VERIFY_UNBLOCKING)
        assert send(card, SET_NEW) == (b"", 0x9000)
        assert send(card, RESET_TRIES) == (b"", 0x6982)

    @pytest.mark.parametrize("end", ["0020FF02", VERIFY_UNBLOCKING_WRONG])
    def test_it_ends_with_a_logout_or_a_wrong_one(self, memory: Memory, end: str) -> None:
        card = memory.card()
        send(card, VERIFY_UNBLOCKING)
        send(card, end)
        assert send(card, SET_NEW) == (b"", 0x6982)

    def test_it_ends_with_the_power(self, memory: Memory) -> None:
        card = memory.card()
        send(card, VERIFY_UNBLOCKING)
        card.power_on()
        assert send(card, SET_NEW) == (b"", 0x6982)

    def test_it_gives_no_right_to_the_keys(self, memory: Memory) -> None:
        card = memory.card()
        send(card, VERIFY_UNBLOCKING)
        assert send(card, STATUS) == (b"", 0x63C3)
        send(card, "002241A406840182800102")
        assert send(card, "0088000001AA") == (b"", 0x6982)

    def test_each_presentation_is_one_of_ten(self, memory: Memory) -> None:
        card = memory.card()
        words = [send(card, VERIFY_UNBLOCKING_WRONG)[1] for _ in range(MAX_UNBLOCKS)]
        assert words == [0x63C0 | left for left in range(9, 0, -1)] + [0x6983]
        assert send(card, UNBLOCKING_STATUS) == (b"", 0x6983)
        assert send(card, VERIFY_UNBLOCKING) == (b"", 0x6983)
        assert send(card, UNBLOCK) == (b"", 0x6983)


class TestPowerCuts:
    @pytest.mark.parametrize(
        ("apdu", "spent"),
        [
            *((apdu, (MAX_TRIES - 1, MAX_UNBLOCKS)) for apdu in (VERIFY, VERIFY_WRONG, CHANGE)),
            *(
                (apdu, (MAX_TRIES, MAX_UNBLOCKS - 1))
                for apdu in (UNBLOCK, UNBLOCK_WRONG, UNBLOCK_WITH_NEW, VERIFY_UNBLOCKING)
            ),
        ],
    )
    @pytest.mark.parametrize("torn_after", [False, True])
    def test_a_try_is_written_before_the_code_is_compared(
        self, memory: Memory, apdu: str, spent: tuple[int, int], torn_after: bool
    ) -> None:
        card = memory.card()
        memory.fail_at, memory.torn_after = 0, torn_after
        with pytest.raises(PowerCut):
            send(card, apdu)
        assert card.transmit(bytes.fromhex(STATUS)) == b""
        assert memory.left() == (spent if torn_after else (MAX_TRIES, MAX_UNBLOCKS))

    @pytest.mark.parametrize(
        ("apdu", "torn_after", "left"),
        [
            (VERIFY, False, (MAX_TRIES - 1, MAX_UNBLOCKS)),
            (VERIFY, True, (MAX_TRIES, MAX_UNBLOCKS)),
            (CHANGE, False, (MAX_TRIES - 1, MAX_UNBLOCKS)),
            (CHANGE, True, (MAX_TRIES, MAX_UNBLOCKS)),
            (UNBLOCK, False, (MAX_TRIES, MAX_UNBLOCKS - 1)),
            (UNBLOCK, True, (MAX_TRIES, MAX_UNBLOCKS - 1)),
            (UNBLOCK_WITH_NEW, False, (MAX_TRIES, MAX_UNBLOCKS - 1)),
            (UNBLOCK_WITH_NEW, True, (MAX_TRIES, MAX_UNBLOCKS - 1)),
        ],
    )
    def test_a_cut_when_a_right_code_is_rewarded_gives_no_free_try(
        self, memory: Memory, apdu: str, torn_after: bool, left: tuple[int, int]
    ) -> None:
        card = memory.card()
        memory.fail_at, memory.torn_after = 1, torn_after
        with pytest.raises(PowerCut):
            send(card, apdu)
        assert card.transmit(bytes.fromhex(STATUS)) == b""
        assert memory.left() == left

    def test_guessing_with_the_plug_in_hand_gets_three_guesses(self, memory: Memory) -> None:
        guesses = 0
        for _ in range(20):
            card = memory.card()
            memory.fail_at, memory.torn_after = memory.writes + 1, False
            if send(card, VERIFY_WRONG)[1] == 0x6983:
                break
            guesses += 1
        assert guesses == MAX_TRIES

    @pytest.mark.parametrize("at", [0, 1])
    @pytest.mark.parametrize("torn_after", [False, True])
    def test_a_memory_that_refuses_to_write_grants_nothing(
        self, memory: Memory, at: int, torn_after: bool
    ) -> None:
        card = memory.card()
        memory.fail_at, memory.torn_after, memory.error = at, torn_after, OSError
        assert send(card, VERIFY) == (b"", 0x6581)
        assert send(card, STATUS)[1] in (0x63C3, 0x63C2)
        assert send(card, VERIFY) == (b"", 0x9000)

    @pytest.mark.parametrize("apdu", [CHANGE, UNBLOCK_WITH_NEW, UNBLOCK])
    @pytest.mark.parametrize("at", [0, 1])
    def test_a_change_that_is_not_written_is_not_made(self, memory: Memory, apdu: str, at: int) -> None:
        card = memory.card()
        memory.fail_at, memory.error = at, OSError
        assert send(card, apdu) == (b"", 0x6581)
        assert send(card, VERIFY) == (b"", 0x9000)
        assert send(memory.card(), VERIFY) == (b"", 0x9000)


def test_no_code_nor_key_is_anywhere_in_sight() -> None:
    code, unblocking = "70815263", "41526378"
    issued = issue_cps(NURSE, NURSE_SITUATIONS, ShippedKeys(), code=code, unblocking_code=unblocking)
    card = Card(issued, SeededEntropy(1))
    card.power_on()
    assert send(card, "0020000108" + code.encode().hex())[1] == 0x9000
    assert send(card, "002C010108" + unblocking.encode().hex())[1] == 0x9000
    raw = card.image.build()
    shown = repr(card) + repr(card.image) + repr(card.image.contents) + repr(vars(card))
    for secret in (code, unblocking):
        assert secret not in shown
        assert secret.encode() not in raw
    for key in card.image.contents.keys:
        assert repr(key.pkcs8[-60:-20])[2:-1] not in shown


def test_two_cards_with_one_code_hold_different_hashes() -> None:
    first, second = image(CardProfile.CPS).code, image(CardProfile.CPE).code
    assert first is not None
    assert second is not None
    assert first.digest != second.digest


class CodeMachine(RuleBasedStateMachine):
    """A card against the plainest model: two counters, a code, and whether it is verified."""

    CODES = ("31323334FFFFFFFF", "30303030FFFFFFFF", "3938373635343332")

    @initialize()
    def issue(self) -> None:
        self.memory = Memory(image())
        self.card = self.memory.card()
        self.tries = MAX_TRIES
        self.unblocks = MAX_UNBLOCKS
        self.code = self.CODES[0]
        self.verified = False

    @rule(code=st.sampled_from(CODES))
    def verify(self, code: str) -> None:
        assert send(self.card, "0020000108" + code)[1] == self._present(code)
        self.verified = self.tries == MAX_TRIES and code == self.code

    @rule(code=st.sampled_from(CODES), new=st.sampled_from(CODES))
    def change(self, code: str, new: str) -> None:
        expected = self._present(code)
        assert send(self.card, "0024000110" + code + new)[1] == expected
        self.verified = expected == 0x9000
        if self.verified:
            self.code = new

    @rule(right=st.booleans(), new=st.one_of(st.none(), st.sampled_from(CODES)))
    def unblock(self, right: bool, new: str | None) -> None:
        puk = UNBLOCKING if right else "30" * 8
        apdu = "002C010108" + puk if new is None else "002C000110" + puk + new
        word = send(self.card, apdu)[1]
        self.verified = False
        if self.unblocks == 0:
            assert word == 0x6983
            return
        self.unblocks -= 1
        if not right:
            assert word == (0x63C0 | self.unblocks if self.unblocks else 0x6983)
            return
        assert word == 0x9000
        self.tries = MAX_TRIES
        self.code = new or self.code

    @rule()
    def log_out(self) -> None:
        send(self.card, "0020FF01")
        self.verified = False

    @rule()
    def reset(self) -> None:
        self.card.power_on()
        self.verified = False

    @rule()
    def take_out_and_put_in_again(self) -> None:
        self.card.power_off()
        self.card = self.memory.card()
        self.verified = False

    @rule(code=st.sampled_from(CODES), after=st.booleans())
    def cut_while_the_try_is_counted(self, code: str, after: bool) -> None:
        self.memory.fail_at, self.memory.torn_after = self.memory.writes, after
        try:
            send(self.card, "0020000108" + code)
        except PowerCut:
            self.tries -= after
        self.memory.fail_at = None
        self.card = self.memory.card()
        self.verified = False

    @rule(code=st.sampled_from(CODES), after=st.booleans())
    def cut_while_the_tries_are_given_back(self, code: str, after: bool) -> None:
        self.memory.fail_at, self.memory.torn_after = self.memory.writes + 1, after
        expected = self._present(code)
        try:
            assert send(self.card, "0020000108" + code)[1] == expected
        except PowerCut:
            if not after:
                self.tries = self._tries_before - 1
        self.memory.fail_at = None
        self.card = self.memory.card()
        self.verified = False

    @invariant()
    def the_status_says_what_the_model_says(self) -> None:
        if not hasattr(self, "card"):
            return
        blocked = 0x63C0 | self.tries if self.tries else 0x6983
        assert send(self.card, STATUS)[1] == (0x9000 if self.verified else blocked)
        kept = CardImage.parse(self.memory.image).code
        assert kept is not None
        assert (kept.tries_left, kept.unblocks_left) == (self.tries, self.unblocks)

    def _present(self, code: str) -> int:
        self.verified = False
        self._tries_before = self.tries
        if self.tries == 0:
            return 0x6983
        if code == self.code:
            self.tries = MAX_TRIES
            return 0x9000
        self.tries -= 1
        return 0x63C0 | self.tries


TestCodeMachine = CodeMachine.TestCase
TestCodeMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
