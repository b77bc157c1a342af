"""Write galss.ini as it is found in the field: correct, or with one mistake that its first line declares.

That line is a comment, `; planted CODE LINE CHECK` or `; planted none NAMES CHECK`. The check covers the
rest, so a file that was changed later claims nothing.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tla_sim.tools.fuzz.chance import Chance, pick

PLANTED: Final = "; planted "
NOTHING: Final = "none"

_LIBRARIES: Final = (
    ("libpssinlux.so", "PSSINW32.DLL", "PSSINW64.DLL", "pssinosx.framework"),
    ("PCSCW64.DLL", "pcscosx.framework"),
)
_SLOTS: Final = ("F600 F600 Smart Card Reader", "Lecteur dédié", "TL TELIUM(1)", "TLA 00 00", "SCR331 0")
_NAMES: Final = ("CPS", "Log_SV", "Vitale", "TRANSPA", "CARTEPS", "SAM", "Lect", "x")
_COMMENTS: Final = ("; numéro du port, à adapter", "# lecteur bi-fente", ";", "; [CANAL9]", "; PAD=999")
_WRONG: Final = {
    "NbCanaux": (("0", 0x8003), ("33", 0x8003), ("", 0x800D), ("un", 0x800D), ("-1", 0x800D)),
    "NomLib": (("", 0x8006),),
    "TCanal": (("", 0x8007), ("serie", 0x8007), ("256", 0x8007)),
    "Index": (("", 0x8007), ("COM1", 0x8007), ("256", 0x8007)),
    "Protocole": (("", 0x8005), ("PSS", 0x8005), ("7", 0x8005), ("256", 0x8005)),
    "Caracteristiques": (("", 0x800C),),
    "NbPAD": (("0", 0x800F), ("33", 0x800F), ("x", 0x800F)),
    "PAD": (("256", 0x800F), ("-1", 0x800F), ("", 0x800F)),
    "NbLAD": (("0", 0x8010), ("", 0x8010)),
    "LAD": (("256", 0x8010), ("deux", 0x8010)),
    "NomLAD": (("", 0x8011), ("LECTEURCPS", 0x8011)),
    "NbAlias": (("33", 0x8011), ("x", 0x8011)),
    "NomAlias1": (("", 0x8011), ("TRANSPARENT", 0x8011)),
}
_MISSING: Final = {
    **{"NbCanaux": 0x800D, "NomLib": 0x8006, "TCanal": 0x8007, "Index": 0x8007, "Protocole": 0x8004},
    **{"Caracteristiques": 0x800C, "NbPAD": 0x800F, "PAD": 0x800F, "NbLAD": 0x8010, "LAD": 0x8010},
    **{"NomLAD": 0x8011, "NbAlias": 0x8011, "NomAlias1": 0x8011, "Config": 0x800A},
}
_SECTIONS: Final = (
    ("CONFIG", 0x800D),
    ("PROTOCOLE", 0x8006),
    ("LAD", 0x8010),
    ("PAD", 0x800F),
    ("CANAL", 0x8004),
)
_COUNTS: Final = {"NbCanaux": 0x8004, "NbPAD": 0x800F, "NbLAD": 0x8010, "NbAlias": 0x8011}


@dataclass
class _Line:
    key: str
    value: str
    planted: bool = False


@dataclass
class _Section:
    name: str
    lines: list[_Line] = field(default_factory=list)
    planted: bool = False

    def put(self, **values: object) -> None:
        self.lines += [_Line(key, str(value)) for key, value in values.items()]

    def line(self, key: str) -> _Line:
        return next(line for line in self.lines if line.key == key)

    @property
    def code(self) -> int:
        last = self.name.rpartition(".")[2]
        return next(code for stem, code in _SECTIONS if last.startswith(stem))


def field_file(chance: Chance) -> str:
    """Return the text of a galss.ini, with LF as line end; half of them have a mistake."""
    sections, names = _right(chance)
    code = _plant(sections, chance) if chance.below(2) else 0
    if chance.below(3) == 0:
        sections.sort(key=lambda _: chance.below(1_000))
    lines = list(_write_lines(sections, chance))
    body = "\n".join(text for text, _ in lines)
    at = next((number for number, (_, planted) in enumerate(lines, 2) if planted), 1)
    told = f"{code:04X} {at}" if code else f"{NOTHING} {names}"
    return f"{PLANTED}{told} {check(body)}\n{body}"


def check(body: str) -> int:
    """Return the check of the text after the first line; all letters beyond ASCII count as the same."""
    return zlib.crc32(body.encode("ascii", "replace"))


def _right(chance: Chance) -> tuple[list[_Section], int]:
    """Return the sections of a correct file, and its number of names."""
    kinds = [pick(chance, (1, 1, 3)) for _ in range(1 + chance.below(3))]
    config = _Section("CONFIG")
    config.put(NbCanaux=len(kinds))
    sections = [config]
    for protocol, kind in enumerate((1, 3)):
        if kind in kinds or chance.below(4) == 0:
            section = _Section(f"PROTOCOLE{protocol}")
            section.put(Config=pick(chance, ("1000,20,15000", "1000,1,15000")) if kind == 1 else "0")
            if kind == 1 and chance.below(2):
                section.put(TempoInit=pick(chance, ("1,200,1000", "1,1500,1000")))
            section.put(NomLib=pick(chance, _LIBRARIES[protocol]))
            sections.append(section)
    names = _names(chance)
    count = 0
    for number, kind in enumerate(kinds, 1):
        channel = _Section(f"CANAL{number}")
        channel.put(TCanal=kind, Index=1 + chance.below(255), Protocole=kind // 3)
        speed = pick(chance, (9_600, 19_200, 115_200))
        channel.put(Caracteristiques=f"{speed},1,8,0,0" if kind == 1 else pick(chance, _SLOTS))
        sections.append(channel)
        channel.put(NbPAD=1 + chance.below(2))
        for place in range(1, int(channel.line("NbPAD").value) + 1):
            pad = _Section(f"{channel.name}.PAD{place}")
            pad.put(PAD=chance.below(256), NbLAD=1 + chance.below(3))
            sections.append(pad)
            for lad in range(1, int(pad.line("NbLAD").value) + 1):
                device = _Section(f"{pad.name}.LAD{lad}")
                aliases = chance.below(3)
                device.put(LAD=chance.below(256), NomLAD=next(names))
                if aliases or chance.below(2):
                    device.put(NbAlias=aliases)
                device.put(**{f"NomAlias{each}": next(names) for each in range(1, aliases + 1)})
                sections.append(device)
                count += 1 + aliases
    return sections, count


def _names(chance: Chance) -> Iterator[str]:
    for number in range(1_000):
        name = pick(chance, _NAMES)
        yield f"{name[: 8 - len(str(number))]}{number}"


def _plant(sections: list[_Section], chance: Chance) -> int:
    """Make one mistake. Return its code, 0 if it turns out to be none."""
    section = pick(chance, sections)
    line = pick(chance, section.lines)
    match chance.below(6):
        case 0 if line.key in _WRONG:
            line.value, code = pick(chance, _WRONG[line.key])
            line.planted = True
            return code if _counts(section, sections) else 0
        case 1 if line.key in _MISSING:
            return _leave_out(section, line, sections)
        case 2 if line.key in _MISSING or line.key.startswith("NomAlias"):
            section.lines.append(_Line(line.key, line.value, planted=True))
            doubled = {"NbCanaux": 0x800D, "Protocole": 0x8004}
            return doubled.get(line.key) or _MISSING.get(line.key, 0x8011)
        case 3:
            sections.append(_Section(section.name, planted=True))
            return section.code
        case 4:
            section.lines.append(_Line("sans valeur", "", planted=True))
            return 0x8001
        case _ if line.key in _COUNTS:
            line.value = str(int(line.value) + 1)
            line.planted = True
            return _COUNTS[line.key]
        case _:
            return _leave_out_section(section, sections)


def _leave_out(section: _Section, line: _Line, sections: list[_Section]) -> int:
    if line.key == "NbAlias" or (line.key == "Config" and section.name != "PROTOCOLE0"):
        return 0
    if not _counts(section, sections):
        return 0
    section.lines.remove(line)
    if line.key.startswith("NomAlias"):
        section.line("NbAlias").planted = True
    else:
        section.planted = True
    return _MISSING[line.key]


def _counts(section: _Section, sections: list[_Section]) -> bool:
    """Return whether a section is used: only that of a protocol may be unused."""
    if not section.name.startswith("PROTOCOLE"):
        return True
    return any(
        line.key == "Protocole" and line.value == section.name[-1] for each in sections for line in each.lines
    )


def _leave_out_section(section: _Section, sections: list[_Section]) -> int:
    if not _counts(section, sections):
        return 0
    sections.remove(section)
    parent, _, last = section.name.rpartition(".")
    if last == "CONFIG":
        return section.code
    if last.startswith("PROTOCOLE"):
        next(
            line
            for each in sections
            for line in each.lines
            if line.key == "Protocole" and line.value == last[-1]
        ).planted = True
        return section.code
    counting = {"LAD": "NbLAD", "PAD": "NbPAD", "CAN": "NbCanaux"}[last[:3]]
    told_by = parent or "CONFIG"
    next(each for each in sections if each.name == told_by).line(counting).planted = True
    return section.code


def _write_lines(sections: list[_Section], chance: Chance) -> Iterator[tuple[str, bool]]:
    """Yield the lines, each with whether the mistake is reported there."""
    for section in sections:
        yield from _between(chance)
        yield f"[{section.name}]{pick(chance, ('', '', ' ', ' ; section'))}", section.planted
        for line in section.lines:
            yield from _between(chance)
            yield _spell(line, chance), line.planted


def _spell(line: _Line, chance: Chance) -> str:
    if line.key == "sans valeur":
        return line.key
    key = pick(chance, (line.key, line.key, line.key.lower(), line.key.upper()))
    equals = pick(chance, ("=", "=", " = ", "= "))
    return f"{pick(chance, ('', '', '  '))}{key}{equals}{line.value}{pick(chance, ('', '', ' '))}"


def _between(chance: Chance) -> Iterator[tuple[str, bool]]:
    if chance.below(5) == 0:
        yield pick(chance, ("", *_COMMENTS)), False


def claim_of(text: str) -> tuple[str, str] | None:
    """Return what a galss.ini claims: code and line, or NOTHING and the number of names.

    `None` if it claims nothing or was changed since.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    head, _, body = lines.partition("\n")
    match = re.fullmatch(rf"{PLANTED}(\w{{4}}) ([0-9]+) ([0-9]+)", head)
    return (match[1], match[2]) if match is not None and int(match[3]) == check(body) else None
