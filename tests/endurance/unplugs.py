"""`python -m tests.endurance.unplugs [N] [--seed S]`: N cuts of the cable in the middle of an inspection.

A real worker asks an iPhone and an Android phone at the same time, each through a relay that breaks at a byte drawn at
random from all that the phone says (tests/endurance/cutting.py), or at the end of one of its messages; one time in four
the phone or its daemon misbehaves instead, by the faults that virtual phones have (an iPhone is unplugged, too). Each
time: the answer comes within its deadline and a second; it is a result or a typed error; what it says about a lock is what an
undisturbed inspection says, or that it cannot tell; and the next inspection is whole again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NamedTuple

from pyworker.virtual.bench import Bench
from tests.endurance.conversation import Conversation
from tests.endurance.cutting import KINDS, Relay

DEADLINE_S = 0.7
TYPED = ("device_not_found", "device_disconnected", "device_protocol_error", "device_untrusted", "timeout")
LOCKS = ("activation_locked", "mdm_enrolled", "frp_locked")
# A quiet cable waits out its deadline, so there are fewer of them.
WEIGHTS = {"fin": 6, "reset": 6, "stall": 1, "garbage": 6, "dribble": 1, "all": 4}


# Faults of the phones' own, one at a time; what they do is told in pyworker/virtual/*/faults.py.
IPHONE_FAULTS = ("close", "reset", "half_reply", "huge_length", "garbage", "wrong_keys", "unplug")
ANDROID_FAULTS = ("drop", "reset", "oversized_header", "garbage", "flood", "no_end", "refused_open")
ONE_IN = 4


class Side(NamedTuple):
    """One phone and its cable. spoil: puts a fault into the phone, and says which. heal: the phone is well and plugged in."""

    name: str
    device_id: str
    relay: Relay
    spoil: Callable[[random.Random], str]
    heal: Callable[[], None]


def iphone(bench: Bench, relay: Relay) -> Side:
    phone = next(iter(bench.iphones.values()))

    def spoil(choose: random.Random) -> str:
        kind, skip = choose.choice(IPHONE_FAULTS), choose.randrange(20)
        phone.faults.add("*", "*", kind, skip=skip, times=1)
        return f"{kind} instead of reply {skip}"

    def heal() -> None:
        phone.faults.clear()
        bench.usbmuxd.plug(phone)

    return Side("iphone", phone.udid, relay, spoil, heal)


def android(bench: Bench, relay: Relay) -> Side:
    phone = next(iter(bench.androids.values()))

    def spoil(choose: random.Random) -> str:
        kind, after = choose.choice(ANDROID_FAULTS), choose.randrange(20_000)
        phone.faults.add("service", kind, after=after, times=1)
        return f"{kind} after {after} bytes of output"

    return Side("android", phone.serial, relay, spoil, phone.faults.clear)


class Cuts:
    """problems: what was not as it should be. said: how the answers to cut inspections came out."""

    def __init__(self, talk: Conversation, side: Side, choose: random.Random) -> None:
        self.problems: list[str] = []
        self.said: Counter[str] = Counter()
        self.struck = 0
        self._talk = talk
        self._side = side
        self._choose = choose
        self._asked = 0
        self._inspect(30.0)  # the first one of a worker loads what it needs
        side.relay.arm("", 0)
        self._whole = self._inspect(30.0)
        self._ends = list(side.relay.ends)

    def _inspect(self, seconds: float) -> dict[str, Any] | None:
        self._asked += 1
        id = f"{self._side.name}-{self._asked}"
        params = {"device_id": self._side.device_id, "timeout_ms": int(seconds * 1000)}
        self._talk.send(id, "inspect.basic", params)
        return self._talk.answer(id, seconds + 5.0)

    def one(self, number: int) -> None:
        if self._choose.randrange(ONE_IN) == 0:
            self._once(f"{self._side.name} {number}: {self._side.spoil(self._choose)}")
            return
        kind = self._choose.choices(KINDS, weights=[WEIGHTS[kind] for kind in KINDS])[0]
        after = self._choose.choice((self._choose.choice(self._ends), self._choose.randrange(self._ends[-1])))
        self._side.relay.arm(kind, after)
        self._once(f"{self._side.name} {number}: {kind} after {after} bytes")
        self.struck += self._side.relay.struck

    def _once(self, what: str) -> None:
        began = time.monotonic()
        answer = self._inspect(DEADLINE_S)
        took = time.monotonic() - began
        if answer is None:
            self.problems.append(f"{what}: no answer")
        elif took > DEADLINE_S + 1.0:
            self.problems.append(f"{what}: answered after {took:.1f} s")
        self._judge(what, answer)
        self._side.heal()
        self._side.relay.mend()
        if self._locks(after_it := self._inspect(10.0)) != self._locks(self._whole):
            self.problems.append(f"{what}: the next inspection says {str(after_it)[:300]}")

    def _judge(self, what: str, answer: dict[str, Any] | None) -> None:
        if answer is None:
            return
        if "error" in answer:
            kind = answer["error"]["data"]["kind"]
            self.said[kind] += 1
            if kind not in TYPED:
                self.problems.append(f"{what}: {kind}")
            return
        said, whole = self._locks(answer), self._locks(self._whole)
        self.said["every lock" if said == whole else "in part"] += 1
        for name, value in said.items():
            if value is not None and value != whole[name]:
                self.problems.append(f"{what}: {name} is {value}, where it is {whole[name]}")

    @staticmethod
    def _locks(answer: dict[str, Any] | None) -> dict[str, Any]:
        data = (answer or {}).get("result", {}).get("data", {})
        return {name: data[name] for name in LOCKS if name in data}


def run(count: int, seed: int = 1) -> tuple[list[str], Counter[str], int]:
    """Problems, how the answers came out, and how many of the cuts fell into the conversation."""
    with ExitStack() as stack:
        bench = stack.enter_context(Bench(["iphone-owner-locked", "android-company"]))
        temporary = stack.enter_context(tempfile.TemporaryDirectory())
        mux = stack.enter_context(Relay(bench.usbmuxd.address))
        adb = stack.enter_context(Relay(bench.adb_server.address))
        sides = [iphone(bench, mux), android(bench, adb)]
        options = ["--usbmuxd", "{}:{}".format(*mux.address), "--adb-server", "{}:{}".format(*adb.address)]
        talk = Conversation(options, temporary)
        cuts = [Cuts(talk, side, random.Random(f"{side.name} {seed}")) for side in sides]

        def all_of(each: Cuts) -> None:
            for number in range(count // len(cuts)):
                each.one(number)

        threads = [threading.Thread(target=all_of, args=(each,)) for each in cuts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        exit_code, left_over = talk.end()
        problems = [problem for each in cuts for problem in each.problems]
        if exit_code or left_over:
            problems.append(f"exit code {exit_code}, left over {left_over}")
        return problems, sum((each.said for each in cuts), Counter()), sum(each.struck for each in cuts)


def main(arguments: list[str]) -> int:
    options = argparse.ArgumentParser(prog="python -m tests.endurance.unplugs")
    options.add_argument("count", nargs="?", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args(arguments)
    began = time.monotonic()
    problems, said, struck = run(given.count, given.seed)
    print(f"{given.count} inspections in {time.monotonic() - began:.0f} s, {struck} cut in the middle: {dict(said.most_common())}")
    print(f"{len(problems)} problems", *problems[:20], sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
