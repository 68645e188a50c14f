"""The cases, and what the lists say of them."""

import json
from fnmatch import fnmatchcase
from pathlib import Path

from subjects import ANOTHER_RESOURCE, SUBJECTS, needs

EXPLAINED = Path(__file__).resolve().parents[3] / "docs" / "keycloak-differences.md"


class Catalogue:
    def __init__(self, folder, suites, without=()):
        self.suites, self.without = suites, dict.fromkeys(without, "asked for")
        self.lists = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("skip", "accepted", "setup")}
        self.limits = json.loads((folder / "limits.json").read_text())
        self.explained = EXPLAINED.read_text().splitlines()
        self.excused = {entry: 0 for entry in self.lists["accepted"]}

    def cases(self):
        return [case for suite in self.suites.values() for case in suite["cases"]]

    def chosen(self, suite, prefixes):
        cases = self.suites[suite]["cases"]
        return [case for case in cases if not prefixes or case["id"].startswith(tuple(prefixes))]

    def skipped(self, case):
        return find(self.lists["skip"], case["id"])

    def listed(self, case):
        """Whether the case as a whole is accepted."""
        return any("#" not in entry and fnmatchcase(case["id"], entry) for entry in self.lists["accepted"])

    def excuse(self, case, differences):
        """Whether an entry accepts all of these differences. A suite that cannot be set up shows none of its own."""
        if any(where == "setup" for where, *_ in differences):
            return False
        entry = next((entry for entry in self.lists["accepted"] if covers(entry, case["id"], differences)), None)
        if entry is None:
            return False
        self.excused[entry] += 1
        return True

    def setup(self, suite):
        """The steps before a suite, without those that are left out."""
        steps = self.suites[suite].get("before") or []
        return [step for step in steps if not find({**self.lists["setup"], **self.without}, step.get("do", ""))]

    def complaints(self):
        """What is wrong with the lists themselves."""
        cases = self.cases()
        ids = {"skip": [case["id"] for case in cases], "accepted": [case["id"] for case in cases if not self.skipped(case)]}
        ids["setup"] = [step.get("do", "") for suite in self.suites.values() for step in suite.get("before") or []]
        useless = [
            f"{name}.json: {pattern} names nothing"
            for name, entries in self.lists.items()
            for pattern in entries
            if not any(fnmatchcase(id, pattern.partition("#")[0]) for id in ids[name])
        ]
        unexplained = [f"{EXPLAINED.name} has no line `- {why}`" for why in sorted(set(self.lists["accepted"].values())) if f"- {why}" not in self.explained]
        return useless + unexplained + [
            f"skip.json: {case['id']} could run: it does not need {subject}"
            for case in cases
            if (subject := self.skipped(case)) and not stands(case, subject)
        ]

    def beyond_limits(self, equal, rest):
        """What holds of a whole run only."""
        counts = {
            "skip": sum(bool(self.skipped(case)) for case in self.cases()),
            "accepted": sum(self.excused.values()),
            "setup": len(self.lists["setup"]),
        }
        beyond = [f"accepted.json: {entry} is not needed" for entry, times in self.excused.items() if not times]
        beyond += [f"{name}.json stands for {count}, limits.json allows {self.limits[name]}" for name, count in counts.items() if count > self.limits[name]]
        if 100 * equal < self.limits["equal-percent"] * rest:
            beyond.append(f"{equal} of {rest} are equal, which is less than {self.limits['equal-percent']} %")
        return beyond


def member_of(where):
    """The member that a path ends in; a place in a list is none."""
    return next((part for part in reversed(where.split("/")) if not part.isdigit()), "")


def covers(entry, id, differences):
    pattern, _, member = entry.partition("#")
    return fnmatchcase(id, pattern) and (not member or all(member_of(where) in member.split(",") for where, *_ in differences))


def find(entries, id):
    return next((why for pattern, why in entries.items() if fnmatchcase(id, pattern)), None)


def stands(case, subject):
    if subject == ANOTHER_RESOURCE:
        return case["id"].startswith("admin.")
    return subject in SUBJECTS and needs(case, subject)
