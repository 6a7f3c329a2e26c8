"""The course's second script: a client.

usage: client.py [HOST [PORT]]
"""

import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 8888

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect((host, port))
client.send("你好".encode("utf-8"))
data = client.recv(1024)
print("received:", data.decode("utf-8"), flush=True)
client.close()
