"""An MCP server in Python whose tool `hello` is guarded by `mcpauth`.

It knows the issuer, the audience that is meant to be itself, and the scope. Prints its address as soon as it
listens.
"""

import argparse
import contextlib
import socket

import uvicorn
from mcp.server.fastmcp import FastMCP
from mcpauth import MCPAuth
from mcpauth.config import AuthServerType
from mcpauth.types import ResourceServerConfig, ResourceServerMetadata
from mcpauth.utils import fetch_server_config
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--issuer", required=True)
parser.add_argument("--audience", required=True)
parser.add_argument("--scope", required=True)
arguments = parser.parse_args()

server = FastMCP("hello", stateless_http=True, json_response=True)


@server.tool()
def hello() -> str:
    """Says hello."""
    return "Hello."


issuer = fetch_server_config(arguments.issuer, AuthServerType.OIDC)
auth = MCPAuth(
    protected_resources=ResourceServerConfig(
        metadata=ResourceServerMetadata(
            resource=arguments.audience,
            authorization_servers=[issuer],
            scopes_supported=[arguments.scope],
        )
    )
)
guard = auth.bearer_auth_middleware(
    "jwt", audience=arguments.audience, required_scopes=[arguments.scope], resource=arguments.audience
)


@contextlib.asynccontextmanager
async def lifespan(_):
    async with server.session_manager.run():
        yield


app = Starlette(
    routes=[
        *auth.resource_metadata_router().routes,
        Mount("/", app=server.streamable_http_app(), middleware=[Middleware(guard)]),
    ],
    lifespan=lifespan,
)

listener = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
