"""Why a token is rejected: the case is what the user looks at, what else is open, and what the workspace accepts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimlens.lsp import convert, messages
from claimlens.lsp.protocol import INVALID_PARAMS, RefusalError

if TYPE_CHECKING:
    from claimlens.diagnosis.case import Artefact, Case
    from claimlens.lsp.features.code_actions import Request
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.services.cases import Question
    from claimlens.text.snapshot import Snapshot

_TOKEN_POLICY = re.compile(r"<(?:validate-jwt|validate-azure-ad-token)[\s/>]", re.IGNORECASE)


async def explain(server: ClaimlensServer, params: messages.ExplainParams) -> dict[str, Any] | None:
    """Name the causes for which a token is rejected, in a report without token text."""
    from claimlens.services.cases import case_of, with_declared

    question = _question(server, params)
    if question is None:
        return None
    folders = [folder.uri for folder in server.workspace.folders.values()]
    known = server.files.configuring() if server.client.watches_files else None
    accepting = await _accepting(folders, known)
    case, links = case_of(question, _opened(server), accepting, folders, server.clock())
    uri = question.document.uri
    named_values, declared = server.settings(uri).policies.named_values, server.workspace_of(uri).declared
    return _answer(with_declared(case, lambda name: named_values.get(name) or declared.value_of(name)), links)


def question_here(request: Request) -> str | None:
    """Return the title of the action that explains what stands at a place, or None where nothing does."""
    from claimlens.lsp.features.errors import mentions_in_line

    if request.tokens:
        return "Explain why this token is rejected"
    if mentions_in_line(request.snapshot, request.span.start):
        return "Explain this error"
    line = request.snapshot.lines.line_span(request.snapshot.lines.position(request.span.start).line)
    if _TOKEN_POLICY.search(line.slice(request.snapshot.text)):
        return "Explain why a token is rejected here"
    return None


def _question(server: ClaimlensServer, params: messages.ExplainParams) -> Question | None:
    from claimlens.services.cases import Question

    if params.text_document is None:
        raise RefusalError(INVALID_PARAMS)
    snapshot = server.documents.get(params.text_document.uri)
    if snapshot is None:
        return None
    asked = params.position
    offset = convert.to_offset(snapshot.lines, server.encoding, asked) if asked else None
    return Question(snapshot, offset, params.text)


def _opened(server: ClaimlensServer) -> list[Snapshot]:
    return [snapshot for uri in server.documents if (snapshot := server.documents.get(uri))]


async def _accepting(folders: Sequence[str], known: Sequence[Path] | None) -> list[Artefact]:
    """Read the files of the workspace that say what they accept, letting others work after each.

    The index knows which these are; until it is made, and where nobody keeps it current, the folders are walked.
    """
    from claimlens.services.cases import accepting_files

    found = []
    for artefact in accepting_files(folders, known):
        await asyncio.sleep(0)
        if artefact is not None:
            found.append(artefact)
    return found


def _answer(case: Case, links: Mapping[str, str]) -> dict[str, Any]:
    from claimlens.diagnosis.diagnose import diagnose
    from claimlens.diagnosis.report import markdown
    from claimlens.services.cases import commands_for

    diagnosis = diagnose(case)
    return {
        "verdict": diagnosis.verdict,
        "causes": [{"code": cause.code, "confidence": cause.confidence.value} for cause in diagnosis.causes],
        "hasToken": case.token is not None,
        "report": markdown(diagnosis, links, commands_for(case)),
    }
