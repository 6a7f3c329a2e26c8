"""Speaks TLS to a port that does not, as a browser does for https://."""

import socket
import ssl
import sys

context = ssl._create_unverified_context()
client = socket.create_connection((sys.argv[1], int(sys.argv[2])))
try:
    context.wrap_socket(client, server_hostname="localhost")
except (OSError, ssl.SSLError) as error:
    print(error)
