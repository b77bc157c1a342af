"""A plain Python card: the baseline of `tla_sim.tools.bench.cards`, written for it alone.

A responder that holds the same files as the simulated card and carries out the same commands, in the way in
which a virtual card in Python comes about. An APDU is an object, made byte by byte, with fields that are
checked. Files are a tree of objects, searched in order; their control parameters are built anew for each
SELECT. There is a handler by instruction, and an exception for each refusal. The text that a trace would show
is made whether or not anybody reads it: of each command and status word, of a file that was selected or not
found with all below it, and at vpcd of each message twice, as rows of bytes and decoded, with a line for each
byte. The code is compared in clear, and its counter is in memory alone.

The best known of such cards is vsmartcard's, and this one is to take as long, or less: how much its trace
shows of each byte was chosen for that, not taken from there. It was compared with that of June 2025 on the
same files and by the same Python. At the driver's end of vpcd's protocol, on one processor and with quick
acknowledgements, this card took about 0.75 to 0.95 of its time, depending on the command, and in process
about 0.65 to 1.04. So what holds against this card holds against that one, within a twentieth.
"""
