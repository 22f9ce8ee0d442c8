"""Runs a parsed script: variables, descriptors, pipelines, subshells, jobs.

A subshell is a copy (`fork`); what it changes stays with it. Parts of a pipeline and background jobs run in threads
of their own; pipes between them block as real ones do. Statuses: 126 not executable, 127 not found, 128 + n killed.
The outside world is one object: `phone` (its files, its commands). Everything that is run is told to its record.
"""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from pyworker.virtual.android.mksh import builtins, conditions, patterns, words
from pyworker.virtual.android.mksh.cursor import ShellSyntaxError
from pyworker.virtual.android.mksh.descriptors import (
    BadDescriptor,
    BrokenPipe,
    Closed,
    Collected,
    Descriptor,
    Null,
    Pipe,
    Sink,
    Source,
)
from pyworker.virtual.android.mksh.endings import MAX_CALLS, ExitShell, LeaveLoop, ReturnFrom
from pyworker.virtual.android.mksh.grammar import SHORT, Parser, short_script
from pyworker.virtual.android.mksh.process import Job, Process
from pyworker.virtual.android.mksh.redirecting import RedirectionFault, redirected
from pyworker.virtual.android.mksh.signals import Hangup, Signals, TimeUp
from pyworker.virtual.android.mksh.tree import (
    AndOr,
    ArithmeticCommand,
    Case,
    Command,
    Condition,
    For,
    Function,
    Group,
    If,
    Literal,
    Loop,
    Pipeline,
    Script,
    Simple,
    Subshell,
    plain_text,
)

if TYPE_CHECKING:
    from pyworker.virtual.android.phone import VirtualAndroid

SIGPIPE_STATUS = 141
SIGHUP_STATUS = 129


class Shell:
    """One shell process. `run(text)` runs a script and returns its exit status."""

    __slots__ = (
        "phone",
        "signals",
        "descriptors",
        "variables",
        "exported",
        "readonly",
        "functions",
        "arguments",
        "options",
        "status",
        "directory",
        "name",
        "tolerant",
        "loops",
        "calls",
        "jobs",
        "last_job",
        "traps",
        "uid",
        "all_jobs",
        "scopes",
    )

    def __init__(self, phone: VirtualAndroid, stdin: Source, stdout: Sink, stderr: Sink, signals: Signals) -> None:
        self.phone = phone
        self.signals = signals
        self.descriptors: dict[int, Descriptor] = {0: stdin, 1: stdout, 2: stderr}
        self.variables: dict[str, str] = {"IFS": " \t\n", **phone.environment()}
        self.exported = set(phone.environment())
        self.readonly: set[str] = set()
        self.functions: dict[str, Command] = {}
        self.arguments: list[str] = []
        self.options: set[str] = set()
        self.status = 0
        self.directory = "/"
        self.name = "/system/bin/sh"
        self.tolerant = 0  # above 0 a failing command does not end a `set -e` shell
        self.loops = 0
        self.calls = 0
        self.jobs: list[Job] = []
        self.last_job: Job | None = None
        self.traps: dict[str, str] = {}
        self.uid = 2000
        self.scopes: list[dict[str, str | None]] = []  # of each running function: what its local names hid
        self.all_jobs: list[Job] = []  # shared with every fork: the stream stays open until the last has ended

    # -- entry points

    def run(self, text: str) -> int:
        """Runs a script; returns its exit status. Waits for its background jobs, which hold the output open."""
        self.finish(lambda: self.run_lines(text))
        for job in self.all_jobs:
            while job.thread is not None and job.thread.is_alive():
                self.signals.check()
                job.thread.join(self.signals.slice())
        return self.status

    def run_line(self, text: str) -> int | None:
        """One line of an interactive shell; the exit status when it was `exit`."""
        left: list[int] = []

        def body() -> None:
            try:
                self.run_lines(text)
            except ExitShell as leaving:
                if re.match(r"\s*(exit|exec)\b", text):
                    left.append(leaving.status)
                self.status = leaving.status

        self.finish(body)
        return left[0] if left else None

    def run_lines(self, text: str) -> None:
        """Each complete command is parsed, then run. A syntax error ends the shell with status 1."""
        if len(text) <= SHORT:
            commands, fault_text = short_script(text)
            for command in commands:
                self.run_script(command)
            if fault_text:
                self.complain(fault_text)
                raise ExitShell(1)
            return
        parser = Parser(text)
        try:
            while (script := parser.next_command()) is not None:
                self.run_script(script)
        except ShellSyntaxError as fault:
            self.complain(str(fault))
            raise ExitShell(1) from None

    def fork(self) -> Shell:
        child = Shell.__new__(Shell)
        child.phone, child.signals, child.name = self.phone, self.signals, self.name
        child.descriptors = dict(self.descriptors)
        child.variables, child.exported, child.readonly = dict(self.variables), set(self.exported), set(self.readonly)
        child.functions, child.arguments, child.options = dict(self.functions), list(self.arguments), set(self.options)
        child.status, child.directory, child.uid = self.status, self.directory, self.uid
        child.tolerant, child.loops, child.calls = self.tolerant, 0, self.calls
        child.jobs, child.last_job, child.traps, child.all_jobs = [], self.last_job, {}, self.all_jobs
        child.scopes = []
        return child

    def _run_exit_trap(self) -> None:
        action = self.traps.pop("EXIT", "")
        if action:
            status = self.status
            try:
                self.run_lines(action)
                self.status = status
            except ExitShell as leaving:
                self.status = leaving.status

    # -- output

    def sink(self, number: int) -> Sink:
        found = self.descriptors.get(number)
        return cast(Sink, found) if hasattr(found, "write") else Closed()

    def source(self, number: int) -> Source:
        found = self.descriptors.get(number)
        return cast(Source, found) if hasattr(found, "read") else Closed()

    def out(self, text: str) -> None:
        self.sink(1).write(text.encode("latin-1", "replace"), self.signals)

    def complain(self, text: str) -> None:
        try:
            self.sink(2).write(f"{self.name}: {text}\n".encode("latin-1", "replace"), self.signals)
        except BadDescriptor:
            return  # as a real shell whose stderr was closed: nobody can be told

    def output_of(self, script: str) -> str:
        child = self.fork()
        collected = Collected()
        child.descriptors[1] = collected
        self.status = child.finish(lambda: child.run_lines(script))
        return collected.text().replace(b"\0", b"").decode("latin-1").rstrip("\n")

    # -- variables

    def assign(self, name: str, value: str) -> None:
        if name in self.readonly:
            raise words.ReadOnly(f"read-only: {name}")
        self.variables[name] = value

    def special(self, name: str) -> str | None:
        if name == "?":
            return str(self.status)
        if name == "#":
            return str(len(self.arguments))
        if name == "$":
            return str(self.phone.shell_pid)
        if name == "!":
            return str(self.last_job.number) if self.last_job else ""
        if name == "-":
            return "".join(sorted(self.options))
        if name == "RANDOM":
            return str(random.randrange(32768))
        if name == "SECONDS":
            return str(int(time.monotonic()))
        if name == "PPID":
            return "1"
        if name == "LINENO":
            return "1"
        return None

    def environment(self) -> dict[str, str]:
        return {name: self.variables[name] for name in self.exported if name in self.variables}

    # -- running

    def finish(self, body: Callable[[], None]) -> int:
        """Runs the body as a process of its own would: whatever ends it becomes its status. Hangup and TimeUp pass."""
        try:
            body()
        except ExitShell as leaving:
            self.status = leaving.status
        except ReturnFrom as leaving:
            self.status = leaving.status
        except LeaveLoop:
            pass  # a `break` that reached a subshell's edge ends the subshell
        except BrokenPipe:
            self.status = SIGPIPE_STATUS
        except words.ExpansionFault as fault:
            self.complain(str(fault))
            self.status = 1
        except RecursionError:
            self.complain("nested too deeply for this virtual phone")
            self.status = 1
        self._run_exit_trap()
        return self.status

    def run_script(self, script: Script) -> None:
        for step in script.steps:
            self.signals.check()
            if step.background:
                self._background(step)
            else:
                self._and_or(step)

    def _and_or(self, step: AndOr) -> None:
        pipelines = [step.first, *(pipeline for _, pipeline in step.rest)]
        operators = ["", *(operator for operator, _ in step.rest)]
        for index, (operator, pipeline) in enumerate(zip(operators, pipelines, strict=True)):
            if (operator == "&&" and self.status) or (operator == "||" and not self.status):
                continue
            last = index == len(pipelines) - 1
            if not last or pipeline.negated:
                self.tolerant += 1
            try:
                self._pipeline(pipeline)
            finally:
                if not last or pipeline.negated:
                    self.tolerant -= 1
            if last and not pipeline.negated and len(pipeline.commands) > 1:
                self._end_on_error()  # single commands have looked themselves; a group passes on what was forgiven in it

    def _end_on_error(self) -> None:
        if self.status and "e" in self.options and not self.tolerant:
            raise ExitShell(self.status)

    def _pipeline(self, pipeline: Pipeline) -> None:
        if len(pipeline.commands) == 1:
            self._command(pipeline.commands[0])
        else:
            self.status = self._piped(pipeline.commands)
        if pipeline.negated:
            self.status = 0 if self.status else 1

    def _piped(self, commands: tuple[Command, ...]) -> int:
        if _is_plain_cat(commands[-1]) and "cat" not in self.functions and not self.phone.answers("cat"):
            return self._through_cat(commands[:-1])
        children: list[threading.Thread] = []
        incoming: Pipe | None = None
        for command in commands[:-1]:
            outgoing = Pipe()
            child = self.fork()
            if incoming is not None:
                child.descriptors[0] = incoming
            child.descriptors[1] = outgoing
            thread = threading.Thread(
                target=_run_part, args=(child, command, incoming, outgoing), daemon=True, name="virtual pipe"
            )
            thread.start()
            children.append(thread)
            incoming = outgoing
        last = self.fork()
        assert incoming is not None
        last.descriptors[0] = incoming
        try:
            status = last.finish(lambda: last._command(commands[-1]))
        finally:
            incoming.abandon()
        for thread in children:
            while thread.is_alive():
                self.signals.check()
                thread.join(self.signals.slice())
        return status

    def _through_cat(self, commands: tuple[Command, ...]) -> int:
        """`… | cat` without the copying: the same output, not a terminal, status 0."""
        self.phone.note("command", "cat")
        child = self.fork()
        child.descriptors[1] = _Piped(child.sink(1))
        child.finish(lambda: child._pipeline(Pipeline(False, commands)))
        return 0

    def _background(self, step: AndOr) -> None:
        child = self.fork()
        child.descriptors[0] = Null()
        child.signals = self.signals.child()
        job = Job(self.phone.next_pid(), child.signals)

        def body() -> None:
            try:
                job.status = child.finish(lambda: child._and_or(step._replace(background=False)))
            except (Hangup, TimeUp):
                job.status = SIGHUP_STATUS

        job.thread = threading.Thread(target=body, daemon=True, name="virtual job")
        self.jobs.append(job)
        self.all_jobs.append(job)
        self.last_job = job
        job.thread.start()
        self.status = 0

    def _command(self, command: Command) -> None:
        self.signals.check()
        try:
            if isinstance(command, Simple):
                self._simple(command)
            elif isinstance(command, Function):
                self.functions[command.name] = command.body
                self.status = 0
            else:
                self._compound(command)
        except RedirectionFault as fault:
            self.complain(str(fault))
            self.status = 1
        except words.ExpansionFault as fault:
            self.complain(str(fault))
            raise ExitShell(2 if isinstance(fault, words.ReadOnly) else 1) from None
        except BadDescriptor:
            self.status = 1

    def _compound(self, command: Command) -> None:
        assert not isinstance(command, (Simple, Function))
        before = self.descriptors
        if command.redirections:
            self.descriptors = redirected(self, command.redirections)
        try:
            if isinstance(command, Group):
                self.run_script(command.body)
            elif isinstance(command, Subshell):
                child = self.fork()
                self.status = child.finish(lambda: child.run_script(command.body))
            elif isinstance(command, If):
                self._if(command)
            elif isinstance(command, Loop):
                self._loop(command)
            elif isinstance(command, For):
                self._for(command)
            elif isinstance(command, Case):
                self._case(command)
            elif isinstance(command, ArithmeticCommand):
                self.status = 0 if words.evaluate(self, words.text(self, command.expression)) else 1
            else:
                self.status = conditions.condition(self, command)
        finally:
            self.descriptors = before
        if isinstance(command, (Subshell, ArithmeticCommand, Condition)):
            self._end_on_error()

    def _tests_true(self, condition: Script) -> bool:
        self.tolerant += 1
        try:
            self.run_script(condition)
        finally:
            self.tolerant -= 1
        return self.status == 0

    def _if(self, command: If) -> None:
        for condition, body in command.branches:
            if self._tests_true(condition):
                self.run_script(body)
                return
        self.status = 0
        if command.otherwise is not None:
            self.run_script(command.otherwise)

    def _loop(self, command: Loop) -> None:
        status = 0
        while self._tests_true(command.condition) != command.until:
            if not self._iterate(command.body):
                break
            status = self.status
        self.status = status

    def _for(self, command: For) -> None:
        if command.words is None:
            items = list(self.arguments)
        else:
            items = [field for word in command.words for field in words.fields(self, word)]
        self.status = 0
        for item in items:
            self.assign(command.name, item)
            if not self._iterate(command.body):
                break

    def _iterate(self, body: Script) -> bool:
        """One turn of a loop; False when the loop is left."""
        self.loops += 1
        try:
            self.run_script(body)
        except LeaveLoop as leaving:
            self.status = 0
            if leaving.levels > 1 and self.loops > 1:
                raise LeaveLoop(leaving.levels - 1, leaving.again) from None
            return leaving.again
        finally:
            self.loops -= 1
        return True

    def _case(self, command: Case) -> None:
        subject = words.text(self, command.subject)
        self.status = 0
        for choices, body in command.branches:
            if any(patterns.matches(words.pieces_of(self, each), subject) for each in choices):
                self.run_script(body)
                return

    # -- simple commands

    def _simple(self, command: Simple) -> None:
        arguments = [field for word in command.words for field in words.fields(self, word)]
        if not arguments:
            status = self.status
            self.status = 0
            for name, word in command.assignments:
                self.assign(name, words.text(self, word))
            if command.redirections:
                redirected(self, command.redirections)
            if not command.assignments:
                self.status = 0 if command.redirections or command.words else status
            self._end_on_error()
            return
        before = self.descriptors
        if command.redirections:
            self.descriptors = redirected(self, command.redirections)
        keep = arguments[0] == "exec" and "exec" not in self.functions
        overridden: dict[str, str | None] = {}
        try:
            for name, word in command.assignments:
                overridden.setdefault(name, self.variables.get(name))
                self.assign(name, words.text(self, word))
            newly_exported = set(overridden) - self.exported
            self.exported |= newly_exported
            try:
                self.status = self._call(arguments)
            finally:
                self.exported -= newly_exported
                if arguments[0] not in builtins.SPECIAL:
                    self._restore(overridden)
        finally:
            if not keep:
                self.descriptors = before
        self._end_on_error()

    def _restore(self, values: dict[str, str | None]) -> None:
        for name, value in values.items():
            if value is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value

    def _call(self, arguments: list[str]) -> int:
        name = arguments[0]
        if name in self.functions:
            return self._call_function(self.functions[name], arguments[1:])
        builtin = builtins.TABLE.get(name)
        if builtin is not None:
            self.phone.note("builtin", " ".join(arguments))
            try:
                return builtin(self, arguments)
            except BadDescriptor:
                reading = name == "read"
                self.complain(f"{name}: {'' if reading else 'write: '}Bad file descriptor")
                return 2 if reading else 1
        return self.start_external(arguments, self.signals)

    def _call_function(self, body: Command, arguments: list[str]) -> int:
        if self.calls >= MAX_CALLS:
            self.complain("function nested too deeply")
            raise ExitShell(1)
        outer, self.arguments = self.arguments, arguments
        self.calls += 1
        self.scopes.append({})
        try:
            self._command(body)
        except ReturnFrom as leaving:
            self.status = leaving.status
        finally:
            self.calls -= 1
            self.arguments = outer
            self._restore(self.scopes.pop())
        return self.status

    def start_external(self, arguments: list[str], signals: Signals) -> int:
        """Runs a program of the phone in this shell's surroundings; returns its exit status."""
        return self._start(Process(arguments, self), signals)

    def start_by_program(self, arguments: list[str], signals: Signals) -> int:
        """The same for a program that starts another (timeout, xargs): no shell is there to complain."""
        process = Process(arguments, self)
        process.shell_name = ""
        return self._start(process, signals)

    def _start(self, process: Process, signals: Signals) -> int:
        process.signals = signals
        try:
            return self.phone.run_program(process)
        except BadDescriptor:
            with contextlib.suppress(BadDescriptor):  # stderr may be the one that is closed
                process.err(f"{process.arguments[0]}: Bad file descriptor\n")
            return 1

class _Piped:
    """A sink that is seen as a pipe and not as the terminal behind it."""

    __slots__ = ("inner",)
    is_terminal = False

    def __init__(self, inner: Sink) -> None:
        self.inner = inner

    def write(self, data: bytes, signals: Signals) -> None:
        self.inner.write(data, signals)


def _is_plain_cat(command: Command) -> bool:
    return (
        isinstance(command, Simple)
        and not command.assignments
        and not command.redirections
        and len(command.words) == 1
        and all(isinstance(part, Literal) for part in command.words[0])
        and plain_text(command.words[0]) == "cat"
    )


def _run_part(child: Shell, command: Command, incoming: Pipe | None, outgoing: Pipe) -> None:
    """One part of a pipeline, in its own thread."""
    try:
        child.finish(lambda: child._command(command))
    except (Hangup, TimeUp):
        return  # the shell that waits for this part finds out by itself
    finally:
        outgoing.end()
        if incoming is not None:
            incoming.abandon()
