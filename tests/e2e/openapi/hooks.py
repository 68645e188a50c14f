"""What schemathesis cannot know: how to sign in, what there is, and which documents would saw off the branch we sit on."""

import json
import os
import zlib
from pathlib import Path

import schemathesis

from calls import sign_in

BASE = os.environ["SEKISHO_BASE"]
KNOWN = json.loads(Path(os.environ["SEKISHO_KNOWN"]).read_text())


@schemathesis.auth(refresh_interval=30)
class AccessToken:
    def get(self, case, context):
        return sign_in(BASE)

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def map_path_parameters(context, parameters):
    """Two of three times what is there, else what was made up: which, the made-up text itself says. Always our realm.
    What others are tried with later is not deleted."""
    if not parameters:
        return parameters
    operation = context.operation
    kept = operation.path.rsplit("/", 1)[1].strip("{}") if operation.method.upper() == "DELETE" else None

    def chosen(name, made_up):
        there = zlib.crc32(str(made_up).encode()) % 3 > 0 and name != kept
        return KNOWN[name] if name in KNOWN and (there or name == "realm") else made_up

    return {name: chosen(name, made_up) for name, made_up in parameters.items()}


# What has another name is not found again.
NAMED = {
    "/admin/realms/{realm}": {"realm": KNOWN["realm"]},
    "/admin/realms/{realm}/roles-by-id/{id}": {"name": KNOWN["role"]},
    "/admin/realms/{realm}/roles/{role}": {"name": KNOWN["role"]},
}


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and context.operation.method.upper() == "PUT":
        return {**body, **NAMED.get(context.operation.path, {})}
    return body
