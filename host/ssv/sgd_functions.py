"""The functions of SGD: sessions in the program's own process, each with an input zone and an output zone.

Source: prototypes of the public SSV 4.03 headers, codes of its manual. What the file variants do, and the
numbers of the trace, are marked inferred or Project-defined.
"""

from __future__ import annotations

from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import Certainty, Form, Function, Library, Parameter
from tla_sim.protocol.sentence import Sentence

MAX_SESSIONS: Final = 256
"""The most sessions of one process. Project-defined."""
MAX_UNDECLARED_TEXT: Final = 2_048
"""The most bytes of a text in a field that the dictionary does not have. Project-defined."""

MAX_PATH: Final = 4_095
"""The most bytes of a path."""

_SESSION: Final = Parameter("session", Form.SESSION, Sentence("the session"))
_SIZE: Final = Parameter("size", Form.SIZE, Sentence("the most bytes of the input zone, up to 16 MiB"))
_GROUP: Final = Parameter("group", Form.NUMBER, Sentence("number of the group"))
_OCCURRENCE: Final = Parameter(
    "occurrence", Form.NUMBER, Sentence("occurrence among the groups of that number, from 1")
)
_FIELD: Final = Parameter("field", Form.NUMBER, Sentence("number of the field, from 1"))
_VALUE: Final = Parameter(
    "value", Form.VALUE_OUT, Sentence("the value and its room, which becomes its length or the room needed")
)
_WHERE: Final = (_SESSION, _GROUP, _OCCURRENCE, _FIELD)

_FOUND: Final = (SsvCode.BAD_SESSION, SsvCode.NO_GROUP, SsvCode.NO_OCCURRENCE)
_ADDED: Final = (
    SsvCode.BAD_SESSION,
    SsvCode.INPUT,
    SsvCode.NO_HEADER,
    SsvCode.NO_GROUP,
    SsvCode.ZONE_FULL,
)


def _sgd(
    name: str,
    doc: Sentence,
    parameters: tuple[Parameter, ...],
    codes: tuple[SsvCode, ...],
    certainty: Certainty = Certainty.PUBLIC,
) -> Function:
    return Function(name, Library.SGD, parameters, doc, codes=codes, certainty=certainty)


RESERVER_SESSION: Final = _sgd(
    "SGD_ReserverSession",
    Sentence("Reserve a session, at most 256 in a process; its number is not used again soon."),
    (_SIZE, Parameter("session", Form.NUMBER_OUT, Sentence("number of the session"))),
    (SsvCode.OUTPUT, SsvCode.INPUT, SsvCode.ALLOCATION, SsvCode.NO_SESSION_LEFT),
)
REDIMENSIONNER_BUFFER: Final = _sgd(
    "SGD_RedimensionnerBuffer",
    Sentence("Change the room of the input zone, which keeps what is in it."),
    (_SESSION, _SIZE),
    (SsvCode.BAD_SESSION, SsvCode.INPUT, SsvCode.ALLOCATION, SsvCode.ZONE_FULL),
)
LIBERER_SESSION: Final = _sgd(
    "SGD_LibererSession",
    Sentence("Return a session, and free its zones."),
    (_SESSION,),
    (SsvCode.BAD_SESSION,),
)
AJOUTER_GROUPE: Final = _sgd(
    "SGD_AjouterGroupe",
    Sentence("Begin a group of the input zone; after a call, begin a new zone and drop the output."),
    (_SESSION, _GROUP),
    (SsvCode.BAD_SESSION, SsvCode.INPUT, SsvCode.ZONE_FULL),
)
AJOUTER_CHAMP: Final = _sgd(
    "SGD_AjouterChamp",
    Sentence("Add the next field of the group: a text in UTF-8, ended by a NUL."),
    (_SESSION, Parameter("value", Form.TEXT, Sentence("the text"), MAX_UNDECLARED_TEXT)),
    _ADDED,
)
AJOUTER_CHAMP_BIN: Final = _sgd(
    "SGD_AjouterChampBin",
    Sentence("Add the next field of the group: bytes."),
    (_SESSION, Parameter("value", Form.VALUE_IN, Sentence("the bytes"))),
    _ADDED,
)
AJOUTER_CHAMP_FICHIER: Final = _sgd(
    "SGD_AjouterChampFichier",
    Sentence("Add the next field of the group: the bytes of a regular file."),
    (_SESSION, Parameter("path", Form.TEXT, Sentence("path of the file"), MAX_PATH)),
    (*_ADDED, SsvCode.ALLOCATION),
    Certainty.INFERRED,
)
LIRE_GROUPE_SUIVANT: Final = _sgd(
    "SGD_LireGroupeSuivant",
    Sentence("Find the group of the output zone after this one; 0 and 0 are before the first."),
    (
        _SESSION,
        _GROUP,
        _OCCURRENCE,
        Parameter("next_group", Form.NUMBER_OUT, Sentence("number of the group found")),
        Parameter("next_occurrence", Form.NUMBER_OUT, Sentence("its occurrence")),
    ),
    (SsvCode.OUTPUT, *_FOUND, SsvCode.LAST_GROUP),
)
LIRE_CHAMP: Final = _sgd(
    "SGD_LireChamp",
    Sentence("Read a field of the output zone, ended by a NUL that its length does not count."),
    (*_WHERE, _VALUE),
    (SsvCode.OUTPUT, *_FOUND),
)
LIRE_CHAMP_BIN: Final = _sgd(
    "SGD_LireChampBin",
    Sentence("Read a field of the output zone as bytes, without a NUL."),
    (*_WHERE, _VALUE),
    (SsvCode.OUTPUT, *_FOUND),
)
LIRE_CHAMP_FICHIER: Final = _sgd(
    "SGD_LireChampFichier",
    Sentence("Write a field of the output zone into a file, which it replaces whole."),
    (*_WHERE, Parameter("path", Form.TEXT, Sentence("path of the file"), MAX_PATH)),
    (SsvCode.OUTPUT, SsvCode.INPUT, *_FOUND, SsvCode.ALLOCATION),
    Certainty.INFERRED,
)
INIT_TRACE: Final = _sgd(
    "SGD_InitTrace",
    Sentence("Write a trace of all calls, with numbers and lengths; fields' values are never in it."),
    (
        Parameter("file", Form.TEXT, Sentence("path of a regular file"), MAX_PATH, optional=True),
        Parameter("mode", Form.TEXT, Sentence("a to append, w to begin anew"), 1, optional=True),
        Parameter(
            "module", Form.NUMBER, Sentence("0 for all modules, 1 for SGD"), certainty=Certainty.PROJECT
        ),
        Parameter(
            "level",
            Form.BYTE,
            Sentence("0 ends the trace, 1 what fails, 2 every call"),
            certainty=Certainty.PROJECT,
        ),
    ),
    (SsvCode.TRACE_MODULE, SsvCode.TRACE_FILE),
)

SGD_SOURCES: Final = ("sgd.c", "session.c", "zone.c", "field_value.c", "value_file.c", "sgd_trace.c")
"""The C sources of libsgdlux; the table of groups is written beside them."""

SGD_FUNCTIONS: Final = (
    RESERVER_SESSION,
    REDIMENSIONNER_BUFFER,
    LIBERER_SESSION,
    AJOUTER_GROUPE,
    AJOUTER_CHAMP,
    AJOUTER_CHAMP_BIN,
    AJOUTER_CHAMP_FICHIER,
    LIRE_GROUPE_SUIVANT,
    LIRE_CHAMP,
    LIRE_CHAMP_BIN,
    LIRE_CHAMP_FICHIER,
    INIT_TRACE,
)
"""Every function of SGD."""
