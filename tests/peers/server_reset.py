"""A server that throws its first client's connection away after one recv.

usage: server_reset.py HOST PORT
"""

import socket
import struct
import sys

server = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("listening on", server.getsockname(), flush=True)
client, address = server.accept()
client.recv(1024)
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
client.close()
