"""A request of HTTP without the blank line; with a line of its input, that too."""

import socket
import sys

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))

client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
sys.stdin.readline()
client.send(b"\r\n")
sys.stdin.read()
