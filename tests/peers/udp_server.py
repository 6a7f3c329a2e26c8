"""A UDP server as the course writes it: it answers each datagram with itself.

    python3 udp_server.py HOST PORT
"""
import sys
from socket import AF_INET, SOCK_DGRAM, socket

server = socket(AF_INET, SOCK_DGRAM)
server.bind((sys.argv[1], int(sys.argv[2])))
print("listening on", server.getsockname(), flush=True)
while True:
    data, addr = server.recvfrom(65535)
    print(len(data), data[:60].decode(errors="replace"), flush=True)
    server.sendto(data, addr)
