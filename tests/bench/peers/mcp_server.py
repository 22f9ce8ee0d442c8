"""The MCP python-sdk with its high-level server and one tool that blocks; `ping` is its health."""

import time

from mcp.server import MCPServer

server = MCPServer("bench")


@server.tool()
def hang() -> str:
    time.sleep(600)
    return ""


server.run(transport="stdio")
