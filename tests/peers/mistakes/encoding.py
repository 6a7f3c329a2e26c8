"""Sends text in the encoding that is its third argument."""

import socket
import sys

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))

client.send("你好\n".encode(sys.argv[3]))
sys.stdin.read()
