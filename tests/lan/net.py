"""Networks of namespaces, and Sockhops in them: what the scenarios are made of. Runs as root of a user namespace
(`unshare -Urnm`), so nothing of it reaches the machine outside."""
import atexit
import json
import os
import signal
import subprocess
import tempfile
import threading
import time

SOCKHOP = os.environ["SOCKHOP"]
# Longer than anything takes on a busy machine.
LIMIT = int(os.environ.get("LIMIT", "90"))
BEACONS = 28888
_children = []


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _end():
    for child in _children:
        if child.poll() is None:
            child.kill()


atexit.register(_end)


class Namespace:
    """A machine: a network namespace of its own."""

    def __init__(self, name):
        self.name = name
        self.process = subprocess.Popen(["unshare", "-n", "sleep", "100000"])
        _children.append(self.process)
        own = os.readlink("/proc/self/ns/net")
        until = time.time() + LIMIT
        while os.readlink(f"/proc/{self.process.pid}/ns/net") == own:
            assert time.time() < until
            time.sleep(0.005)
        self("ip", "link", "set", "lo", "up")

    def inside(self, *command):
        return ["nsenter", "-t", str(self.process.pid), "-n", *command]

    def __call__(self, *command):
        run(*self.inside(*command))


class Switch:
    """A network that machines are plugged into: a bridge in the namespace of the scenario."""

    def __init__(self, name):
        self.name = name
        run("ip", "link", "add", name, "type", "bridge", "mcast_snooping", "0")
        run("ip", "link", "set", name, "up")

    def plug(self, machine, address, interface="eth0"):
        end = f"{self.name}{len(_ends)}"
        _ends.append(end)
        run("ip", "link", "add", end, "type", "veth", "peer", "name", interface, "netns", str(machine.process.pid))
        run("ip", "link", "set", end, "master", self.name, "up")
        # Else an address of IPv6 is tentative for a second.
        machine("sysctl", "-qw", f"net.ipv6.conf.{interface}.accept_dad=0")
        machine("ip", "address", "add", address, "dev", interface)
        machine("ip", "link", "set", interface, "up")
        # The way out: else a veth counts as one of virtual machines.
        machine("ip", "route", "add", "default", "dev", interface, "metric", str(100 + len(_ends)))
        return end


def acquaint(machines, addresses):
    """Has each know the others' cards beforehand. The kernel has one table of neighbours for all namespaces, with room for
    1,024 that it found by itself: fewer than forty have of each other."""
    cards = {}
    for machine, address in zip(machines, addresses):
        machine("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
        shown = subprocess.run(machine.inside("ip", "-j", "link", "show", "eth0"), capture_output=True, text=True)
        cards[address] = json.loads(shown.stdout)[0]["address"]
    for machine, own in zip(machines, addresses):
        lines = "".join(
            f"neigh replace {address} lladdr {card} dev eth0 nud permanent\n"
            for address, card in cards.items() if address != own
        )
        subprocess.run(machine.inside("ip", "-batch", "-"), input=lines, text=True, check=True)


_ends = []


def cut(end):
    run("ip", "link", "set", end, "down")


def mend(end):
    run("ip", "link", "set", end, "up")


class Sockhop:
    """`sockhop lan --json`, what it tells, and its folder, which outlives it."""

    def __init__(self, name, machine=None, folder=None, beacons=BEACONS, extra=()):
        self.name = name
        self.machine = machine
        self.folder = folder or tempfile.mkdtemp(prefix="sockhop-lan-")
        self.beacons = beacons
        self.extra = extra
        # Over all runs of the program.
        self.events = []
        self.changed = threading.Condition()
        self.start()

    def command(self, *arguments):
        inside = self.machine.inside() if self.machine else []
        return [*inside, SOCKHOP, "--data-dir", self.folder, "--lang", "en", *arguments]

    def start(self):
        self.since = len(self.events)
        ports = ["--beacon-port", str(self.beacons)]
        self.process = subprocess.Popen(
            self.command("lan", "--name", self.name, "--json", *ports, *self.extra),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        _children.append(self.process)
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def _read(self, process):
        for line in process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                continue  # The last line of one that was killed.
            with self.changed:
                self.events.append(event)
                self.changed.notify_all()

    def tell(self, **command):
        self.process.stdin.write((json.dumps(command) + "\n").encode())
        self.process.stdin.flush()

    def say(self, to, text):
        self.tell(say=text, to=getattr(to, "name", to))

    def wait(self, what, limit=LIMIT, since=None):
        """Waits for an event that `what` is true of."""
        until = time.time() + limit
        at = self.since if since is None else since
        with self.changed:
            while True:
                while at < len(self.events):
                    if what(self.events[at]):
                        return self.events[at]
                    at += 1
                left = until - time.time()
                assert left > 0, f"{self.name} did not tell it: {self.events[-30:]}"
                self.changed.wait(left)

    def event(self, kind, limit=LIMIT, since=None, **fields):
        is_it = lambda event: event["event"] == kind and all(event.get(k) == v for k, v in fields.items())
        return self.wait(is_it, limit, since)

    def all(self, name):
        with self.changed:
            return [event for event in self.events if event["event"] == name]

    @property
    def id(self):
        return self.event("visible", since=0)["id"]

    def linked(self, other, limit=LIMIT, since=None):
        return self.event("linked", limit, since, id=other.id)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(LIMIT) == 0, self.process.stderr.read()

    def once(self, *arguments, ports=True):
        """Another run of the program on the same folder."""
        if ports:
            arguments = [*arguments, "--beacon-port", str(self.beacons)]
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=LIMIT)

    def on_disk(self):
        """Messages that the history has, by direction: texts in their order, and how each that was sent ended."""
        export = self.once("history", "export", "--format", "jsonl", ports=False)
        assert export.returncode == 0, export.stderr
        received, sent = [], []
        people = {}
        for line in map(json.loads, export.stdout.splitlines()):
            if line["type"] == "session" and line["origin"] == "person":
                people[line["session"]] = line["host"]
            who = people.get(line["session"])
            if who and line["type"] == "received":
                received.append((who, line["text"]))
            elif who and line["type"] == "sent":
                sent.append((who, line["text"], line.get("delivery", "sent")))
        return received, sent


def pair(switch=None):
    """Two machines on one network, each with a Sockhop that sees the other."""
    switch = switch or Switch("sw")
    machines = [Namespace("one"), Namespace("two")]
    ends = [switch.plug(machine, f"10.9.0.{n}/24") for n, machine in enumerate(machines, 1)]
    one, two = Sockhop("Lab PC 1", machines[0]), Sockhop("Lab PC 2", machines[1])
    one.linked(two)
    two.linked(one)
    return one, two, ends
