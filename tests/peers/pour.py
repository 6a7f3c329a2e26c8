"""Send lines for ever, until the other end closes.

usage: pour.py HOST PORT
"""

import socket
import sys

peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))
try:
    while True:
        peer.sendall((b"all work and no play " * 48 + b"\n") * 100)
except OSError:
    pass
