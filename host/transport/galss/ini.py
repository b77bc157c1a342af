"""INI files as they lie about in the field, with the line of everything, and every problem told at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

MAX_INI_BYTES: Final = 1_048_576
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Problem:
    """What is wrong on a line (from 1), and what to write. A remark keeps no file from being used."""

    line: int
    text: str
    action: str = ""
    remark: bool = False


@dataclass(frozen=True)
class Value:
    """What stands behind a key, and on which line."""

    text: str
    line: int


@dataclass
class Section:
    """A section by its name as written, with its keys in lower case."""

    name: str
    line: int
    values: dict[str, Value] = field(default_factory=dict)


@dataclass
class Ini:
    """A file: its sections by name in upper case, and what is wrong with its form."""

    sections: dict[str, Section] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def unread(self) -> bool:
        """Whether it is no text, or too long, so that nothing was read."""
        return not self.sections and any(not problem.remark for problem in self.problems)


def parse_ini(raw: bytes) -> Ini:
    """Read a file whatever its encoding and line ends. Raises nothing: `problems` has what is wrong."""
    ini = Ini()
    if len(raw) > MAX_INI_BYTES:
        ini.problems.append(Problem(1, f"The file is larger than {MAX_INI_BYTES} bytes", "Name another file"))
        return ini
    section: Section | None = None
    for line, text in enumerate(_lines(raw, ini.problems), 1):
        written = text.strip()
        if not written or written[0] in ";#":
            continue
        if written[0] == "[":
            section = _section(written, line, ini)
        elif "=" not in written:
            ini.problems.append(
                Problem(line, f"'{written[:40]}' is no key=value", "Correct or delete the line")
            )
        elif section is None:
            ini.problems.append(Problem(line, "A key stands before any section", "Begin a section: [CONFIG]"))
        else:
            key, _, value = written.partition("=")
            _put(section, key.strip(), Value(value.strip(), line), ini.problems)
    return ini


def _lines(raw: bytes, problems: list[Problem]) -> Iterator[str]:
    if raw.startswith(_BOM):
        raw = raw[len(_BOM) :]
        problems.append(
            Problem(1, "The file begins with a byte order mark", "Save it as UTF-8 without BOM", remark=True)
        )
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        problems.append(
            Problem(line, "The file is no text, or text in UTF-16", "Save it as UTF-8 or Latin-1 text")
        )
        return iter(())
    if b"\r\n" in raw:
        line = raw[: raw.index(b"\r\n")].count(b"\n") + 1
        problems.append(Problem(line, "Lines end in CR LF, as on Windows", "This does no harm", remark=True))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(
            Problem(line, "The text is not UTF-8; it was read as Latin-1", "Save it as UTF-8", remark=True)
        )
        text = raw.decode("latin-1")
    return iter(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _section(written: str, line: int, ini: Ini) -> Section:
    name = written[1:].partition("]")[0].strip()
    section = Section(name, line)
    if not written.endswith("]") or not name:
        ini.problems.append(Problem(line, f"'{written[:40]}' is no section", "Write [NAME]"))
        return section
    known = ini.sections.get(name.upper())
    if known is not None:
        ini.problems.append(
            Problem(line, f"Section [{name}] stands on line {known.line} already", "Delete one of the two")
        )
        return section
    ini.sections[name.upper()] = section
    return section


def _put(section: Section, key: str, value: Value, problems: list[Problem]) -> None:
    known = section.values.get(key.lower())
    if known is not None:
        problems.append(
            Problem(value.line, f"{key} stands on line {known.line} already", "Delete one of the two")
        )
    else:
        section.values[key.lower()] = value
