"""`python -m pyworker.replay FILE [worker options]`: put recorded conversations to fresh workers, compare the answers.

The requests go in as they were recorded. Answers are compared by id, whatever their order; members that change from
run to run (times, durations, progress) are left out. Exit 0 when everything agrees, 1 with a readable difference,
2 for a file that is no transcript.
"""

from __future__ import annotations

import difflib
import json
import subprocess
import sys
import threading
from typing import IO, Any

from protocol.transcript import OUT, START, Entry, entries

# Members whose values belong to one run and not to what was said.
VOLATILE = frozenset(
    {
        "uptime_ms",
        "clock",
        "security_patch_age_days",
        "observed_at",
        "collected_at",
        "seconds",
        "elapsed_ms",
        "containment",
    }
)
# Evidence that quotes the phone's clock, by its key.
CLOCKS = frozenset({"TimeIntervalSince1970", "seconds since 1970"})
# An answer that takes longer than this will not come; the comparison then says which.
ANSWER_S = 60.0


def answers(lines: list[bytes]) -> dict[str, Any]:
    """What was answered, by the JSON text of its id; without notifications and volatile members."""
    found: dict[str, Any] = {}
    for message in (message for line in lines for message in _messages(line)):
        key = json.dumps(message["id"])
        while key in found:  # several answers carry the id null, or an id that was used again
            key += "'"
        found[key] = steady(message)
    return found


def _messages(line: bytes) -> list[Any]:
    """The answers on a line: one, those of a batch, or none for a notification."""
    value = json.loads(line)
    return [message for message in (value if isinstance(value, list) else [value]) if "method" not in message]


def steady(value: Any) -> Any:
    if isinstance(value, dict):
        clock = isinstance(value.get("key"), str) and value["key"] in CLOCKS
        return {
            name: steady(member)
            for name, member in value.items()
            if name not in VOLATILE and not (clock and name == "value")
        }
    if isinstance(value, list):
        return [steady(item) for item in value]
    return value


def run(conversation: list[Entry], options: list[str]) -> dict[str, Any]:
    """The answers of a fresh worker to the recorded requests.

    A request is sent once as many answers have come as had come in the recording, so that what depended on an answer
    then depends on it now.
    """
    worker = subprocess.Popen(
        [sys.executable, "-m", "pyworker", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert worker.stdin is not None and worker.stdout is not None
    arrived = threading.Condition()
    lines: list[bytes] = []
    count = 0

    def collect(stream: IO[bytes]) -> None:
        nonlocal count
        for line in stream:
            with arrived:
                lines.append(line)
                count += len(_messages(line))
                arrived.notify_all()

    def wait_for(wanted: int) -> None:
        with arrived:
            arrived.wait_for(lambda: count >= wanted, ANSWER_S)

    collector = threading.Thread(target=collect, args=(worker.stdout,), daemon=True)
    collector.start()
    wanted = 0
    try:
        for entry in conversation:
            if entry.direction == OUT:
                wanted += len(_messages(entry.line))
                continue
            wait_for(wanted)
            worker.stdin.write(entry.line + b"\n")
            worker.stdin.flush()
        wait_for(wanted)
        worker.stdin.close()
        collector.join(ANSWER_S)
        return answers(lines)
    finally:
        worker.kill()
        worker.wait()
        worker.stdout.close()


def conversations(recorded: list[Entry]) -> list[list[Entry]]:
    """One for each worker that wrote to the file."""
    found: list[list[Entry]] = [[]]
    for entry in recorded:
        if entry.direction == START:
            found.append([])
        else:
            found[-1].append(entry)
    return [conversation for conversation in found if conversation]


def differences(recorded: dict[str, Any], replayed: dict[str, Any]) -> list[str]:
    """Lines for a reader; none when everything agrees."""
    told: list[str] = []
    for key in dict.fromkeys([*recorded, *replayed]):
        before, after = recorded.get(key), replayed.get(key)
        if before != after:
            told.append(f"answer to {key}:")
            told += difflib.unified_diff(_lines(before), _lines(after), "recorded", "replayed", lineterm="", n=2)
    return told


def _lines(value: Any) -> list[str]:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).splitlines()


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print("usage: python -m pyworker.replay FILE [worker options]", file=sys.stderr)
        return 2
    try:
        found = conversations(list(entries(arguments[0])))
    except (OSError, ValueError) as problem:
        print(f"pyworker.replay: {problem}", file=sys.stderr)
        return 2
    told: list[str] = []
    count = 0
    for number, conversation in enumerate(found, 1):
        recorded = answers([entry.line for entry in conversation if entry.direction == OUT])
        count += len(recorded)
        different = differences(recorded, run(conversation, arguments[1:]))
        if different and len(found) > 1:
            told.append(f"conversation {number} of {len(found)}:")
        told += different
    print(*(told or [f"{count} answers, all the same"]), sep="\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
