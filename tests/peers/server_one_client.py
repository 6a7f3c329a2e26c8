"""The course's first script: a server for one client.

usage: server_one_client.py [HOST [PORT]]
"""

import socket
import sys

host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
port = int(sys.argv[2]) if len(sys.argv) > 2 else 8888

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind((host, port))
server.listen(5)
print("listening on", server.getsockname(), flush=True)

client, address = server.accept()
print("client:", address, flush=True)
data = client.recv(1024)
print("received:", data.decode("utf-8"), flush=True)
client.send("数据已收到".encode("utf-8"))
client.close()
server.close()
