"""The seccomp filter, run by a small interpreter of the kernel's instructions, for both machines."""

import re
from pathlib import Path

import pytest

from pyworker.containment.seccomp import CONNECT, IOCTLS, JUDGED, MACHINES, NEVER, filter_program, no_connect_program

PID = 4711
ALLOW, EPERM, ENOSYS, EAFNOSUPPORT = 0x7FFF0000, 0x00050001, 0x00050026, 0x00050061


def run(program, number, arch, *arguments):
    """What the filter says of a call. The instructions are those of linux/filter.h."""
    memory = {0: number, 4: arch} | {
        16 + 8 * at: value & 0xFFFFFFFF for at, value in enumerate((*arguments, 0, 0, 0, 0, 0, 0)[:6])
    }
    accumulator = line = 0
    while True:
        code, if_true, if_false, value = program[line]
        line += 1
        if code == 0x20:
            accumulator = memory[value]
        elif code == 0x54:
            accumulator &= value
        elif code in (0x15, 0x35, 0x45):
            taken = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
            line += if_true if taken else if_false
        elif code == 0x06:
            return value
        else:
            raise AssertionError(f"no such instruction {code:#x}")


@pytest.fixture(params=list(MACHINES))
def machine(request):
    return request.param


@pytest.fixture
def judge(machine):
    arch, column = MACHINES[machine]
    program = filter_program(machine, PID)
    assert len(program) < 4096
    assert all(0 <= each[1] < 256 and 0 <= each[2] < 256 for each in program)

    def ask(name, *arguments):
        numbers = {
            **NEVER,
            **JUDGED,
            "connect": CONNECT,
            "read": (0, 63),
            "write": (1, 64),
            "openat": (257, 56),
            "mmap": (9, 222),
        }
        return run(program, numbers[name][column], arch, *arguments)

    return ask


def test_what_is_never_called_is_refused(judge, machine):
    column = MACHINES[machine][1]
    for name, numbers in NEVER.items():
        if numbers[column] is not None:
            assert judge(name) == EPERM, name


@pytest.mark.parametrize("name", ["read", "write", "openat", "mmap", "connect"])
def test_what_the_worker_lives_on_is_allowed(judge, name):
    assert judge(name) == ALLOW


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("clone", (0x00010000 | 0x100,), ALLOW),
        ("clone", (17,), EPERM),
        ("clone3", (), ENOSYS),
        ("kill", (1, 0), ALLOW),
        ("kill", (1, 9), EPERM),
        ("tgkill", (PID, 1, 6), ALLOW),
        ("tgkill", (1, 1, 9), EPERM),
        ("socket", (1, 1, 0), ALLOW),
        ("socket", (2, 1 | 0x800 | 0x80000, 6), ALLOW),
        ("socket", (10, 1, 0), ALLOW),
        ("socket", (2, 2, 0), EPERM),
        ("socket", (2, 3, 1), EPERM),
        ("socket", (16, 3, 0), EAFNOSUPPORT),
        ("socket", (40, 1, 0), EAFNOSUPPORT),
        ("socket", (2, 1, 132), EPERM),
        ("sendto", (3, 0, 1, 0), ALLOW),
        ("sendto", (3, 0, 1, 0x20000000), EPERM),
        ("ioctl", (0, 0x5401), ALLOW),
        *(("ioctl", (0, each), EPERM) for each in IOCTLS),
    ],
)
def test_what_is_judged_by_its_arguments(judge, name, arguments, said):
    assert judge(name, *arguments) == said


def test_another_machines_calls_are_refused(machine):
    program = filter_program(machine, PID)
    other = next(arch for name, (arch, _) in MACHINES.items() if name != machine)
    assert run(program, 0, other) == EPERM
    assert run(program, 0, 0x40000003) == EPERM


def test_the_second_set_of_calls_of_x86_is_refused():
    arch, _ = MACHINES["x86_64"]
    assert run(filter_program("x86_64", PID), 0x40000000 | 1, arch) == EPERM


def test_the_second_filter_forbids_connecting_and_nothing_else(machine):
    arch, column = MACHINES[machine]
    program = no_connect_program(machine)
    assert run(program, CONNECT[column], arch) == EPERM
    assert run(program, 0, arch) == ALLOW


@pytest.mark.parametrize(("header", "column"), [("x86_64-linux-gnu/asm/unistd_64.h", 0), ("asm-generic/unistd.h", 1)])
def test_the_numbers_are_the_kernels(header, column):
    path = Path("/usr/include") / header
    if not path.exists():
        pytest.skip("the kernel's headers are not installed")
    known = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", path.read_text())}
    for name, numbers in {**NEVER, **JUDGED, "connect": CONNECT}.items():
        if name in known and numbers[column] is not None:
            assert numbers[column] == known[name], name
