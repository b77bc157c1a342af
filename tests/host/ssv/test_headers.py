"""The C headers, against the prototypes that public sources give."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.functions import AT_SERVER
from tla_sim.host.ssv.headers import CODES_HEADER, HEADERS, code_name, header_files
from tla_sim.host.ssv.libraries import FUNCTIONS, SOURCES
from tla_sim.host.ssv.prototypes import prototype

CARD: Final = "const char *, const char *, const char *"
ZONES_IN: Final = "short, void **, size_t *"
ZONES_OUT: Final = "short *, void **, size_t *"
OUT: Final = "void **, size_t *"
SESSION: Final = "unsigned short"
PUBLIC: Final = {
    "SSV_InitLIB": "void",
    "SSV_InitLIB2": "const char *",
    "SSV_TermLIB": "void",
    "SSV_AllouerZoneMem": "void **, size_t",
    "SSV_LibererZoneMem": "void *",
    "SSV_InitTrace": "char *, char *, unsigned short, unsigned char",
    "SSV_LireConfig": OUT,
    "SSV_LireCartePS": f"{CARD}, {OUT}",
    "SSV_LireDroitsVitale": f"{CARD}, const char *, {OUT}",
    "SSV_FormaterFactures": f"{CARD}, char, char, void *, size_t, {OUT}",
    "SSV_FormaterLot": f"{CARD}, {ZONES_IN}, {ZONES_OUT}",
    "SSV_FormaterFichier": f"void *, size_t, {OUT}",
    "SSV_TraduireARL": f"{ZONES_IN}, {OUT}",
    "SSV_TraduireFSE": f"void *, size_t, {OUT}",
    "SSV_SecuriserFacture": f"{CARD}, char, const char *, void *, size_t, {OUT}",
    "SSV_MajDateLecteur": "const char *, const char *",
    "SSV_LireDateLecteur": "const char *, char *",
    "SSV_IdentifierTLA": f"const char *, const char *, {OUT}",
    "SSV_ChargerFacturesPdT": f"const char *, const char *, {ZONES_IN}, {ZONES_OUT}",
    "SSV_DechargerFacturesPdT": f"{CARD}, const char *, {ZONES_IN}, {ZONES_OUT}",
    "SSV_DechargerFSETLA": f"{CARD}, const char *, {ZONES_OUT}",
    "SSV_DechargerBeneficiaires": f"{CARD}, const char *, {ZONES_OUT}",
    "SSV_EffacerTLA": f"{CARD}, const char *, const char *",
    "SSV_ChargerAppli": f"char *, {ZONES_IN}",
    "SSV_ChargerDonneesTLA": f"char *, {ZONES_IN}",
    "SIS_LireConfig": SESSION,
    "SIS_LireCartePS": f"{CARD}, {SESSION}",
    "SIS_LireDroitsVitale": f"{CARD}, const char *, {SESSION}",
    "SIS_FormaterFactures": f"{CARD}, char, char, {SESSION}",
    "SIS_FormaterLot": f"{CARD}, {SESSION}",
    "SIS_FormaterFichier": SESSION,
    "SIS_TraduireARL": SESSION,
    "SIS_TraduireFSE": SESSION,
    "SIS_SecuriserFacture": f"{CARD}, char, const char *, {SESSION}",
    "SIS_MajDateLecteur": "const char *, const char *",
    "SIS_LireDateLecteur": "const char *, char *",
    "SIS_IdentifierTLA": f"const char *, const char *, {SESSION}",
    "SIS_ChargerFacturesPdT": f"const char *, const char *, {SESSION}",
    "SIS_DechargerFacturesPdT": f"{CARD}, const char *, {SESSION}",
    "SIS_DechargerFSETLA": f"{CARD}, const char *, {SESSION}",
    "SIS_DechargerBeneficiaires": f"{CARD}, const char *, {SESSION}",
    "SIS_EffacerTLA": f"{CARD}, const char *, const char *",
    "SIS_ChargerAppli": f"char *, {SESSION}",
    "SIS_ChargerDonneesTLA": f"char *, {SESSION}",
    "SGD_ReserverSession": "size_t, unsigned short *",
    "SGD_RedimensionnerBuffer": f"{SESSION}, size_t",
    "SGD_LibererSession": SESSION,
    "SGD_AjouterGroupe": f"{SESSION}, unsigned short",
    "SGD_AjouterChamp": f"{SESSION}, const char *",
    "SGD_AjouterChampBin": f"{SESSION}, const char *, size_t",
    "SGD_AjouterChampFichier": f"{SESSION}, const char *",
    "SGD_LireGroupeSuivant": f"{SESSION}, unsigned short, unsigned short, unsigned short *, unsigned short *",
    "SGD_LireChamp": f"{SESSION}, unsigned short, unsigned short, unsigned short, char *, size_t *",
    "SGD_LireChampBin": f"{SESSION}, unsigned short, unsigned short, unsigned short, char *, size_t *",
    "SGD_LireChampFichier": f"{SESSION}, unsigned short, unsigned short, unsigned short, const char *",
    "SGD_InitTrace": "const char *, const char *, unsigned short, unsigned char",
}
"""The types of the public headers."""


def test_the_types_are_those_of_the_public_headers() -> None:
    for function in FUNCTIONS:
        if function.name not in PUBLIC and not function.name.startswith(("SSV_", "SIS_", "SGD_")):
            continue
        result, name, parameters = re.fullmatch(r"(.*) API_ENTRY (\w+)\((.*)\)", prototype(function)).groups()  # type: ignore[union-attr]
        types = re.sub(r" ?\b\w+(?=,|$)", "", parameters) if parameters != "void" else "void"
        assert types == PUBLIC[name], name
        assert result == ("void" if name == "SSV_LibererZoneMem" else "unsigned short")


def test_every_public_function_is_declared_and_has_its_twin() -> None:
    assert {each.name for each in FUNCTIONS} >= set(PUBLIC)
    twins = {each.name.replace("SSV_", "SIS_") for each in AT_SERVER}
    assert twins == {name for name in PUBLIC if name.startswith("SIS_")}


def test_every_function_is_in_one_header_and_every_code_has_a_constant() -> None:
    declared = [each for header in HEADERS for each in header.functions]
    assert sorted(each.name for each in declared) == sorted(each.name for each in FUNCTIONS)
    files = header_files()
    assert all(f"{each.name}(" in "".join(files.values()) for each in FUNCTIONS)
    constants = dict(re.findall(r"#define SSV_CODE_(\w+) +0x([0-9A-F]{4}) ", files[CODES_HEADER]))
    assert {name: int(value, 16) for name, value in constants.items()} == {
        code.name: int(code) for code in SsvCode
    }
    assert code_name(SsvCode.NO_ANSWER) == "SSV_CODE_NO_ANSWER"


def test_no_line_is_too_long_and_no_parameter_is_cut() -> None:
    for text in header_files().values():
        assert max(map(len, text.splitlines())) <= 110
        assert not re.search(r"[*,\w]\n +\**\w+[,)]", text.replace(",\n", ", "))


@pytest.mark.parametrize("language", [("c", "-std=c99"), ("c++", "-std=c++11")])
@pytest.mark.parametrize("header", sorted(header_files()))
def test_each_header_stands_alone(tmp_path: Path, header: str, language: tuple[str, str]) -> None:
    for name, text in header_files().items():
        (tmp_path / name).write_text(text, "utf-8")
    name, standard = language
    flags = (standard, "-x", name, "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", "-")
    program = f'#include "{header}"\n#include "{header}"\nint main(void) {{ return 0; }}\n'
    run = subprocess.run(
        ["gcc", f"-I{tmp_path}", *flags], input=program, text=True, capture_output=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_the_sessions_are_defined_as_declared(tmp_path: Path) -> None:
    for name, text in header_files().items():
        (tmp_path / name).write_text(text, "utf-8")
    flags = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{tmp_path}", f"-I{SOURCES}")
    command = ["gcc", *flags, "-include", "sgd.h", str(SOURCES / "sgd.c")]
    run = subprocess.run(command, text=True, capture_output=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
