"""What Sockhops do among each other, played in namespaces. `scenarios.py NAME` plays one; it ends with 0 if all held."""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from hub import Hub, pair_over
from net import LIMIT, Namespace, Sockhop, Switch, acquaint, cut, mend, pair, run


def found_talked_and_verified():
    one, two, _ = pair()
    # Told once more when their first packet is heard: a link can come in before it, and from a port that takes none.
    one.wait(lambda event: event["event"] == "person" and event["id"] == two.id and event["address"])
    person = one.all("person")[-1]
    assert (person["name"], person["state"]) == ("Lab PC 2", "here"), person
    text = "你好\nzwei Zeilen\tand a tab"
    one.say(two, text)
    came = two.event("message")
    assert (came["from"], came["name"], came["n"], came["text"]) == (one.id, "Lab PC 1", 1, text), came
    for event in ["queued", "delivered", "read"]:
        assert one.event(event, to=two.id)["n"] == 1
    two.say(one, "back")
    one.event("message", text="back")
    assert one.all("message")[0]["from"] == two.id
    two.tell(state="away", name="Lab PC 2b")
    one.event("person", id=two.id, name="Lab PC 2b", state="away")
    two.tell(verify="Lab PC 1")
    digits = [side.event("digits")["digits"] for side in (one, two)]
    assert digits[0] == digits[1] and len(digits[0]) == 7, digits
    one.tell(same=True, **{"with": two.id})
    two.tell(same=True, **{"with": one.id})
    for side in (one, two):
        assert side.event("compared")["outcome"] == "same"
    two.event("read")
    one.end()
    two.event("gone", id=one.id)
    one.start()
    two.event("linked", id=one.id, verified=True)
    two.end()
    received, sent = two.on_disk()
    assert received == [(one.id, text)] and sent == [(one.id, "back", "read")], (received, sent)


def said_once_with_an_exit_status():
    one, two, _ = pair()
    one.end()
    listed = one.once("nearby", "--json", "--seconds", "2")
    events = [json.loads(line) for line in listed.stdout.splitlines()]
    assert any(event["event"] == "person" and event["id"] == two.id for event in events), listed
    for_reading = one.once("nearby", "--seconds", "2")
    assert "Lab PC 2" in for_reading.stdout and "encrypted" in for_reading.stdout, for_reading
    said = one.once("say", "Lab PC 2", "one line\nand another")
    assert said.returncode == 0, said
    two.event("message", text="one line\nand another")
    nobody = one.once("say", "Lab PC 9", "x", "--wait", "2")
    assert nobody.returncode == 1 and "Lab PC 9" in nobody.stderr, nobody
    two.end()
    waits = one.once("say", two.id, "later", "--wait", "2")
    assert waits.returncode == 1 and "waits" in waits.stderr, waits
    two.start()
    assert not [event for event in two.all("message") if event["text"] == "later"]
    one.start()
    two.event("message", text="later")
    one.end()
    two.end()
    assert [text for _, text in two.on_disk()[0]] == ["one line\nand another", "later"]


def off_where_nothing_could_be_kept():
    one = Sockhop("Lab PC 1")
    one.event("visible")
    second = one.once("say", "x", "y", "--wait", "1")
    assert second.returncode == 1 and "another Sockhop" in second.stderr, second
    listed = one.once("lan", "--name", "Lab PC 1b")
    assert listed.returncode == 1 and "another Sockhop" in listed.stderr, listed
    one.end()
    mode = os.stat(os.path.join(one.folder, "identity.key")).st_mode & 0o777
    assert mode == 0o600, oct(mode)
    with open(os.path.join(one.folder, "identity.key"), "wb") as key:
        key.write(b"no key")
    damaged = one.once("nearby", "--seconds", "1")
    assert damaged.returncode == 1 and "key" in damaged.stderr, damaged
    assert open(os.path.join(one.folder, "identity.key"), "rb").read() == b"no key"


def nothing_is_lost_while_the_history_is_off():
    one, two, _ = pair()
    for side in (one, two):
        side.end()
        with open(os.path.join(side.folder, "settings.toml"), "w") as settings:
            settings.write("keep_history = false\n")
        side.start()
    one.linked(two)
    one.say(two, "kept")
    one.event("delivered")
    two.kill()
    assert two.on_disk()[0] == [(one.id, "kept")]


def what_waits_can_be_taken_back():
    one, two, _ = pair()
    one.say(two, "first")
    one.event("delivered", n=1)
    two.end()
    one.event("gone", id=two.id)
    for text in ["second", "third", "fourth"]:
        one.say(two.id, text)
    one.event("queued", n=4)
    one.tell(cancel=3, to=two.id)
    two.start()
    two.event("message", text="fourth")
    one.event("delivered", n=4)
    assert [event["text"] for event in two.all("message")] == ["first", "second", "fourth"]
    assert [event["n"] for event in two.all("message")] == [1, 2, 4]
    one.end()
    two.end()
    assert [how for *_, how in one.on_disk()[1]] == ["read", "read", "cancelled", "read"], one.on_disk()


def blocked_people_are_not_heard():
    one, two, _ = pair()
    one.say(two, "a")
    two.event("message", text="a")
    two.tell(block="Lab PC 1")
    one.event("unlinked", id=two.id)
    one.say(two.id, "b")
    two.say(one.id, "c")
    assert "blocked" in two.event("error")["message"]
    time.sleep(2)
    assert len(two.all("message")) == 1
    mark = len(two.events)
    two.tell(unblock=one.id)
    two.event("message", text="b", since=mark)


def to_everyone_nearby():
    switch = Switch("sw")
    machines = [Namespace(str(n)) for n in range(4)]
    for n, machine in enumerate(machines, 1):
        switch.plug(machine, f"10.9.0.{n}/24")
    all_of_them = [Sockhop(f"Lab PC {n}", machine) for n, machine in enumerate(machines, 1)]
    for one in all_of_them:
        for other in all_of_them:
            if one is not other:
                one.linked(other)
    all_of_them[0].say("*", "to all")
    for other in all_of_them[1:]:
        other.event("message", text="to all")
        all_of_them[0].event("delivered", to=other.id)


def a_cut_is_bridged():
    one, two, ends = pair()
    for n in range(50):
        one.say(two, f"before {n}")
        two.say(one, f"before {n}")
    cut(ends[1])
    for n in range(50):
        one.say(two, f"within {n}")
        two.say(one, f"within {n}")
    one.event("queued", n=100)
    time.sleep(1)
    mend(ends[1])
    check_all([one, two], [f"before {n}" for n in range(50)] + [f"within {n}" for n in range(50)])


def check_all(sides, texts):
    """Each has all texts of the other on its disk, in order and once, and knows of its own that they are delivered."""
    one, two = sides
    for side in sides:
        side.event("delivered", n=len(texts), since=0)
    for side in sides:
        side.end()
    for side, other in [(one, two), (two, one)]:
        received, sent = side.on_disk()
        assert [text for _, text in received] == texts, difference([text for _, text in received], texts)
        assert [text for _, text, _ in sent] == texts
        assert all(how in ("delivered", "read") for *_, how in sent), [s for s in sent if s[2] not in ("delivered", "read")]


def difference(found, wanted):
    at = next((n for n, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
    return f"{len(found)} of {len(wanted)}, the first difference at {at}: {found[at:at + 3]} for {wanted[at:at + 3]}"


def killed(messages, kills, pause, cuts=0, network=None):
    """Both write all the time, and are killed at any moment: what was delivered is on the other's disk, and in the end
    everything is there, once, in order."""
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    print(f"SEED={seed}", file=sys.stderr)
    dice = random.Random(seed)
    one, two, ends = network() if network else pair()
    sides = [one, two]
    texts = [f"message {n} {'x' * dice.randrange(80)}" for n in range(messages)]
    written = {one: 0, two: 0}
    known = {one: two.id, two: one.id}
    plan = sorted(dice.random() for _ in range(kills + cuts))
    moments = [(at, "kill" if n < kills else "cut") for n, at in zip(dice.sample(range(kills + cuts), kills + cuts), plan)]
    for at, what in moments + [(1.0, None)]:
        for side in sides:
            while written[side] < at * messages:
                side.say(known[side], texts[written[side]])
                written[side] += 1
        if what is None:
            break
        time.sleep(dice.random() * pause)
        if what == "cut":
            end = dice.choice(ends)
            cut(end)
            time.sleep(dice.random() * pause)
            mend(end)
            continue
        side = dice.choice(sides)
        other = two if side is one else one
        side.kill()
        # What the other was told is delivered is here.
        told = {event["n"] for event in other.all("delivered")}
        here = len(side.on_disk()[0])
        assert len(told) <= here, f"{len(told)} told, {here} here"
        # What was written and is not on the disk was never told to be queued: the user writes it again.
        kept = len(side.on_disk()[1])
        queued = len({event["n"] for event in side.all("queued")})
        assert queued <= kept, f"{queued} told, {kept} kept"
        written[side] = kept
        side.start()
        side.event("visible")
    for side in sides:
        other = two if side is one else one
        side.event("linked", id=other.id)
    until = time.time() + max(LIMIT, messages / 20)
    while True:
        waiting = [side for side in sides if not any(e["event"] == "delivered" and e["n"] == messages for e in side.events)]
        # One that was killed just after the last was delivered does not tell it again.
        if not waiting or time.time() > until or all(settled(side, messages) for side in waiting):
            break
        time.sleep(0.2)
    for side in sides:
        side.end()
    for side in sides:
        received, sent = side.on_disk()
        assert [text for _, text in received] == texts, difference([text for _, text in received], texts)
        assert [text for _, text, _ in sent] == texts, difference([text for _, text, _ in sent], texts)
        assert all(how in ("delivered", "read") for *_, how in sent), [s[1:] for s in sent if s[2] not in ("delivered", "read")][:5]


def settled(side, messages):
    sent = side.on_disk()[1]
    return len(sent) == messages and all(how in ("delivered", "read") for *_, how in sent)


def killed_a_few_times():
    killed(messages=400, kills=6, pause=0.3)


def killed_and_cut_often():
    killed(messages=10_000, kills=50, cuts=50, pause=1.0)


def a_restored_backup_continues():
    one, two, _ = pair()
    two.say(one, "so that they know each other")
    for n in range(5):
        one.say(two, f"before {n}")
    one.event("delivered", n=5)
    one.end()
    backup = tempfile.mkdtemp(prefix="sockhop-lan-")
    shutil.copytree(one.folder, backup, dirs_exist_ok=True)
    one.start()
    for n in range(7):
        one.say(two.id, f"after {n}")
    one.event("delivered", n=12)
    one.end()
    two.end()
    one.folder = backup
    # Written before anybody notices that the folder is an older one: more than were lost with it.
    one.start()
    one.event("visible")
    for n in range(9):
        one.say(two.id, f"again {n}")
    one.event("queued", n=14)
    two.start()
    two.event("message", text="again 8")
    two.say(one, "and back")
    one.event("message", text="and back")
    time.sleep(1)
    one.end()
    two.end()
    texts = [f"before {n}" for n in range(5)] + [f"after {n}" for n in range(7)] + [f"again {n}" for n in range(9)]
    assert [text for _, text in two.on_disk()[0]] == texts, two.on_disk()[0]
    assert all(how in ("delivered", "read") for *_, how in one.on_disk()[1]), one.on_disk()[1]


def what_waited_in_a_restored_backup_comes_once():
    one, two, _ = pair()
    two.say(one, "so that they know each other")
    one.event("message")
    two.end()
    one.event("gone", id=two.id)
    for n in range(4):
        one.say(two.id, f"waits {n}")
    one.event("queued", n=4)
    one.end()
    backup = tempfile.mkdtemp(prefix="sockhop-lan-")
    shutil.copytree(one.folder, backup, dirs_exist_ok=True)
    one.start()
    two.start()
    two.event("message", text="waits 3")
    one.say(two.id, "and after")
    one.event("delivered", n=5)
    one.end()
    two.end()
    one.folder = backup
    one.start()
    one.event("visible")
    one.say(two.id, "waits 2")
    one.event("queued", n=5)
    two.start()
    one.linked(two)
    one.say(two.id, "last")
    two.event("message", text="last")
    time.sleep(1)
    one.end()
    two.end()
    # The same text, written once more, is another message.
    texts = [f"waits {n}" for n in range(4)] + ["and after", "waits 2", "last"]
    assert [text for _, text in two.on_disk()[0]] == texts, two.on_disk()[0]
    assert all(how in ("delivered", "read") for *_, how in one.on_disk()[1]), one.on_disk()[1]


def a_new_key_under_a_verified_name_warns():
    one, two, _ = pair()
    one.say(two, "hello")
    one.event("delivered")
    one.tell(verify="Lab PC 2")
    two.event("digits")
    one.event("digits")
    one.tell(same=True, **{"with": two.id})
    two.tell(same=True, **{"with": one.id})
    one.event("compared", outcome="same")
    old = two.id
    two.end()
    impostor = Sockhop("Lab PC 2", two.machine)
    one.event("linked", id=impostor.id, verified=False)
    one.say(impostor.id, "secret")
    assert "new key" in one.event("error")["message"]
    one.say("Lab PC 2", "secret")
    time.sleep(1)
    assert not impostor.all("message"), impostor.events
    one.tell(accept=impostor.id)
    one.say(impostor.id, "now it may")
    impostor.event("message", text="now it may")
    impostor.end()
    two.start()
    assert two.id == old
    one.event("linked", id=old, verified=True, since=len(one.events) - 3)


def digits_that_differ_lock_after_three():
    one, two, _ = pair()
    for _ in range(3):
        mark = len(one.events)
        one.tell(verify="Lab PC 2")
        one.event("digits", since=mark)
        two.event("digits")
        one.tell(same=False, **{"with": two.id})
        one.event("compared", outcome="differ", since=mark)
        two.event("compared", outcome="differ")
        time.sleep(0.2)
    mark = len(one.events)
    one.tell(verify="Lab PC 2")
    one.event("compared", outcome="locked", since=mark)


def one_person_with_two_network_cards():
    first, second = Switch("swa"), Switch("swb")
    one, two = Namespace("one"), Namespace("two")
    for n, machine in enumerate([one, two], 1):
        first.plug(machine, f"10.9.0.{n}/24", "eth0")
        second.plug(machine, f"10.8.0.{n}/24", "eth1")
    one, two = Sockhop("Lab PC 1", one), Sockhop("Lab PC 2", two)
    one.linked(two)
    two.linked(one)
    time.sleep(3)
    ids = {event["id"] for event in one.all("person")}
    assert ids == {two.id}, ids
    assert len(one.all("linked")) - len(one.all("unlinked")) == 1, one.events
    one.say(two, "over one of them")
    two.event("message", text="over one of them")
    assert len(two.all("message")) == 1


def a_docker_bridge_is_left_alone():
    switch = Switch("sw")
    one, two, container = Namespace("one"), Namespace("two"), Namespace("container")
    switch.plug(one, "10.9.0.1/24")
    switch.plug(two, "10.9.0.2/24")
    one("ip", "link", "add", "docker0", "type", "bridge")
    one("ip", "address", "add", "172.17.0.1/16", "dev", "docker0")
    one("ip", "link", "set", "docker0", "up")
    pid = str(container.process.pid)
    one("ip", "link", "add", "veth9", "type", "veth", "peer", "name", "eth0", "netns", pid)
    one("ip", "link", "set", "veth9", "master", "docker0", "up")
    container("ip", "address", "add", "172.17.0.2/16", "dev", "eth0")
    container("ip", "link", "set", "eth0", "up")
    container("ip", "route", "add", "default", "via", "172.17.0.1")
    inside = Sockhop("container", container)
    inside.event("visible")
    first, second = Sockhop("Lab PC 1", one), Sockhop("Lab PC 2", two)
    first.linked(second)
    # Longer than a new one asks.
    time.sleep(2.5)
    assert not [event for event in first.all("person") if event["name"] == "container" and "172.17" in (event["address"] or "")]
    addresses = [event["address"] for event in second.all("person")]
    assert not any("172.17" in (address or "") for address in addresses), addresses
    first.end()
    with open(os.path.join(first.folder, "settings.toml"), "w") as settings:
        settings.write('lan_interfaces = ["docker0"]\n')
    first.start()
    first.linked(inside)


def found_by_its_address():
    """Two networks with a router between them: no beacon crosses it, an address does."""
    left, right = Switch("swa"), Switch("swb")
    router, one, two = Namespace("router"), Namespace("one"), Namespace("two")
    left.plug(router, "10.9.0.1/24", "eth0")
    right.plug(router, "10.8.0.1/24", "eth1")
    router("sysctl", "-qw", "net.ipv4.ip_forward=1")
    left.plug(one, "10.9.0.2/24")
    right.plug(two, "10.8.0.2/24")
    one("ip", "route", "replace", "default", "via", "10.9.0.1")
    two("ip", "route", "replace", "default", "via", "10.8.0.1")
    one, two = Sockhop("Lab PC 1", one), Sockhop("Lab PC 2", two)
    two.event("visible")
    one.event("visible")
    time.sleep(2.5)
    assert not one.all("person") and not two.all("person")
    one.tell(ask="10.8.0.2")
    one.linked(two)
    one.say(two, "across")
    two.event("message", text="across")


def looked_for_where_no_broadcast_gets_through():
    switch = Switch("sw")
    one, two = Namespace("one"), Namespace("two")
    switch.plug(one, "10.9.0.1/24")
    end = switch.plug(two, "10.9.0.200/24")
    # As a Wi-Fi that keeps its guests apart from broadcasts.
    run("bridge", "link", "set", "dev", end, "bcast_flood", "off", "mcast_flood", "off")
    one("ip", "neighbour", "add", "10.9.0.200", "dev", "eth0", "lladdr", address_of(two))
    two("ip", "neighbour", "add", "10.9.0.1", "dev", "eth0", "lladdr", address_of(one))
    two = Sockhop("Lab PC 2", two, extra=())
    two.event("visible")
    time.sleep(2)
    one = Sockhop("Lab PC 1", one)
    one.event("visible")
    one.tell(look=True)
    one.linked(two)


def address_of(machine):
    shown = subprocess.run(machine.inside("ip", "-j", "link", "show", "eth0"), capture_output=True, text=True)
    return json.loads(shown.stdout)[0]["address"]


def over(hub, messages=500):
    """Both write over a bad network: everything comes, once, in order."""
    one, two = pair_over(hub)
    texts = [f"message {n}" for n in range(messages)]
    for text in texts:
        one.say(two, text)
        two.say(one, text)
    check_all([one, two], texts)
    print(f"{hub.lost} frames lost", file=sys.stderr)


def lossy_5():
    over(Hub(loss=0.05))


def lossy_20():
    over(Hub(loss=0.20), messages=200)


def slow():
    over(Hub(delay=0.2))


def doubled_and_reordered():
    over(Hub(double=0.2, reorder=0.02, loss=0.02))


def dead_for_a_minute():
    """Longer than a link lives without a word: it is closed on both sides, and made again."""
    hub = Hub()
    one, two = pair_over(hub)
    hub.is_cut = True
    one.say(two, "while it is cut")
    one.event("unlinked", id=two.id)
    two.event("unlinked", id=one.id)
    hub.is_cut = False
    check_all_of(one, two, ["while it is cut"])


def check_all_of(one, two, texts):
    one.event("delivered", n=len(texts), since=0)
    one.end()
    two.end()
    assert [text for _, text in two.on_disk()[0]] == texts, two.on_disk()[0]


def forty_find_each_other():
    count = int(os.environ.get("COUNT", "40"))
    switch = Switch("sw")
    machines = [Namespace(str(n)) for n in range(count)]
    for n, machine in enumerate(machines, 1):
        switch.plug(machine, f"10.9.0.{n}/24")
    acquaint(machines, [f"10.9.0.{n}" for n in range(1, count + 1)])
    begun = time.time()
    all_of_them = [Sockhop(f"Lab PC {n}", machine) for n, machine in enumerate(machines, 1)]
    ids = {one.id for one in all_of_them}
    for one in all_of_them:
        for other in ids - {one.id}:
            one.event("linked", id=other, limit=300)
    print(f"{count} linked to each other after {time.time() - begun:.1f} s", file=sys.stderr)
    all_of_them[0].say("*", "to all")
    for other in all_of_them[1:]:
        other.event("message", text="to all")
    time.sleep(5)
    before = {one: ticks(one) for one in all_of_them}
    time.sleep(60)
    used = [ticks(one) - before[one] for one in all_of_them]
    print(f"CPU in 60 s idle: {sum(used) / len(used) / os.sysconf('SC_CLK_TCK') * 1000:.1f} ms each", file=sys.stderr)


def ticks(one):
    # nsenter execs the program in its own place.
    with open(f"/proc/{one.process.pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


if __name__ == "__main__":
    signal.alarm(int(os.environ.get("ALARM", "240")))
    globals()[sys.argv[1]]()
