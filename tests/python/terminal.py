"""Plays a user at a terminal: runs a command on a pseudo-terminal, types, and waits for texts.

Standard input is a JSON object: `command` (a list), `environment`, and `steps`, each one of
["expect", TEXT], which waits until the text is shown after what earlier steps waited for;
["type", TEXT]; ["size", ROWS, COLUMNS]; ["close"], which takes the terminal away.
Standard output is a JSON object: what was `shown`, and the exit `code`, negative for a signal.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

PATIENCE = 30


def read(patience):
    if not select.select([terminal], [], [], patience)[0]:
        return False
    try:
        data = os.read(terminal, 65536)
    except OSError:  # nobody has it open any more
        return False
    shown.extend(data)
    return bool(data)


def fail(why):
    sys.exit(f"{why}; shown: {shown.decode(errors='replace')}")


task = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.execvpe(task["command"][0], task["command"], task["environment"])
shown = bytearray()
seen = 0
closed = False
for step, *arguments in task["steps"]:
    if step == "expect":
        text = arguments[0].encode()
        end = time.monotonic() + PATIENCE
        while shown.find(text, seen) < 0:
            if not read(max(0, end - time.monotonic())):
                fail(f"waited in vain for {arguments[0]!r}")
        seen = shown.find(text, seen) + len(text)
    elif step == "type":
        os.write(terminal, arguments[0].encode())
    elif step == "size":
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *arguments, 0, 0))
    elif step == "close":
        os.close(terminal)
        closed = True
end = time.monotonic() + PATIENCE
while not closed and time.monotonic() < end and read(1):
    pass
while True:
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        break
    if time.monotonic() > end:
        fail("it does not end")
    if closed or not read(0.005):
        time.sleep(0.005)
print(json.dumps({"shown": shown.decode(errors="replace"), "code": os.waitstatus_to_exitcode(status)}))
