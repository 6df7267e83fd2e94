"""What the server may write to its log, which people paste into bug reports.

pygls logs whole messages, and exceptions hold whatever was at hand when they were raised, tokens included. So nothing
that came from a client, a document or an exception's text gets through: of a foreign record only its fixed template is
kept, of an exception only its class and the places in the code.
"""

from __future__ import annotations

import itertools
import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import TextIO

_FRAMES = 6
_defects = itertools.count(1)


def install(level: int = logging.WARNING, stream: TextIO | None = None) -> None:
    """Send every record of the process through `Discreet` to ``stream`` (standard error); nothing else is written."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Discreet())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("pygls").setLevel(max(level, logging.WARNING))
    logging.raiseExceptions = False
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def defect(logger: logging.Logger, place: str, error: BaseException) -> str:
    """Log a defect of ours at ``place`` (a method or a rule, never data); return the id that stands for it."""
    identifier = f"defect-{next(_defects)}"
    logger.error("%s in %s: %s", identifier, place, outline(error))
    return identifier


def outline(error: BaseException) -> str:
    """Return the class of ``error`` and where it was raised, without its text."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = " < ".join(f"{frame.name} ({_tail(frame.filename)}:{frame.lineno})" for frame in reversed(frames))
    return f"{type(error).__name__} at {places or 'unknown place'}"


class Discreet(logging.Formatter):
    """Formats records of Claimlens whole, of anything else the template alone, and no exception's text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        own = record.name.split(".")[0] == "claimlens"
        message = record.getMessage() if own else str(record.msg) if record.args else "(message withheld)"
        error = record.exc_info[1] if record.exc_info else None
        return f"{record.levelname} {record.name}: {message}" + (f" [{outline(error)}]" if error else "")


def _tail(path: str) -> str:
    return "/".join(path.replace("\\", "/").rsplit("/", 2)[-2:])


def _log_uncaught(kind: type[BaseException], value: BaseException | None, trace: TracebackType | None = None) -> None:
    logging.getLogger(__name__).critical("uncaught: %s", outline(value) if value else kind.__name__)
