"""The GALSS's own files, `galss.ini` and `io_comm.ini`: which reader is on which port, under which name.

Source: public files of workstations under Linux, Windows and macOS, and the SSV manual's table of errors, by
which TCanal=1 is a serial port and its Caracteristiques the speed and `1,8,0,0`, aliases are NomAlias1,
NomAlias2 and on as NbAlias counts them, and NomLib names the library of a [PROTOCOLE]. By public files of
workstations with PC/SC readers TCanal=3 is a slot of PC/SC and its Caracteristiques the slot's name.
Project-defined: names are found in any case of letters; COM1 is /dev/ttyS0 where nothing maps it; any name of
a PC/SC slot leads to the reader's own software, which stands in another slot of the same reader.
"""
