"""Begins as SSH does."""

import socket
import sys

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))

client.send(b"SSH-2.0-OpenSSH_9.6\r\n")
sys.stdin.read()
