"""xhtml2pdf and reportlab, brought in without what comes along uninvited.

reportlab runs two files out of the user's home when it is imported (~/.reportlab_mods and ~/.reportlab_settings, and
modules of those names from anywhere on the path), and lets RL_* variables change what it draws. Both are closed before
its first import: empty modules hold the names, the variables are taken out of this process for good. After it, the
folders it would look for fonts in are emptied: what is drawn comes from the package.
"""

from __future__ import annotations

import logging
import os
import sys
import zlib
from types import ModuleType, SimpleNamespace
from typing import Any

from pyworker.loading import LOADING
from pyworker.reporting import thai
from pyworker.reporting.png import stored

_ready = False

_FROM_HOME = ("reportlab_mods", "reportlab_settings")
_LOGGERS = ("xhtml2pdf", "reportlab", "PIL", "svglib", "pypdf")


def load() -> None:
    """Import the engine safely, once."""
    global _ready
    with LOADING:
        if _ready:
            return
        for name in _FROM_HOME:
            sys.modules[name] = ModuleType(name)
        for name in [name for name in os.environ if name.startswith("RL_")]:
            del os.environ[name]
        for name in _LOGGERS:
            # They name the characters and addresses they stumble over, which are a customer's.
            logger = logging.getLogger(name)
            logger.propagate = False
            logger.handlers = [logging.NullHandler()]
        from reportlab import rl_config
        from reportlab.pdfbase import pdfdoc, ttfonts

        # The one stream it compresses whatever its settings say is a picture's.
        pdfdoc.zlib = SimpleNamespace(compress=stored, decompress=zlib.decompress)
        # What is copied out of a document is what was written, not the glyphs chosen for it.
        mapped: Any = ttfonts.makeToUnicodeCMap
        ttfonts.makeToUnicodeCMap = lambda name, subset: mapped(name, [thai.plain(point) for point in subset])
        for name in ("T1SearchPath", "TTFSearchPath", "CMapSearchPath"):
            setattr(rl_config, name, [])
        rl_config.pageCompression = 0
        rl_config.useA85 = 0
        import xhtml2pdf.pisa  # noqa: F401

        _ready = True


def qr_modules(text: str) -> list[list[bool]]:
    """The modules of a QR code, True for dark, without margin."""
    load()
    from reportlab.graphics.barcode import qrencoder

    code: Any = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(qrencoder.QR8bitByte(text))
    code.make()
    side = code.getModuleCount()
    return [[bool(code.isDark(row, column)) for column in range(side)] for row in range(side)]
