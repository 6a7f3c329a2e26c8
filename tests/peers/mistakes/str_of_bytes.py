"""Sends str(data) in place of data."""

import socket
import sys

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))

data = "你好".encode("utf-8")
client.send(str(data).encode("utf-8"))
sys.stdin.read()
