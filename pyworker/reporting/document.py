"""A content, masked for its audience, becomes the Document that the templates print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.reporting import results, sections
from pyworker.reporting.canonical import sha256
from pyworker.reporting.fonts import BOX
from pyworker.reporting.ink import MOST_PARAGRAPHS, Ink
from pyworker.reporting.neutralise import MARK
from pyworker.reporting.readings import is_number
from pyworker.reporting.verdicts import judge
from pyworker.reporting.view import Document, Logo, Pair, Section, Signature, Text, Tile

if TYPE_CHECKING:
    from pyworker.reporting.logo import Logo as Picture
    from pyworker.reporting.masking import Masked
    from pyworker.reporting.results import Result
    from pyworker.reporting.words import Words

# In the code on the page: enough that nobody finds another document with the same ones, short enough to scan.
CODE_DIGITS = 20
# The room the header keeps for a logo, in millimetres.
LOGO_WIDTH, LOGO_HEIGHT = 50.0, 15.0
MOST_TILES = 6
MOST_SIGNATURES = 6
MOST_SHOP_LINES = 6

# Locks that a tile is shown for, by the family of systems they belong to.
_LOCK_TILES = {
    "ios": ("activation_locked", "mdm_enrolled"),
    "android": ("frp_locked", "mdm_enrolled"),
    "macos": ("activation_locked", "mdm_enrolled", "efi_locked"),
}
# A tile has room for two words.
_TILE_LABELS = {"frp_locked": "frp_tile", "mdm_enrolled": "mdm_tile"}
_ANY_SYSTEM = ("activation_locked", "frp_locked", "mdm_enrolled")


class Printed:
    """document: for the templates. replaced: characters neutralised. shortened: the JSON copy holds more."""

    __slots__ = ("document", "replaced", "shortened")

    def __init__(self, document: Document, replaced: int, shortened: bool) -> None:
        self.document = document
        self.replaced = replaced
        self.shortened = shortened


def compose(
    report_id: str, masked: Masked, copy: bytes, audience: str, words: Words, logo: Picture | None,
) -> Printed:
    """copy: the JSON copy for the same audience; its hash is printed."""
    content = masked.content
    ink = Ink(words)
    basic, deep, logs = (results.result(content, method) for method in (results.BASIC, results.DEEP, results.LOGS))
    device = results.device(content)
    detailed = audience != "customer"
    identity = sections.identity(ink, device, detailed)
    parts: list[Section | None] = [
        sections.locks(ink, basic, detailed),
        sections.battery(ink, deep, detailed),
        sections.storage(ink, deep, detailed),
        sections.signals(ink, deep, detailed),
        sections.crashes(ink, logs, detailed),
        *sections.attested(ink, content),
        sections.notes(ink, content),
    ]
    given = [part for part in parts if part is not None]
    asked = ((results.BASIC, basic), (results.DEEP, deep), (results.LOGS, logs))
    registry_asked = bool(content.get("attested", {}).get("registry_checks"))
    shown = [part for part in given if not part.absent]
    shown.append(sections.quality(ink, asked, given, registry_asked, detailed))
    excerpt = sections.log_lines(ink, logs)
    if excerpt is not None:
        shown.append(excerpt)
    digest = sha256(copy)
    name, line = _device_title(ink, device)
    shop = content.get("shop", {})
    title = ink.line(content.get("title") or words.heading("report"), 120)
    document = Document(
        language=words.locale,
        title=title,
        copy=words.word("copies", audience) or audience,
        shop_name=ink.text(shop["name"], 50, lines=2) if shop.get("name") else None,
        shop_lines=_shop_lines(ink, shop),
        logo=_fitted(logo) if logo else None,
        facts=_facts(ink, report_id, content, detailed),
        device=name,
        device_line=line,
        identity=identity,
        tiles=_tiles(ink, device, basic, deep, logs, content),
        sections=tuple(shown),
        verification=_verification(ink, digest, content),
        verify_text=words.say("verify", digits=CODE_DIGITS),
        code=f"{report_id} {digest[:CODE_DIGITS]}",
        privacy=_privacy(ink, masked),
        notices=(),
        closing=(ink.text(words.say("read_only")), *_paragraphs(ink, content.get("disclaimer"))),
        signatures=_signatures(ink, content.get("signatures")),
        footer=ink.line(words.joined(filter(None, (report_id, shop.get("name")))), 90),
        words={name: words.heading(name) for name in ("verdicts", "provenance", "privacy", "disclaimer", "signatures")} | {
            "page": words.word("phrases", "page") or "", "sign_date": words.say("sign_date")},
    )
    notices = [words.say("shortened")] if ink.shortened else []
    if ink.replaced:
        notices.append(words.say("neutralised", count=ink.replaced, mark=MARK))
    return Printed(document._replace(notices=tuple(notices)), ink.replaced, ink.shortened)


def with_unprintable(document: Document, words: Words, count: int) -> Document:
    """Say on the page that so many characters have no glyph in the fonts it is drawn with."""
    return document._replace(notices=(*document.notices, words.say("unprintable", count=count, mark=BOX)))


def _device_title(ink: Ink, device: dict[str, Any]) -> tuple[Text, Text | None]:
    words = ink.words
    maker = next((str(device[name]) for name in ("maker", "manufacturer", "brand") if device.get(name)), "")
    named = next((str(device[name]) for name in ("marketing_name", "model", "product_type", "model_number") if device.get(name)), "")
    # Some makers write themselves small in their phones' properties.
    maker = maker.capitalize() if maker.islower() else maker
    title = named if maker.lower() in named.lower() else f"{maker} {named}"
    about = [words.measure("capacity_bytes", device["capacity_bytes"])] if is_number(device.get("capacity_bytes")) else []
    # Apple's colours are numbers on newer phones, which tell a customer nothing.
    about += [text for name in ("color",) if (text := str(device.get(name) or "")) and not text.isdigit()]
    version = next((str(device[name]) for name in ("os_version", "android_version") if device.get(name)), "")
    system = words.value(str(device.get("platform") or ""))
    if version:
        about.append(version if system.lower() in version.lower() else f"{system} {version}".strip())
    elif system:
        about.append(system)
    line = " \u00b7 ".join(about)
    return (ink.text(title.strip() or words.heading("identity"), 60, lines=2),
            ink.text(line, 100, lines=2) if line else None)


def _shop_lines(ink: Ink, shop: dict[str, Any]) -> tuple[Text, ...]:
    address = shop.get("address") or ()
    lines = address.splitlines() if isinstance(address, str) else list(address)
    contact = [str(shop[name]) for name in ("phone", "email", "website") if shop.get(name)]
    lines = [*lines[:MOST_SHOP_LINES], " \u00b7 ".join(contact), shop.get("registration", "")]
    return tuple(ink.text(line, 30, lines=2) for line in lines if line)


def _fitted(logo: Picture) -> Logo:
    scale = min(LOGO_WIDTH / logo.width, LOGO_HEIGHT / logo.height)
    return Logo(logo.uri, round(logo.width * scale, 1), round(logo.height * scale, 1))


def _facts(ink: Ink, report_id: str, content: dict[str, Any], detailed: bool) -> tuple[Pair, ...]:
    """The head of the document: which report, when, for whom, by whom; detailed: on which bench, from when to when."""
    words = ink.words
    job = content.get("job")
    job = {"number": job} if isinstance(job, str) else job or {}
    technician = content.get("technician")
    technician = technician if isinstance(technician, str) else words.joined(
        str(technician[name]) for name in ("name", "id") if technician.get(name)) if technician else ""
    customer = content.get("customer")
    customer = customer if isinstance(customer, str) else "\n".join(customer or ())
    given = (
        ("report_id", report_id), ("created_at", content.get("created_at")), ("job", job.get("number")),
        ("station", words.joined(str(job[name]) for name in ("station", "port") if name in job)), ("reason", job.get("reason")),
        *((name, job.get(name)) for name in ("received_at", "started_at", "finished_at")),
        ("technician", technician), ("customer", customer),
    )
    bench = ("station", "started_at", "finished_at")
    return tuple(
        Pair(ink.text(words.label(name), 15), ink.text(words.moment(value), 25, mono=name == "report_id", lines=6))
        for name, value in given if value and (detailed or name not in bench))


def _tiles(
    ink: Ink, device: dict[str, Any], basic: Result | None, deep: Result | None, logs: Result | None, content: dict[str, Any],
) -> tuple[Tile, ...]:
    words = ink.words
    tiles = []
    for name in _LOCK_TILES.get(str(device.get("platform") or "").lower(), _ANY_SYSTEM):
        reading = basic.readings.get(name) if basic else None
        if reading is not None and reading.reason == "not_applicable":
            continue
        judgement = judge(reading, words)
        forged = words.say("forged") if reading is not None and reading.spoofable else ""
        detail = judgement.why or forged or (words.say("as_told") if judgement.state == "good" else "")
        tiles.append(Tile(ink.line(words.label(_TILE_LABELS.get(name, name)), 60), judgement.word, ink.line(detail, 90), judgement.state))
    tiles += [_battery_tile(ink, deep), _storage_tile(ink, deep), _crash_tile(ink, logs), _test_tile(ink, content)]
    return tuple(tiles[:MOST_TILES])


def _battery_tile(ink: Ink, deep: Result | None) -> Tile:
    words = ink.words
    reading = deep.readings.get(sections.BATTERY) if deep else None
    figure = sections.health(reading)
    if figure is None:
        judgement = judge(reading, words)
        if judgement.word:
            return Tile(words.label("battery"), judgement.word, ink.line(judgement.why, 90), judgement.state)
        unknown = reading.unknown if reading else {}
        why = next((words.reason(reason) for name, reason in unknown.items() if "health" in name), "")
        return Tile(words.label("battery"), words.state("not_determined"), ink.line(why, 90), "unknown")
    name, percent = figure
    detail = words.say("health_official" if sections.is_own_figure(name) else "health_computed")
    cycles = reading.value.get("cycle_count") if reading else None
    if is_number(cycles):
        detail = words.joined((detail, words.say("cycles", count=int(cycles))))
    state = "attention" if percent < sections.WORN_BELOW_PERCENT else "good"
    return Tile(words.label("battery"), words.percent(percent), ink.line(detail, 90), state)


def _storage_tile(ink: Ink, deep: Result | None) -> Tile:
    words = ink.words
    label = words.label("storage_health")
    reading = deep.readings.get(sections.STORAGE) if deep else None
    figures = sections.space(reading)
    if figures is None:
        judgement = judge(reading, words)
        word = judgement.word or words.state("not_determined")
        return Tile(label, word, ink.line(judgement.why, 90), judgement.state if judgement.word else "unknown")
    free, total, _ = figures
    return Tile(label, words.size(total), words.say("free_of", free=words.size(free), total=words.size(total)), "plain")


def _crash_tile(ink: Ink, logs: Result | None) -> Tile:
    words = ink.words
    label = words.label("crashes")
    if logs is None:
        return Tile(label, words.state("not_tested"), "", "absent")
    triage = [item for item in logs.data.get("triage") or () if isinstance(item, dict)]
    panics = sum(_times(item) for item in triage if sections.is_system_crash(item))
    others = sum(_times(item) for item in triage if sections.is_crash(item) and not sections.is_system_crash(item))
    if panics:
        return Tile(label, words.number(panics), ink.line(words.say("panics", count=panics), 90), "attention")
    if others:
        return Tile(label, words.number(others), ink.line(words.say("other_crashes", count=others), 90), "plain")
    return Tile(label, words.state("none"), words.say("no_crashes"), "plain")


def _times(item: dict[str, Any]) -> int:
    count = item.get("count")
    return int(count) if is_number(count) else 1


def _test_tile(ink: Ink, content: dict[str, Any]) -> Tile:
    words = ink.words
    label = words.label("tests")
    tests = content.get("attested", {}).get("functional_tests") or ()
    done = [test for test in tests if test["outcome"] in ("passed", "failed")]
    if not done:
        return Tile(label, words.state("not_tested"), "", "absent")
    failed = sum(test["outcome"] == "failed" for test in done)
    word = f"{words.number(len(done) - failed)}/{words.number(len(tests))}"
    detail = words.say("failed_tests", count=failed) if failed else words.say(
        "passed_of", passed=len(done), total=len(tests))
    state = "attention" if failed else "good" if len(done) == len(tests) else "unknown"
    return Tile(label, word, ink.line(detail, 90), state)


def _verification(ink: Ink, digest: str, content: dict[str, Any]) -> tuple[Pair, ...]:
    words = ink.words
    made_with = []
    for name in ("application", "worker"):
        given = content.get(name, {})
        made_with.append(" ".join(str(given[member]) for member in ("name", "version") if given.get(member)))
    pairs = []
    if any(made_with):
        pairs.append(Pair(ink.text(words.label("worker"), 20), ink.text(words.joined(filter(None, made_with)), 60)))
    pairs.append(Pair(ink.text(words.label("content_hash"), 20), ink.text(digest, 60, mono=True)))
    return tuple(pairs)


def _privacy(ink: Ink, masked: Masked) -> tuple[str, ...]:
    words = ink.words
    kinds = [f"{words.word('kinds', kind) or kind} ({words.number(count)})" for kind, count in masked.masked.items()]
    said = [words.say("masked_some", kinds=words.joined(kinds)) if kinds else words.say("masked_none")]
    if masked.left_out:
        said.append(words.say("left_out", count=masked.left_out))
    return tuple(said)


def _paragraphs(ink: Ink, given: Any) -> tuple[Text, ...]:
    lines = given.splitlines() if isinstance(given, str) else given or ()
    shown, more = ink.rows(lines, MOST_PARAGRAPHS)
    return (*(ink.text(line) for line in shown if line.strip()), *((Text((more,)),) if more else ()))


def _signatures(ink: Ink, given: Any) -> tuple[Signature, ...]:
    signatures = []
    for line in (given or ())[:MOST_SIGNATURES]:
        role, name = (line, "") if isinstance(line, str) else (line.get("role", ""), line.get("name", ""))
        signatures.append(Signature(ink.text(role, 25, lines=2), ink.text(name, 25, lines=2) if name else None))
    return tuple(signatures)
