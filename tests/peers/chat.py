"""A peer led by hand: prints each line it receives; sends each line of its input, with no newline at the end.

usage: chat.py HOST PORT
"""

import socket
import sys
import threading

peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))


def speak():
    for line in sys.stdin:
        peer.sendall(line.rstrip("\n").encode("utf-8"))


threading.Thread(target=speak, daemon=True).start()
for line in peer.makefile(encoding="utf-8", newline="\n"):
    print(line, end="", flush=True)
print("closed", flush=True)
