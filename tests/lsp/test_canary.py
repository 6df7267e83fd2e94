"""A marked token goes through every feature and every fault, with all logging on. Nobody may see the mark but in the
answers that were asked for."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from claimlens.lsp import logs, routes
from tests.support.server import RefusedError, Session
from tests.support.tokens import compact

MARK = "canaryb1rdsings"
TOKEN = compact(
    {"sub": MARK, "exp": 1700000000, "iss": f"https://{MARK}.example", MARK: MARK}, {"alg": "none", "kid": MARK}
)
SECRETS = (MARK, *TOKEN.split("."))
URI = "file:///folder/work.log"
RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything the process logs, as `claimlens lsp --log-level debug` would write it."""
    root = logging.getLogger()
    saved = (root.handlers[:], root.level, logging.getLogger("pygls").level, logging.raiseExceptions)
    hooks = (logs.sys.excepthook, logs.threading.excepthook)
    stream = io.StringIO()
    logs.install(logging.DEBUG, stream)
    logging.getLogger("pygls").setLevel(logging.DEBUG)  # worse than the command ever allows
    yield stream
    root.handlers[:], pygls_level = saved[0], saved[2]
    root.setLevel(saved[1])
    logging.getLogger("pygls").setLevel(pygls_level)
    logging.raiseExceptions = saved[3]
    logs.sys.excepthook, logs.threading.excepthook = hooks


def messages_for(method: str) -> list[Any]:
    """Return right and wrong parameters for a method, all of them full of the mark."""
    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 9}, "range": RANGE}
    right = {
        **place,
        "context": {"diagnostics": []},
        "previousResultIds": [],
        "title": MARK,
        "data": {"uri": URI, "version": 1, "edit": "redact", "start": MARK},
        "text": TOKEN,
        "settings": {"expected": {"audiences": TOKEN}, "clockSkewSeconds": TOKEN, "rules": {"jwt-*": TOKEN}},
        "network": {"allowedHosts": TOKEN, "proxy": [TOKEN]},
        "event": {"added": [], "removed": []},
        "changes": [],
        "command": MARK,
        "arguments": [TOKEN],
    }
    wrong = {**right, "textDocument": {"uri": [TOKEN]}, "position": TOKEN, "title": [TOKEN], "settings": TOKEN}
    return [right, wrong, TOKEN, [TOKEN], {MARK: TOKEN}]


def seen_by_accident(session: Session) -> str:
    """Return what nobody asked for: errors, pop-ups, log messages, and other requests of the server."""
    errors = [answer["error"] for answer in session.answers.values() if "error" in answer]
    return json.dumps([errors, session.sent])


MEANT = ("textDocument/publishDiagnostics", "window/showMessageRequest")
"""What shows a part of a token on purpose: findings, and the question whether its issuer's host may be reached."""
METHODS = [route.method for route in routes.ROUTES if route.method != "initialize"]


@pytest.mark.parametrize("broken", [None, *METHODS])
def test_the_mark_is_seen_by_nobody(log: io.StringIO, broken: str | None, capfd: pytest.CaptureFixture[str]) -> None:
    def throws(server: Any, params: Any) -> None:
        raise KeyError(TOKEN, params)

    with Session(client={"workspace": {"configuration": False}}) as session:
        if broken:
            route = routes.Route(broken, throws)
            session.server.protocol.fm.features[broken] = routes.guarded(session.server, route)
        session.open(URI, f"Bearer {TOKEN}\n")
        for method in METHODS if broken is None else [broken, "textDocument/hover"]:
            for params in messages_for(method):
                request = {
                    "jsonrpc": "2.0",
                    "id": f"{method}-{len(session.answers)}",
                    "method": method,
                    "params": params,
                }
                session.receive(request)
                session.receive({key: each for key, each in request.items() if key != "id"})
        session.receive({"jsonrpc": "2.0", "id": 1, "method": MARK, "params": TOKEN})
        session.receive({"jsonrpc": "2.0", "method": MARK, "params": TOKEN})
        session.receive({"jsonrpc": "2.0", "id": TOKEN, "result": TOKEN})
        session.receive(f'{{"jsonrpc": "2.0", "id": 2, "method": "{TOKEN}"'.encode())
        session.notify("$/setTrace", {"value": "verbose"})
        session.pass_time(timedelta(0))
        try:
            session.request("shutdown")
        except RefusedError:
            pytest.fail("shutdown was refused")
        session.notify("exit")
        told = [message for message in session.sent if message["method"] not in MEANT]
        session.sent[:] = told
        accidental = seen_by_accident(session)
    written = log.getvalue() + "".join(capfd.readouterr()) + accidental
    assert log.getvalue()
    assert not [secret for secret in SECRETS if secret in written]


def test_settings_named_by_a_mistake_do_not_show_their_values(log: io.StringIO) -> None:
    with Session(settings={None: {"expected": {"audiences": TOKEN}, "clockSkewSeconds": TOKEN}}) as session:
        shown = json.dumps(session.sent)
    assert not [secret for secret in SECRETS if secret in shown + log.getvalue()]


def test_an_exception_is_logged_by_class_and_place_alone(log: io.StringIO) -> None:
    try:
        raise ValueError(TOKEN)
    except ValueError as error:
        identifier = logs.defect(logging.getLogger("claimlens.lsp.test"), "somewhere", error)
        logging.getLogger("other").exception("failed with %s", TOKEN)
        logging.getLogger("other").error(TOKEN)
    written = log.getvalue()
    assert identifier in written
    assert "ValueError" in written
    assert "test_canary.py" in written
    assert not [secret for secret in SECRETS if secret in written]
