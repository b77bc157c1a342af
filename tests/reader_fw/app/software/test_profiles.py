"""Every version of the reader software: what it says of itself is what it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.reader_kit import Bench, raw
from tla_sim.host.client import ReaderClient
from tla_sim.host.documents import OutgoingDocument
from tla_sim.protocol.apdu import CommandApdu
from tla_sim.protocol.commands.capability import Capability
from tla_sim.protocol.commands.command_set import COMMANDS
from tla_sim.protocol.commands.declaration import CLA
from tla_sim.protocol.commands.status import Status
from tla_sim.protocol.documents.document_id import DocumentId
from tla_sim.protocol.documents.fse import DocumentKind
from tla_sim.protocol.documents.invoice_state import InvoiceState
from tla_sim.protocol.errors import StatusError
from tla_sim.reader_fw.app.software.profile import Profile
from tla_sim.reader_fw.app.software.profiles import (
    PROFILES,
    TLA_1_31,
    TLA_1_39,
    TLA_1_40_ALTERED,
    TLA_1_40_SINGLE,
    UnknownProfile,
    find_profile,
)
from tla_sim.reader_fw.app.software.profiles.factory import image_of
from tla_sim.tools.cast.invoices import documents, invoices
from tla_sim.tools.cast.loading import load
from tla_sim.tools.cast.people import DOCTOR, NURSE, PAUL


@pytest.fixture(params=PROFILES, ids=lambda profile: profile.name)
def profile(request: pytest.FixtureRequest) -> Profile:
    """Each of them."""
    found: Profile = request.param
    return found


def refused(act: Callable[[], object]) -> Status | None:
    """The status that an act is refused with, `None` when it is not."""
    try:
        act()
    except StatusError as error:
        return error.status
    return None


def test_identification_is_the_profiles(profile: Profile) -> None:
    identity = Bench(profile=profile).client().identify()
    assert (identity.major, identity.minor) == (profile.version.major, profile.version.minor)
    assert (identity.cdc_major, identity.cdc_minor) == (profile.cdc.major, profile.cdc.minor)
    assert identity.capabilities == profile.capability_mask
    assert (identity.max_owners, identity.max_invoices) == (profile.max_owners, profile.max_documents)


def test_checksums_are_those_of_the_bytes_in_the_flash(profile: Profile) -> None:
    published = [f"{each.checksum:08X}" for each in image_of(profile).manifest.components]
    told = [each.component_checksum for each in Bench(profile=profile).client().configuration()]
    assert (told == published) is not profile.altered
    assert told[1:] == published[1:]


def test_a_byte_that_changes_in_the_flash_changes_the_checksum() -> None:
    bench = Bench()
    before = bench.client().configuration()
    payload = image_of(bench.profile).payload
    at = bytes(bench.image).find(payload[:64]) + 5_000
    bench.reader.board.flash.poke(at, b"\x00\x01\x02")
    after = bench.client().configuration()
    assert before[0].component_checksum != after[0].component_checksum
    assert before[1].component_checksum == after[1].component_checksum


def test_a_command_that_a_version_lacks_is_an_instruction_not_supported(profile: Profile) -> None:
    bench = Bench(profile=profile)
    port = bench.reader.attach("host")
    for command in COMMANDS:
        answer = raw(port, CommandApdu(CLA, command.ins, 0, 0, b"\xff" * 3, 65_536))
        lacking = answer.word == Status.INSTRUCTION_NOT_SUPPORTED
        assert lacking is not profile.knows(command.ins), command.name


def test_as_many_owners_as_said(profile: Profile) -> None:
    client = Bench(profile=profile).client()
    load(client, documents(NURSE, 1))
    several = refused(lambda: load(client, documents(DOCTOR, 1))) is None
    assert several is (Capability.MULTI_OWNER in profile.capabilities)
    owners = {NURSE, DOCTOR} if several else {NURSE}
    assert {each.id.owner for each in client.list_documents()} == owners


def test_as_many_invoices_as_said() -> None:
    client = Bench(profile=TLA_1_31).client()
    load(client, documents(NURSE, 149))
    assert refused(lambda: load(client, documents(NURSE, 151))) is Status.NO_FREE_SLOT
    assert len(client.list_documents()) == 149


def test_another_card_certifies_only_where_partial_certification_is_known(profile: Profile) -> None:
    bench = Bench(profile=profile)
    load(bench.client(), documents(NURSE, 1))
    bench.unplug()
    bench.insert_ps(PAUL)
    bench.insert_vitale()
    bench.press("DOWN", "VAL")
    bench.type_code()
    partial = Capability.PARTIAL_CERTIFICATION in profile.capabilities
    states = [each.state for each in bench.client().list_documents()]
    assert states == [InvoiceState.PARTIAL if partial else InvoiceState.LOADED]


def test_an_old_reader_signs_one_invoice_at_a_time() -> None:
    bench = Bench(profile=TLA_1_31)
    load(bench.client(), documents(NURSE, 2))
    bench.unplug()
    bench.insert_ps()
    bench.insert_vitale()
    assert "VAL=SIGNER" not in bench.text
    bench.press("VAL")
    assert "A LA FOIS" in bench.text
    bench.press("VAL", "DOWN", "VAL")
    bench.type_code()
    assert "1 FACTURE SIGNEE" in bench.text


def test_the_screens_show_the_version(profile: Profile) -> None:
    bench = Bench(profile=profile)
    assert bench.text.startswith(f"TLA {profile.version}")


def test_a_dre_is_refused_where_it_is_not_known(profile: Profile) -> None:
    client = Bench(profile=profile).client()
    (invoice,) = invoices(NURSE, 1)
    dre = OutgoingDocument.of(invoice, DocumentKind.DRE)
    known = Capability.DRE in profile.capabilities
    assert refused(lambda: load(client, [dre])) is (None if known else Status.FUNCTION_NOT_SUPPORTED)


def test_what_is_installed_stays_whatever_program_takes_the_reader_up() -> None:
    bench = Bench(profile=TLA_1_39)
    bench.profile = TLA_1_40_SINGLE
    bench.replace_reader()
    assert bench.client().identify().minor == 39
    assert bench.reader.profile.name == "1.39"


def test_profiles_are_found_by_name() -> None:
    assert find_profile("1.40-altered") is TLA_1_40_ALTERED
    with pytest.raises(UnknownProfile, match=r"1\.41"):
        find_profile("1.41")


def test_unloading_works_on_every_version(profile: Profile) -> None:
    bench = Bench(profile=profile)
    client: ReaderClient = bench.client()
    load(client, documents(NURSE, 1))
    bench.insert_ps()
    client.verify_code("1234")
    (answer,) = client.unload([DocumentId(NURSE, "190305001", DocumentKind.FSE)])
    assert answer.status == Status.INVOICE_STATE
