"""What a case can need that is not there yet, and how its steps show it."""

import json

# For Admin REST: a resource outside the ones that are served.
ANOTHER_RESOURCE = "another resource"

SUBJECTS = {
    "pushed authorization requests": lambda step: "$par" in step.get("do", ""),
    "the device grant": lambda step: "$device" in step.get("do", ""),
    "CIBA": lambda step: "$ciba" in step.get("do", ""),
    "DPoP": lambda step: "dpop" in step or '"$dpop"' in json.dumps(step),
    "token exchange": lambda step: parameters(step).get("grant_type") == "urn:ietf:params:oauth:grant-type:token-exchange",
    "request objects": lambda step: not {"request", "request_uri"}.isdisjoint(parameters(step)),
    "client certificates": lambda step: "cert" in step,
}


def needs(case, subject):
    return any(SUBJECTS[subject](step) for part in ("before", "steps") for step in case.get(part, []))


def parameters(step):
    """What the step sends to an endpoint or takes along to a login; a list of pairs allows a name twice."""
    sent = {}
    for member in ("login", "form", "query"):
        values = step.get(member, {})
        sent.update(values if isinstance(values, dict) else [(pair[0], pair[1]) for pair in values])
    return sent
