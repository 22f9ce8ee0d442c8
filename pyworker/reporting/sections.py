"""The parts of a report, one function each: content in, a Section out, or None where there is nothing to print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.findings import NOTES
from pyworker.reporting import readings as said
from pyworker.reporting.ink import LOG_LINES_A_BLOCK, LONGEST_LOG_LINE, MOST_LOG_LINES, MOST_PARAGRAPHS, ROWS_A_TABLE
from pyworker.reporting.readings import is_number
from pyworker.reporting.results import VERDICTS, Reading, Result, count_values, silences
from pyworker.reporting.verdicts import judge
from pyworker.reporting.view import Bar, Cell, Column, Pair, Section, Table, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyworker.reporting.ink import Ink

BATTERY = "battery_state"
STORAGE = "storage_health"
# Apple and most makers call a battery worn when it holds less than this share of its design capacity.
WORN_BELOW_PERCENT = 80
# A share beyond it is no measurement (new batteries hold a few percent more than their design).
IMPLAUSIBLE_ABOVE_PERCENT = 130
# A disk this full misbehaves.
FULL_ABOVE_PERCENT = 90

HALF = 50
MOST_EVIDENCE = 24
MOST_MEMBERS = 40
# A shell command with its dozen paths names itself well enough by its beginning.
LONGEST_SOURCE = 48

# What identifies a device, in the order a label on a box has it. Anything else a device carries follows.
_IDENTITY = (
    "marketing_name", "maker", "brand", "manufacturer", "model", "model_number", "product_type", "hardware_model", "color",
    "capacity_bytes", "region", "region_info", "serial", "serial_number", "imei", "imei2", "meid", "eid", "udid", "ecid",
    "os_version", "android_version", "build", "build_version", "sdk", "security_patch", "baseband", "baseband_version",
    "wifi_mac", "wifi_address", "bluetooth_mac", "bluetooth_address", "device_name", "name",
)
# What a customer compares with the box and the invoice. Name, size and system stand above it.
_ON_THE_BOX = frozenset({
    "model", "serial", "serial_number", "imei", "imei2", "meid", "security_patch", "device_name", "name"})
# Readings and members of readings that only a technician can use.
_TECHNICAL = frozenset({
    "clock", "uptime", "regulatory", "crash_summary", "sim_state", "display", "cameras", "sensors", "memory",
    "developer_options", "lock_screen", "activation_state", "profiles",
    "charging", "fully_charged", "external_power", "present", "remaining_mah", "voltage_mv", "current_ma", "level_percent",
    "temperature_c", "health_official_date", "health_nominal", "serial",
    "raw_capacity_mah", "health_raw", "reserved_bytes", "file_system_total_bytes", "file_system_free_bytes"})
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
    if not detailed:
        names = [name for name in names if name in _ON_THE_BOX]
    if device.get("device_id") in (device.get("udid"), device.get("serial")) and "device_id" in names:
        names.remove("device_id")
    shown, more = ink.rows(names, MOST_MEMBERS)
    pairs = []
    for name in shown:
        value = device[name]
        text = words.joined(said.parts(name, value, {}, words)) if isinstance(value, (dict, list)) else (
            value if isinstance(value, str) else said.scalar(name, value, words))
        pairs.append(Pair(ink.text(words.label(name), 20), ink.text(text, 30, mono=name in _MONO)))
    return Section("identity", words.heading("identity"), pairs=tuple(pairs), paragraphs=_more(more))


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
    below = [words.note(note) for note in dict.fromkeys(note for reading in rows for note in reading.notes)]
    if elsewhere:
        below.append(words.say("does_not_apply", names=words.joined(elsewhere)))
    table = _table(columns, [_lock_row(ink, reading, detailed) for reading in rows], more)
    read_at = words.pair(words.label("observed_at"), words.moment(basic.observed_at)) if basic.observed_at else ""
    return Section("locks", words.heading("locks"), ink.line(read_at), tables=(table,),
                   paragraphs=_sentences(ink, below))


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
    for item in reading.evidence[:MOST_EVIDENCE]:
        source, key, reason = (str(item.get(name, "")) for name in ("source", "key", "reason"))
        # A read of a single value has its key at the end of its own name already.
        source = source.removesuffix(f" {key}")
        if len(source) > LONGEST_SOURCE:
            source = source[:LONGEST_SOURCE] + "\u2026"
        if "value" not in item:
            witness = words.say("evidence_kept", key=key)
        elif item["value"] is None:
            witness = words.say("evidence_silent", key=key, reason=words.reason(reason))
        else:
            value = words.joined(said.parts(key, item["value"], {}, words)) or words.state("none")
            witness = words.say("evidence_of", key=key, value=value)
        by_source.setdefault(source, []).append(witness)
    lines = [words.pair(source, words.joined(witnesses)) for source, witnesses in by_source.items()]
    if len(reading.evidence) > MOST_EVIDENCE:
        lines.append(words.say("and_more", count=len(reading.evidence) - MOST_EVIDENCE))
    return lines


def _sources(ink: Ink, reading: Reading) -> list[str]:
    """The services that were asked, each once: the first word of a source is its name."""
    services = dict.fromkeys(str(item.get("source", "")).split(" ")[0] for item in reading.evidence)
    if not services:
        return []
    return [ink.words.say("sources", sources=ink.words.joined(services), count=len(reading.evidence))]


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


def _health_bar(ink: Ink, reading: Reading) -> tuple[Bar | None, tuple[str, ...]]:
    """The bar, and the members it stands for."""
    figure = health(reading)
    if figure is None:
        return None, ()
    name, percent = figure
    state = "attention" if percent < WORN_BELOW_PERCENT else "good"
    label = ink.words.pair(ink.words.label(name), ink.words.percent(percent))
    return Bar(round(min(percent, 100)), ink.line(label), state), (name,)


def _used_bar(ink: Ink, reading: Reading) -> tuple[Bar | None, tuple[str, ...]]:
    figures = space(reading)
    if figures is None:
        return None, ()
    free, total, members = figures
    used = round(100 * (1 - free / total))
    label = ink.words.say("free_of", free=ink.words.size(free), total=ink.words.size(total))
    return Bar(used, ink.line(label), "attention" if used > FULL_ABOVE_PERCENT else "plain"), members


def _gauge(
    ink: Ink, name: str, deep: Result | None, finding: str, draw: Callable[[Ink, Reading], tuple[Bar | None, tuple[str, ...]]],
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
    bar, drawn = draw(ink, reading)
    group = reading.value if detailed else _plain_members(reading)
    plain = [member for member, value in group.items()
             if value is not None and not isinstance(value, (dict, list)) and member not in drawn]
    members, more = ink.rows(plain, MOST_MEMBERS)
    pairs = [Pair(ink.text(words.label(member), 22), ink.text(said.scalar(member, group[member], words), 22, member in _MONO))
             for member in members]
    below = [words.note(note) for note in reading.notes]
    if not detailed:
        # The other copies list all that is not known, and why, further down.
        below = [words.pair(words.label(member), f"{words.state('not_determined')} ({words.reason(reading.unknown[member])}).")
                 for member in group if group[member] is None and member in reading.unknown] + below
    return Section(name, title, bar=bar, pairs=tuple(pairs), half=not detailed,
                   paragraphs=(*_more(more), *_sentences(ink, below, HALF)))


def _plain_members(reading: Reading) -> dict[str, Any]:
    """A group without what is a technician's, and without what nobody can ever read over the cable."""
    return {member: value for member, value in reading.value.items()
            if member not in _TECHNICAL and (value is not None or reading.unknown.get(member) != "not_exposed")}


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
    used = dict.fromkeys([note for reading in rows for note in reading.notes] + notes)
    below = [words.note(note) for note in list(used)[:MOST_PARAGRAPHS]]
    if left:
        below.append(words.say("more_readings", names=words.joined(left)))
    return Section("signals", words.heading("signals"), tables=(table,) if rows else (), paragraphs=_sentences(ink, below))


def _signal_row(ink: Ink, reading: Reading, detailed: bool) -> tuple[Cell, ...]:
    words = ink.words
    judgement = judge(reading, words)
    lines = [f"{judgement.word} ({judgement.why})" if judgement.why else judgement.word] if judgement.word else []
    if not lines or (detailed and isinstance(reading.value, (dict, list))):
        value = _plain_members(reading) if isinstance(reading.value, dict) and not detailed else reading.value
        lines.append(" \u00b7 ".join(said.parts(reading.name, value, reading.unknown, words)))
    if reading.spoofable:
        lines.append(words.say("spoofable"))
    return Cell(ink.text(words.label(reading.name), 25)), Cell(ink.texts(lines, 75), judgement.state if judgement.word else "")


# --- logs -----------------------------------------------------------------------------------------------------------

def crashes(ink: Ink, logs: Result | None) -> Section:
    words = ink.words
    title = words.heading("crashes")
    if logs is None:
        return _absent(ink, "crashes")
    triage = [item for item in logs.data.get("triage") or () if isinstance(item, dict)]
    count = logs.data.get("log_count")
    intro = words.say("logs_scope", count=count) if isinstance(count, int) else ""
    if not triage:
        return Section("crashes", title, ink.line(words.joined(filter(None, (intro, words.say("no_crashes"))))))
    rows, more = ink.rows(triage)
    columns = (
        Column(words.column("kind"), 25), Column(words.column("count"), 10, numeric=True),
        Column(words.column("period"), 27), Column(words.column("words"), 38))
    table = _table(columns, [_triage_row(ink, item) for item in rows], more)
    return Section("crashes", title, ink.line(intro), tables=(table,))


def _triage_row(ink: Ink, item: dict[str, Any]) -> tuple[Cell, ...]:
    words = ink.words
    kind, count = str(item.get("kind") or ""), item.get("count")
    times = dict.fromkeys(words.moment(str(item[name])) for name in ("first", "last") if item.get(name))
    meaning = [str(item[name]) for name in ("process", "words") if item.get(name)] or _sensors(item)
    return (
        Cell(ink.text(words.word("triage", kind) or words.label(kind), 25), "attention" if is_system_crash(item) else ""),
        Cell(ink.text(words.number(count) if is_number(count) else "", 10)),
        Cell(ink.texts(list(times), 27), small=True),
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
    return item.get("kind") not in ("reboot", "last_reboot_reason")


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
        return [_absent(ink, "attested")]
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
    for method, result in results:
        if result is None:
            continue
        heard = words.say("read_ok", count=count_values(result.readings)) if result.readings else words.say(
            "logs_scope", count=int(result.data.get("log_count") or 0))
        by_reason: dict[str, list[str]] = {}
        for reason, name in silences(result.readings):
            if reason != "not_applicable":
                group, _, member = name.partition(".")
                label = words.label(group) + (f" ({words.label(member)})" if member else "")
                by_reason.setdefault(words.reason(reason), []).append(label)
        silent = sum(map(len, by_reason.values()))
        counts = [heard] + ([words.say("read_failed", count=silent)] if silent else [])
        head = [words.moment(result.observed_at) if result.observed_at else "",
                *(words.value(str(result.data[name])) for name in ("state", "connection") if result.data.get(name))]
        lines = [" \u00b7 ".join(filter(None, head))]
        if detailed:
            lines += [words.pair(reason, words.joined(names)) for reason, names in by_reason.items()]
        lines += [words.warning(warning) for warning in result.warnings]
        rows.append((
            Cell(ink.text(method, 16, mono=True)),
            Cell(ink.texts(counts if detailed else [" \u00b7 ".join(counts)], 22)),
            Cell(ink.texts(lines, 62), small=True),
        ))
    columns = (Column(words.column("source"), 16), Column(words.column("result"), 22), Column(words.column("note"), 62))
    absent = [part.title for part in others if part.absent]
    below = [words.say("not_tested", names=words.joined(absent))] if absent else []
    if not registry_asked:
        below.append(words.say("no_registry"))
    tables = (_table(columns, rows, "", plain=True),) if rows else ()
    return Section("quality", words.heading("quality"), tables=tables, paragraphs=_sentences(ink, below))


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


