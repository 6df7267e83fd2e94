"""The command ``claimlens lsp``."""

from __future__ import annotations

import argparse
import gc
import ipaddress
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from claimlens.lsp import logs
from claimlens.lsp.local_time import LocalZone
from claimlens.text.moments import MOMENT, moment

LEVELS = {"error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO, "debug": logging.DEBUG}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server until its client leaves; return the exit status."""
    options = _parser().parse_args(argv)
    logs.install(LEVELS[options.log_level])
    gc.disable()  # importing makes a great many objects that all stay: looking through them is wasted time
    from claimlens.lsp import transport
    from claimlens.lsp.server import ClaimlensServer

    # A fixed clock is for results that are the same everywhere, so times are then given in UTC alone.
    server = ClaimlensServer(clock=_clock(options.now), zone=None if options.now else LocalZone())
    gc.freeze()
    gc.enable()
    if options.tcp:
        return transport.run_tcp(server, *options.tcp)
    return transport.run_stdio(server)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "claimlens lsp", description="Run the language server, on standard input and output."
    )
    parser.add_argument("--stdio", action="store_true", help="accepted because many clients pass it; the default")
    parser.add_argument(
        "--tcp", metavar="HOST:PORT", type=_loopback, help="listen on a loopback address, for debugging"
    )
    parser.add_argument("--now", metavar="ISO-8601", type=_moment, help="fix the clock")
    parser.add_argument("--log-level", choices=LEVELS, default="warning", help="what goes to standard error")
    # vscode-languageclient passes this one; `processId` in the initialize request says the same.
    parser.add_argument("--clientProcessId", help=argparse.SUPPRESS)
    return parser


def _loopback(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        address, number = ipaddress.ip_address(host), int(port)
    except ValueError:
        raise argparse.ArgumentTypeError("give an address and a port, such as 127.0.0.1:7007") from None
    if not address.is_loopback:
        raise argparse.ArgumentTypeError("only loopback addresses are listened on")
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError("a port is a number from 0 (any that is free) to 65535")
    return host, number


def _moment(value: str) -> datetime:
    found = moment(value)
    if found is None:
        raise argparse.ArgumentTypeError(f"not {MOMENT}")
    return found


def _clock(fixed: datetime | None) -> Callable[[], datetime]:
    return (lambda: fixed) if fixed else (lambda: datetime.now(UTC))
