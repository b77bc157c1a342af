"""The codes that the functions of SSV, SGD and GALSS return, each with its meaning in both languages.

Source: public lists of the SSV manual and of the CPS Cryptolib, gathered in the reference page. The meanings
are told in our own words.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Self

from tla_sim.host.transport.galss.codes import GalssCode


def _same(code: GalssCode) -> tuple[int, str, str]:
    return int(code), code.en, code.fr


class SsvCode(IntEnum):
    """A code that a function returns, and its meaning in both languages."""

    en: str
    fr: str

    def __new__(cls, number: int, en: str, fr: str) -> Self:
        member = int.__new__(cls, number)
        member._value_ = number
        member.en = en
        member.fr = fr
        return member

    DONE = 0x0000, "done", "terminé"

    GALSS_INTERNAL = 0x0001, "the GALSS failed inside", "erreur interne du GALSS"
    SESSIONS = 0x0002, "too many sessions", "trop de sessions"
    HELD = 0x0004, "another application holds the reader", "lecteur tenu par une autre application"
    HELD_HERE = 0x0008, "the same application holds the reader", "lecteur tenu par la même application"
    CONTEXT = 0x0010, "too large for the memory or the room", "mémoire ou tampon insuffisant"
    NO_CONTEXT = 0x0020, "there is no such context or block", "contexte ou bloc absent"
    ABANDONED = 0x0040, "the exchange was abandoned", "échange abandonné"
    TIME_OVER = 0x0100, "it took longer than was allowed", "temps maximal dépassé"
    LINK_PROTOCOL = 0x0200, "protocol error on the line; call again", "erreur de protocole ; rappeler"
    NO_ANSWER = 0x0400, "the reader does not answer", "le lecteur ne répond pas"
    OPEN_ALREADY = 0x0800, "the session is open already", "session déjà ouverte"
    UNKNOWN_NUMBER = 0x1000, "no such session or exclusivity", "session ou exclusivité inconnue"
    UNKNOWN_RESOURCE = 0x2000, "the resource is unknown to the GALSS", "ressource inconnue du GALSS"
    PARAMETER = 0x4000, "a parameter is wrong", "paramètre faux"

    GALSS_FILE = _same(GalssCode.FILE)
    SERVER = _same(GalssCode.SERVER)
    CHANNELS = _same(GalssCode.CHANNELS)
    CHANNEL = _same(GalssCode.CHANNEL)
    PROTOCOL = _same(GalssCode.PROTOCOL)
    LIBRARY = _same(GalssCode.LIBRARY)
    CHANNEL_KIND = _same(GalssCode.CHANNEL_KIND)
    PROTOCOL_START = _same(GalssCode.PROTOCOL_START)
    PORT = _same(GalssCode.PORT)
    CONFIG = _same(GalssCode.CONFIG)
    VERSIONS = _same(GalssCode.VERSIONS)
    PAD = _same(GalssCode.PAD)
    LAD = _same(GalssCode.LAD)
    NAME = _same(GalssCode.NAME)

    TRACE_MODULE = 0xD200, "the module of the trace is unknown", "module de trace inconnu"
    TRACE_FILE = 0xD201, "the trace file cannot be written", "fichier de trace impossible à écrire"

    PS_ABSENT = 0xF001, "there is no PS card", "carte PS absente"
    CODE_WRONG = 0xF003, "the code porteur is wrong", "code porteur faux"
    PS_INVALID = 0xF004, "the PS card is invalid or unusable", "carte PS invalide ou inutilisable"
    VITALE_ABSENT = 0xF011, "there is no Vitale card", "carte Vitale absente"
    VITALE_UNREADABLE = 0xF014, "the Vitale card cannot be read", "carte Vitale illisible"
    VITALE_WITHDRAWN = 0xF015, "the Vitale card was withdrawn", "carte Vitale retirée"
    CARDS_MIXED = 0xF026, "test and real cards are mixed", "cartes de test et réelles mélangées"
    TWO_COMPLEMENTARIES = 0xF0F0, "mutuelle and AMC both on the card", "mutuelle et AMC toutes deux présentes"
    INCOHERENT = 0xF0FF, "incoherent message", "message incohérent"
    OUT_OF_STEP = 0xF100, "the exchanges are out of step", "échanges désynchronisés"
    CONNECTION = (
        0xF101,
        "unknown resource, or the connection is lost",
        "ressource inconnue, ou liaison perdue",
    )
    NOT_INITIALISED = 0xF600, "SSV_InitLIB was not called", "SSV_InitLIB n'a pas été appelée"
    INITIALISED_TWICE = 0xF670, "SSV_InitLIB was called twice", "SSV_InitLIB a été appelée deux fois"
    TABLES_MISSING = 0xF680, "the path of the tables is missing", "chemin des tables absent"
    WORKING_FOLDER = 0xF6F1, "RepertoireTravail is missing", "RepertoireTravail absent"
    TABLES_UNWRITABLE = 0xF6F2, "the tables cannot be written", "tables impossibles à écrire"

    OUTPUT = 0xF800, "an output is NULL or too small", "sortie nulle ou trop petite"
    ALLOCATION = 0xF801, "memory cannot be allocated", "allocation impossible"
    INPUT = 0xF802, "an input is NULL, too long or ill-formed", "entrée nulle, trop longue ou mal formée"
    ZONE_FULL = 0xF804, "the zone is full", "zone pleine"
    NO_GROUP = 0xF805, "the group or field does not exist", "groupe ou champ absent"
    NO_OCCURRENCE = 0xF806, "the occurrence does not exist", "occurrence absente"
    BAD_SESSION = 0xF807, "there is no such session", "session inconnue"
    NO_HEADER = 0xF809, "no group was begun", "aucun groupe commencé"
    NO_SESSION_LEFT = 0xF80A, "no session is left", "plus de session libre"
    LAST_GROUP = 0xF80B, "that was the last group", "dernier groupe"

    CODE_LOST = 0xFF21, "the reader lost the code porteur", "code porteur perdu par le lecteur"
