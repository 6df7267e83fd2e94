"""Code for a token: what can be written, the text, and the actions that put it into a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from claimlens.jose.model import Token
from claimlens.lsp import edits, messages
from claimlens.lsp.features.custom import token_of
from claimlens.lsp.protocol import INVALID_PARAMS, RefusalError

if TYPE_CHECKING:
    from claimlens.apim.sources import PolicySource
    from claimlens.lsp.features.code_actions import Request
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot

_POLICIES = {"apim-validate-jwt": "validate-jwt", "apim-validate-azure-ad-token": "validate-azure-ad-token"}
_COMMANDS = (
    ("Get a token for this API…", messages.GET_TOKEN),
    ("Insert validation code…", messages.INSERT_VALIDATION),
    ("KQL for this token…", messages.WRITE_QUERY),
)


def snippet(server: ClaimlensServer, params: messages.SnippetParams) -> dict[str, Any] | None:
    """Return the snippet for a target, or without one the targets that there are for the token."""
    from claimlens.diagnosis.snippets import commands, targets, write

    token = token_of(server, params)
    if token is None:
        return None
    if params.target is None:
        return {"targets": [_described(name) for name in targets() if not _refused(server, token, name)]}
    if params.target not in targets():
        raise RefusalError(INVALID_PARAMS)
    written = write(token, params.target, server.clock())
    if written.refusal:
        return {"refusal": written.refusal}
    lines = [{"title": command.title, "text": command.text} for command in commands(written)]
    return {"text": written.text, "language": written.target.editor_language, "commands": lines}


def actions(request: Request) -> Iterator[types.CodeAction]:
    """Yield what puts a policy for a token into an open policy, and what else can be written for it."""
    for token in request.tokens[:1]:
        for target, name in _POLICIES.items():
            if _policy_to_edit(request.server, request.snapshot) and not _refused(request.server, token, target):
                data = {
                    "uri": request.snapshot.uri,
                    "version": request.snapshot.version,
                    "edit": "snippet",
                    "target": target,
                    "start": token.span.start,
                }
                yield types.CodeAction(f"Insert {name} for this token", types.CodeActionKind.RefactorRewrite, data=data)
        for title, command in _COMMANDS:
            if request.server.client.carries_out(command):
                made = types.Command(title, command, arguments=[request.argument(token)])
                yield types.CodeAction(title, types.CodeActionKind.Empty, command=made)


def inserted(server: ClaimlensServer, snapshot: Snapshot, data: Mapping[str, Any]) -> types.WorkspaceEdit | None:
    """Return the edit that puts the policy for a token into a policy that is open."""
    from claimlens.diagnosis.snippets import write
    from claimlens.diagnosis.snippets.insertion import insertion

    token = next((found for found in server.tokens(snapshot) if found.span.start == data.get("start")), None)
    place = _policy_to_edit(server, snapshot)
    if token is None or place is None or data.get("target") not in _POLICIES:
        return None
    target, source = place
    written = write(token, data["target"], server.clock())
    edit = insertion(source, written.text) if written.text else None
    return edits.workspace_edit(server, target, [edit]) if edit else None


def _policy_to_edit(server: ClaimlensServer, snapshot: Snapshot) -> tuple[Snapshot, PolicySource] | None:
    """Return the policy in this document, else in the document that was opened last."""
    from claimlens.diagnosis.snippets.insertion import insertion

    for uri in (snapshot.uri, *reversed(list(server.documents))):
        opened = server.documents.get(uri)
        if opened is None:
            continue
        for source in server.policies.of(opened):
            if insertion(source, "<base />") is not None:
                return opened, source
    return None


def _described(name: str) -> dict[str, str]:
    from claimlens.diagnosis.snippets import targets

    target = targets()[name]
    return {"name": name, "title": target.title, "group": target.group}


def _refused(server: ClaimlensServer, token: Token, name: str) -> bool:
    from claimlens.diagnosis.snippets import refusal, targets
    from claimlens.diagnosis.snippets.values import values_of

    return bool(refusal(token, targets()[name], values_of(token, server.clock())))
