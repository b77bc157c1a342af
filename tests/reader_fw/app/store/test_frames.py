"""Frames: found from either end, so that damage in one place loses what is there and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tla_sim.reader_fw.app.store.frames import FRAME_OVERHEAD, Frame, Gap, body_offset_in, build_frame, scan
from tla_sim.reader_fw.app.store.sealing import Sealer
from tla_sim.reader_fw.board.entropy import SeededEntropy

SEALER = Sealer(bytes(32), SeededEntropy(1))
PARTS = [(b"first", b"A" * 50), (b"second" * 9, b""), (b"", b"C" * 7), (b"fourth", b"D" * 300)]


def frames(parts: list[tuple[bytes, bytes]]) -> list[bytes]:
    return [build_frame(SEALER, number, *part) for number, part in enumerate(parts, 10)]


def scanned(raw: bytes) -> list[Frame | Gap]:
    return list(scan(SEALER, lambda offset, length: raw[offset : offset + length], len(raw)))


def bodies(raw: bytes) -> dict[bytes, bytes]:
    found = [frame for frame in scanned(raw) if isinstance(frame, Frame)]
    return {frame.directory: raw[frame.body_offset : frame.body_offset + frame.body_size] for frame in found}


@given(st.lists(st.tuples(st.binary(max_size=80), st.binary(max_size=80)), max_size=6))
def test_frames_are_found_in_order(parts: list[tuple[bytes, bytes]]) -> None:
    raw = b"".join(frames(parts))
    at = 0
    for number, (found, (directory, body)) in enumerate(zip(scanned(raw), parts, strict=True), 10):
        assert found == Frame(number, directory, at + body_offset_in(directory), len(body))
        at += FRAME_OVERHEAD + 2 * len(directory) + len(body)
    assert at == len(raw)


def test_any_one_damaged_byte_loses_no_frame() -> None:
    raw = b"".join(frames(PARTS))
    for at in range(len(raw)):
        spoilt = bytearray(raw)
        spoilt[at] ^= 0x5A
        assert list(bodies(bytes(spoilt))) == [directory for directory, _ in PARTS]


@pytest.mark.parametrize("lost", range(len(PARTS)))
def test_a_frame_damaged_at_both_ends_is_a_gap_and_its_neighbours_stay(lost: int) -> None:
    parts = frames(PARTS)
    raw = bytearray(b"".join(parts))
    start = sum(map(len, parts[:lost]))
    end = start + len(parts[lost])
    raw[start + 25] ^= 1
    raw[end - 25] ^= 1
    assert [item for item in scanned(bytes(raw)) if isinstance(item, Gap)] == [Gap(start, end)]
    assert bodies(bytes(raw)) == dict(PARTS[:lost] + PARTS[lost + 1 :])


def test_lengths_that_lie_lead_nowhere() -> None:
    raw = bytearray(b"".join(frames(PARTS)))
    raw[12:20] = b"\xff" * 8
    assert bodies(bytes(raw)) == dict(PARTS)
    raw[-8:] = b"\xff" * 8
    assert scanned(bytes(raw)) == [Gap(0, len(raw))]


@given(st.binary(max_size=400))
def test_foreign_bytes_hold_no_frame(raw: bytes) -> None:
    assert scanned(raw) == ([Gap(0, len(raw))] if raw else [])


def test_a_frame_cannot_pass_for_another_one() -> None:
    first, second = frames([(b"x", b"body"), (b"y", b"body")])
    mixed = first[:20] + second[20:-20] + first[-20:]
    assert scanned(mixed) == [Gap(0, len(mixed))]
