"""PyPI `python-keycloak` sets the story up from nothing, as an administrator of a fresh server would.

Prints one line of JSON: who takes part, and what was read back.
"""

import argparse
import json
import os

from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

PROFILE = "oauth2.1-client-secret"


def policies(connection, realm, kind, document=None):
    """The library has no call for client policies: its connection is used, as people do."""
    path = f"admin/realms/{realm}/client-policies/{kind}"
    if document is None:
        answer = connection.raw_get(path, **{f"include-global-{kind}": "true"})
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()
    answer = connection.raw_put(path, data=json.dumps(document))
    assert answer.status_code == 204, (answer.status_code, answer.text)
    return answer.headers.get("sekisho-warning")


def main(arguments):
    realm = arguments.realm
    connection = KeycloakOpenIDConnection(
        server_url=arguments.server,
        username="admin",
        password=os.environ["SEKISHO_ADMIN_PASSWORD"],
        realm_name="master",
        client_id="admin-cli",
    )
    admin = KeycloakAdmin(connection=connection)
    admin.create_realm({"realm": realm, "enabled": True})
    admin.change_current_realm(realm)
    assert admin.get_realm(realm)["realm"] == realm

    scope = admin.create_client_scope({
        "name": "hello",
        "protocol": "openid-connect",
        "attributes": {"include.in.token.scope": "true", "consent.screen.text": "Say hello"},
    })
    client = admin.create_client({
        "clientId": "mcp",
        "publicClient": False,
        "redirectUris": ["https://127.0.0.1/callback"],
        "consentRequired": True,
        "attributes": {"pkce.code.challenge.method": "S256"},
    })
    public = admin.create_client({
        "clientId": "spa",
        "publicClient": True,
        "redirectUris": ["https://127.0.0.1/callback"],
    })
    for each in (client, public):
        admin.add_client_optional_client_scope(each, scope, {})
    secret = admin.get_client_secrets(client)["value"]
    user = admin.create_user({
        "username": "alice",
        "enabled": True,
        "email": "alice@example.org",
        "firstName": "Alice",
        "lastName": "Example",
        "credentials": [{"type": "password", "value": "hello-alice", "temporary": False}],
    })
    assert admin.get_user_id("alice") == user

    known = policies(connection, realm, "profiles")["globalProfiles"]
    [built_in] = [profile for profile in known if profile["name"] == "oauth-2-1-for-confidential-client"]
    executors = [executor for executor in built_in["executors"] if executor["executor"] != "holder-of-key-enforcer"]
    for executor in executors:
        if executor["executor"] == "secure-client-authenticator":
            executor["configuration"]["allowed-client-authenticators"].append("client-secret")
    policies(connection, realm, "profiles", {"profiles": [{"name": PROFILE, "executors": executors}]})

    def policy(kind):
        return {"policies": [{
            "name": "mcp",
            "enabled": True,
            "conditions": [{"condition": "client-scopes", "configuration": {"type": kind, "scopes": ["hello"]}}],
            "profiles": [PROFILE],
        }]}

    warning = policies(connection, realm, "policies", policy("Default"))
    silence = policies(connection, realm, "policies", policy("Optional"))
    try:
        admin.create_client({"clientId": "mcp"})
        raise AssertionError("the same client twice")
    except KeycloakError as error:
        conflict = error.response_code

    print(json.dumps({
        "cast": {
            "issuer": f"{arguments.server}/realms/{realm}",
            "username": "alice",
            "password": "hello-alice",
            "client_id": "mcp",
            "client_secret": secret,
            "redirect_uri": "https://127.0.0.1/callback",
        },
        "public": "spa",
        "warning": warning,
        "silence": silence,
        "conflict": conflict,
    }))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("--realm", required=True)
    main(parser.parse_args())
