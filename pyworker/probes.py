"""A probe: what we ask a phone, and the pure function that says what the answers mean.

    Read         one question of a platform's closed catalogue; module-level constants only, compared by identity,
                 so nothing that a request contains can ever become one
    Witness      one value inside a Read's answer, under the name the evidence will show
    Observations the answers to all reads of one inspection; a judge asks it for witnesses
    Probe        a name, a depth, the witnesses it hears and its judge: Observations -> Finding, no I/O, no clock

Several probes share a Read; `plan` is the union, and a session fetches it in as few round trips as it can. A judge's
finding carries as evidence exactly the witnesses the judge looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.findings import MISSING, Evidence, Finding, Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pyworker.findings import JSON

BASIC = "basic"
DEEP = "deep"


class Read:
    """One question. `service` and `request` say where it goes, `argument` what is asked there, `why` what for.

    `parse` turns the raw answer into what witnesses pick from; it is pure, never raises on any input, and returns
    Unread when nothing of the answer can be used. Without it the raw answer is used.
    """

    __slots__ = ("service", "request", "argument", "why", "parse")

    def __init__(
        self,
        service: str,
        request: str,
        argument: tuple[str, ...] = (),
        why: str = "",
        parse: Callable[[Any], Any] | None = None,
    ) -> None:
        self.service = service
        self.request = request
        self.argument = argument
        self.why = why
        self.parse = parse

    @property
    def source(self) -> str:
        """How evidence names this read: "lockdown GetValue com.apple.fmip IsAssociated"."""
        return " ".join((self.service, self.request, *self.argument)).strip()

    def __repr__(self) -> str:
        return f"<Read {self.source}>"


def member(key: str) -> Callable[[Any], Any]:
    """Pick `key` of an answer that is an object; dots step inwards: "NonVolatileRAM.fm-activation-locked" """
    steps = key.split(".")

    def pick(answer: Any) -> Any:
        for step in steps:
            if not isinstance(answer, dict):
                return MISSING
            answer = answer.get(step, MISSING)
        return MISSING if answer is None else answer

    return pick


class Witness:
    """One value inside a read's answer. `pick` returns a JSON value, or Unread: MISSING when the key is not there."""

    __slots__ = ("read", "key", "pick")

    def __init__(self, read: Read, key: str, pick: Callable[[Any], Any] | None = None) -> None:
        self.read = read
        self.key = key
        self.pick = pick or member(key)

    def __repr__(self) -> str:
        return f"<Witness {self.read.source}: {self.key}>"


class Observations:
    """The answers to one inspection's reads: each a (parsed) value or Unread. Each judge gets a view of its own."""

    __slots__ = ("_answers", "_looked_at")

    def __init__(self, answers: Mapping[Read, Any]) -> None:
        self._answers = answers
        self._looked_at: dict[Witness, Any] = {}

    def view(self) -> Observations:
        return Observations(self._answers)

    def answer(self, witness: Witness) -> Any:
        """The witness's value, or Unread with the reason there is none. Looking makes it evidence."""
        if witness not in self._looked_at:
            whole = self._answers.get(witness.read, MISSING)
            self._looked_at[witness] = whole if isinstance(whole, Unread) else witness.pick(whole)
        return self._looked_at[witness]

    def __getitem__(self, witness: Witness) -> Any:
        """The witness's value, or None when there is none."""
        answer = self.answer(witness)
        return None if isinstance(answer, Unread) else answer

    def heard(self, *witnesses: Witness) -> bool:
        """Whether every one of them gave a value. Looks at all, so that the evidence shows each that stayed silent."""
        return all([not isinstance(self.answer(witness), Unread) for witness in witnesses])

    def reason(self, witness: Witness) -> str | None:
        answer = self.answer(witness)
        return answer.reason if isinstance(answer, Unread) else None

    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(Evidence(w.read.source, w.key, answer) for w, answer in self._looked_at.items())

    def finds(
        self,
        value: JSON,
        notes: Sequence[str] = (),
        spoofable: bool = False,
        warnings: Sequence[str] = (),
    ) -> Finding:
        return Finding(value, self.evidence(), None, notes, spoofable, warnings)

    def cannot_tell(self, reason: str | None = None, notes: Sequence[str] = ()) -> Finding:
        """Null. Without a reason: that of the first witness that was looked at and gave none."""
        if reason is None:
            reason = next((a.reason for a in self._looked_at.values() if isinstance(a, Unread)), "key_missing")
        return Finding(Unread(reason), self.evidence(), notes=notes)

    def gathers(
        self,
        members: Mapping[str, Any],
        notes: Sequence[str] = (),
        spoofable: bool = False,
        warnings: Sequence[str] = (),
    ) -> Finding:
        """A group of values: each a Witness to ask, a value, or Unread. Null as a whole when no member has a value."""
        values: dict[str, JSON] = {}
        unknown: dict[str, str] = {}
        for name, given in members.items():
            answer = self.answer(given) if isinstance(given, Witness) else given
            if answer is None:
                answer = MISSING
            if isinstance(answer, Unread):
                unknown[name] = answer.reason
                values[name] = None
            else:
                values[name] = answer
        if all(value is None for value in values.values()):
            # An attempt that failed says more than a key that is not there.
            telling = [reason for reason in unknown.values() if reason != "key_missing"]
            reason = telling[0] if telling else "key_missing"
            return Finding(Unread(reason), self.evidence(), unknown, notes, spoofable, warnings)
        return Finding(values, self.evidence(), unknown, notes, spoofable, warnings)


class Probe(NamedTuple):
    """name: how the finding is called in answers. depth: BASIC or DEEP. judge: hears only `witnesses`."""

    name: str
    depth: str
    witnesses: tuple[Witness, ...]
    judge: Callable[[Observations], Finding]


def plan(probes: Iterable[Probe]) -> tuple[Read, ...]:
    """The union of the probes' reads, each once, in the order of first mention."""
    return tuple(dict.fromkeys(witness.read for probe in probes for witness in probe.witnesses))


def parsed(raw: Mapping[Read, Any]) -> dict[Read, Any]:
    """Raw answers through their reads' parsers, each once."""
    return {
        read: answer if isinstance(answer, Unread) or read.parse is None else read.parse(answer)
        for read, answer in raw.items()
    }


def judge_all(probes: Iterable[Probe], seen: Observations) -> dict[str, Finding]:
    return {probe.name: probe.judge(seen.view()) for probe in probes}
