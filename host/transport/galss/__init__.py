"""The GALSS's own files, `galss.ini` and `io_comm.ini`: which reader hangs on which port, by what name.

Source: the public sample of `galss.ini` and the mapping of ports in `io_comm.ini`. What the sample does not
say is Project-defined: `Caracteristiques` as speed, stop bits, data bits, parity and flow control; channel
type 1 as a serial port; an alias as `Alias1=`, `Alias2=` and on; COM1 as /dev/ttyS0 where nothing maps it.
"""
