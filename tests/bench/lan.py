"""Whole Sockhops in namespaces, measured: `lan.py NAME COUNT` plays one and prints what it measured as a line of JSON."""
import calendar
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lan"))
from hub import Hub  # noqa: E402
import net  # noqa: E402
from net import Namespace, Sockhop, Switch, acquaint  # noqa: E402


def told(**what):
    print(json.dumps(what), flush=True)


def moment(event):
    """When an event was, in seconds, by the clock that all have in common."""
    whole, _, rest = event["at"].rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float(f"0.{rest or 0}")


def over_a_lossy_hub(loss):
    hub = Hub(loss=loss)
    machines = [Namespace("one"), Namespace("two")]
    for n, machine in enumerate(machines, 1):
        hub.plug(machine, f"10.9.0.{n}/24")
    hub.start()
    return machines


def with_taps():
    folder = tempfile.mkdtemp(prefix="sockhop-bench-")
    with open(os.path.join(folder, "settings.toml"), "w") as settings:
        settings.write('lan_interfaces = ["eth0"]\n')
    return folder


def seen(count):
    """From the start of a Sockhop until one that is there already has seen it; 5 % of all frames are lost."""
    machines = over_a_lossy_hub(0.05)
    # Else the first address takes the one that follows it along.
    machines[1]("sysctl", "-qw", "net.ipv4.conf.all.promote_secondaries=1")
    stays = Sockhop("Lab PC 1", machines[0], with_taps())
    stays.event("visible")
    took = []
    for n in range(count):
        if n and n % 8 == 0:
            # Another computer: only so many new keys are taken from one address.
            machines[1]("ip", "address", "add", f"10.9.0.{2 + n // 8}/24", "dev", "eth0")
            machines[1]("ip", "address", "del", f"10.9.0.{1 + n // 8}/24", "dev", "eth0")
        folder, begun = with_taps(), time.time()
        comes = Sockhop("Lab PC 2", machines[1], folder)
        visible = comes.event("visible")
        person = stays.event("person", id=visible["id"], since=0)
        took.append(moment(person) - begun)
        comes.kill()
    took.sort()
    told(median=statistics.median(took), most=took[min(len(took) - 1, int(len(took) * 0.99))], all=len(took))


def avahi(count):
    """The same of a service that avahi publishes, until avahi on the other machine has found it."""
    machines = over_a_lossy_hub(0.05)
    folder = tempfile.mkdtemp(prefix="sockhop-bench-")
    ends = []
    for n, machine in enumerate(machines):
        bus = os.path.join(folder, f"bus{n}")
        config = os.path.join(folder, f"bus{n}.conf")
        with open(config, "w") as file:
            file.write(
                '<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"'
                ' "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">'
                f"<busconfig><type>system</type><listen>unix:path={bus}</listen><auth>EXTERNAL</auth>"
                '<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>'
                "</policy></busconfig>"
            )
        daemon = os.path.join(folder, f"avahi{n}.conf")
        with open(daemon, "w") as file:
            file.write(f"[server]\nhost-name=lab{n}\nuse-ipv6=no\nallow-interfaces=eth0\n[wide-area]\nenable-wide-area=no\n")
        # Each machine has a /run of its own, as avahi-daemon keeps its process number there.
        where = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus}"}
        inside = machine.inside("unshare", "-m", "sh", "-c")
        script = (
            f"mount -t tmpfs run /run && mkdir -p /run/avahi-daemon && dbus-daemon --config-file={config} --nofork &"
            f" sleep 0.5; exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f {daemon}"
        )
        environment = dict(os.environ, **where)
        ends.append(environment)
        process = subprocess.Popen([*inside, script], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        net._children.append(process)
    time.sleep(5)
    browse = subprocess.Popen(
        machines[0].inside("stdbuf", "-oL", "avahi-browse", "-p", "_sockhop._tcp"), env=ends[0], stdout=subprocess.PIPE, text=True
    )
    net._children.append(browse)
    took = []
    for n in range(count):
        begun = time.time()
        name = f"lab-{n}"
        publish = subprocess.Popen(
            machines[1].inside("avahi-publish", "-s", name, "_sockhop._tcp", "28888"), env=ends[1],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        net._children.append(publish)
        while True:
            line = browse.stdout.readline()
            assert line, "avahi-browse has ended"
            if line.startswith("+") and name.replace("-", "\\045") in line or line.startswith("+") and name in line:
                break
        took.append(time.time() - begun)
        publish.kill()
    took.sort()
    told(median=statistics.median(took), most=took[min(len(took) - 1, int(len(took) * 0.99))], all=len(took))


def memory(process):
    with open(f"/proc/{process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def used(process):
    """CPU time of all its threads in seconds, to the nanosecond: the scheduler's (proc(5)), as a tick counts whoever runs just then."""
    nanoseconds = 0
    for thread in os.listdir(f"/proc/{process.pid}/task"):
        with open(f"/proc/{process.pid}/task/{thread}/schedstat") as file:
            nanoseconds += int(file.read().split()[0])
    return nanoseconds / 1e9


def star(count):
    """One Sockhop in the middle and so many around it that see nobody else: each on a cable of its own."""
    middle = Namespace("middle")
    sides = []
    for n in range(count):
        side = Namespace(str(n))
        pid = str(side.process.pid)
        middle("ip", "link", "add", f"to{n}", "type", "veth", "peer", "name", "eth0", "netns", pid)
        middle("ip", "address", "add", f"10.{20 + n // 250}.{n % 250}.1/24", "dev", f"to{n}")
        middle("ip", "link", "set", f"to{n}", "up")
        side("ip", "address", "add", f"10.{20 + n // 250}.{n % 250}.2/24", "dev", "eth0")
        side("ip", "link", "set", "eth0", "up")
        side("ip", "route", "add", "default", "dev", "eth0")
        sides.append(side)
    folder = tempfile.mkdtemp(prefix="sockhop-bench-")
    with open(os.path.join(folder, "settings.toml"), "w") as settings:
        # Without a way out they count as those of virtual machines.
        settings.write(f"lan_interfaces = {json.dumps([f'to{n}' for n in range(count)])}\n")
    return middle, sides, folder


def links(count):
    """Memory of each link, and how soon all are back after all cables were pulled until every link was dead."""
    middle, sides, folder = star(count)
    hub = Sockhop("Lab PC 0", middle, folder)
    hub.event("visible")
    time.sleep(1)
    before = memory(hub.process)
    begun = time.time()
    others = [Sockhop(f"Lab PC {n}", side) for n, side in enumerate(sides, 1)]
    ids = [other.id for other in others]
    for id in ids:
        hub.event("linked", limit=300, since=0, id=id)
    first = time.time() - begun
    time.sleep(2)
    a_link = (memory(hub.process) - before) / count
    for n in range(count):
        middle("ip", "link", "set", f"to{n}", "down")
    for id in ids:
        hub.event("unlinked", limit=120, since=0, id=id)
    mark = len(hub.events)
    time.sleep(2)
    for n in range(count):
        middle("ip", "link", "set", f"to{n}", "up")
    begun = time.time()
    for id in ids:
        hub.event("linked", limit=300, since=mark, id=id)
    told(first=first, bytes=a_link, back=time.time() - begun, count=count)


def idle(count):
    """CPU of each of so many that are all linked to each other and say nothing, of a minute, in percent."""
    switch = Switch("sw")
    machines = [Namespace(str(n)) for n in range(count)]
    for n, machine in enumerate(machines, 1):
        switch.plug(machine, f"10.9.0.{n}/24")
    acquaint(machines, [f"10.9.0.{n}" for n in range(1, count + 1)])
    all_of_them = [Sockhop(f"Lab PC {n}", machine) for n, machine in enumerate(machines, 1)]
    ids = [one.id for one in all_of_them]
    for one in all_of_them:
        for id in ids:
            if id != one.id:
                one.event("linked", limit=300, since=0, id=id)
    time.sleep(5)
    before = sum(used(one.process) for one in all_of_them)
    time.sleep(60)
    told(percent=100 * (sum(used(one.process) for one in all_of_them) - before) / count / 60, count=count)


def rest(minutes):
    """CPU of a window that listens while 40 people are nearby and nothing happens, and by how much its memory grows."""
    count = 40
    switch = Switch("sw")
    machines = [Namespace(str(n)) for n in range(count + 1)]
    addresses = [f"10.9.0.{n}" for n in range(1, count + 2)]
    for machine, address in zip(machines, addresses):
        switch.plug(machine, f"{address}/24")
    acquaint(machines, addresses)
    folder = tempfile.mkdtemp(prefix="sockhop-bench-")
    with open(os.path.join(folder, "settings.toml"), "w") as settings:
        settings.write('visible = "on"\n')
    command = [net.SOCKHOP, "--data-dir", folder, "--lang", "en", "--listen", "127.0.0.1:8888"]
    window = subprocess.Popen(machines[count].inside(*command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    net._children.append(window)
    others = [Sockhop(f"Lab PC {n}", machine) for n, machine in enumerate(machines[:count], 1)]
    until = time.time() + 300
    while any(len({event["id"] for event in one.events if event["event"] == "linked"}) < count for one in others):
        assert time.time() < until and window.poll() is None, "not all are linked"
        time.sleep(0.2)
    time.sleep(10)
    before, size = used(window), memory(window)
    time.sleep(60 * minutes)
    told(percent=100 * (used(window) - before) / 60 / minutes, grown=memory(window) - size, count=count)


if __name__ == "__main__":
    signal.alarm(int(os.environ.get("ALARM", "900")) + (60 * int(sys.argv[2]) if sys.argv[1] == "rest" else 0))
    globals()[sys.argv[1]](int(sys.argv[2]))
