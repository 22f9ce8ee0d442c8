"""The parts of a report, one function each: content in, a Section out, or None where there is nothing to print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyworker.findings import NOTES
from pyworker.reporting import readings as said
from pyworker.reporting.ink import LOG_LINES_A_BLOCK, LONGEST_LOG_LINE, MOST_LOG_LINES, MOST_PARAGRAPHS, ROWS_A_TABLE
from pyworker.reporting.masking import HIDDEN
from pyworker.reporting.readings import is_number
from pyworker.reporting.results import VERDICTS, Reading, Result, count_values, silences
from pyworker.reporting.verdicts import judge
from pyworker.reporting.view import Bar, Cell, Column, Pair, Section, Table, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyworker.reporting.ink import Ink
    from pyworker.reporting.words import Words

BATTERY = "battery_state"
STORAGE = "storage_health"
# Apple and most makers call a battery worn when it holds less than this share of its design capacity.
WORN_BELOW_PERCENT = 80
# A share beyond it is no measurement (new batteries hold a few percent more than their design).
IMPLAUSIBLE_ABOVE_PERCENT = 130
_COMPUTED_HEALTH = frozenset({"health_nominal", "health_raw", "health_hal_capacity_percent", "health_sysfs_capacity_percent"})
# A disk this full misbehaves.
FULL_ABOVE_PERCENT = 90

HALF = 50
MOST_EVIDENCE = 24
# Of a report of the logs: not an event, but the reason of one.
_WHY_RESTARTED = "last_reboot_reason"
MOST_MEMBERS = 40
# A shell command with its dozen paths names itself well enough by its beginning.
LONGEST_SOURCE = 48
# Evidence whose values are the worker's names for what it saw, by the member that has words for them.
_MEANING = {"signs of root": "properties"}

# What identifies a device, in the order a label on a box has it. Anything else a device carries follows.
_IDENTITY = (
    "marketing_name", "maker", "brand", "manufacturer", "model", "model_number", "product_type", "hardware_model", "color",
    "capacity_bytes", "region", "region_info", "serial", "serial_number", "imei", "imei2", "meid", "eid", "udid", "ecid",
    "os_version", "android_version", "build", "build_version", "sdk", "security_patch", "baseband", "baseband_version",
    "wifi_mac", "wifi_address", "bluetooth_mac", "bluetooth_address", "device_name", "name",
)
# What a customer compares with the box and the invoice. Name, size and system stand above it.
_ON_THE_BOX = frozenset({
    "model", "model_number", "serial", "serial_number", "imei", "imei2", "meid", "eid", "security_patch", "device_name", "name"})
# What Apple's software calls a model ("iPhone14,5"); no box and no invoice has it.
_PRODUCT_TYPE = re.compile(r"[A-Za-z]+\d+,\d+\Z", re.ASCII)
# Readings that only a technician can use.
_TECHNICAL = frozenset({
    "clock", "uptime", "regulatory", "crash_summary", "sim_state", "display", "cameras", "sensors", "memory",
    "developer_options", "lock_screen", "activation_state", "profiles", "thermal_state"})
# Of readings that are groups, the members that tell a customer something. One that is not named here is for the others:
# a member that was added yesterday is no customer's before somebody thought about it.
_FOR_CUSTOMERS = {
    "battery_state": frozenset({"health", "cycle_count", "first_use_date", "values_faked"}),
    "storage_health": frozenset({
        "data_bytes", "data_used_bytes", "wear_used_percent", "life_used_percent_a", "life_used_percent_b", "reserve"}),
    "security_state": frozenset({
        "password_protected", "developer_mode", "backup_encrypted", "bootloader", "encryption", "security_patch_age_days",
        "knox_warranty_tripped"}),
}
# Reasons of a value that this phone does not have for anybody.
_NEVER_THERE = ("not_exposed", "unsupported", "key_missing")
# What need not be said to a customer while it is so.
_AS_EXPECTED = (("values_faked", False), ("knox_warranty_tripped", False))
# It says of the others that they may be forged.
_ITSELF_THE_SIGN = ("root_signs", "jailbreak_signs")
# Notes about the asking, or about readings a customer does not see.
_TECHNICAL_NOTES = frozenset({
    "trust_prompt_is_the_systems", "commands_are_logged_by_the_phone", "pending_reports_not_flushed",
    "oem_unlock_switch_is_no_lock_state", "health_official_is_the_phones_own",
    "estimated_capacity_may_be_design", "carrier_lock_is_not_readable"})
# Apple's colours are numbers on newer phones, which tell nobody anything.
_COLORS = frozenset({"color", "enclosure_color"})
# Of the connection, not of the device; they stand with the quality of the data.
_NOT_IDENTITY = frozenset({"connection", "state", "hint", "platform", "unknown"})
_MONO = frozenset({
    "serial", "serial_number", "imei", "imei2", "meid", "eid", "udid", "ecid", "device_id", "wifi_mac", "bluetooth_mac",
    "wifi_address", "bluetooth_address", "iccid", "battery_serial", "board_serial"})

_OUTCOMES = {
    "passed": "good", "failed": "attention", "pending": "unknown", "not_tested": "absent", "not_applicable": "plain",
    "genuine": "good", "used": "plain", "not_genuine": "attention", "unknown": "unknown", "replaced": "attention",
    "clear": "good", "listed": "attention", "not_performed": "absent",
}


# --- the device ---------------------------------------------------------------------------------------------------

def identity(ink: Ink, device: dict[str, Any], detailed: bool) -> Section:
    """detailed: everything that is known, not only what stands on the box."""
    words = ink.words
    names = [name for name in _IDENTITY if name in device]
    names += [name for name in device if name not in names and name not in _NOT_IDENTITY]
    names = [name for name in names if not _says_nothing(name, device) and (detailed or _is_on_the_box(name, device))]
    shown, more = ink.rows(names, MOST_MEMBERS)
    pairs = []
    for name in shown:
        value = device[name]
        text = words.joined(said.parts(name, value, {}, words)) if isinstance(value, (dict, list)) else (
            words.moment(value) if isinstance(value, str) else said.scalar(name, value, words))
        pairs.append(Pair(ink.text(words.label(name), 20), ink.text(text, 30, mono=name in _MONO)))
    return Section("identity", words.heading("identity"), pairs=tuple(pairs), paragraphs=_more(more))


def _says_nothing(name: str, device: dict[str, Any]) -> bool:
    """What stands there already under another name, or is a number that nobody can look up."""
    value = str(device[name])
    if name == "device_id":
        # Masked or not: over the cable it is one of these two.
        return device.get("udid" if "udid" in device else "serial") is not None and (
            HIDDEN in value or value in (device.get("udid"), device.get("serial")))
    if name == "os_version":
        return value == str(device.get("android_version"))
    return name in _COLORS and value.isdigit()


def _is_on_the_box(name: str, device: dict[str, Any]) -> bool:
    return name in _ON_THE_BOX and not (name == "model" and _PRODUCT_TYPE.match(str(device[name])))


# --- locks --------------------------------------------------------------------------------------------------------

def locks(ink: Ink, basic: Result | None, detailed: bool) -> Section:
    """detailed: every witness with its source and value; else the sources and how many values they gave."""
    words = ink.words
    if basic is None:
        return _absent(ink, "locks")
    columns = (
        Column(words.column("check"), 25), Column(words.column("result"), 27), Column(words.column("basis"), 48))
    applying = [reading for reading in basic.readings.values() if detailed or _matters(reading)]
    elsewhere = [words.label(reading.name) for reading in applying if _elsewhere(reading)]
    rows, more = ink.rows([reading for reading in applying if not _elsewhere(reading)])
    below = [words.note(note) for note in _notes(rows, detailed)]
    if elsewhere and detailed:
        below.append(words.say("does_not_apply", names=words.joined(elsewhere)))
    table = _table(columns, [_lock_row(ink, reading, detailed) for reading in rows], more)
    read_at = words.pair(words.label("observed_at"), words.moment(basic.observed_at)) if basic.observed_at else ""
    return Section("locks", words.heading("locks"), ink.line(read_at), tables=(table,),
                   paragraphs=_sentences(ink, below))


def _notes(readings: Sequence[Reading], detailed: bool) -> list[str]:
    """The names of the notes of these readings, each once."""
    return [note for note in dict.fromkeys(note for reading in readings for note in reading.notes)
            if detailed or note not in _TECHNICAL_NOTES]


def _elsewhere(reading: Reading) -> bool:
    return reading.reason == "not_applicable"


def _matters(reading: Reading) -> bool:
    """To a customer: every verdict, and what else has a value that is not a technician's."""
    return reading.name in VERDICTS or (reading.value is not None and reading.name not in _TECHNICAL)


def _lock_row(ink: Ink, reading: Reading, detailed: bool) -> tuple[Cell, ...]:
    words = ink.words
    judgement = judge(reading, words)
    lines = [judgement.word] if judgement.word else said.parts(reading.name, reading.value, reading.unknown, words)
    if judgement.why:
        lines.append(judgement.why)
    if reading.spoofable:
        lines.append(words.say("spoofable"))
    basis = _evidence(ink, reading) if detailed else _sources(ink, reading)
    return (
        Cell(ink.text(words.label(reading.name), 25)),
        Cell(ink.texts(lines, 27, 6), judgement.state),
        Cell(ink.texts(basis, 48), small=True),
    )


def _evidence(ink: Ink, reading: Reading) -> list[str]:
    """A line a source: what was asked there, and what it said."""
    words = ink.words
    by_source: dict[str, list[str]] = {}
    silent: dict[str, dict[str, list[str]]] = {}
    for item in reading.evidence[:MOST_EVIDENCE]:
        source, key, reason = (str(item.get(name, "")) for name in ("source", "key", "reason"))
        # A read of a single value has its key at the end of its own name already.
        source = source.removesuffix(f" {key}")
        if len(source) > LONGEST_SOURCE:
            source = source[:LONGEST_SOURCE] + "\u2026"
        witnesses = by_source.setdefault(source, [])
        if "value" not in item:
            witnesses.append(words.say("evidence_kept", key=key))
        elif item["value"] is None:
            silent.setdefault(source, {}).setdefault(words.reason(reason), []).append(key)
        else:
            witnesses.append(words.say("evidence_of", key=key, value=_as_it_was_said(key, item["value"], words)))
    for source, by_reason in silent.items():
        by_source[source] += [words.say("evidence_silent", reason=why, keys=words.joined(keys)) for why, keys in by_reason.items()]
    lines = [words.pair(source, words.items(witnesses)) for source, witnesses in by_source.items()]
    if len(reading.evidence) > MOST_EVIDENCE:
        lines.append(words.say("and_more", count=len(reading.evidence) - MOST_EVIDENCE))
    return lines


def _as_it_was_said(key: str, value: Any, words: Words) -> str:
    """A witness's own words, untranslated; those that the worker has for what it saw, in the report's."""
    if key in _MEANING:
        return words.joined(said.parts(_MEANING[key], value, {}, words))
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        more = [words.say("and_more", count=len(value) - said.MOST_ITEMS)] if len(value) > said.MOST_ITEMS else []
        return words.joined([*value[:said.MOST_ITEMS], *more])
    return words.joined(said.parts(key, value, {}, words)) or words.state("none")


def _sources(ink: Ink, reading: Reading) -> list[str]:
    """How many values it rests on; their names are for the other copies."""
    return [ink.words.say("sources", count=len(reading.evidence))] if reading.evidence else []


# --- battery and storage ------------------------------------------------------------------------------------------

def battery(ink: Ink, deep: Result | None, detailed: bool) -> Section:
    return _gauge(ink, "battery", deep, BATTERY, _health_bar, detailed)


def storage(ink: Ink, deep: Result | None, detailed: bool) -> Section:
    return _gauge(ink, "storage", deep, STORAGE, _used_bar, detailed)


def health(reading: Reading | None) -> tuple[str, float] | None:
    """(member, percent): the device's own figure of its battery's health, else the best computed one."""
    if reading is None or not isinstance(reading.value, dict):
        return None
    figures = {name: float(value) for name, value in reading.value.items()
               if name.startswith("health_") and is_number(value)
               and 0 <= value <= IMPLAUSIBLE_ABOVE_PERCENT}
    for wanted in ("official", "nominal", ""):
        for name, value in figures.items():
            if wanted in name:
                return name, value
    return None


def space(reading: Reading | None) -> tuple[float, float, tuple[str, ...]] | None:
    """Free bytes, total bytes, and the members that say so."""
    if reading is None or not isinstance(reading.value, dict):
        return None
    total = _first_bytes(reading.value, "total", "capacity")
    free = _first_bytes(reading.value, "free", "available")
    if total is None or free is None or not 0 <= free[1] <= total[1] or total[1] == 0:
        return None
    return free[1], total[1], (total[0], free[0])


def _first_bytes(group: dict[str, Any], *parts: str) -> tuple[str, float] | None:
    return next(((name, float(value)) for part in parts for name, value in group.items()
                 if part in name and name.endswith("bytes") and is_number(value)), None)


def is_own_figure(member: str) -> bool:
    """Whether the device itself says so, or the figure is one capacity by another."""
    return member not in _COMPUTED_HEALTH


def _health_bar(ink: Ink, reading: Reading, detailed: bool) -> tuple[Bar | None, tuple[str, ...]]:
    """The bar, and the members it stands for."""
    figure = health(reading)
    if figure is None:
        return None, ()
    name, percent = figure
    state = "attention" if percent < WORN_BELOW_PERCENT else "good"
    words = ink.words
    told = words.say("health_official" if is_own_figure(name) else "health_computed")
    label = words.pair(words.label(name), words.percent(percent)) if detailed else words.pair(
        words.label("health_best"), words.say("named", name=words.percent(percent), about=told))
    return Bar(round(min(percent, 100)), ink.line(label), state), (name,)


def _used_bar(ink: Ink, reading: Reading, detailed: bool) -> tuple[Bar | None, tuple[str, ...]]:
    figures = space(reading)
    if figures is None:
        return None, ()
    free, total, members = figures
    used = round(100 * (1 - free / total))
    label = ink.words.say("free_of", free=ink.words.size(free), total=ink.words.size(total))
    return Bar(used, ink.line(label), "attention" if used > FULL_ABOVE_PERCENT else "plain"), members


def _gauge(
    ink: Ink, name: str, deep: Result | None, finding: str, draw: Callable[[Ink, Reading, bool], tuple[Bar | None, tuple[str, ...]]],
    detailed: bool,
) -> Section:
    words = ink.words
    title = words.heading(name)
    if deep is None:
        return _absent(ink, name)
    reading = deep.readings.get(finding)
    judgement = judge(reading, words)
    if reading is None or not isinstance(reading.value, dict):
        intro = f"{judgement.word} ({judgement.why})" if judgement.why else judgement.word
        return Section(name, title, ink.line(intro), half=True)
    bar, drawn = draw(ink, reading, detailed)
    group = reading.value if detailed else _plain_members(reading)
    plain = [member for member, value in group.items()
             if value is not None and not isinstance(value, (dict, list)) and member not in drawn]
    members, more = ink.rows(plain, MOST_MEMBERS)
    pairs = [Pair(ink.text(words.label(member), 22), ink.text(said.scalar(member, group[member], words), 22, member in _MONO))
             for member in members]
    below = [words.note(note) for note in _notes([reading], detailed)]
    if not detailed:
        # The other copies list all that is not known, and why, further down.
        silent = {member: reading.unknown[member] for member in group if group[member] is None and member in reading.unknown}
        if bar is None and finding == BATTERY:
            why = next((reason for member, reason in reading.unknown.items() if member.startswith("health_")), None)
            silent = ({"health_best": why} if why else {}) | silent
        below = [words.pair(words.label(member), f"{words.state('not_determined')} ({words.reason(reason)}).")
                 for member, reason in silent.items()] + below
    return Section(name, title, bar=bar, pairs=tuple(pairs), half=not detailed,
                   paragraphs=(*_more(more), *_sentences(ink, below, HALF)))


def _plain_members(reading: Reading) -> dict[str, Any]:
    """Of a group what a customer gets to see, without what nobody can ever read over the cable."""
    shown = _FOR_CUSTOMERS.get(reading.name, reading.value)
    return {member: value for member, value in reading.value.items()
            if member in shown and (member, value) not in _AS_EXPECTED
            and (value is not None or reading.unknown.get(member) not in _NEVER_THERE)}


# --- everything else that was read ----------------------------------------------------------------------------------

def signals(ink: Ink, deep: Result | None, detailed: bool) -> Section | None:
    words = ink.words
    if deep is None:
        return _absent(ink, "signals")
    others = [reading for reading in deep.readings.values()
              if reading.name not in (BATTERY, STORAGE) and reading.reason != "not_applicable"]
    # The answer's notes are the findings' notes in English; only what is no finding's is taken from there.
    notes = [note for note in deep.data.get("notes") or () if isinstance(note, str) and note not in NOTES.values()]
    if not others and not notes:
        return None
    rows, more = ink.rows([reading for reading in others if detailed or reading.name not in _TECHNICAL])
    left = [words.label(reading.name) for reading in others if not detailed and reading.name in _TECHNICAL]
    columns = (Column(words.column("reading"), 25), Column(words.column("value"), 75))
    table = _table(columns, [_signal_row(ink, reading, detailed) for reading in rows], more, plain=True)
    used = dict.fromkeys(_notes(rows, detailed) + notes)
    below = [words.note(note) for note in list(used)[:MOST_PARAGRAPHS]]
    if left:
        below.append(words.say("more_readings", names=words.joined(left)))
    return Section("signals", words.heading("signals"), tables=(table,) if rows else (), paragraphs=_sentences(ink, below))


def _signal_row(ink: Ink, reading: Reading, detailed: bool) -> tuple[Cell, ...]:
    words = ink.words
    judgement = judge(reading, words)
    lines = [line for line in (judgement.word, judgement.why) if line]
    if not lines or (detailed and isinstance(reading.value, (dict, list))):
        value = _plain_members(reading) if isinstance(reading.value, dict) and not detailed else reading.value
        lines.append(" \u00b7 ".join(said.parts(reading.name, value, reading.unknown, words)))
    if reading.spoofable and reading.name not in _ITSELF_THE_SIGN:
        lines.append(words.say("spoofable"))
    return Cell(ink.text(words.label(reading.name), 25)), Cell(ink.texts(lines, 75), judgement.state if judgement.word else "")


# --- logs -----------------------------------------------------------------------------------------------------------

def crashes(ink: Ink, logs: Result | None, detailed: bool) -> Section:
    """detailed: by process, with what it means; else by kind."""
    words = ink.words
    title = words.heading("crashes")
    if logs is None:
        return _absent(ink, "crashes")
    triage = [item for item in logs.data.get("triage") or () if isinstance(item, dict)]
    triage = _by_kind(triage) if not detailed else [
        item for item in triage if item.get("kind") != _WHY_RESTARTED or item.get("words")]
    count = logs.data.get("log_count")
    intro = words.say("logs_scope", count=count) if isinstance(count, int) else ""
    if not triage:
        return Section("crashes", title, ink.line(words.joined(filter(None, (intro, words.say("no_crashes"))))))
    shown, more = ink.rows(triage)
    rows = [_triage_row(ink, item) for item in shown]
    meant = any(any(row[-1].text.lines) for row in rows)
    columns: tuple[Column, ...] = (
        Column(words.column("kind"), 25), Column(words.column("count"), 10, numeric=True),
        Column(words.column("period"), 27 if meant else 65), Column(words.column("words"), 38))
    if not meant:
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return Section("crashes", title, ink.line(intro), tables=(_table(columns, rows, more),))


def _by_kind(triage: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry a kind and set of silent sensors: a copy without the names of processes has nothing else to tell them by."""
    merged: dict[str, dict[str, Any]] = {}
    for item in triage:
        if item.get("kind") == _WHY_RESTARTED:
            continue
        about = "".join(_sensors(item))
        known = merged.setdefault(f"{item.get('kind')} {about}", {**item, "count": 0, "process": None, "words": None})
        known["count"] += item["count"] if is_number(item.get("count")) else 1
        # As text: offsets differ by hours, crashes lie days apart. A log line without its year cannot be put in order.
        for name, choose in (("first", min), ("last", max)):
            times = [str(each[name]) for each in (known, item) if each.get(name)]
            known[name] = choose([time for time in times if time[:4].isdigit()] or times, default=None)
    return list(merged.values())


def _triage_row(ink: Ink, item: dict[str, Any]) -> tuple[Cell, ...]:
    words = ink.words
    kind, count = str(item.get("kind") or ""), item.get("count")
    times = dict.fromkeys(words.moment(str(item[name])) for name in ("first", "last") if item.get(name))
    meaning = [str(item[name]) for name in ("process", "words") if item.get(name)] or _sensors(item)
    return (
        Cell(ink.text(words.word("triage", kind) or words.label(kind), 25), "attention" if is_system_crash(item) else ""),
        Cell(ink.text(words.number(count) if is_number(count) else "", 10)),
        Cell(ink.text(" \u2013 ".join(times), 27), small=True),
        Cell(ink.text(words.pair(*meaning) if len(meaning) == 2 else "".join(meaning), 38), small=True),
    )


def _sensors(item: dict[str, Any]) -> list[str]:
    """The parts that did not answer, for whoever does not get the words of a log."""
    told = [sensor for sensor in item.get("sensors") or () if isinstance(sensor, dict)]
    named = [" ".join(str(sensor[name]) for name in ("name", "meaning") if sensor.get(name)) for sensor in told]
    return [", ".join(named)] if named else []


def is_system_crash(item: dict[str, Any]) -> bool:
    return item.get("kind") in ("panic", "kernel_panic", "system_crash", "forced_reset")


def is_crash(item: dict[str, Any]) -> bool:
    """A start of the phone is told by the same table, and is none."""
    return item.get("kind") not in ("reboot", _WHY_RESTARTED)


def log_lines(ink: Ink, logs: Result | None) -> Section | None:
    """The newest entries, where the audience gets to see any."""
    entries = logs.data.get("entries") if logs is not None else None
    if not isinstance(entries, list) or not entries:
        return None
    words = ink.words
    shown = entries[-MOST_LOG_LINES:]
    lines = [ink.line(_entry(entry), LONGEST_LOG_LINE) for entry in shown]
    blocks = tuple(tuple(lines[at:at + LOG_LINES_A_BLOCK]) for at in range(0, len(lines), LOG_LINES_A_BLOCK))
    more = words.say("and_more", count=len(entries) - len(shown)) if len(entries) > len(shown) else ""
    if more:
        ink.shortened = True
    return Section("log_lines", words.heading("log_lines"), more, log_blocks=blocks)


def _entry(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    if "raw" in entry:
        return str(entry["raw"])
    return " ".join(str(entry[name]) for name in ("time", "level", "process", "tag", "subsystem", "message")
                    if entry.get(name) is not None)


# --- what a person vouches for ----------------------------------------------------------------------------------------

def attested(ink: Ink, content: dict[str, Any]) -> list[Section]:
    words = ink.words
    given = content.get("attested")
    title = words.heading("attested")
    if not isinstance(given, dict) or not given:
        return [Section("attested", words.say("by_hand"), absent=True)]
    pairs = []
    cosmetic = given.get("cosmetic") or {}
    for label, value in (
        ("attested_by", given.get("by")), ("observed_at", given.get("at")), ("test_plan", given.get("test_plan")),
        ("grade", words.joined(filter(None, (cosmetic.get("grade"), cosmetic.get("scale"))))),
        ("defects", words.joined(_lines(cosmetic.get("defects")))), ("note", cosmetic.get("note")),
    ):
        if value:
            name = words.column("checked_at") if label == "observed_at" else words.label(label)
            pairs.append(Pair(ink.text(name, 20), ink.text(words.moment(value), 30)))
    tests, more = ink.rows(given.get("functional_tests") or ())
    tables = []
    if tests:
        # Two tests a row: there are dozens of them, and each is two words.
        columns = (Column(words.column("test"), 27), Column(words.column("outcome"), 23)) * 2
        rows = [(*_test_cells(ink, tests[at]), *(
            _test_cells(ink, tests[at + 1]) if at + 1 < len(tests) else (Cell(ink.text("")), Cell(ink.text("")))))
            for at in range(0, len(tests), 2)]
        tables.append(_table(columns, rows, more))
    sections = [Section("attested", title, words.say("attested_intro"), pairs=tuple(pairs), tables=tuple(tables))]
    if given.get("parts"):
        sections.append(_parts(ink, given["parts"]))
    if given.get("registry_checks"):
        sections.append(_registry(ink, given["registry_checks"]))
    return sections


def _test_cells(ink: Ink, test: dict[str, Any]) -> tuple[Cell, Cell]:
    words = ink.words
    lines = [words.value(test["outcome"]), _plain(words, test.get("value")), test.get("note", "")]
    return Cell(ink.text(test["name"], 27)), Cell(ink.texts(lines, 23), _OUTCOMES[test["outcome"]])


def _parts(ink: Ink, given: list[dict[str, Any]]) -> Section:
    words = ink.words
    parts, more = ink.rows(given)
    columns = (
        Column(words.column("part"), 22), Column(words.column("status"), 20), Column(words.column("factory_serial"), 18),
        Column(words.column("current_serial"), 18), Column(words.column("note"), 22))
    rows = []
    for part in parts:
        status = part.get("status", "not_tested")
        rows.append((
            Cell(ink.text(part["name"], 22)),
            Cell(ink.text(words.value(status), 20), _OUTCOMES[status]),
            Cell(ink.text(part.get("factory_serial", ""), 18, mono=True), small=True),
            Cell(ink.text(part.get("current_serial", ""), 18, mono=True), small=True),
            Cell(ink.text(part.get("note", ""), 22), small=True),
        ))
    return Section("parts", words.heading("parts"), words.say("attested_intro"), tables=(_table(columns, rows, more),))


def _registry(ink: Ink, given: list[dict[str, Any]]) -> Section:
    words = ink.words
    checks, more = ink.rows(given)
    columns = (
        Column(words.column("registry"), 25), Column(words.column("result"), 20), Column(words.column("source"), 20),
        Column(words.column("checked_at"), 17), Column(words.column("note"), 18))
    rows = [(
        Cell(ink.text(check["name"], 25)),
        Cell(ink.text(words.value(check["result"]), 20), _OUTCOMES[check["result"]]),
        Cell(ink.text(check.get("source", ""), 20), small=True),
        Cell(ink.text(words.moment(check.get("checked_at", "")), 17), small=True),
        Cell(ink.text(check.get("note", ""), 18), small=True),
    ) for check in checks]
    return Section("registry", words.heading("registry"), words.say("attested_intro"), tables=(_table(columns, rows, more),))


def notes(ink: Ink, content: dict[str, Any]) -> Section | None:
    given = _lines(content.get("notes"))
    if not given:
        return None
    shown, more = ink.rows(given, MOST_PARAGRAPHS)
    return Section("notes", ink.words.heading("notes"),
                   paragraphs=(*(ink.text(line) for line in shown), *_more(more)))


# --- how far to trust it ----------------------------------------------------------------------------------------------

def quality(
    ink: Ink, results: Sequence[tuple[str, Result | None]], others: Sequence[Section], registry_asked: bool, detailed: bool,
) -> Section:
    """What was read, what was not and why, by method; warnings in words; which of the other parts nobody tested."""
    words = ink.words
    rows = []
    said_once: dict[str, None] = {}
    for method, result in results:
        if result is None:
            continue
        heard = words.say("read_ok", count=count_values(result.readings)) if result.readings else words.say(
            "logs_scope", count=int(result.data.get("log_count") or 0))
        by_reason: dict[str, dict[str, list[str]]] = {}
        for reason, name in silences(result.readings):
            if reason != "not_applicable":
                group, _, member = name.partition(".")
                members = by_reason.setdefault(words.reason(reason), {}).setdefault(words.label(group), [])
                members += [words.label(member)] if member else []
        silent = sum(len(members) or 1 for groups in by_reason.values() for members in groups.values())
        counts = [heard] + ([words.say("read_failed", count=silent)] if silent else [])
        head = [words.moment(result.observed_at) if result.observed_at else "",
                *(words.value(str(result.data[name])) for name in ("state", "connection") if result.data.get(name))]
        lines = [" \u00b7 ".join(filter(None, head))]
        if detailed:
            lines += [words.pair(reason, words.joined(_silent_group(ink, group, members) for group, members in groups.items()))
                      for reason, groups in by_reason.items()]
            lines += [words.warning(warning) for warning in result.warnings]
        else:
            said_once.update(dict.fromkeys(result.warnings))
        rows.append((
            Cell(ink.text(words.label(method), 14)),
            Cell(ink.texts(counts if detailed else [" \u00b7 ".join(counts)], 30)),
            Cell(ink.texts(lines, 56), small=True),
        ))
    columns = (Column(words.column("source"), 14), Column(words.column("result"), 30), Column(words.column("note"), 56))
    absent = [part.title for part in others if part.absent]
    below = [_as_sentence(words.warning(warning)) for warning in said_once]
    below += [words.say("not_tested", names=words.joined(absent))] if absent else []
    if not registry_asked:
        below.append(words.say("no_registry"))
    tables = (_table(columns, rows, "", plain=True),) if rows else ()
    return Section("quality", words.heading("quality"), tables=tables, paragraphs=_sentences(ink, below))


def _silent_group(ink: Ink, group: str, members: list[str]) -> str:
    return ink.words.say("named", name=group, about=ink.words.items(members)) if members else group


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".\u3002" else "\u3002" if ord(text[-1:] or ".") > 0x2E7F else ".")


# --- shared shapes ------------------------------------------------------------------------------------------------------

def _absent(ink: Ink, name: str) -> Section:
    return Section(name, ink.words.heading(name), absent=True)


def _table(columns: tuple[Column, ...], rows: Sequence[tuple[Cell, ...]], more: str, plain: bool = False) -> Table:
    chunks = tuple(tuple(rows[at:at + ROWS_A_TABLE]) for at in range(0, len(rows), ROWS_A_TABLE))
    return Table(columns, chunks, more, plain)


def _more(sentence: str) -> tuple[Text, ...]:
    return (Text((sentence,)),) if sentence else ()


def _sentences(ink: Ink, sentences: Sequence[str], width: int = 100) -> tuple[Text, ...]:
    """All of them in one paragraph."""
    return (ink.text(ink.words.sentences(sentences), width),) if sentences else ()


def _lines(given: Any) -> Sequence[str]:
    if isinstance(given, str):
        return given.splitlines()
    return given if isinstance(given, list) else ()


def _plain(words: Any, value: Any) -> str:
    if value is None:
        return ""
    return words.number(value, 3) if is_number(value) else str(value)


