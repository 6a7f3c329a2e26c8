"""A client that sends a line, whose last character is urgent, and waits until the other end closes.

usage: urgent.py HOST PORT
"""

import socket
import sys

peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))
peer.sendall(b"hello world?")
peer.send(b"!", socket.MSG_OOB)
peer.sendall(b"\n")
peer.recv(1)
