#!/usr/bin/env python3
"""Puts to our binary what was put to a Keycloak (tests/observed), and holds the answers against the lists beside this file.

  tests/e2e/observed/replay.py                            everything, as `.ci/run observed` does
  tests/e2e/observed/replay.py --only executor.pkce       the cases whose id begins so; may be repeated
  tests/e2e/observed/replay.py --suite admin realm-new    whole suites
  tests/e2e/observed/replay.py --only admin.realm. --all  every difference, not the first ones
  tests/e2e/observed/replay.py --without '*initial-access*'   with no such step in the set-up of a suite
  tests/e2e/observed/replay.py --base http://localhost:8080   a server that runs already (admin:admin)

Builds the binary first, in CARGO_TARGET_DIR; SEKISHO_BIN names another. The replayer needs `requirements.txt`:
`.ci/run observed` makes its environment once, SEKISHO_PYTHON names the folder of another.

  skip.json      what no case may be judged by yet: id → the absent subject. A subject's entry must name cases that need it
  accepted.json  where we answer otherwise: id → the reason; `id#member,member` accepts no difference but in those members.
                 An entry whose case is equal, or is none, fails; so does a reason that is no line
                 of docs/keycloak-differences.md
  setup.json     steps of a suite's set-up that are left out: step → the absent subject
  limits.json    how long the three may be, and which share must be equal without them; checked when all is replayed

In the first three a `*` stands for anything. A 500 of ours is a failure, whatever Keycloak said and whatever is listed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faults
import lists
from server import Server, free_port

HERE = Path(__file__).resolve().parent
OBSERVED = HERE.parents[1] / "observed"
SUITES = ["policy-executors", "policy-conditions", "admin", "client-policies", "registration", "realm-new", "serverinfo"]
SHOWN_CASES, SHOWN_DIFFERENCES = 25, 5


def main():
    options = parse_options()
    catalogue = lists.Catalogue(HERE, {name: load(OBSERVED / f"{name}.json") for name in SUITES}, options.without)
    complaints = catalogue.complaints()
    chosen = {name: catalogue.chosen(name, options.only) for name in options.suite}
    if not any(chosen.values()):
        raise SystemExit(f"no case of {', '.join(options.suite)} begins with {' or '.join(options.only)}")
    with tempfile.TemporaryDirectory() as scratch, Server(options.base, Path(scratch), options.log) as server:
        differences = replay({name: cases for name, cases in chosen.items() if cases}, catalogue, server, Path(scratch))
    if options.report:
        Path(options.report).write_text(json.dumps(differences, indent=1, ensure_ascii=False))
    rows = [judge(name, cases, catalogue, differences) for name, cases in chosen.items() if cases]
    for row in rows:
        show(row, differences, options.all)
    complaints += [complaint for row in rows for complaint in row.complaints]
    if not options.only and set(options.suite) == set(SUITES) and not any(setup_errors(row, differences) for row in rows):
        complaints += catalogue.beyond_limits(sum(row.equal for row in rows), sum(row.cases - row.skipped for row in rows))
    print_table(rows)
    for complaint in complaints:
        print(f"fails: {complaint}")
    return 1 if complaints or any(row.failed() for row in rows) else 0


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", nargs="+", choices=SUITES, default=SUITES)
    parser.add_argument("--only", action="append", default=[], metavar="PREFIX")
    parser.add_argument("--without", action="append", default=[], metavar="STEP", help="leave this step of a set-up out as well, `*components*` say")
    parser.add_argument("--base", metavar="URL")
    parser.add_argument("--report", metavar="FILE", help="every difference as JSON: id → [where, kind, Keycloak's, ours]")
    parser.add_argument("--log", metavar="FILE", default=os.devnull, help="the server's log: why it answers 500")
    parser.add_argument("--all", action="store_true", help="print all differences")
    return parser.parse_args()


def load(path):
    return json.loads(path.read_text())


def replay(chosen, catalogue, server, scratch):
    """Two suites at a time, the longest first: each has its realm. Returns id → differences, of those that differ."""
    differences = {}
    with ThreadPoolExecutor(max_workers=2) as pool:
        running = [pool.submit(replay_suite, name, cases, catalogue, server, scratch) for name, cases in chosen.items()]
        for done in running:
            differences.update(done.result())
    return differences


def replay_suite(name, cases, catalogue, server, scratch):
    suite = {**catalogue.suites[name], "before": catalogue.setup(name), "cases": [c for c in cases if not catalogue.skipped(c)]}
    if not suite["cases"]:
        return {}
    file, report, nothing = scratch / f"{name}.json", scratch / f"{name}.report", scratch / f"{name}.accepted"
    file.write_text(json.dumps(suite))
    nothing.write_text("{}")
    command = [interpreter(), HERE / "observe.py", "replay", file, "--base", server.base, "--admin", "admin:admin"]
    command += ["--stub-port", str(free_port()), "--accepted", nothing, "--report", report]
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if not report.exists():
        raise SystemExit(f"{name}: the replayer ended with {ended.returncode}:\n{ended.stdout[-2000:]}{ended.stderr[-4000:]}")
    return load(report)


def interpreter():
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sekisho-ci" / "python"
    python = Path(os.environ.get("SEKISHO_PYTHON") or cache) / "observed" / "bin" / "python"
    if not python.exists():
        raise SystemExit(f"{python} is missing: `.ci/run observed` makes it")
    return python


class Row:
    """How a suite, or the chosen part of it, came out."""

    def __init__(self, suite, cases):
        self.suite, self.cases, self.skipped, self.equal, self.accepted = suite, cases, 0, 0, 0
        self.unlisted, self.faults, self.complaints = [], [], []

    def failed(self):
        return self.unlisted + self.faults


def judge(name, cases, catalogue, differences):
    row = Row(name, len(cases))
    for case in cases:
        if catalogue.skipped(case):
            row.skipped += 1
            continue
        found = differences.get(case["id"], [])
        if faults.ours(case["saw"], found):
            row.faults.append(case["id"])
        elif not found:
            row.equal += 1
            row.complaints += [f"{case['id']} is equal: take it off accepted.json"] if catalogue.listed(case) else []
        elif catalogue.excuse(case, found):
            row.accepted += 1
        else:
            row.unlisted.append(case["id"])
    return row


def show(row, differences, everything):
    if errors := setup_errors(row, differences):
        print(f"{row.suite} cannot be set up: {', '.join(errors)}")
        return
    failed = row.failed() if everything else row.failed()[:SHOWN_CASES]
    for id in failed:
        print(f"{'500' if id in row.faults else 'differs'} {id}")
        found = differences.get(id) or [("", "value", 500, 500)]
        for where, kind, was, now in found if everything else found[:SHOWN_DIFFERENCES]:
            print(f"   {where or '/'} {kind}: {short(was, everything)} → {short(now, everything)}")
        if len(found) > SHOWN_DIFFERENCES and not everything:
            print(f"   … and {len(found) - SHOWN_DIFFERENCES} more")
    if len(failed) < len(row.failed()):
        print(f"… and {len(row.failed()) - len(failed)} more of {row.suite}; --all prints them, --report FILE keeps them")


def setup_errors(row, differences):
    return {text for id in row.failed() for where, _, _, text in differences.get(id, []) if where == "setup"}


def short(value, everything):
    text = json.dumps(value, ensure_ascii=False)
    return text if everything or len(text) <= 240 else text[:239] + "…"


def print_table(rows):
    print(f"\n{'suite':18}{'cases':>7}{'skipped':>9}{'equal':>7}{'accepted':>10}{'unlisted':>10}{'500s':>6}{'equal of the rest':>19}")
    lines = [(row.suite, row.cases, row.skipped, row.equal, row.accepted, len(row.unlisted), len(row.faults)) for row in rows]
    lines.append(("all", *(sum(column) for column in list(zip(*lines))[1:])))
    for suite, cases, skipped, equal, accepted, unlisted, faulty in lines:
        rest = cases - skipped
        share = f"{100 * equal / rest:.1f} %" if rest else "–"
        print(f"{suite:18}{cases:7}{skipped:9}{equal:7}{accepted:10}{unlisted:10}{faulty:6}{share:>19}")


if __name__ == "__main__":
    sys.exit(main())
