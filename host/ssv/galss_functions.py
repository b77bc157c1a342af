"""The functions of the GALSS: sessions on resources, exclusivity, contexts, exchanges; the resources.

Source: the public sources of the CPS Cryptolib, which calls all of them but usDump, and other public programs
that call the GALSS; for the names of the codes beyond those of SSV, the Cryptolib's constants.
"""

from __future__ import annotations

from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import MAX_RESOURCE, Certainty, Form, Function, Library, Parameter
from tla_sim.protocol.sentence import Sentence

MAX_APPLICATION: Final = 16
MAX_CONTEXT_BYTES: Final = 1_076
"""The longest context: the CPS Cryptolib's structure. That it is the limit is Project-defined."""
MAX_EXCLUSIVITY_TEXT: Final = 255
"""Characters of the resources in one exclusivity. Project-defined."""
VERSION_ROOM: Final = 4
"""Bytes of a version: three characters and a NUL. Inferred from the four of IdentComposant."""
NAME_ROOM: Final = MAX_RESOURCE + 1
PORT_ROOM: Final = 40
"""Bytes of the names in structures, with a NUL: of a resource, of a port."""
EXCHANGE_SECONDS: Final = 90
"""Longer than the line takes to give up a silent reader."""

CONFIGURATION_CODES: Final = (
    SsvCode.GALSS_FILE,
    SsvCode.CHANNELS,
    SsvCode.CHANNEL,
    SsvCode.PROTOCOL,
    SsvCode.LIBRARY,
    SsvCode.CHANNEL_KIND,
    SsvCode.PROTOCOL_START,
    SsvCode.CONFIG,
    SsvCode.PAD,
    SsvCode.LAD,
    SsvCode.NAME,
)
"""What the server may find wrong in galss.ini."""

SERVER_CODES: Final = (
    SsvCode.GALSS_INTERNAL,
    SsvCode.HELD,
    SsvCode.ABANDONED,
    SsvCode.NO_ANSWER,
    SsvCode.PARAMETER,
    SsvCode.SERVER,
    SsvCode.VERSIONS,
)
"""What every function may return: it reaches the server, and checks its pointers."""

LINE_CODES: Final = (SsvCode.LINK_PROTOCOL, SsvCode.PORT)

_SESSION: Final = Parameter("session", Form.NUMBER, Sentence("number of the session"))
_PLACE: Final = Parameter("place", Form.NUMBER, Sentence("1 with the session, 2 with its resource"))


def _galss(
    name: str,
    number: int,
    doc: Sentence,
    *parameters: Parameter,
    codes: tuple[SsvCode, ...] = (),
    library: Library = Library.GALSS_CLIENT,
    certainty: Certainty = Certainty.PUBLIC,
    tells_on_error: bool = False,
    seconds: int = 60,
) -> Function:
    return Function(
        name,
        library,
        parameters,
        doc,
        number,
        (*SERVER_CODES, *codes),
        certainty=certainty,
        tells_on_error=tells_on_error,
        seconds=seconds,
    )


OUVRIR_SESSION: Final = _galss(
    "OuvrirSession",
    0x100,
    Sentence("Open a session on a resource; it ends with FermerSession, or with the program."),
    Parameter("application", Form.TEXT, Sentence("name of the application"), MAX_APPLICATION),
    Parameter("resource", Form.RESOURCE, Sentence("name or alias of the resource"), MAX_RESOURCE),
    Parameter("session", Form.NUMBER_OUT, Sentence("number of the session, never 0")),
    Parameter("lad", Form.BYTE_OUT, Sentence("LAD of the resource, for messages"), optional=True),
    codes=(
        SsvCode.SESSIONS,
        SsvCode.OPEN_ALREADY,
        SsvCode.UNKNOWN_RESOURCE,
        *LINE_CODES,
        *CONFIGURATION_CODES,
    ),
)
FERMER_SESSION: Final = _galss(
    "FermerSession",
    0x101,
    Sentence("Close a session, and end the exclusivity that it is part of."),
    _SESSION,
    Parameter(
        "exclusivity",
        Form.NUMBER_OUT,
        Sentence("number of the exclusivity that ended with it, 0 for none"),
        optional=True,
        certainty=Certainty.INFERRED,
    ),
    codes=(SsvCode.UNKNOWN_NUMBER,),
)
DEBUT_EXCLUSIVITE: Final = _galss(
    "DebutExclusivite",
    0x102,
    Sentence("Keep other programs away from resources; while one of them is held, 0004 at once."),
    Parameter(
        "resources",
        Form.TEXT,
        Sentence("session:level, several with commas between them; levels 1 channel, 2 PAD, 3 LAD"),
        MAX_EXCLUSIVITY_TEXT,
    ),
    Parameter(
        "holder",
        Form.TEXT_OUT,
        Sentence("application that holds it, with 0004 only; room for 17 bytes, or NULL"),
        MAX_APPLICATION,
        optional=True,
        certainty=Certainty.INFERRED,
    ),
    Parameter(
        "held",
        Form.TEXT_OUT,
        Sentence("resource that is held, with 0004 only; room for 9 bytes, or NULL"),
        MAX_RESOURCE,
        optional=True,
        certainty=Certainty.INFERRED,
    ),
    Parameter("exclusivity", Form.NUMBER_OUT, Sentence("number of the exclusivity, never 0")),
    codes=(SsvCode.HELD_HERE, SsvCode.UNKNOWN_NUMBER, *LINE_CODES, *CONFIGURATION_CODES),
    tells_on_error=True,
)
FIN_EXCLUSIVITE: Final = _galss(
    "FinExclusivite",
    0x103,
    Sentence("End an exclusivity."),
    Parameter("exclusivity", Form.NUMBER, Sentence("number of the exclusivity")),
    codes=(SsvCode.UNKNOWN_NUMBER,),
)
ECRIT_CONTEXTE: Final = _galss(
    "EcritContexte",
    0x104,
    Sentence("Store up to 1,076 bytes with the session, or with its resource for every program."),
    _PLACE,
    _SESSION,
    Parameter("context", Form.BYTES_IN, Sentence("the bytes")),
    codes=(SsvCode.CONTEXT, SsvCode.UNKNOWN_NUMBER),
)
LIT_CONTEXTE: Final = _galss(
    "LitContexte",
    0x105,
    Sentence("Read what was stored, unchanged; 0020 when nothing was, 0010 when the room is too small."),
    _PLACE,
    _SESSION,
    Parameter("context", Form.BYTES_OUT, Sentence("the bytes")),
    codes=(SsvCode.CONTEXT, SsvCode.NO_CONTEXT, SsvCode.UNKNOWN_NUMBER),
)
ECHANGE: Final = _galss(
    "Echange",
    0x106,
    Sentence("Exchange a message with the resource: its card, or the reader's own software."),
    _SESSION,
    Parameter(
        "most_seconds",
        Form.NUMBER,
        Sentence("seconds that it may take, 0 for no limit"),
        certainty=Certainty.INFERRED,
    ),
    Parameter("message", Form.MESSAGE_IN, Sentence("the message"), certainty=Certainty.MEASURED),
    Parameter("answer", Form.MESSAGE_OUT, Sentence("the answer"), certainty=Certainty.MEASURED),
    codes=(
        SsvCode.CONTEXT,
        SsvCode.TIME_OVER,
        SsvCode.UNKNOWN_NUMBER,
        *LINE_CODES,
        *CONFIGURATION_CODES,
    ),
    seconds=EXCHANGE_SECONDS,
)
LIRE_VERSION: Final = _galss(
    "LireVersion",
    0x107,
    Sentence("Read the version of the GALSS and of its components."),
    Parameter(
        "version",
        Form.TEXT_OUT,
        Sentence("three characters and a NUL"),
        VERSION_ROOM - 1,
        optional=True,
        certainty=Certainty.INFERRED,
    ),
    Parameter(
        "components",
        Form.COMPONENTS_OUT,
        Sentence("0 protocol, 100 resources, 101 client, 102 server; the array and how many it takes"),
        optional=True,
        certainty=Certainty.INFERRED,
    ),
    codes=(SsvCode.CONTEXT,),
)
US_DUMP: Final = _galss(
    "usDump",
    0x108,
    Sentence("Read one block of a table: 1 channels, 2 PADs, 3 LADs, 4 names; 0020 after the last."),
    Parameter("table", Form.NUMBER, Sentence("the table"), certainty=Certainty.PROJECT),
    Parameter("session", Form.NUMBER, Sentence("not used"), certainty=Certainty.INFERRED),
    Parameter(
        "index",
        Form.NUMBER_IN_OUT,
        Sentence("block to read, from 0; becomes the next one"),
        certainty=Certainty.PROJECT,
    ),
    Parameter("block", Form.BLOCK_OUT, Sentence("the block, packed"), certainty=Certainty.INFERRED),
    codes=(SsvCode.CONTEXT, SsvCode.NO_CONTEXT, *CONFIGURATION_CODES),
    certainty=Certainty.INFERRED,
)
DONNE_NOMBRE_RESSOURCES: Final = _galss(
    "DonneNombreRessources",
    0x109,
    Sentence("Count the resources of galss.ini, each alias as one more."),
    Parameter("count", Form.NUMBER_OUT, Sentence("how many there are")),
    codes=CONFIGURATION_CODES,
    library=Library.GALSS_RESOURCES,
)
DONNE_TABLE_RESSOURCES: Final = _galss(
    "DonneTableRessources",
    0x10A,
    Sentence("Read the table of resources."),
    Parameter(
        "resources",
        Form.RESOURCES_OUT,
        Sentence("the array and how many it takes, which becomes how many there are"),
    ),
    codes=(SsvCode.CONTEXT, *CONFIGURATION_CODES),
    library=Library.GALSS_RESOURCES,
)

GALSS_FUNCTIONS: Final = (
    OUVRIR_SESSION,
    FERMER_SESSION,
    DEBUT_EXCLUSIVITE,
    FIN_EXCLUSIVITE,
    ECRIT_CONTEXTE,
    LIT_CONTEXTE,
    ECHANGE,
    LIRE_VERSION,
    US_DUMP,
    DONNE_NOMBRE_RESSOURCES,
    DONNE_TABLE_RESSOURCES,
)
"""Every function of the two libraries."""
