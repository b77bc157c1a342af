"""What an old reader is offered: no DRE before 1.39."""

from __future__ import annotations

import pytest

from tests.reader_kit import Bench
from tla_sim.host.documents import OutgoingDocument
from tla_sim.host.round.push import select_taken
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.reader_fw.app.software.profile import TLA_1_40, Profile
from tla_sim.reader_fw.app.software.profiles import TLA_1_31, TLA_1_39
from tla_sim.tools.cast.invoices import invoices
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import NURSE


@pytest.mark.parametrize(("profile", "takes"), [(TLA_1_31, 1), (TLA_1_39, 2), (TLA_1_40, 2)])
def test_a_reader_is_offered_what_its_version_takes(profile: Profile, takes: int) -> None:
    (invoice,) = invoices(NURSE, 1)
    both = (OutgoingDocument.of(invoice), OutgoingDocument.of(invoice, DocumentKind.DRE))
    client = Bench(profile=profile).client()
    offered = select_taken(client.identify(), both)
    assert len(offered) == takes
    assert offered[0].kind is DocumentKind.FSE
    load(client, [offered[0]])
