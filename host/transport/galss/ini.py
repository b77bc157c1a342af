"""INI files as found in the field: every value with its line, and all problems reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tla_sim.host.text_file import NotText, TextEncoding, decode
from tla_sim.host.transport.galss.codes import GalssCode
from tla_sim.protocol.sentence import Sentence

MAX_INI_BYTES: Final = 1_048_576

CodeOf = Callable[[str, str], GalssCode | None]
"""The code of a mistake in a section's key, or in a section where the key is empty; `None` for a file whose
mistakes have no code of their own."""


@dataclass(frozen=True)
class Problem:
    """A problem on a line (from 1; 0 for none), what to write instead, and the field's code for it.

    A remark does not keep the file from being used; it has a code only where the field's GALSS would refuse
    the file.
    """

    line: int
    text: str
    action: str = ""
    remark: bool = False
    code: GalssCode | None = None


@dataclass(frozen=True)
class Value:
    """The value of a key, and its line."""

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
    """A file: its sections by name in upper case, and the problems of its form."""

    sections: dict[str, Section] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def unread(self) -> bool:
        """Whether the file is not text, or is too long, so that nothing was read."""
        return not self.sections and any(not problem.remark for problem in self.problems)


def parse_ini(raw: bytes, code_of: CodeOf) -> Ini:
    """Read a file of any encoding and line ending. Raises nothing: mistakes are in `problems`."""
    ini = Ini()
    if len(raw) > MAX_INI_BYTES:
        large = Sentence("The file is larger than {most} bytes", most=MAX_INI_BYTES)
        ini.problems.append(Problem(1, large, Sentence("Name another file"), code=code_of("", "")))
        return ini
    section: Section | None = None
    for line, text in enumerate(_lines(raw, ini.problems, code_of("", "")), 1):
        written = text.strip()
        if not written or written[0] in ";#":
            continue
        if written[0] == "[":
            section = _section(written, line, ini, code_of)
        elif "=" not in written:
            said = Sentence("'{written}' is not key=value", written=written[:40])
            code = code_of("", "")
            ini.problems.append(Problem(line, said, Sentence("Correct or delete the line"), code=code))
        elif section is None:
            said = Sentence("A key comes before any section")
            ini.problems.append(
                Problem(line, said, Sentence("Begin a section: [CONFIG]"), code=code_of("", ""))
            )
        else:
            key, _, value = written.partition("=")
            _put(section, key.strip(), Value(_unquote(value.strip()), line), ini.problems, code_of)
    return ini


def _lines(raw: bytes, problems: list[Problem], code: GalssCode | None) -> Iterator[str]:
    try:
        read = decode(raw)
    except NotText as error:
        text = Sentence("The file is not text: it holds {found}", found=error.found)
        problems.append(Problem(max(error.line, 1), text, error.action, code=code))
        return iter(())
    match read.encoding:
        case TextEncoding.UTF_8_MARKED:
            text = Sentence("The file begins with a byte order mark")
            problems.append(Problem(1, text, Sentence("Save it as UTF-8 without BOM"), remark=True))
        case TextEncoding.UTF_16 | TextEncoding.UTF_32:
            text = Sentence("The text is {encoding}", encoding=read.encoding.value)
            problems.append(Problem(1, text, Sentence("Save it as UTF-8 without BOM"), remark=True))
        case TextEncoding.WINDOWS_1252:
            text = Sentence("The text is not UTF-8; it was read as {encoding}", encoding=read.encoding.value)
            problems.append(Problem(read.line, text, Sentence("Save it as UTF-8"), remark=True))
    if "\r\n" in read.text:
        line = read.text[: read.text.index("\r\n")].count("\n") + 1
        problems.append(
            Problem(
                line,
                Sentence("Lines end in CR LF, as on Windows"),
                Sentence("This does no harm"),
                remark=True,
            )
        )
    return iter(read.text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _section(written: str, line: int, ini: Ini, code_of: CodeOf) -> Section:
    name, bracket, rest = written[1:].partition("]")
    name = name.strip()
    section = Section(name, line)
    if not bracket or not name or rest.strip()[:1] not in ("", ";", "#"):
        said = Sentence("'{written}' is not a section", written=written[:40])
        ini.problems.append(Problem(line, said, "Write [NAME]", code=code_of("", "")))
        return section
    known = ini.sections.get(name.upper())
    if known is not None:
        said = Sentence("Section [{name}] is already on line {line}", name=name, line=known.line)
        ini.problems.append(Problem(line, said, Sentence("Delete one of the two"), code=code_of(name, "")))
        return section
    ini.sections[name.upper()] = section
    return section


def _put(section: Section, key: str, value: Value, problems: list[Problem], code_of: CodeOf) -> None:
    known = section.values.get(key.lower())
    if known is not None:
        said = Sentence("{key} is already on line {line}", key=key, line=known.line)
        problems.append(
            Problem(value.line, said, Sentence("Delete one of the two"), code=code_of(section.name, key))
        )
    else:
        section.values[key.lower()] = value


def _unquote(text: str) -> str:
    """Return the value without surrounding quotation marks, as Windows reads it."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
