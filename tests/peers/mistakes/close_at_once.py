"""Finishes and closes without a word; whoever sends to it then gets a reset."""

import socket
import sys

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))

client.close()
sys.stdin.read()
