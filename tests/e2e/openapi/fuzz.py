#!/usr/bin/env python3
"""Puts what schemathesis makes of docs/openapi.json to our binary, in a realm that is thrown away.

  tests/e2e/openapi/fuzz.py                                 as `.ci/run admin` does
  tests/e2e/openapi/fuzz.py --include-path-regex /clients   anything else goes to schemathesis
  tests/e2e/openapi/fuzz.py --log FILE                      the server's log: why it answers 500

Builds the binary first, in CARGO_TARGET_DIR; SEKISHO_BIN names another. Needs `requirements.txt`: `.ci/run admin` makes
its environment once, SEKISHO_PYTHON names the folder of another. What is checked and how often stands in schemathesis.toml.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "observed"))

from calls import Administrator  # noqa: E402
from server import Server  # noqa: E402

REALM = "fuzz"


def main():
    options = sys.argv[1:]
    log = options.pop(options.index("--log") + 1) if "--log" in options else os.devnull
    options = [option for option in options if option != "--log"]
    with tempfile.TemporaryDirectory() as scratch, Server(None, Path(scratch), log) as server:
        known = Path(scratch) / "known.json"
        known.write_text(json.dumps(make_things(Administrator(server.base))))
        environment = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "hooks",
            "PYTHONPATH": str(HERE),
            "SEKISHO_BASE": server.base,
            "SEKISHO_KNOWN": str(known),
        }
        command = [program(), f"--config-file={HERE / 'schemathesis.toml'}", "run", f"--url={server.base}"]
        command += [f"{server.base}/admin/openapi.json", *options]
        return subprocess.run(command, env=environment, cwd=scratch).returncode


def program():
    folder = Path(os.environ.get("SEKISHO_PYTHON") or Path.home() / ".cache/sekisho-ci/python")
    return folder / HERE.name / "bin" / "schemathesis"


def make_things(administrator):
    """A realm with one of each kind: name in a path → what it stands for."""
    administrator.post("", {"realm": REALM, "enabled": True})
    below = f"/{REALM}"
    administrator.post(f"{below}/roles", {"name": "role"})
    made = {
        "client": administrator.post(f"{below}/clients", {"clientId": "client", "serviceAccountsEnabled": True}),
        "component": administrator.get(f"{below}/components")[0]["id"],
        "id": administrator.get(f"{below}/roles/role")["id"],
    }
    for name, path, document in [
        ("group", "/groups", {"name": "group"}),
        ("scope", "/client-scopes", {"name": "scope", "protocol": "openid-connect"}),
        ("user", "/users", {"username": "user", "enabled": True}),
    ]:
        if administrator.has(path):
            made[name] = administrator.post(below + path, document)
    return {**made, "realm": REALM, "owner": made["client"], "role": "role", "path": "group", "protocol": "openid-connect"}


if __name__ == "__main__":
    sys.exit(main())
