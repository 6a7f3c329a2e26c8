"""Tries the packages for Windows under Wine. Begun by test-wine.sh.

usage: test_wine.py PACKAGES FOLDER

PACKAGES is the packages' path without "-setup.exe" and ".zip"; FOLDER is where Wine's disk and the pictures go.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PACKAGES, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2]).absolute()
HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE.parent.parent / "tests" / "peers"
PREFIX = FOLDER / "prefix"
UNINSTALL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Sockhop"
PATIENCE = 60
FLOOD = 1_000_000
STILL_RUNS = 3
ACCENT = bytes.fromhex("0f766e")
# Pixels that a button is high at least, without its rounded corners.
BUTTON = 16

ENV = os.environ | {
    "WINEPREFIX": str(PREFIX),
    "WINEARCH": "win64",
    "WINEDEBUG": "-all",
    # Neither .NET nor a browser is asked for.
    "WINEDLLOVERRIDES": "mscoree,mshtml=",
    "LC_ALL": "C.UTF-8",
    "PYTHONIOENCODING": "utf-8",
}
BEGUN = time.monotonic()


def step(what):
    print(f"== {what} ({time.monotonic() - BEGUN:.0f} s)")


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def until(what, ask, patience=PATIENCE):
    """Asks again and again until there is an answer."""
    begun = time.monotonic()
    while True:
        if answer := ask():
            return answer
        check(time.monotonic() - begun < patience, f"not within {patience} s: {what}")
        time.sleep(0.1)


def run(*arguments, status=0, **more):
    """What a program prints; it has to end with this status."""
    more.setdefault("timeout", 120)
    done = subprocess.run([str(one) for one in arguments], env=ENV, capture_output=True, **more)
    said = done.stdout + done.stderr
    check(done.returncode == status, f"{arguments[0]} … ended with {done.returncode}, not {status}: {said.decode(errors='replace')}")
    return done.stdout.decode("utf-8")


def wine(*arguments, **more):
    return run("wine", *arguments, **more)


class Program:
    """A program that runs; its output goes to a file."""

    def __init__(self, *arguments, env=ENV, **more):
        self.output = tempfile.TemporaryFile()
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [str(one) for one in arguments],
            env=env, stdin=subprocess.PIPE, stdout=self.output, stderr=self.errors, **more,
        )

    def text(self, file=None):
        file = file or self.output
        file.seek(0)
        return file.read().decode("utf-8", errors="replace")

    def events(self):
        return [json.loads(line) for line in self.text().splitlines(keepends=True) if line.endswith("\n")]

    def event(self, name):
        def ask():
            return next((event for event in self.events() if event["event"] == name), None)

        try:
            return until(f"the event {name}", ask)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()[-2000:]}\n{self.text(self.errors)[-2000:]}") from None

    def line(self, part):
        return until(part, lambda: next((line for line in self.text().splitlines() if part in line), None))

    def says(self, text):
        self.process.stdin.write(text.encode("utf-8"))
        self.process.stdin.flush()

    def stop(self):
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)

    def ends(self, status=0, patience=PATIENCE):
        self.process.stdin.close()
        ended = self.process.wait(patience)
        check(ended == status, f"{self.process.args} ended with {ended}, not {status}: {self.text(self.errors)}")
        return self


def python(script, *arguments):
    return Program(sys.executable, "-u", PEERS / script, *arguments)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def make_prefix():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    wine("wineboot", "-i", timeout=300)
    system = PREFIX / "drive_c/windows/system32"
    library = system / "bcryptprimitives.dll"
    if not library.exists():
        run("x86_64-w64-mingw32-gcc", "-shared", "-s", "-o", library, HERE / "prng.c", "-ladvapi32")


def installed():
    return next((PREFIX / "drive_c/users").glob("*/AppData/Local")) / "Programs/Sockhop"


def shortcut():
    return next(iter((PREFIX / "drive_c/users").rglob("Start Menu/Programs/Sockhop.lnk")), None)


def terminal(*arguments):
    return Program("wine", installed() / "sockhop.com", *arguments)


def try_terminal():
    step("addresses")
    interfaces = [json.loads(line) for line in wine(installed() / "sockhop.com", "interfaces", "--json").splitlines()]
    check(any(one["ip"] == "127.0.0.1" for one in interfaces), interfaces)

    step("the course's client, answered by Sockhop")
    server = terminal("listen", "127.0.0.1:0", "--json", "--reply", "数据已收到", "--line-ending", "none")
    port = server.event("listening")["local"].rpartition(":")[2]
    client = python("client.py", "127.0.0.1", port).ends()
    check(client.text() == "received: 数据已收到\n", client.text())
    check(server.event("received")["text"] == "你好", server.text())

    step("a second server is told that the port is in use")
    # By whom, Wine does not tell.
    second = terminal("listen", f"127.0.0.1:{port}", "--lang", "en").ends(status=1)
    said = second.text(second.errors)
    check("already in use" in said and "WSAEADDRINUSE (10048)" in said, said)
    server.stop()
    server.ends()

    step("the course's servers, asked by Sockhop")
    for script in ("server_one_client.py", "server_many_clients.py"):
        port = free_port()
        server = python(script, "127.0.0.1", port)
        server.line("listening")
        client = terminal("connect", f"127.0.0.1:{port}", "--json", "--line-ending", "none")
        client.event("connected")
        client.says("你好\n")
        check(client.event("received")["text"] == "数据已收到", client.text())
        server.line("received: 你好")
        client.event("stopped")
        client.ends()
        if script == "server_one_client.py":
            server.ends()
        else:
            server.process.kill()

    step(f"a flood of {FLOOD:,} lines")
    server = terminal("listen", "127.0.0.1:0", "--json")
    port = server.event("listening")["local"].rpartition(":")[2]
    begun = time.monotonic()
    flood = python("flood.py", "127.0.0.1", port, FLOOD).ends(patience=600)
    # Its last lines; to read all each time would take longer than the flood.
    def is_closed():
        server.output.seek(max(0, server.output.seek(0, os.SEEK_END) - 4096))
        return b'"event":"closed"' in server.output.read().replace(b": ", b":")

    until("the flood has arrived", is_closed, patience=600)
    took = time.monotonic() - begun
    server.stop()
    server.ends(patience=600)
    events = server.events()
    stopped = next(event for event in events if event["event"] == "stopped")
    sent = int(flood.text().split()[1])
    check((stopped["messages_in"], stopped["bytes_in"]) == (FLOOD, sent), stopped)
    texts = (event["text"] for event in events if event["event"] == "received")
    check(all(text == f"{number} {'x' * (number % 80)}" for number, text in enumerate(texts)), "other lines came")
    print(f"   {sent / took / 1e6:.1f} MB/s")


class Desktop:
    """A screen without a monitor, and what a person does at it."""

    def __init__(self):
        self.screen = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        ENV["DISPLAY"] = f":{int(self.screen.stdout.readline())}"
        self.manager = subprocess.Popen(["openbox", "--sm-disable"], env=ENV, stderr=subprocess.DEVNULL)
        until("windows are managed", lambda: self.ask("get_num_desktops"))

    def close(self):
        self.manager.kill()
        self.screen.kill()

    def ask(self, *arguments):
        done = subprocess.run(["xdotool", *map(str, arguments)], env=ENV, capture_output=True, check=False)
        return done.stdout.decode().split() if done.returncode == 0 else None

    def window(self, program, but=None):
        """The program's window: the one that is not `but`."""

        def ask():
            if program.process.poll() is not None:
                raise AssertionError(f"it ended with {program.process.returncode}: {program.text(program.errors)}")
            found = self.ask("search", "--onlyvisible", "--name", "Sockhop") or []
            return next((window for window in found if window != but), None)

        return until("a window", ask, patience=120)

    def clicks(self, window, x, y):
        check(self.ask("windowactivate", "--sync", window) is not None, "the window is not there")
        self.ask("mousemove", "--window", window, x, y, "click", 1)
        time.sleep(0.5)

    def press(self, window, *keys):
        check(self.ask("windowactivate", "--sync", window) is not None, "the window is not there")
        for key in keys:
            self.ask("key", "--clearmodifiers", key)
            time.sleep(0.5)

    def types(self, window, text):
        check(self.ask("windowactivate", "--sync", window) is not None, "the window is not there")
        self.ask("type", "--delay", "60", text)
        time.sleep(0.5)

    def copies(self, text):
        subprocess.run(["xclip", "-selection", "clipboard", "-in"], env=ENV, input=text.encode(), check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def picture(self, name):
        file = FOLDER / f"{name}.png"
        run("import", "-window", "root", file)
        return file

    def button(self, window):
        """The middle of the uppermost button in the accent's colour, right of the list of conversations."""
        ppm = subprocess.run(["import", "-window", window, "-depth", "8", "ppm:-"], env=ENV, capture_output=True, check=True).stdout
        _, size, _, pixels = ppm.split(b"\n", 3)
        width, height = map(int, size.split())

        def is_accent(x, y):
            return pixels[(y * width + x) * 3 :][:3] == ACCENT

        for y in range(0, height - BUTTON, 4):
            for x in range(290, width - BUTTON, 4):
                if all(is_accent(x, y + down) for down in range(BUTTON)):
                    right = next((to for to in range(x, width) if not is_accent(to, y + 2)), width)
                    # The edge of a frame in that colour is as high, but not as wide.
                    if right - x >= BUTTON:
                        return (x + right) // 2, y + BUTTON // 2
        return None

    def colours(self, window):
        """A window in which nothing is drawn has one."""
        shown = subprocess.run(["import", "-window", window, "-format", "%k", "info:-"], env=ENV, capture_output=True, check=False)
        return int(shown.stdout or b"0")


def windowed(folder, *arguments, language="en", **more):
    folder.mkdir(parents=True, exist_ok=True)
    program = installed() / "sockhop.exe"
    return Program("wine", program, "--data-dir", f"Z:{folder}", "--lang", language, *arguments, **more)


def echo_requests():
    """How many ping asks on this machine, from now on."""
    seen = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    seen.setblocking(False)
    count = 0

    def ask():
        nonlocal count
        with contextlib.suppress(BlockingIOError):
            while packet := seen.recv(2048):
                # Behind the header of IP, the kind: 8 asks, 0 answers.
                count += packet[(packet[0] & 15) * 4] == 8
        return count

    return ask


def try_window(desktop):
    step("the window talks to Python")
    port = free_port()
    data = FOLDER / "data"
    program = windowed(data, "--listen", f"127.0.0.1:{port}")
    window = desktop.window(program)
    until("it has drawn", lambda: desktop.colours(window) > 50)

    def connect():
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True

    until("it listens", connect)
    peer = python("chat.py", "127.0.0.1", port)
    time.sleep(3)
    desktop.press(window, "ctrl+e", "ctrl+i")
    desktop.types(window, "Hello over there")
    desktop.press(window, "Return")
    peer.line("Hello over there")

    step("Chinese by paste")
    desktop.copies("你好，世界")
    desktop.press(window, "ctrl+v", "Return")
    peer.line("你好，世界")
    peer.says("数据已收到\n")
    time.sleep(2)
    print("   picture:", desktop.picture("talk"))

    step("another window finds the port in use")
    other = windowed(FOLDER / "other", "--listen", f"127.0.0.1:{port}")
    others = desktop.window(other, but=window)
    until("it has drawn", lambda: desktop.colours(others) > 50)
    time.sleep(3)
    print("   picture:", desktop.picture("port-in-use"))
    desktop.press(others, "alt+F4")
    other.ends()

    step("ping")
    asked = echo_requests()
    desktop.press(window, "ctrl+shift+n")
    time.sleep(1)
    # 127.0.0.1 is in the field already, and the button behind it is the first.
    desktop.clicks(window, *until("a button", lambda: desktop.button(window)))
    until("three questions", lambda: asked() >= 3)
    time.sleep(1)
    print("   picture:", desktop.picture("ping"))
    desktop.press(window, "Escape")

    step("neither installing nor removing while it runs")
    wine(setup(), "/S", status=STILL_RUNS, timeout=300)
    remove(status=STILL_RUNS)
    desktop.press(window, "ctrl+i")
    desktop.types(window, "still here")
    desktop.press(window, "Return")
    peer.line("still here")

    step("settings")
    desktop.press(window, "ctrl+comma")
    time.sleep(1)
    print("   picture:", desktop.picture("settings"))
    desktop.press(window, "Escape", "alt+F4")
    program.ends()
    peer.line("closed")
    kept = wine(installed() / "sockhop.com", "--data-dir", f"Z:{data}", "history", "export", "--format", "text")
    check("你好，世界" in kept and "数据已收到" in kept, kept)


def try_no_renderer(desktop):
    step("no renderer: a box says so in the user's language, and nothing listens")
    # Wine has it, and it does not work there. Were it to begin to, this would have to be another.
    broken = ENV | {"WGPU_BACKEND": "dx12"}
    for language, words in (("en", "No window can be opened: dx12"), ("zh-CN", "无法打开窗口：dx12")):
        port = free_port()
        program = windowed(FOLDER / "none", "--listen", f"127.0.0.1:{port}", language=language, env=broken)
        time.sleep(5)
        box = desktop.window(program)
        print("   picture:", desktop.picture(f"no-renderer-{language}"))
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)
            raise AssertionError("it listens")
        desktop.press(box, "Return")
        program.ends(status=1)
        said = program.text(program.errors)
        check(words in said, said)


def try_upgrade_and_removal():
    step("upgrading")
    users = installed().parent.parent / "sockhop"
    wine(installed() / "sockhop.com", "interfaces")
    check((users / "data").is_dir(), f"no data in {users}")
    fresh = (installed() / "sockhop.exe").read_bytes()
    (installed() / "sockhop.exe").write_bytes(b"an older version")
    wine("reg", "add", UNINSTALL, "/v", "DisplayVersion", "/d", "0.0.1", "/f")
    wine(setup(), "/S", timeout=300)
    check((installed() / "sockhop.exe").read_bytes() == fresh, "the older version is still there")
    check("0.0.1" not in wine("reg", "query", UNINSTALL), "still listed as the older version")

    step("removing")
    remove()
    left = [file.name for file in installed().iterdir()] if installed().exists() else []
    # It runs, so that its status can be had, and a program that runs can't be removed.
    check(left in ([], ["uninstall.exe"]), left)
    check(not shortcut(), "the shortcut is still there")
    wine("reg", "query", UNINSTALL, status=1)
    check((users / "data").is_dir(), "the user's data are gone")


def try_zip():
    step("the .zip")
    name = pathlib.Path(PACKAGES).name
    run("sha256sum", "--check", "--strict", f"{name}.sha256", cwd=pathlib.Path(PACKAGES).parent)
    folder = FOLDER / "文件夹"
    run("unzip", "-q", f"{PACKAGES}.zip", "-d", folder)
    check("127.0.0.1" in wine(folder / name / "sockhop.com", "interfaces"), "no loopback")


def setup():
    return f"{PACKAGES}-setup.exe"


def remove(status=0):
    """Waits for its end: else it goes on from another folder, and its status is lost."""
    wine(installed() / "uninstall.exe", "/S", f"_?={windows_path(installed())}", status=status, timeout=300)


def windows_path(path):
    return "C:\\" + str(path.relative_to(PREFIX / "drive_c")).replace("/", "\\")


def main():
    step("Wine")
    make_prefix()
    step("installing")
    wine(setup(), "/S", timeout=300)
    for name in ("sockhop.exe", "sockhop.com", "uninstall.exe", "licenses/LICENSE-MIT"):
        check((installed() / name).is_file(), f"{name} was not installed")
    check(shortcut(), "no shortcut")
    check("DisplayVersion" in wine("reg", "query", UNINSTALL), "not in the list of programs")
    try_terminal()
    desktop = Desktop()
    try:
        try_window(desktop)
        try_no_renderer(desktop)
    finally:
        desktop.picture("last")
        desktop.close()
    try_upgrade_and_removal()
    try_zip()
    step("all is well")


try:
    main()
finally:
    subprocess.run(["wineserver", "-k"], env=ENV, check=False)
