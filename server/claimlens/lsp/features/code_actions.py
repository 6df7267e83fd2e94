"""``textDocument/codeAction`` and ``codeAction/resolve``.

A list of code actions holds no token text: an edit is made when its action is chosen (at once for clients that cannot
ask), and what is to be copied is fetched by the client when it copies. Each kind of action is one function that yields
actions; to add one, add it to `PROVIDERS` and, if it makes an edit, to `EDITS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types

from claimlens.jose.model import Token
from claimlens.lsp import convert, edits, messages
from claimlens.lsp.features import policies_actions, policies_permissions, snippets
from claimlens.lsp.silencing import silencing
from claimlens.rules.model import Finding
from claimlens.text.escape import visible
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot

MOST_CLAIMS = 30
"""Claims that are offered for copying."""
_LONGEST_NAME = 40


@attrs.frozen
class Request:
    """What actions are wanted for: a range of a document, with what stands there."""

    server: ClaimlensServer
    snapshot: Snapshot
    span: Span
    tokens: tuple[Token, ...]
    findings: tuple[Finding, ...]

    def argument(self, token: Token, **more: Any) -> dict[str, Any]:
        """Return what names ``token`` in a request of docs/protocol.md."""
        return self._place(token.span.start) | more

    def here(self) -> dict[str, Any]:
        """Return what names the place that actions are wanted for."""
        return self._place(self.span.start)

    def _place(self, offset: int) -> dict[str, Any]:
        position = convert.to_position(self.snapshot.lines, self.server.encoding, offset)
        place = {"line": position.line, "character": position.character}
        return {"textDocument": {"uri": self.snapshot.uri}, "position": place}


def options() -> types.CodeActionOptions:
    """Return the options of the capability."""
    refactorings = [types.CodeActionKind.RefactorExtract, types.CodeActionKind.RefactorRewrite]
    kinds = [types.CodeActionKind.QuickFix, *refactorings, types.CodeActionKind.Source]
    return types.CodeActionOptions(kinds, resolve_provider=True)


async def code_actions(server: ClaimlensServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return what can be done about a range."""
    analysis = await server.analyses.of(params.text_document.uri)
    if analysis is None:
        return []
    snapshot = analysis.snapshot
    span = convert.to_span(snapshot.lines, server.encoding, params.range)
    findings = tuple(found for found in analysis.findings if touches(found.span, span))
    request = Request(server, snapshot, span, tuple(server.tokens_in(snapshot, span)), findings)
    offered = [action for provider in PROVIDERS for action in provider(request) if wanted(action, params.context.only)]
    actions = _once(offered)
    return actions if server.client.resolves_edits else [resolve(server, action) for action in actions]


def resolve(server: ClaimlensServer, action: types.CodeAction) -> types.CodeAction:
    """Make the edit of an action that was chosen, if its document is still the one it was made for."""
    data = action.data if isinstance(action.data, Mapping) else {}
    snapshot = server.documents.get(str(data.get("uri")))
    if snapshot is not None and snapshot.version == data.get("version") and data.get("edit") in EDITS:
        action.edit = EDITS[data["edit"]](server, snapshot, data)
    return action


def fixes(request: Request) -> Iterator[types.CodeAction]:
    """Yield the fixes of the findings."""
    for finding in request.findings:
        for index, fix in enumerate(finding.fixes):
            data = _data(request, "fix", code=finding.code, start=finding.span.start, index=index)
            preferred = fix.preferred or None
            yield types.CodeAction(fix.title, types.CodeActionKind.QuickFix, is_preferred=preferred, data=data)


def suppressions(request: Request) -> Iterator[types.CodeAction]:
    """Yield the comments that silence the findings."""
    for code, finding in {finding.code: finding for finding in reversed(request.findings)}.items():
        if silencing(request.server, request.snapshot, finding.span.start, code) is not None:
            data = _data(request, "suppress", code=code, start=finding.span.start)
            yield types.CodeAction(f"Ignore {code} here", types.CodeActionKind.QuickFix, data=data)


def pages(request: Request) -> Iterator[types.CodeAction]:
    """Yield what opens the pages of the rules."""
    for code in dict.fromkeys(finding.code for finding in request.findings):
        title = f"Open the page of {code}"
        command = types.Command(title, messages.OPEN_RULE_PAGE, arguments=[code])
        if request.server.client.can_show_documents:
            yield types.CodeAction(title, types.CodeActionKind.QuickFix, command=command)


def redactions(request: Request) -> Iterator[types.CodeAction]:
    """Yield what takes the secret out of tokens."""
    rewrite = types.CodeActionKind.RefactorRewrite
    for token in request.tokens[:1]:
        yield types.CodeAction("Redact this token", rewrite, data=_data(request, "redact", start=token.span.start))
    if request.tokens or request.server.tokens(request.snapshot):
        kind = rewrite if request.tokens else types.CodeActionKind.Source
        yield types.CodeAction("Redact all tokens in this file", kind, data=_data(request, "redact"))


def copies(request: Request) -> Iterator[types.CodeAction]:
    """Yield what puts the decoded header, the payload or one claim on the clipboard, where the client can do that."""
    if not request.server.client.carries_out(messages.COPY):
        return
    for token in request.tokens[:1]:
        if token.header is not None:
            yield _copy("Copy the decoded header as JSON", request.argument(token, part="header"))
        if token.payload is not None:
            yield _copy("Copy the decoded payload as JSON", request.argument(token, part="payload"))
        for name in list(token.payload or ())[:MOST_CLAIMS]:
            if len(name) <= _LONGEST_NAME:
                yield _copy(f"Copy claim {visible(name)}", request.argument(token, part="claim", claim=name))


def verifications(request: Request) -> Iterator[types.CodeAction]:
    """Yield what checks a token's signature, or shows its issuer's metadata. Choosing one is what allows the fetch."""
    from claimlens.lsp.features.verification import offers

    for token in request.tokens[:1]:
        for title, command in offers(request.server, token):
            made = types.Command(title, command, arguments=[request.argument(token)])
            yield types.CodeAction(title, types.CodeActionKind.Empty, command=made)


def explanations(request: Request) -> Iterator[types.CodeAction]:
    """Yield what explains why a token is rejected: on the token, on an error, on a policy that checks tokens."""
    from claimlens.lsp.features.explain import question_here

    title = question_here(request) if request.server.client.carries_out(messages.EXPLAIN_REJECTION) else None
    if title is not None:
        command = types.Command(title, messages.EXPLAIN_REJECTION, arguments=[request.here()])
        yield types.CodeAction(title, types.CodeActionKind.Empty, command=command)


def fixed(server: ClaimlensServer, snapshot: Snapshot, data: Mapping[str, Any]) -> types.WorkspaceEdit | None:
    """Return the edit of a fix."""
    for finding in server.analyses.now(snapshot).result.findings:
        if (finding.code, finding.span.start) == (data["code"], data["start"]) and data["index"] < len(finding.fixes):
            fix = finding.fixes[data["index"]]
            target = snapshot if fix.path is None else server.files.snapshot(fix.path)
            return edits.workspace_edit(server, target, fix.edits) if target else None
    return None


def suppressed(server: ClaimlensServer, snapshot: Snapshot, data: Mapping[str, Any]) -> types.WorkspaceEdit | None:
    """Return the edit that puts a comment where it silences a finding."""
    edit = silencing(server, snapshot, data["start"], data["code"])
    return edits.workspace_edit(server, snapshot, [edit]) if edit else None


def redacted(server: ClaimlensServer, snapshot: Snapshot, data: Mapping[str, Any]) -> types.WorkspaceEdit:
    """Return the edit that takes the secret out of one token, or of all."""
    chosen = [token for token in server.tokens(snapshot) if data.get("start") in (None, token.span.start)]
    return edits.redaction(server, snapshot, chosen)


PROVIDERS: tuple[Callable[[Request], Iterable[types.CodeAction]], ...] = (
    fixes,
    redactions,
    explanations,
    verifications,
    snippets.actions,
    copies,  # up to thirty
    suppressions,
    pages,
    policies_permissions.requirements,
    policies_actions.refactorings,
)
EDITS: Mapping[str, Callable[..., types.WorkspaceEdit | None]] = {
    "fix": fixed,
    "suppress": suppressed,
    "redact": redacted,
    "policy": policies_actions.rewritten,
    "require": policies_permissions.required,
    "snippet": snippets.inserted,
}


def _once(actions: Sequence[types.CodeAction]) -> list[types.CodeAction]:
    """Leave out what the fix of a finding says already."""
    fixes = {action.title for action in actions if action.kind == types.CodeActionKind.QuickFix}
    return [action for action in actions if action.kind == types.CodeActionKind.QuickFix or action.title not in fixes]


def touches(span: Span, asked: Span) -> bool:
    """Tell whether two spans share a place; a cursor at an end counts."""
    return span.start <= asked.end and asked.start <= span.end


def wanted(action: types.CodeAction, only: Iterable[types.CodeActionKind | str] | None) -> bool:
    """Tell whether a client that asked for kinds of actions asked for this one."""
    kind = _name(action.kind or "")
    return not only or any(not each or f"{kind}.".startswith(f"{_name(each)}.") for each in only)


def _name(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def _copy(title: str, argument: dict[str, Any]) -> types.CodeAction:
    return types.CodeAction(
        title, types.CodeActionKind.Empty, command=types.Command(title, messages.COPY, arguments=[argument])
    )


def _data(request: Request, edit: str, **more: Any) -> dict[str, Any]:
    return {"uri": request.snapshot.uri, "version": request.snapshot.version, "edit": edit, **more}
