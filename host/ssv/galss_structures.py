"""The structures of the GALSS in C, for its headers: names and layout are the field's, the text is our own.

Source: public sources of programs that call the GALSS. Inferred: the first number of IdentComposant has 32
bits on every machine, so that no program's array is overrun, whichever type it gives the number.
"""

from __future__ import annotations

from typing import Final

from tla_sim.host.ssv.galss_functions import NAME_ROOM, PORT_ROOM, VERSION_ROOM

CLIENT_STRUCTURES: Final = f"""\
/* A component's version, {VERSION_ROOM} bytes. The first number has 32 bits on every machine. */
typedef struct {{
    unsigned int TypeComposant;
    char AscVersion[{VERSION_ROOM}];
}} IdentComposant;

#pragma pack(push, 1)

/* The blocks of usDump. */
typedef struct {{
    unsigned char Type;
    char Index[{PORT_ROOM}];
    unsigned short TypeConnexion;
    unsigned short Protocole;
    unsigned short NumExclusivite;
    unsigned short FlagEtat;
    unsigned char Reserve[41];
}} StructCanal;

typedef struct {{
    unsigned char Adresse;
    unsigned short NumExclusivite;
    unsigned char Reserve[41];
}} StructPAD;

typedef struct {{
    unsigned char Adresse;
    unsigned short NumExclusivite;
    void *hFicContexte;
    unsigned short TailleCtx;
    unsigned short FlagEtat;
    unsigned char Reserve[39];
}} StructLAD;

typedef struct {{
    unsigned short NumAlias;
    char Nom[{NAME_ROOM}];
}} StructAlias;

#pragma pack(pop)
"""
"""What the client's header declares before its functions."""

RESOURCE_STRUCTURES: Final = f"""\
#pragma pack(push, 1)

/* A line of the table of resources. */
typedef struct {{
    unsigned char NomAlias[{NAME_ROOM}];
    unsigned char NomRessource[{NAME_ROOM}];
    unsigned char AdrLAD;
    unsigned char AdrPAD;
    unsigned char IndexCanal;
    unsigned char TypeCanal;
    unsigned short TypeConnexion;
    unsigned short Protocole;
}} InfoRessource;

#pragma pack(pop)
"""
"""What the header of the resources declares before its functions."""
