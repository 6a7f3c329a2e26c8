"""Messages with a length before each, as struct.pack("!I", n) makes it.

usage: length.py client|server HOST PORT MESSAGE...

Sends all messages in one send, then prints as many as it sent, and finishes.
"""

import socket
import struct
import sys


def receive(peer, size):
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            sys.exit("the stream ended in the middle of a message")
        data += more
    return data


role, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
if role == "client":
    peer = socket.create_connection((host, port))
else:
    server = socket.create_server((host, port))
    print("listening on", server.getsockname(), flush=True)
    peer, _ = server.accept()

messages = [text.encode("utf-8") for text in sys.argv[4:]]
peer.sendall(b"".join(struct.pack("!I", len(message)) + message for message in messages))
for _ in messages:
    (size,) = struct.unpack("!I", receive(peer, 4))
    print("received:", receive(peer, size).decode("utf-8"), flush=True)
peer.close()
