"""The server against pytest-lsp's client, which checks every answer against what the client said it can do."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import converters, types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from tests.support.server import capabilities
from tests.support.tokens import compact

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning"),
]

URI = "file:///folder/work.http"
TOKEN = compact({"sub": "x", "exp": 1700000000, "iss": "https://issuer.example"})
TEXT = f"GET https://api.example/ HTTP/1.1\nAuthorization: Bearer {TOKEN}\n"
DOCUMENT = types.TextDocumentIdentifier(URI)
PLACE = types.Position(1, 30)


def client_factory() -> LanguageClient:
    """Return pytest-lsp's client, with answers to what it leaves unanswered."""
    client = make_test_lsp_client()
    for method in (
        types.CLIENT_REGISTER_CAPABILITY,
        types.WORKSPACE_CODE_LENS_REFRESH,
        types.WORKSPACE_INLAY_HINT_REFRESH,
    ):
        client.feature(method)(lambda params: None)
    return client


def modern() -> types.ClientCapabilities:
    return converters.get_converter().structure(capabilities(), types.ClientCapabilities)


@pytest_lsp.fixture(
    scope="module",
    params=["visual_studio_code", "neovim", "emacs"],
    config=ClientServerConfig(
        server_command=[sys.executable, "-I", "-m", "claimlens.lsp", "--stdio"], client_factory=client_factory
    ),
)
async def client(request: Any, lsp_client: LanguageClient):
    named = request.param
    able = modern() if named == "visual_studio_code" else client_capabilities(named)
    await lsp_client.initialize_session(types.InitializeParams(capabilities=able, root_uri="file:///folder"))
    lsp_client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(URI, "http", 1, TEXT)))
    yield
    await lsp_client.shutdown_session()


async def test_hover(client: LanguageClient) -> None:
    found = await client.text_document_hover_async(types.HoverParams(DOCUMENT, PLACE))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert "expired" in found.contents.value
    assert found.range is not None
    assert found.range.start.line == 1


async def test_diagnostics_come_by_pull_or_by_push(client: LanguageClient) -> None:
    able = client.init_server_capabilities if hasattr(client, "init_server_capabilities") else None
    assert able is None or able.diagnostic_provider
    if client.capabilities.text_document and client.capabilities.text_document.diagnostic:
        report = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(DOCUMENT))
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        found = list(report.items)
        assert URI not in client.diagnostics
    else:
        while URI not in client.diagnostics:
            await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        found = list(client.diagnostics[URI])
    assert "jwt-expired" in [each.code for each in found]


async def test_code_actions_are_resolved(client: LanguageClient) -> None:
    params = types.CodeActionParams(DOCUMENT, types.Range(PLACE, PLACE), types.CodeActionContext([]))
    actions = [
        each
        for each in await client.text_document_code_action_async(params) or []
        if isinstance(each, types.CodeAction)
    ]
    redact = next(each for each in actions if each.title == "Redact this token")
    resolved = await client.code_action_resolve_async(redact)
    assert resolved.edit is not None


async def test_lenses_hints_and_colours(client: LanguageClient) -> None:
    whole = types.Range(types.Position(0, 0), types.Position(2, 0))
    assert len(await client.text_document_inlay_hint_async(types.InlayHintParams(DOCUMENT, whole)) or []) == 1
    assert len(await client.text_document_code_lens_async(types.CodeLensParams(DOCUMENT)) or []) == 1
    colours = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(DOCUMENT))
    assert colours is not None
    assert len(colours.data) == 15


async def test_the_server_complains_of_nothing(client: LanguageClient) -> None:
    assert not client.messages
