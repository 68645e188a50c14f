"""The official Python MCP client calls the tool `hello`, and gets its token by itself.

Where a person is needed it prints the address to go to, and reads the address that the browser was sent
back to from standard input. The answer of the tool is the last line.
"""

import argparse
import asyncio
import os
import sys
from urllib.parse import parse_qs, urlparse

from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata


class Preregistered:
    """Holds the client that was registered by hand, and the tokens as long as this runs."""

    def __init__(self, client):
        self.client = client
        self.tokens = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        raise AssertionError(f"registered as another client: {client_info.client_id}")


async def show(address):
    print(address, flush=True)


async def came_back():
    line = await asyncio.to_thread(sys.stdin.readline)
    answer = {name: values[0] for name, values in parse_qs(urlparse(line.strip()).query).items()}
    return AuthorizationCodeResult(code=answer["code"], state=answer.get("state"), iss=answer.get("iss"))


async def main(arguments):
    client = OAuthClientInformationFull(
        client_id=arguments.client_id,
        client_secret=os.environ["SEKISHO_CLIENT_SECRET"],
        redirect_uris=[arguments.redirect_uri],
        token_endpoint_auth_method=arguments.auth_method,
        issuer=arguments.issuer,
    )
    provider = OAuthClientProvider(
        server_url=arguments.server,
        client_metadata=OAuthClientMetadata(redirect_uris=[arguments.redirect_uri]),
        storage=Preregistered(client),
        redirect_handler=show,
        callback_handler=came_back,
    )
    async with create_mcp_http_client(auth=provider) as http:
        async with Client(streamable_http_client(arguments.server, http_client=http)) as session:
            result = await session.call_tool("hello", {})
            print(result.content[0].text)


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("server")
parser.add_argument("--issuer", required=True)
parser.add_argument("--client-id", required=True)
parser.add_argument("--redirect-uri", required=True)
parser.add_argument("--auth-method", default="client_secret_basic")
asyncio.run(main(parser.parse_args()))
