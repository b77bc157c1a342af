"""An FSE altered by one bit, anywhere, fails verification, and the signature that fails is named."""

from __future__ import annotations

import pytest

from tla_sim.protocol.documents.certificates import TrustAnchors
from tla_sim.protocol.documents.document import Document
from tla_sim.protocol.documents.fse import Fse
from tla_sim.protocol.documents.verification import SignatureInvalid, verify_fse
from tla_sim.protocol.errors import CodecError
from tla_sim.tools.explore.explorations import recording

ANCHORS = TrustAnchors.shipped()


def final() -> bytes:
    """An FSE with all three signatures, from the explored round."""
    lines = recording().ledgers[-1].lines.values()
    return next(line.fse for line in lines if line.fse and len(Fse.parse(line.fse).blocks) == 3)


def starts(raw: bytes) -> list[int]:
    """Where each signature block begins, and the end."""
    fse = Fse.parse(raw)
    ends = [len(fse.with_blocks().build())] if not fse.blocks else []
    at = len(raw) - sum(len(block.build()) for block in fse.blocks)
    ends = [at]
    for block in fse.blocks:
        at += len(block.build())
        ends.append(at)
    return ends


@pytest.mark.parametrize("bit", range(8))
def test_one_bit_anywhere_fails_and_names_a_signature_that_covers_it(bit: int) -> None:
    raw = final()
    edges = starts(raw)
    named = 0
    for at in range(bit % 3, len(raw), 3):
        altered = bytearray(raw)
        altered[at] ^= 1 << bit
        covering = next((index for index, edge in enumerate(edges[1:]) if at < edge), None)
        with pytest.raises((SignatureInvalid, CodecError)) as failure:
            verify_fse(Document(bytes(altered)), ANCHORS)
        if isinstance(failure.value, SignatureInvalid):
            named += 1
            assert covering is not None
            assert failure.value.index == covering
            assert f"Signature {covering + 1}" in failure.value.message
    assert named > len(raw) // 3 * 0.8, "all but what makes it no FSE at all names its signature"


def test_cut_short_it_is_no_fse() -> None:
    raw = final()
    edges = starts(raw)
    for size in range(0, len(raw), 7):
        if size in edges[1:]:
            continue
        with pytest.raises((SignatureInvalid, CodecError)):
            verify_fse(Document(raw[:size]), ANCHORS)
