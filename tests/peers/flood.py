"""Send many lines of different lengths as fast as they go, then finish and wait for the other end.

usage: flood.py HOST PORT LINES

Prints how many bytes were sent, and how many came back.
"""

import socket
import sys

peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))
lines = b"".join(b"%d %s\n" % (n, b"x" * (n % 80)) for n in range(int(sys.argv[3])))
peer.sendall(lines)
peer.shutdown(socket.SHUT_WR)
back = 0
while data := peer.recv(65536):
    back += len(data)
print("sent", len(lines), "back", back, flush=True)
