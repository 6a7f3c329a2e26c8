"""Sends 你好 in two sends, the first of which ends in the middle of 好; a line of its input is between."""

import socket
import sys

client = socket.create_connection((sys.argv[1], int(sys.argv[2])))

data = "你好".encode("utf-8")
client.send(data[:4])
sys.stdin.readline()
client.send(data[4:])
sys.stdin.read()
