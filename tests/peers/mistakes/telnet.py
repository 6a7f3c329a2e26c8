"""Begins as telnet does, with options."""

import socket
import sys

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))

client.send(bytes([0xFF, 0xFD, 0x03, 0xFF, 0xFB, 0x18, 0xFF, 0xFB, 0x1F]))
sys.stdin.read()
