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
    """Two of three times what is there, else what was made up: which, the made-up text itself says. Always our realm."""
    if not parameters:
        return parameters

    def chosen(name, made_up):
        there = zlib.crc32(str(made_up).encode()) % 3 > 0
        return KNOWN[name] if name in KNOWN and (there or name == "realm") else made_up

    return {name: chosen(name, made_up) for name, made_up in parameters.items()}


@schemathesis.hook
def map_body(context, body):
    """A realm that has another name is not found again."""
    operation = context.operation
    if isinstance(body, dict) and (operation.method.upper(), operation.path) == ("PUT", "/admin/realms/{realm}"):
        return {name: value for name, value in body.items() if name not in ("id", "realm")}
    return body
