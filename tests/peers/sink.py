"""A server for one client: reads all that it sends, then tells how much it was and its SHA-256.

usage: sink.py HOST PORT [half]

With "half" it finishes its own sending first, and reads after that.
"""

import hashlib
import socket
import sys

server = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("listening on", server.getsockname(), flush=True)
client, address = server.accept()
if "half" in sys.argv:
    client.shutdown(socket.SHUT_WR)
size, digest = 0, hashlib.sha256()
while data := client.recv(65536):
    size += len(data)
    digest.update(data)
print("bytes", size, "sha256", digest.hexdigest(), flush=True)
client.close()
