"""SGD in a C program: a read of one field, and a Vitale of 19 beneficiaries read field by field."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tla_sim.host.ssv.build import build
from tla_sim.host.ssv.declaration import Library
from tla_sim.host.ssv.libraries import SOURCES, file_name
from tla_sim.protocol.groups.dictionary import DICTIONARY
from tla_sim.protocol.groups.zone import ZoneData, encode_zone_data
from tla_sim.tools.bench.report import Figure

_PROGRAM: Final = Path(__file__).with_name("sgd_reads.c")
_BENEFICIARIES: Final = 19
_OF_A_CARD: Final = (101, 102, 103)
_OF_A_BENEFICIARY: Final = (104, *(105,) * 3, *(106,) * 3, 107, *(108,) * 2)
_VALUE: Final = b"1234567890"
_READ_US: Final = 2.0
_CARD_MS: Final = 5.0


def measure() -> list[Figure]:
    """Measure a read against its budget, against a walk over the zone and the bare copy of the value."""
    with tempfile.TemporaryDirectory(prefix="tla-bench-") as folder:
        read, walked, copied, card = _nanoseconds(Path(folder))
    return [
        Figure("SGD_LireChamp", read / 1e3, "µs", "a budget of 2 µs", _READ_US, 1, True),
        Figure("SGD_LireChamp", read, "ns", "walking to the value", walked, 0.5, True),
        Figure("SGD_LireChamp", read, "ns", "copying the value alone", copied, 20, True),
        Figure("19 beneficiaries by SGD", card / 1e6, "ms", "a budget of 5 ms", _CARD_MS, 1, True),
    ]


def _nanoseconds(folder: Path) -> tuple[float, ...]:
    """Build the libraries and the program, and return what it prints."""
    zone, program = folder / "zone", folder / "sgd_reads"
    zone.write_bytes(_vitale())
    built = build(folder)
    library = built.folder / "lib" / file_name(Library.SGD)
    places = (f"-I{SOURCES}", f"-I{built.folder / 'include'}", f"-Wl,-rpath,{library.parent}")
    subprocess.run(["cc", "-std=c11", "-O2", *places, _PROGRAM, library, "-o", program], check=True)
    printed = subprocess.run([program, zone], check=True, capture_output=True, text=True).stdout
    return tuple(float(each) for each in printed.split())


def _vitale() -> bytes:
    """Return a zone as full as a card can be."""
    numbers = (*_OF_A_CARD, *_OF_A_BENEFICIARY * _BENEFICIARIES)
    return encode_zone_data(ZoneData(number, (_VALUE,) * DICTIONARY[number].zone_count) for number in numbers)
