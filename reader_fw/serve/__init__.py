"""The reader's only door to the outside: real ports, real time, one thread.

with Server(reader, reader.board.clock) as server:
    server.open("pty:/tmp/tla?baud=9600")
    server.open("tcp:127.0.0.1:4000")
    server.run()
"""

from tla_sim.reader_fw.serve.server import Server
from tla_sim.reader_fw.serve.spec import BadLink, LinkSpec

__all__ = ["BadLink", "LinkSpec", "Server"]
