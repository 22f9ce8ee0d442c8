"""The least that answers: a loop that reads a line, answers it, and flushes. No bound, no thread, no check."""

import json
import sys
import time

for line in sys.stdin.buffer:
    request = json.loads(line)
    if request["method"] == "hang":
        time.sleep(600)
    result = {"status": "ok", "version": "bare", "uptime_ms": 0}
    answer = {"jsonrpc": "2.0", "id": request["id"], "result": result}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
