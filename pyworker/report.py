"""report.format: a content becomes a document: PDF and HTML for reading, JSON to check them against.

The steps, each a module of pyworker.reporting: the content is taken from the request or from the parent's data folder,
checked against its schema, masked for its audience, put into words, laid out, and written whole or handed back. The
JSON copy is the masked content itself in canonical form; its SHA-256 is what the other formats print, so whoever holds
the copy can check the page. The same content gives the same bytes: nothing here looks at clock, locale or machine.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from protocol.errors import invalid_params
from pyworker.errors import failure
from pyworker.loading import LOADING

if TYPE_CHECKING:
    from pyworker.call import Call
    from pyworker.reporting.masking import Masked

# One path component on every system: no separator, no leading dot, nothing that Windows ends a name with.
_REPORT_ID = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,126}[A-Za-z0-9_-])?")
# Names that are devices on Windows, with any extension.
_DEVICE_NAME = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)", re.IGNORECASE)

MEDIA_TYPES = {"pdf": "application/pdf", "html": "text/html; charset=utf-8", "json": "application/json"}

# A data file is what one line of a request could have carried.
LARGEST_DATA_FILE = 8 * 1024 * 1024
# Without an artifact folder the bytes go back inside the answer, in base64, a third larger, on one line.
LARGEST_INLINE = 4 * 1024 * 1024


def format_report(call: Call) -> dict[str, Any]:
    """The envelope; data: {"artifact", "media_type", "size", "sha256", "format", "locale", "audience", "content_sha256",
    "pages" (of a PDF), "masked", "left_out", "content_base64" (without an artifact folder)}.

    Raises invalid_params, report_not_found, artifact_failed, result_too_large, timeout.
    """
    params = call.params
    report_id, kind = checked_id(params["report_id"]), params["format"]
    options = params.get("options") or {}
    call.progress("content", 0, 3)
    content = params["content"] if "content" in params else _staged(call, report_id)

    _about_one_device(content)

    from pyworker.reporting.logo import read_logo

    shop = content.get("shop", {})
    logo = read_logo(shop["logo"], "shop.logo") if shop.get("logo") else None
    audience = options.get("audience", "customer")
    masked = _masked(content, report_id, audience, options)

    from pyworker.reporting.canonical import canonical, sha256

    copy = canonical(masked.content)
    call.check()
    call.progress("document", 1, 3)
    made = copy
    data: dict[str, Any] = {"format": kind, "audience": audience}
    warnings: list[str] = []
    if kind != "json":
        made = _printed(call, report_id, kind, masked, copy, logo, options, data, warnings)
    data.update(
        {
            "artifact": f"report.{kind}",
            "media_type": MEDIA_TYPES[kind],
            "size": len(made),
            "sha256": sha256(made),
            "content_sha256": sha256(copy),
            "masked": masked.masked,
            "left_out": masked.left_out,
        }
    )
    call.check()
    call.progress("artifact", 2, 3)
    _hand_over(call, report_id, made, data)
    return {"ok": True, "data": data, "warnings": warnings}


def checked_id(report_id: str) -> str:
    """The id, if it can name a file and a folder on every system. Raises invalid_params."""
    if _REPORT_ID.fullmatch(report_id) is None:
        raise invalid_params(
            "report_id must be letters, digits, '_', '-' and '.', at most 128, not starting or ending with '.'"
        )
    if _DEVICE_NAME.match(report_id):
        raise invalid_params("report_id must not be a name that Windows keeps for a device, like CON or COM1")
    return report_id


def _staged(call: Call, report_id: str) -> dict[str, Any]:
    """What the parent put into its data folder. Checked here, as what comes in a request was checked before."""
    from protocol.json_text import DuplicateKey, NotJson, loads
    from pyworker.validation import first_problem

    folder = call.settings.data_dir
    if folder is None:
        raise failure("report_not_found", "no content in the request, and no data folder to read from")
    try:
        content = loads(_file(os.path.join(folder, "reports", f"{report_id}.json")))
    except NotJson as error:
        raise invalid_params(f"data file: {error}") from None
    except DuplicateKey:
        raise invalid_params("data file: a member is named twice") from None
    problem = first_problem("report.content", content)
    if problem:
        raise invalid_params(f"data file: {problem}")
    checked: dict[str, Any] = content
    return checked


def _about_one_device(content: dict[str, Any]) -> None:
    """Raises invalid_params when a result speaks of another phone: its verdicts would be certified for this one."""
    device = content["device"]
    for method, result in content.get("results", {}).items():
        data = result.get("data") if isinstance(result, dict) else None
        other = data.get("device") if isinstance(data, dict) else None
        for name in ("platform", "device_id", "udid", "serial"):
            mine, its = device.get(name), other.get(name) if isinstance(other, dict) else None
            if isinstance(mine, str) and isinstance(its, str) and mine != its:
                raise invalid_params(f"results.{method}: is about another device ({name} differs)")


def _file(path: str) -> bytes:
    try:
        # Not a device or a pipe that somebody named like a report: reading one may never end.
        # Nor a link that leads out of the folder that was agreed on.
        if not os.path.isfile(path) or os.path.islink(path):
            raise failure("report_not_found")
        with open(path, "rb") as file:
            data = file.read(LARGEST_DATA_FILE + 1)
    except OSError as error:
        raise failure("report_not_found", (error.strerror or "it cannot be read").lower()) from error
    if len(data) > LARGEST_DATA_FILE:
        raise invalid_params(f"data file: larger than {LARGEST_DATA_FILE // 1024 // 1024} MiB")
    return data


def _masked(content: dict[str, Any], report_id: str, audience: str, options: dict[str, Any]) -> Masked:
    """What the audience may see, with the report's own marks: the JSON copy before it is written."""
    from pyworker.reporting.masking import mask
    from pyworker.validation import schema

    key = options.get("pseudonym_key")
    given = {name: value for name, value in content.items() if name not in ("report_id", "schema", "privacy")}
    # The picture was checked already; letters of it that spell a masked number are no number.
    shop = given.get("shop", {})
    picture = shop.get("logo")
    if picture:
        given["shop"] = {name: value for name, value in shop.items() if name != "logo"}
    masked = mask(
        given, schema, audience, bool(options.get("device_name")), bytes.fromhex(key) if key else None
    )
    if picture:
        masked.content["shop"]["logo"] = picture
    masked.content.update(
        {
            "schema": "urn:pyworker:report.content",
            "report_id": report_id,
            "privacy": {"audience": audience, "masked": dict(masked.masked), "left_out": masked.left_out},
        }
    )
    return masked


def _printed(
    call: Call,
    report_id: str,
    kind: str,
    masked: Masked,
    copy: bytes,
    logo: Any,
    options: dict[str, Any],
    data: dict[str, Any],
    warnings: list[str],
) -> bytes:
    from pyworker.reporting.document import compose
    from pyworker.reporting.words import Words

    words = Words(options.get("locale", "en"), options.get("utc_offset"))
    printed = compose(report_id, masked, copy, data["audience"], words, logo)
    data["locale"] = words.locale
    if printed.replaced:
        warnings.append("text_neutralised")
        data["neutralised"] = printed.replaced
    if printed.shortened:
        warnings.append("content_shortened")
    if kind == "html":
        with LOADING:
            from pyworker.reporting.html import page

        return page(printed.document)
    with LOADING:
        from pyworker.reporting.pdf import render

    rendered = render(printed.document, words, options.get("paper", "A4"), call.remaining())
    data["pages"] = rendered.pages
    if rendered.missing_glyphs:
        warnings.append("missing_glyphs")
        data["missing_glyphs"] = rendered.missing_glyphs
    return rendered.pdf


def _hand_over(call: Call, report_id: str, made: bytes, data: dict[str, Any]) -> None:
    folder = call.settings.artifact_dir
    if folder is not None:
        from pyworker.reporting.artifact import write_artifact

        write_artifact(folder, report_id, data["artifact"], made)
        return
    if len(made) > LARGEST_INLINE:
        raise failure("result_too_large")
    from base64 import b64encode

    data["content_base64"] = b64encode(made).decode("ascii")
