"""The codes that the GALSS has for failures that SSV tells otherwise."""

from __future__ import annotations

from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused, code_of
from tla_sim.host.transport.galss.named import UnknownResource
from tla_sim.protocol.errors import CodecError, LinkError, TlaError

HIGHEST: Final = 0xCFFF
"""The codes above are those of SSV and of the cards."""


def galss_code_of(error: TlaError) -> int:
    """Return the code of a failure for a program that calls the GALSS: one of the GALSS's own."""
    if isinstance(error, CallRefused):
        return error.ssv or SsvCode.GALSS_INTERNAL
    if isinstance(error, UnknownResource):
        return SsvCode.UNKNOWN_RESOURCE
    if isinstance(error, CodecError):
        return SsvCode.PARAMETER
    code = code_of(error)
    if code <= HIGHEST:
        return code
    return SsvCode.LINK_PROTOCOL if isinstance(error, LinkError) else SsvCode.GALSS_INTERNAL
