"""Both files for one reader on a serial port under Linux."""

from __future__ import annotations

from typing import Final

from tla_sim.host.transport.galss.configuration import LINE
from tla_sim.host.transport.galss.protocols import LINUX_LIBRARY
from tla_sim.host.transport.galss.resources import ChannelKind

_NAMES: Final = (("CPS", 1, "TRANSPA1"), ("Log_SV", 0, ""), ("Vitale", 2, "TRANSPA2"))


def sample(device: str, baud: int) -> tuple[str, str]:
    """`galss.ini` and `io_comm.ini` for one reader on a port, as the field writes them."""
    lads = "".join(
        f"\n[CANAL1.PAD1.LAD{place}]\nLAD={lad}\nNomLAD={name}\n"
        + (f"NbAlias=1\nNomAlias1={alias}\n" if alias else "NbAlias=0\n")
        for place, (name, lad, alias) in enumerate(_NAMES, 1)
    )
    galss = (
        "; Written by tla-sim\n"
        f"[PROTOCOLE0]\nConfig=1000,20,15000\nNomLib={LINUX_LIBRARY}\n\n[CONFIG]\nNbCanaux=1\n\n"
        "[CANAL1]\n"
        f"TCanal={ChannelKind.SERIAL}\nIndex=1\nProtocole=0\nCaracteristiques={baud},{LINE}\nNbPAD=1\n\n"
        f"[CANAL1.PAD1]\nPAD=2\nNbLAD={len(_NAMES)}\n{lads}"
    )
    return galss, f"; Written by tla-sim\n[MAP_DEVICE]\nCOM1={device}\n"
