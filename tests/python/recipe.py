"""Runs the code of a recipe as its reader would, and tells what came of it.

Standard input is a JSON array of steps, each with the `code` to run and the `environment` to run
it in; standard output is a JSON array with, for each, what it `printed`, or else how it `failed`.
"""

import contextlib
import io
import json
import os
import sys
import traceback


def only_loopback(event, args):
    """Nothing that a client does on its own (telemetry, update checks) may leave the machine."""
    if event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if host not in ("127.0.0.1", "::1", "localhost"):
        outside.append(str(host))
        raise OSError(f"a connection to {host}")


def outcome(step):
    os.environ.update(step["environment"])
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(step["code"], "recipe", "exec"), {"__name__": "__main__"})
    except Exception as error:
        kinds = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
        return {
            "failed": kinds,
            "message": str(error),
            "fields": {name: str(value) for name, value in vars(error).items()},
            "trace": traceback.format_exc(),
        }
    return {"printed": printed.getvalue()}


outside = []
sys.addaudithook(only_loopback)
outcomes = [outcome(step) for step in json.load(sys.stdin)]
print(json.dumps({"outcomes": outcomes, "outside": outside}))
