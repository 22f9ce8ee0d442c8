"""python-lsp-jsonrpc as its documentation uses it: a dispatcher, an endpoint, handlers that block return a function."""

import sys
import time

from pylsp_jsonrpc.dispatchers import MethodDispatcher
from pylsp_jsonrpc.endpoint import Endpoint
from pylsp_jsonrpc.streams import JsonRpcStreamReader, JsonRpcStreamWriter


class Handlers(MethodDispatcher):
    def m_health(self, **_):
        return {"status": "ok", "version": "pylsp", "uptime_ms": 0}

    def m_hang(self, **_):
        return lambda: time.sleep(600)


reader = JsonRpcStreamReader(sys.stdin.buffer)
writer = JsonRpcStreamWriter(sys.stdout.buffer)
endpoint = Endpoint(Handlers(), writer.write, max_workers=64)
reader.listen(endpoint.consume)
