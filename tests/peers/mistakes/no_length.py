"""Sends text to a server that expects its length first."""

import socket
import sys

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))

client.send(b"hello")
sys.stdin.read()
