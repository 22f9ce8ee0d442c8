"""pygls as its documentation uses it: a server, features as functions, blocking ones in its thread pool."""

import time

from pygls.lsp.server import LanguageServer

server = LanguageServer("bench", "1", max_workers=64)


@server.feature("health")
def health(*_):
    return {"status": "ok", "version": "pygls", "uptime_ms": 0}


@server.thread()
@server.feature("hang")
def hang(*_):
    time.sleep(600)


server.start_io()
