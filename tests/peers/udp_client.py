"""A UDP client as the course writes it: it sends each text as a datagram and prints what comes back.

    python3 udp_client.py HOST PORT TEXT...
"""
import sys
from socket import AF_INET, SOCK_DGRAM, socket

client = socket(AF_INET, SOCK_DGRAM)
client.settimeout(20)
for text in sys.argv[3:]:
    client.sendto(text.encode(), (sys.argv[1], int(sys.argv[2])))
    data, addr = client.recvfrom(65535)
    print(addr[1], data.decode(), flush=True)
