"""`sekisho serve` on free ports in a folder of its own, with the administrator that the replayer signs in as."""

import json
import os
import socket
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


class Server:
    """Runs between `with` and the end of its block; with a base it is another's, and is left alone."""

    def __init__(self, base, folder, log=os.devnull):
        self.base, self.folder, self.log, self.child = base, folder, log, None

    def __enter__(self):
        if self.base is None:
            self.start(binary())
        return self

    def __exit__(self, *_):
        if self.child:
            self.child.kill()
            self.child.wait()

    def start(self, program):
        command = [program, "serve", "--listen=127.0.0.1:0", "--management-listen=127.0.0.1:0", "--log-format=json"]
        # The stub that stands for what the outside knows.
        command += [f"--database={self.folder / 'sekisho.db'}", "--outbound-allow=localhost"]
        environment = {**os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"}
        self.child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = []
        for line in self.child.stderr:
            said.append(line)
            self.base = address(line)
            if self.base:
                threading.Thread(target=self.keep_log, daemon=True).start()
                return
        raise SystemExit("sekisho serve does not run: " + "".join(said))

    def keep_log(self):
        """Reads it to its end, wanted or not: a full pipe would stop the server."""
        with open(self.log, "w") as log:
            log.writelines(self.child.stderr)


def address(line):
    """The public address, from the event that says that it runs."""
    try:
        return json.loads(line).get("server.hostname")
    except ValueError:
        return None


def binary():
    """SEKISHO_BIN, or the dev binary built now, with the features that `cargo test --workspace` gives it."""
    named = os.environ.get("SEKISHO_BIN")
    if named:
        return named
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    subprocess.run(["cargo", "build", "--quiet", "--workspace", "--bin", "sekisho", "--target-dir", target], cwd=ROOT, check=True)
    return target / "debug" / "sekisho"
