"""The C written from the declarations."""

from __future__ import annotations

import re

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.frames import MAGIC, MAX_FRAME_BYTES, MAX_ZONES, VERSION, Client
from tla_sim.host.ssv.functions import AT_SERVER, CHARGER_FACTURES_PDT, EFFACER_TLA
from tla_sim.host.ssv.libraries import SOURCES
from tla_sim.host.ssv.stubs import calls_source, numbers_header, words_source
from tla_sim.protocol.groups.zone import MAX_ZONE_BYTES


def body(name: str) -> list[str]:
    """Return the statements of a function, without those that all have."""
    found = re.search(
        rf"API_ENTRY {name}\([^)]*\)\n{{\n    struct call call;\n\n(.*?)\n}}", calls_source(), re.S
    )
    assert found is not None, name
    return [line.strip() for line in found[1].splitlines()]


def test_a_function_takes_its_parameters_in_order() -> None:
    assert body("SSV_EffacerTLA") == [
        f'call_begin(&call, &SSV_LINK, "SSV_EffacerTLA", {EFFACER_TLA.number}, {EFFACER_TLA.seconds});',
        "call_resource(&call, ps_resource, 8);",
        "call_resource(&call, reader, 8);",
        "call_text(&call, code, 8, REQUIRED);",
        "call_text(&call, billing, 9, OPTIONAL);",
        "call_text(&call, kind, 8, OPTIONAL);",
        "return call_carry_out(&call);",
    ]


def test_a_twin_takes_its_zones_from_the_session() -> None:
    number = CHARGER_FACTURES_PDT.number
    assert body("SIS_ChargerFacturesPdT") == [
        f'call_begin(&call, &SSV_LINK, "SIS_ChargerFacturesPdT", {number}, {CHARGER_FACTURES_PDT.seconds});',
        "call_for_session(&call, session);",
        "call_resource(&call, reader, 8);",
        "call_text(&call, billing, 9, OPTIONAL);",
        "call_session_zones(&call, (const uint16_t[]){9310, 1110}, 2);",
        "call_session_zones_out(&call);",
        "return call_carry_out_for_session(&call);",
    ]


def test_every_function_that_takes_several_zones_says_where_a_session_is_split() -> None:
    for function in AT_SERVER:
        takes = any(each.form.name == "ZONES_IN" for each in function.parameters)
        assert takes == bool(function.splits), function.name


def test_every_function_at_the_server_has_a_body_and_a_number_of_its_own() -> None:
    for function in AT_SERVER:
        for name in (function.name, function.twin().name):
            assert f'"{name}", {function.number}, {function.seconds});' in body(name)[0]
    assert len({each.number for each in AT_SERVER}) == len(AT_SERVER)


def test_what_the_bodies_call_is_declared_by_hand() -> None:
    used = set(re.findall(r"\b(call_\w+)\(", calls_source()))
    headers = "".join((SOURCES / name).read_text() for name in ("call.h", "sis.h"))
    assert used <= set(re.findall(r"\b(call_\w+)\(", headers))


def test_the_numbers_are_those_of_the_frames() -> None:
    found = dict(re.findall(r'#define (\w+) "?(\w+?)u?"?\n', numbers_header()))
    assert found["FRAME_VERSION"] == str(VERSION)
    assert found["FRAME_MAGIC"] == MAGIC.decode()
    assert found["FRAME_MOST_BYTES"] == str(MAX_FRAME_BYTES)
    assert found["FRAME_MOST_ZONES"] == str(MAX_ZONES)
    assert found["FRAME_MOST_ZONE_BYTES"] == str(MAX_ZONE_BYTES)
    assert (found["CLIENT_SSV"], found["CLIENT_GALSS"]) == (str(Client.SSV.value), str(Client.GALSS.value))


def test_every_code_has_its_sentence() -> None:
    cases = dict(re.findall(r'case 0x(\w{4}):\n        return "(.*)";', words_source()))
    assert {int(number, 16): words for number, words in cases.items()} == {
        int(code): code.en for code in SsvCode
    }
