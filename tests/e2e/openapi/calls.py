"""Admin REST as the administrator of master, with nothing but the standard library."""

import json
import urllib.parse
import urllib.request


class Administrator:
    def __init__(self, base):
        self.base = base
        self.paths = self.send("GET", "/admin/openapi.json")["paths"]
        self.token = sign_in(base)

    def has(self, path):
        return "post" in self.paths.get(f"/admin/realms/{{realm}}{path}", {})

    def get(self, path):
        return self.send("GET", f"/admin/realms{path}")

    def post(self, path, document):
        """Makes something and returns its id."""
        return self.send("POST", f"/admin/realms{path}", json.dumps(document).encode())

    def send(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        if path.startswith("/admin/realms"):
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.base + path, data=body, method=method, headers=headers)
        with urllib.request.urlopen(request) as answer:
            if answer.status == 201:
                return answer.headers["Location"].rsplit("/", 1)[1]
            return json.load(answer)


def sign_in(base):
    """An access token of master: good for a minute."""
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
    address = f"{base}/realms/master/protocol/openid-connect/token"
    with urllib.request.urlopen(address, data=urllib.parse.urlencode(form).encode()) as answer:
        return json.load(answer)["access_token"]
