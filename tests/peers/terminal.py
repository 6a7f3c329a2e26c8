"""Run a program in a terminal of its own, and type there.

usage: terminal.py PROGRAM [ARGUMENT]...

Each line of standard input is a step: "type TEXT" (with Python's escapes) types it, "wait TEXT" waits until the terminal
shows it, "end" waits for the program's end. Prints what the terminal was written, with escapes, and the exit status.
"""

import os
import pty
import select
import sys
import termios

LIMIT = 60
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execvp(sys.argv[1], sys.argv[1:])
before = termios.tcgetattr(terminal)[3]
shown, looked = b"", 0


def read():
    global shown
    ready, _, _ = select.select([terminal], [], [], LIMIT)
    if not ready:
        sys.exit(f"waited too long; it showed {shown!r}")
    try:
        data = os.read(terminal, 65536)
    except OSError:
        return False
    shown += data
    return bool(data)


for line in sys.stdin:
    verb, _, text = line.rstrip("\n").partition(" ")
    wanted = text.encode().decode("unicode_escape").encode("latin-1").decode().encode()
    if verb == "type":
        os.write(terminal, wanted)
    elif verb == "wait":
        while wanted not in shown[looked:]:
            if not read():
                sys.exit(f"it ended; it showed {shown!r}")
        looked = shown.index(wanted, looked) + len(wanted)
        print("shown", text, flush=True)
    elif verb == "end":
        while read():
            pass
_, status = os.waitpid(pid, 0)
print("status", os.waitstatus_to_exitcode(status))
print("screen", repr(shown.decode(errors="replace")))
