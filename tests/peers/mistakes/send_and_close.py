"""Sends 你好 without a newline and closes."""

import socket
import sys

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))

client.send("你好".encode("utf-8"))
client.close()
