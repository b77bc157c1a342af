"""The functions of the GALSS as they are declared, and how their calls travel."""

from __future__ import annotations

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import Library
from tla_sim.host.ssv.frames import build_answer, build_call, parse_answer, parse_call
from tla_sim.host.ssv.functions import SSV_FUNCTIONS
from tla_sim.host.ssv.galss_functions import (
    DEBUT_EXCLUSIVITE,
    ECHANGE,
    FERMER_SESSION,
    GALSS_FUNCTIONS,
    LIT_CONTEXTE,
)
from tla_sim.host.ssv.prototypes import c_parameters, prototype

PUBLIC = {
    "OuvrirSession FermerSession DebutExclusivite FinExclusivite EcritContexte LitContexte Echange": "galcl",
    "LireVersion usDump": "galcl",
    "DonneNombreRessources DonneTableRessources": "galin",
}


def test_every_public_function_is_in_its_library() -> None:
    expected = {name: library for names, library in PUBLIC.items() for name in names.split()}
    assert {each.name: each.library.value for each in GALSS_FUNCTIONS} == expected
    assert {each.library for each in GALSS_FUNCTIONS} == {Library.GALSS_CLIENT, Library.GALSS_RESOURCES}


TYPES = {
    "OuvrirSession": "const char *, const char *, unsigned short *, unsigned char *",
    "FermerSession": "unsigned short, unsigned short *",
    "DebutExclusivite": "const char *, char *, char *, unsigned short *",
    "FinExclusivite": "unsigned short",
    "EcritContexte": "unsigned short, unsigned short, const void *, const unsigned short *",
    "LitContexte": "unsigned short, unsigned short, void *, unsigned short *",
    "Echange": "unsigned short, unsigned short, const char *, const unsigned int *, char *, unsigned int *",
    "LireVersion": "char *, unsigned short *, IdentComposant *",
    "usDump": "unsigned short, unsigned short, unsigned short *, unsigned short *, void *",
    "DonneNombreRessources": "unsigned short *",
    "DonneTableRessources": "InfoRessource *, unsigned short *",
}
"""What programs of others pass, and what they get."""


def test_their_types_are_those_of_public_programs() -> None:
    for function in GALSS_FUNCTIONS:
        types = ", ".join(each.type for parameter in function.parameters for each in c_parameters(parameter))
        assert types == TYPES[function.name]
        assert prototype(function).startswith(f"unsigned short API_ENTRY {function.name}(")


def test_their_numbers_are_their_own() -> None:
    numbers = [each.number for each in GALSS_FUNCTIONS]
    assert len(dict.fromkeys(numbers)) == len(numbers)
    assert min(numbers) == 0x100
    assert max(each.number for each in SSV_FUNCTIONS) < 0x100


def test_every_code_is_one_of_the_galss_own() -> None:
    for function in GALSS_FUNCTIONS:
        assert all(code <= 0x8011 for code in function.codes)
        assert len(dict.fromkeys(function.codes)) == len(function.codes)
        assert SsvCode.SERVER in function.codes


def test_a_message_travels_with_its_session() -> None:
    values = {"session": 7, "most_seconds": 32, "message": b"\x00\x01\x16"}
    functions = {each.number: each for each in GALSS_FUNCTIONS}
    assert parse_call(build_call(ECHANGE, values, 90_000), functions) == (ECHANGE, values, 90_000)


def test_only_the_beginning_of_an_exclusivity_tells_something_with_a_code() -> None:
    told = {"holder": b"OPENSC_001", "held": b"CPS", "exclusivity": 0}
    assert parse_answer(DEBUT_EXCLUSIVITE, build_answer(DEBUT_EXCLUSIVITE, 4, told)) == (4, told)
    assert parse_answer(DEBUT_EXCLUSIVITE, build_answer(DEBUT_EXCLUSIVITE, 0x4000)) == (0x4000, {})
    assert parse_answer(FERMER_SESSION, build_answer(FERMER_SESSION, 4, {"exclusivity": 1})) == (4, {})
    assert [each for each in GALSS_FUNCTIONS if each.tells_on_error] == [DEBUT_EXCLUSIVITE]


def test_a_context_comes_back_as_it_is() -> None:
    context = bytes(range(256)) * 4 + bytes(52)
    assert parse_answer(LIT_CONTEXTE, build_answer(LIT_CONTEXTE, 0, {"context": context})) == (
        0,
        {"context": context},
    )
