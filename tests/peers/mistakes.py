"""Servers and clients with one mistake each, as beginners make them.

usage: mistakes.py MISTAKE HOST PORT

A server prints the address that it listens on; each ends when its input does.
"""

import socket
import struct
import sys
import threading
import time


def server(backlog=5, kind=socket.SOCK_STREAM, reuse=True):
    sock = socket.socket(socket.AF_INET6 if ":" in HOST else socket.AF_INET, kind)
    if reuse:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
    sock.bind((HOST, PORT))
    if kind == socket.SOCK_STREAM:
        sock.listen(backlog)
    print("listening on", sock.getsockname(), flush=True)
    return sock


def client():
    sock = socket.create_connection((HOST, PORT))
    print("connected from", sock.getsockname(), flush=True)
    return sock


def until_told():
    """Waits for a line of input: the test says when to go on."""
    return sys.stdin.readline().strip()


def never_accepts():
    listening = server()
    until_told()
    listening.close()


def tiny_backlog_never_accepts():
    listening = server(backlog=1)
    until_told()
    listening.accept()[0].close()
    until_told()


def serves_one_and_no_other():
    listening = server()
    first, _ = listening.accept()
    first.settimeout(None)
    until_told()


def never_reads():
    listening = server()
    first, _ = listening.accept()
    print("accepted", flush=True)
    until_told()
    print("received:", first.recv(1024).decode(), flush=True)
    until_told()


def waits_in_recv():
    """Both wait: it waits for a first word, as the other end does."""
    listening = server()
    first, _ = listening.accept()
    text = first.recv(1024).decode()
    print("received:", text, flush=True)
    first.sendall(b"answer\n")
    until_told()


def waits_for_a_newline():
    listening = server()
    first, _ = listening.accept()
    line = first.makefile("r").readline()
    print("line:", line, flush=True)


def ignores_the_end():
    """Its loop does not look at b''."""
    listening = server()
    first, _ = listening.accept()
    while True:
        if not first.recv(1024):
            break
    until_told()
    first.close()


def sends_and_closes():
    sock = client()
    # Linux sends both in one segment: an answer between them would be a reset of another kind, and chance.
    sock.send(b"hello\n", getattr(socket, "MSG_MORE", 0))
    sock.close()
    until_told()


def sends_and_waits():
    sock = client()
    sock.sendall(b"hello\n")
    print("received:", sock.recv(1024), flush=True)
    sock.close()
    until_told()


def finishes_and_still_reads():
    """Half-closes, and reads what comes: no mistake."""
    sock = client()
    sock.sendall(b"hello\n")
    sock.shutdown(socket.SHUT_WR)
    print("received:", sock.recv(1024), flush=True)
    until_told()
    sock.close()


def dies_after_connect():
    client().close()


def dies_after_recv():
    listening = server()
    first, _ = listening.accept()
    first.recv(1024)
    first.close()


def recv_on_the_listening_socket():
    listening = server()
    listening.accept()
    listening.recv(1024)


def resets_and_ends():
    listening = server()
    first, _ = listening.accept()
    listening.close()
    first.recv(1024)
    first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    first.close()


def udp_server():
    sock = server(kind=socket.SOCK_DGRAM)
    until_told()
    sock.close()


def closes_listener_keeps_connection():
    listening = server(reuse=False)
    first, _ = listening.accept()
    listening.close()
    print("listener closed", flush=True)
    until_told()
    first.close()


def leaves_time_wait():
    """Closes first, without SO_REUSEADDR."""
    listening = server(reuse=False)
    helper = threading.Thread(target=lambda: socket.create_connection(listening.getsockname()).recv(1))
    helper.start()
    first, _ = listening.accept()
    first.close()
    helper.join()
    listening.close()
    print("closed", flush=True)
    until_told()


def floods_and_never_reads():
    sock = client()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    sent = 0
    calm = 0
    while calm < 20:
        try:
            sent += sock.send(b"x" * 1023 + b"\n")
            calm = 0
        except BlockingIOError:
            calm += 1
            time.sleep(0.02)
    print("sent", sent, flush=True)
    until_told()


MISTAKE, HOST, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
globals()[MISTAKE.replace("-", "_")]()
