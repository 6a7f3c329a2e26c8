"""A hub in user space: it joins machines by TAP devices, and loses, delays, doubles and reorders what goes through. The
kernel of a test machine may have no netem."""
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import tempfile
import threading
import time

from net import Namespace, Sockhop

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _enter(path):
    with open(path) as namespace:
        if _libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), path)


class Hub:
    """What one machine sends comes to all others, as far as `loss` (of 1), `delay` (seconds), `double` (of 1) and
    `reorder` (seconds at random) let it."""

    def __init__(self, loss=0.0, delay=0.0, double=0.0, reorder=0.0, seed=1):
        self.loss, self.delay, self.double, self.reorder = loss, delay, double, reorder
        self.is_cut = False
        self.dice = random.Random(seed)
        self.taps = []
        self.late = []
        self.count = 0
        self.lost = 0

    def plug(self, machine, address, interface="eth0"):
        _enter(f"/proc/{machine.process.pid}/ns/net")
        try:
            tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", interface.encode(), IFF_TAP | IFF_NO_PI))
        finally:
            _enter(f"/proc/{os.getpid()}/ns/net")
        machine("sysctl", "-qw", f"net.ipv6.conf.{interface}.accept_dad=0")
        machine("ip", "address", "add", address, "dev", interface)
        machine("ip", "link", "set", interface, "up")
        machine("ip", "route", "add", "default", "dev", interface)
        self.taps.append(tap)

    def start(self):
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            wait = max(0.0, self.late[0][0] - time.monotonic()) if self.late else 1.0
            readable, _, _ = select.select(self.taps, [], [], wait)
            now = time.monotonic()
            for tap in readable:
                for _ in range(64):
                    try:
                        frame = os.read(tap, 65536)
                    except BlockingIOError:
                        break
                    for other in self.taps:
                        if other != tap:
                            self._through(frame, other, now)
            while self.late and self.late[0][0] <= now:
                _, _, tap, frame = heapq.heappop(self.late)
                self._out(tap, frame)

    def _through(self, frame, tap, now):
        if self.is_cut or self.dice.random() < self.loss:
            self.lost += 1
            return
        for _ in range(2 if self.dice.random() < self.double else 1):
            due = now + self.delay + self.dice.random() * self.reorder
            if due <= now:
                self._out(tap, frame)
            else:
                self.count += 1
                heapq.heappush(self.late, (due, self.count, tap, frame))

    @staticmethod
    def _out(tap, frame):
        try:
            os.write(tap, frame)
        except OSError:
            pass  # The machine is down, or has no room: a frame that is lost.


def pair_over(hub):
    """Two machines with a Sockhop each that see each other over the hub."""
    machines = [Namespace("one"), Namespace("two")]
    for n, machine in enumerate(machines, 1):
        hub.plug(machine, f"10.9.0.{n}/24")
    hub.start()
    one, two = (Sockhop(f"Lab PC {n}", machine, _with_taps()) for n, machine in enumerate(machines, 1))
    one.linked(two)
    two.linked(one)
    return one, two


def _with_taps():
    """A folder with settings by which a TAP device is used: as a rule it leads into a tunnel."""
    folder = tempfile.mkdtemp(prefix="sockhop-lan-")
    with open(os.path.join(folder, "settings.toml"), "w") as settings:
        settings.write('lan_interfaces = ["eth0"]\n')
    return folder
