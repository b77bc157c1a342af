"""sesam.ini: the workstation's folder for tables, and the test cards in place of the Vitale that is read.

Source: public samples, in which [COMMUN] has RepertoireTravail and [TESTSSV] NumeroFichierVitale and
NomFichierVitale1, 2, 3 and on. Inferred: the codes F6F1 for a RepertoireTravail that is not given or a
sesam.ini that cannot be read, F680 for one that is no folder, F6F2 for one in which nothing can be written;
NumeroFichierVitale 0 or none for the card's own content; F014 for a test card that cannot be used. Paths that
are not absolute begin at the folder of sesam.ini (Project-defined).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.transport.galss.ini import MAX_INI_BYTES, Ini, Value, parse_ini
from tla_sim.host.whole_file import FileUnusable, read_start, read_whole
from tla_sim.protocol.errors import Category, TlaError
from tla_sim.protocol.groups.zone import MAX_ZONE_BYTES
from tla_sim.protocol.sentence import Sentence

COMMON: Final = "COMMUN"
FOLDER: Final = "RepertoireTravail"
TEST: Final = "TESTSSV"
NUMBER: Final = "NumeroFichierVitale"
FILE: Final = "NomFichierVitale"
MAX_NUMBER: Final = 999
"""The highest number of a test card. Project-defined."""
_SHOWN: Final = 40


class SesamUnusable(TlaError):
    """sesam.ini, its folder, or a test card that it names cannot be used; `ssv` is the code of it."""

    category = Category.BAD_INPUT

    def __init__(self, code: SsvCode, message: str, action: str, /, **values: object) -> None:
        super().__init__(message, action, **values)
        self.ssv = code


@dataclass(frozen=True)
class SesamIni:
    """What a sesam.ini says: the folder for tables, and the file that stands for a test Vitale, if any."""

    folder: Path | None = None
    vitale_file: Path | None = None

    def test_vitale(self) -> bytes | None:
        """Return the zone that replaces what a test Vitale says, `None` for the card's own.

        The file is read each time, so that a developer can change the card between two calls. Its groups are
        not looked at. Raises SesamUnusable with F014 when it cannot be read.
        """
        if self.vitale_file is None:
            return None
        try:
            return read_whole(self.vitale_file, MAX_ZONE_BYTES)
        except FileUnusable as error:
            raise SesamUnusable(
                SsvCode.VITALE_UNREADABLE,
                "The test card {file} cannot be used: {reason}",
                "Correct the file",
                file=self.vitale_file,
                reason=error.message,
            ) from None


def read_sesam_ini(path: Path) -> SesamIni:
    """Read and check a sesam.ini. Raises SesamUnusable with F6F1, F680, F6F2 or F802."""
    try:
        ini = parse_ini(read_start(path, MAX_INI_BYTES + 1), lambda _section, _key: None)
    except FileUnusable as error:
        raise SesamUnusable(
            SsvCode.WORKING_FOLDER, "{reason}", "Name an existing sesam.ini", reason=error.message
        ) from None
    for problem in ini.problems:
        if not problem.remark:
            raise _wrong(path, problem.line, problem.text, problem.action, SsvCode.WORKING_FOLDER)
    return SesamIni(_folder(path, ini), _vitale_file(path, ini))


def _folder(path: Path, ini: Ini) -> Path:
    value = _value(ini, COMMON, FOLDER)
    if value is None or not value.text:
        section = ini.sections.get(COMMON)
        line = value.line if value is not None else 1 if section is None else section.line
        said = Sentence("[{section}] has no {key}", section=COMMON, key=FOLDER)
        raise _wrong(path, line, said, Sentence("Add {key}= to it", key=FOLDER), SsvCode.WORKING_FOLDER)
    folder = path.parent / value.text
    if not folder.is_dir():
        said = Sentence("{folder} is not a folder", folder=folder)
        raise _wrong(path, value.line, said, Sentence("Correct {key}", key=FOLDER), SsvCode.TABLES_MISSING)
    if not os.access(folder, os.W_OK | os.X_OK):
        said = Sentence("Nothing can be written in {folder}", folder=folder)
        raise _wrong(path, value.line, said, Sentence("Correct its permissions"), SsvCode.TABLES_UNWRITABLE)
    return folder


def _vitale_file(path: Path, ini: Ini) -> Path | None:
    number = _value(ini, TEST, NUMBER)
    if number is None or not number.text.strip("0"):
        return None
    text = number.text
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= MAX_NUMBER):
        said = Sentence(
            "{key}={text} is not a number from {least} to {most}",
            key=NUMBER,
            text=text[:_SHOWN],
            least=0,
            most=MAX_NUMBER,
        )
        raise _wrong(path, number.line, said, Sentence("Correct {key}", key=NUMBER), SsvCode.INPUT)
    key = f"{FILE}{int(text)}"
    named = _value(ini, TEST, key)
    if named is None or not named.text:
        said = Sentence("[{section}] has no {key}", section=TEST, key=key)
        raise _wrong(path, number.line, said, Sentence("Add {key}= to it", key=key), SsvCode.INPUT)
    return path.parent / named.text


def _value(ini: Ini, section: str, key: str) -> Value | None:
    found = ini.sections.get(section)
    return None if found is None else found.values.get(key.lower())


def _wrong(path: Path, line: int, said: str, action: str, code: SsvCode) -> SesamUnusable:
    return SesamUnusable(code, "{file} line {line}: {problem}", action, file=path, line=line, problem=said)
