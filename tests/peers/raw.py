"""A client that sends bytes given in hex, one send after another, and prints what comes back in hex.

usage: raw.py HOST PORT [HEX | wait | reset | stay]...

"wait" waits for one recv's answer, "reset" throws the connection away, and "stay" waits until
standard input ends. At the end it finishes sending and reads on until the other end closes.
"""

import socket
import struct
import sys

peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print("local", peer.getsockname(), flush=True)
for step in sys.argv[3:]:
    if step == "wait":
        print("answer", peer.recv(65536).hex(), flush=True)
    elif step == "reset":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        sys.exit()
    elif step == "stay":
        sys.stdin.read()
    else:
        peer.sendall(bytes.fromhex(step))
peer.shutdown(socket.SHUT_WR)
while data := peer.recv(65536):
    print("answer", data.hex(), flush=True)
print("closed", flush=True)
