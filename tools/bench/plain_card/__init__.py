"""A plain Python card: the baseline of `tla_sim.tools.bench.cards`, written for it alone.

A responder that holds the same files as the simulated card and carries out the same commands, in the way in
which a virtual card in Python comes about. An APDU is an object, made byte by byte, with fields that are
checked. Files are a tree of objects, searched in order; their control parameters are built anew for each
SELECT. There is a handler by instruction, and an exception for each refusal. The text that a trace would show
is made whether or not anybody reads it: of each command, of a file that was selected or not found, and at
vpcd of all that is heard and said. The code is compared in clear, and its counter is in memory alone.

The best known of such cards is vsmartcard's. On the same files and by the same Python, that one (of June
2025) took from 1.1 to 3.6 times as long in process, depending on the command. So what holds against this card
holds against that one.
"""
