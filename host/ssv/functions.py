"""The functions of SSV: every SSV function, and its SIS twin, which takes a session in place of zones.

Source: the prototypes of the public SSV 4.03 headers; parameters and groups that those do not give are marked
inferred or Project-defined.
"""

from __future__ import annotations

from typing import Final

from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import (
    MAX_CODE,
    MAX_DATE,
    MAX_RESOURCE,
    Certainty,
    Form,
    Function,
    Library,
    Parameter,
)
from tla_sim.protocol.sentence import Sentence

MAX_PATH: Final = 4096

LINK_CODES: Final = (
    SsvCode.HELD,
    SsvCode.ABANDONED,
    SsvCode.LINK_PROTOCOL,
    SsvCode.NO_ANSWER,
    SsvCode.SERVER,
    SsvCode.PORT,
    SsvCode.VERSIONS,
    SsvCode.NAME,
    SsvCode.INCOHERENT,
    SsvCode.OUT_OF_STEP,
    SsvCode.CONNECTION,
    SsvCode.NOT_INITIALISED,
    SsvCode.OUTPUT,
    SsvCode.ALLOCATION,
    SsvCode.INPUT,
)
"""Codes that every function may return which reaches the server."""

LEDGER_CODES: Final = (SsvCode.TABLES_UNWRITABLE,)
"""Codes that functions with the ledger may return besides."""

PS_CODES: Final = (SsvCode.PS_ABSENT, SsvCode.CODE_WRONG, SsvCode.PS_INVALID, SsvCode.CODE_LOST)
VITALE_CODES: Final = (
    SsvCode.VITALE_ABSENT,
    SsvCode.VITALE_UNREADABLE,
    SsvCode.VITALE_WITHDRAWN,
    SsvCode.CARDS_MIXED,
)

_PS = Parameter("ps_resource", Form.RESOURCE, Sentence("resource of the PS card"), MAX_RESOURCE)
_READER = Parameter("reader", Form.RESOURCE, Sentence("resource of the reader"), MAX_RESOURCE)
_FILLED_READER = Parameter("reader", Form.FILLED_RESOURCE, Sentence("resource of the reader"), MAX_RESOURCE)
_CODE = Parameter("code", Form.CODE, Sentence("code porteur, 4 to 8 digits"), MAX_CODE)
_CARD = (_PS, _READER, _CODE)
_IN = Parameter("zone", Form.ZONE_IN, Sentence("zone in"))
_OUT = Parameter("answer", Form.ZONE_OUT, Sentence("zone out"))
_ZONES_IN = Parameter("zones", Form.ZONES_IN, Sentence("zones in"))
_ZONES_OUT = Parameter("answers", Form.ZONES_OUT, Sentence("zones out"), certainty=Certainty.INFERRED)
_BILLING = Parameter(
    "billing", Form.TEXT, Sentence("billing number of the owner; empty for all owners"), 9, optional=True
)
_INVOICE = Parameter("invoice", Form.TEXT, Sentence("invoice number; empty for all"), 9, optional=True)
_TABLES = Parameter("zones", Form.ZONES_IN, Sentence("the file, in parts"), certainty=Certainty.INFERRED)

DOCUMENT_GROUPS: Final = (9310,)
INVOICE_GROUPS: Final = (9310, 1110)


def _library(
    name: str, doc: Sentence, *parameters: Parameter, void: bool = False, **more: object
) -> Function:
    values = {"void": void, "needs_reader": False, **more}
    return Function(name, Library.SSV, parameters, doc, **values)  # type: ignore[arg-type]


INIT_LIB: Final = _library(
    "SSV_InitLIB",
    Sentence("Begin; the server's own sesam.ini counts."),
    codes=(
        SsvCode.INITIALISED_TWICE,
        SsvCode.WORKING_FOLDER,
        SsvCode.TABLES_MISSING,
        SsvCode.TABLES_UNWRITABLE,
    ),
)
INIT_LIB_2: Final = _library(
    "SSV_InitLIB2",
    Sentence("Begin with a sesam.ini of the program's own."),
    Parameter("sesam_ini", Form.TEXT, Sentence("path of sesam.ini"), MAX_PATH),
    codes=(
        SsvCode.INITIALISED_TWICE,
        SsvCode.WORKING_FOLDER,
        SsvCode.TABLES_MISSING,
        SsvCode.TABLES_UNWRITABLE,
    ),
)
TERM_LIB: Final = _library(
    "SSV_TermLIB", Sentence("End; the connection is closed."), codes=(SsvCode.NOT_INITIALISED,)
)
ALLOUER_ZONE_MEM: Final = _library(
    "SSV_AllouerZoneMem",
    Sentence("Allocate memory that SSV_LibererZoneMem returns."),
    Parameter("block", Form.MEMORY_OUT, Sentence("where the memory is")),
    Parameter("size", Form.SIZE, Sentence("bytes, up to 16 MiB; they are 0 at first")),
    codes=(SsvCode.OUTPUT, SsvCode.ALLOCATION, SsvCode.INPUT),
)
LIBERER_ZONE_MEM: Final = _library(
    "SSV_LibererZoneMem",
    Sentence("Return a zone that the library allocated."),
    Parameter("block", Form.MEMORY, Sentence("the zone; NULL and foreign memory are ignored")),
    void=True,
)
INIT_TRACE: Final = _library(
    "SSV_InitTrace",
    Sentence("Write a trace of all calls; codes porteur and fields' values are never in it."),
    Parameter("file", Form.FILLED_TEXT, Sentence("path of a regular file"), MAX_PATH, optional=True),
    Parameter("mode", Form.FILLED_TEXT, Sentence("a to append, w to begin anew"), 1, optional=True),
    Parameter("module", Form.NUMBER, Sentence("0 for all modules, 1 for SSV"), certainty=Certainty.PROJECT),
    Parameter(
        "level",
        Form.BYTE,
        Sentence("0 ends the trace, 1 what fails, 2 every call"),
        certainty=Certainty.PROJECT,
    ),
    codes=(SsvCode.TRACE_MODULE, SsvCode.TRACE_FILE),
)

LIRE_CONFIG: Final = Function(
    "SSV_LireConfig",
    Library.SSV,
    (_OUT,),
    Sentence("Read the configuration of workstation and reader: groups 60 to 64."),
    10,
    LINK_CODES,
    ("identify", "read_configuration"),
    contents=Certainty.INFERRED,
)
LIRE_CARTE_PS: Final = Function(
    "SSV_LireCartePS",
    Library.SSV,
    (*_CARD, _OUT),
    Sentence("Read the PS card: group 1, and 2 for each situation."),
    11,
    (*LINK_CODES, *PS_CODES),
    ("read_ps_card", "verify_code"),
    contents=Certainty.INFERRED,
)
LIRE_DROITS_VITALE: Final = Function(
    "SSV_LireDroitsVitale",
    Library.SSV,
    (
        *_CARD,
        Parameter("date", Form.TEXT, Sentence("date of the rights, AAAAMMJJ"), MAX_DATE, optional=True),
        _OUT,
    ),
    Sentence("Read insured, beneficiaries and rights from the Vitale: groups 101 to 111."),
    12,
    (*LINK_CODES, *PS_CODES, *VITALE_CODES, SsvCode.TWO_COMPLEMENTARIES),
    ("verify_code", "read_vitale"),
    contents=Certainty.MEASURED,
)
FORMATER_FACTURES: Final = Function(
    "SSV_FormaterFactures",
    Library.SSV,
    (
        *_CARD,
        Parameter("create", Form.CHAR, Sentence("1 FSE, 2 DRE, 3 both"), certainty=Certainty.PROJECT),
        Parameter(
            "securing",
            Form.CHAR,
            Sentence("1 nominal, 2 désynchronisé, 3 dégradé"),
            certainty=Certainty.PROJECT,
        ),
        _IN,
        _OUT,
    ),
    Sentence("Certify an invoice at the desk with the cards in the slots: a group 9310 for each document."),
    13,
    (*LINK_CODES, *LEDGER_CODES, *PS_CODES, *VITALE_CODES),
    ("identify", "verify_code", "certify", "acknowledge_fse"),
    seconds=120,
    contents=Certainty.PROJECT,
)
SECURISER_FACTURE: Final = Function(
    "SSV_SecuriserFacture",
    Library.SSV,
    (
        *_CARD,
        Parameter(
            "situation", Form.CHAR, Sentence("logical number of the situation, one raw byte; 0 for any")
        ),
        _INVOICE,
        _IN,
        _OUT,
    ),
    Sentence("Give the final signature of the owner's CPS: a group 9310 for each document."),
    14,
    (*LINK_CODES, *LEDGER_CODES, *PS_CODES),
    ("verify_code", "sign_final"),
    seconds=120,
    contents=Certainty.PROJECT,
)
FORMATER_LOT: Final = Function(
    "SSV_FormaterLot",
    Library.SSV,
    (*_CARD, _ZONES_IN, _ZONES_OUT),
    Sentence("Sign lots of complete documents: a zone with group 9320 for each lot."),
    15,
    (*LINK_CODES, *LEDGER_CODES, *PS_CODES),
    ("verify_code", "sign_lot"),
    seconds=300,
    splits=DOCUMENT_GROUPS,
    contents=Certainty.PROJECT,
)
FORMATER_FICHIER: Final = Function(
    "SSV_FormaterFichier",
    Library.SSV,
    (_IN, _OUT),
    Sentence("Give the files of lots: for each group 9321, then its bytes in groups 9322."),
    16,
    (*LINK_CODES, *LEDGER_CODES),
    needs_reader=False,
    contents=Certainty.PROJECT,
)
TRADUIRE_ARL: Final = Function(
    "SSV_TraduireARL",
    Library.SSV,
    (_ZONES_IN, _OUT),
    Sentence("Read an ARL, note it in the ledger, and tell it as groups 9330 and 9331."),
    17,
    (*LINK_CODES, *LEDGER_CODES),
    splits=(9322,),
    needs_reader=False,
    contents=Certainty.PROJECT,
)
TRADUIRE_FSE: Final = Function(
    "SSV_TraduireFSE",
    Library.SSV,
    (_IN, _OUT),
    Sentence("Tell what an FSE says: 9310, its invoice's groups, and a group 9313 for each signature."),
    18,
    LINK_CODES,
    needs_reader=False,
    contents=Certainty.PROJECT,
)
MAJ_DATE_LECTEUR: Final = Function(
    "SSV_MajDateLecteur",
    Library.SSV,
    (_READER, Parameter("moment", Form.TEXT, Sentence("AAAAMMJJhhmm or AAAAMMJJhhmmss"), MAX_DATE)),
    Sentence("Set the reader's date and time."),
    20,
    LINK_CODES,
    ("set_clock",),
)
LIRE_DATE_LECTEUR: Final = Function(
    "SSV_LireDateLecteur",
    Library.SSV,
    (
        _READER,
        Parameter(
            "moment", Form.MOMENT_OUT, Sentence("AAAAMMJJhhmm and a NUL"), certainty=Certainty.INFERRED
        ),
    ),
    Sentence("Read the reader's date and time."),
    21,
    LINK_CODES,
    ("read_clock",),
)
IDENTIFIER_TLA: Final = Function(
    "SSV_IdentifierTLA",
    Library.SSV,
    (
        _READER,
        Parameter("cdc_version", Form.TEXT, Sentence("version of the CDC, such as 1.40"), 8, optional=True),
        _OUT,
    ),
    Sentence("Identify the reader: group 9312, then 61 for each component."),
    30,
    LINK_CODES,
    ("identify", "read_configuration"),
    contents=Certainty.PROJECT,
)
CHARGER_FACTURES_PDT: Final = Function(
    "SSV_ChargerFacturesPdT",
    Library.SSV,
    (_READER, _BILLING, _ZONES_IN, _ZONES_OUT),
    Sentence("Load prepared invoices, all of an owner or none: a group 9311 for each document."),
    31,
    (*LINK_CODES, *LEDGER_CODES),
    ("identify", "list_invoices", "open_load", "load_invoice", "commit_load"),
    seconds=600,
    splits=INVOICE_GROUPS,
    contents=Certainty.PROJECT,
)
DECHARGER_FACTURES_PDT: Final = Function(
    "SSV_DechargerFacturesPdT",
    Library.SSV,
    (*_CARD, _INVOICE, _ZONES_IN, _ZONES_OUT),
    Sentence("Bring back what was loaded, certified or not: a group 9310 for each document."),
    32,
    (*LINK_CODES, *LEDGER_CODES, *PS_CODES),
    ("identify", "verify_code", "list_invoices", "unload_fse", "acknowledge_fse"),
    seconds=600,
    splits=INVOICE_GROUPS,
    contents=Certainty.PROJECT,
)
DECHARGER_FSE_TLA: Final = Function(
    "SSV_DechargerFSETLA",
    Library.SSV,
    (*_CARD, _INVOICE, _ZONES_OUT),
    Sentence("Bring back certified FSEs: a group 9310 for each document."),
    33,
    (*LINK_CODES, *LEDGER_CODES, *PS_CODES),
    ("identify", "verify_code", "list_invoices", "unload_fse", "acknowledge_fse"),
    seconds=600,
    contents=Certainty.PROJECT,
)
DECHARGER_BENEFICIAIRES: Final = Function(
    "SSV_DechargerBeneficiaires",
    Library.SSV,
    (*_CARD, _BILLING, _ZONES_OUT),
    Sentence("Bring back the patients met on the round, a zone for each Vitale: groups 101 to 111."),
    34,
    (*LINK_CODES, *PS_CODES),
    ("verify_code", "unload_beneficiaries"),
    contents=Certainty.INFERRED,
)
EFFACER_TLA: Final = Function(
    "SSV_EffacerTLA",
    Library.SSV,
    (
        *_CARD,
        _BILLING,
        Parameter(
            "kind", Form.TEXT, Sentence("kind of data; empty or 0 for all"), 8, True, Certainty.PROJECT
        ),
    ),
    Sentence("Erase an owner's documents from the reader."),
    35,
    (*LINK_CODES, *LEDGER_CODES, *PS_CODES),
    ("identify", "verify_code", "erase"),
)
CHARGER_APPLI: Final = Function(
    "SSV_ChargerAppli",
    Library.SSV,
    (_FILLED_READER, _TABLES),
    Sentence("Update the reader's software with a signed image."),
    36,
    LINK_CODES,
    ("open_update", "update_block", "activate_update"),
    seconds=1_200,
    splits=(9322,),
    contents=Certainty.PROJECT,
)
CHARGER_DONNEES_TLA: Final = Function(
    "SSV_ChargerDonneesTLA",
    Library.SSV,
    (_FILLED_READER, _TABLES),
    Sentence("Load tables, in a signed image that holds the reader's own software and other tables."),
    37,
    LINK_CODES,
    ("identify", "read_configuration", "open_update", "update_block", "activate_update"),
    seconds=600,
    splits=(9322,),
    contents=Certainty.PROJECT,
)

AT_SERVER: Final = (
    LIRE_CONFIG,
    LIRE_CARTE_PS,
    LIRE_DROITS_VITALE,
    FORMATER_FACTURES,
    SECURISER_FACTURE,
    FORMATER_LOT,
    FORMATER_FICHIER,
    TRADUIRE_ARL,
    TRADUIRE_FSE,
    MAJ_DATE_LECTEUR,
    LIRE_DATE_LECTEUR,
    IDENTIFIER_TLA,
    CHARGER_FACTURES_PDT,
    DECHARGER_FACTURES_PDT,
    DECHARGER_FSE_TLA,
    DECHARGER_BENEFICIAIRES,
    EFFACER_TLA,
    CHARGER_APPLI,
    CHARGER_DONNEES_TLA,
)
"""The SSV functions that the server carries out."""

IN_LIBRARY: Final = (INIT_LIB, INIT_LIB_2, TERM_LIB, ALLOUER_ZONE_MEM, LIBERER_ZONE_MEM, INIT_TRACE)
"""The functions written by hand in C: no SIS twin."""

SSV_FUNCTIONS: Final = (*IN_LIBRARY, *AT_SERVER, *(each.twin() for each in AT_SERVER))
"""All functions of libssvlux."""
