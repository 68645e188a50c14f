"""Finds the 500s that are ours, in what the replayer says of a case."""

import re

STATUS = re.compile(r"/\d+/status")


def ours(saw, differences):
    """Whether we answered 500 to a step. What Keycloak answered stands for ours where no difference says otherwise."""
    if any(is_fault(*difference) for difference in differences):
        return True
    differing = {where for where, *_ in differences}
    if differing & {"", "setup"}:
        return False
    return any(failed(answer) and not differing & {f"/{step}", f"/{step}/status"} for step, answer in enumerate(saw))


def is_fault(where, kind, _, now):
    if kind == "error":
        return "→ 500 " in now
    if STATUS.fullmatch(where):
        return now == 500
    return any(failed(answer) for answer in (now if isinstance(now, list) else [now]))


def failed(answer):
    return isinstance(answer, dict) and answer.get("status") == 500
