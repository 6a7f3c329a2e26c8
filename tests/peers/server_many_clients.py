"""The course's third script: a server for many clients, one after another, forever.

usage: server_many_clients.py [HOST [PORT]]
"""

import socket
import sys


def lan_address():
    """The address of this machine that a packet to another network would carry. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]


host = sys.argv[1] if len(sys.argv) > 1 else lan_address()
port = int(sys.argv[2]) if len(sys.argv) > 2 else 10000

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
server.bind((host, port))
server.listen(128)
print("listening on", server.getsockname(), flush=True)

while True:
    client, address = server.accept()
    print("client:", address, flush=True)
    data = client.recv(1024)
    print("received:", data.decode("utf-8"), flush=True)
    client.send("数据已收到".encode("utf-8"))
    client.close()
