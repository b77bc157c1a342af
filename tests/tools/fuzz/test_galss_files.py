"""galss.ini as the fuzzer writes it, right or with a known mistake; its oracle sees a reader that lies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tla_sim.host.text_file import decode
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.host.transport.galss.configuration import configuration
from tla_sim.host.transport.galss.resources import Configuration
from tla_sim.protocol.errors import TlaError
from tla_sim.tools.fuzz.chance import SeededChance
from tla_sim.tools.fuzz.mutation import mutated
from tla_sim.tools.fuzz.targets import galss_files
from tla_sim.tools.fuzz.targets.galss_writing import NOTHING, claim_of, field_file
from tla_sim.tools.judge.violation import Violation

SEEDS = range(300)
UNPLANTABLE = {GalssCode.SERVER, GalssCode.VERSIONS}
"""Nothing in a file is the cause of these."""


def judge(raw: bytes) -> None:
    """Read a file as the target does; a refusal is right as long as no oracle objects."""
    try:
        galss_files.KIND.read(raw)
    except Violation:
        raise
    except TlaError:
        return


def drawn(seed: int) -> bytes:
    """The file of a seed."""
    assert galss_files.KIND.tweaked is not None
    return galss_files.KIND.tweaked(SeededChance(f"galss {seed}"))


def test_what_is_written_is_read_as_it_claims_to_be() -> None:
    for seed in SEEDS:
        judge(drawn(seed))
        judge(mutated(drawn(seed), SeededChance(f"mutation {seed}")))


def test_every_mistake_that_a_file_can_have_is_planted() -> None:
    claims = [claim_of(field_file(SeededChance(f"planted {seed}"))) for seed in range(3_000)]
    counts = Counter(claim[0] for claim in claims if claim is not None)
    assert counts.total() == len(claims)
    assert set(counts) == {NOTHING, *(f"{code:04X}" for code in GalssCode if code not in UNPLANTABLE)}


def test_a_file_that_was_changed_claims_nothing() -> None:
    text = field_file(SeededChance("one"))
    assert claim_of(text) is not None
    assert claim_of(text.replace("\n", "\r\n")) == claim_of(text)
    assert claim_of(f"{text}\nx=1") is None
    assert claim_of(text[:-1]) is None


def silent(galss: bytes, ports: bytes) -> Configuration:
    return replace(configuration(galss, ports), problems=[])


def one_line_off(galss: bytes, ports: bytes) -> Configuration:
    found = configuration(galss, ports)
    return replace(found, problems=[replace(each, line=max(each.line - 1, 1)) for each in found.problems])


def one_code(galss: bytes, ports: bytes) -> Configuration:
    found = configuration(galss, ports)
    return replace(found, problems=[replace(each, code=GalssCode.FILE) for each in found.problems])


def strict(galss: bytes, ports: bytes) -> Configuration:
    found = configuration(galss, ports)
    mistakes = [replace(each, remark=False, code=GalssCode.FILE) for each in found.problems]
    return replace(found, problems=mistakes)


def forgetful(galss: bytes, ports: bytes) -> Configuration:
    found = configuration(galss, ports)
    return replace(found, channels=found.channels[:-1])


@pytest.mark.parametrize("reader", [silent, one_line_off, one_code, strict, forgetful])
def test_a_reader_that_is_wrong_is_found(reader: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(galss_files, "configuration", reader)
    with pytest.raises(Violation):
        list(map(judge, map(drawn, SEEDS)))


def test_the_files_come_in_every_encoding_and_with_every_line_end() -> None:
    texts = [decode(drawn(seed).partition(b"\n;----\n")[0]) for seed in SEEDS]
    assert len({text.encoding for text in texts}) == 4
    assert {("\r\n" in text.text, "\n" in text.text.replace("\r\n", "")) for text in texts} >= {
        (True, False),
        (False, True),
        (False, False),
    }
