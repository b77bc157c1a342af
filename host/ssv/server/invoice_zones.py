"""Invoices in memory zones: groups 1110 to 9140 as a program passes them.

Their order is that of an invoice's own groups, so that a zone says the same invoice as a practice file does,
byte for byte. The order, and the groups from 9110 on, are Project-defined.
"""

from __future__ import annotations

from collections.abc import Sequence

from tla_sim.host.desk.rectification import check_dates
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.failure import CallRefused
from tla_sim.protocol.documents.invoice import PreparedInvoice
from tla_sim.protocol.errors import CodecError
from tla_sim.protocol.groups.declaration import Group, encode_typed
from tla_sim.protocol.groups.zone import decode_zone


def read_invoice(zone: bytes) -> PreparedInvoice:
    """Return the one invoice of a zone.

    Raises ZoneError for an ill-formed zone or field, and as `invoice_of`.
    """
    return invoice_of(decode_zone(zone))


def invoice_of(groups: Sequence[Group]) -> PreparedInvoice:
    """Return the invoice of these groups, 1110 to 9140.

    Raises, with F802: CallRefused for a group missing, repeated or out of order, and for sums that do not
    agree; BadValue for dates that are out of order.
    """
    try:
        invoice = PreparedInvoice.parse(encode_typed(groups))
    except CodecError as error:
        # To read what came over the line fails with F0FF; here the fault is in what the program passed.
        raise CallRefused(SsvCode.INPUT, error.message, error.action) from None
    check_dates(invoice)
    return invoice
