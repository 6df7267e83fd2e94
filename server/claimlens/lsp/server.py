"""The object that every handler gets: documents, settings, analyses, the client and the clock."""

from __future__ import annotations

import importlib
import logging
from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from claimlens import __version__
from claimlens.jose.model import Token
from claimlens.lsp import convert, markdown, routes
from claimlens.lsp.analysis import Analyses
from claimlens.lsp.client import Client
from claimlens.lsp.configuration import EXCLUDED, Configuration, excluded_by
from claimlens.lsp.diagnoser import CallLater, Diagnoser, call_later
from claimlens.lsp.diagnostic_lists import DiagnosticLists
from claimlens.lsp.documents import DocumentStore
from claimlens.lsp.network import Network
from claimlens.lsp.policies import PolicyStore
from claimlens.lsp.protocol import ClaimlensProtocol, RefusalError
from claimlens.lsp.verifications import Verifications
from claimlens.lsp.workspace_files import WorkspaceFiles
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.rules.context import Workspace
    from claimlens.rules.model import Finding

_log = logging.getLogger(__name__)


@attrs.frozen
class Place:
    """A position in an open document, and the token that stands there, if one does."""

    snapshot: Snapshot
    offset: int
    token: Token | None


class ClaimlensServer(LanguageServer):
    """One server for one client.

    Attributes:
        client: what the client can do.
        clock: tells the time (aware, UTC); tests hand in their own.
        zone: the time zone of the user, in which times are shown beside UTC.
        documents: the open documents; nothing else is ever read because a client names it.
        policies: the API Management policies in them.
        configuration: the settings.
        network: what may be reached when the user asks for something that needs it.
        verifications: what was verified, and what came out.
        files: what the files of the workspace say they accept, and declare for policies.
        analyses: what the rules say of each document.
        diagnoser: when diagnostics are due.
        lenses_are_shown: whether the client has asked for code lenses.
        exit_status: what the process ends with, once it is known.
        on_finish: called with the exit status when the server has to end.
    """

    protocol: ClaimlensProtocol

    def __init__(
        self,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo | None = None,
        later: CallLater = call_later,
    ) -> None:
        super().__init__("claimlens", __version__, protocol_cls=ClaimlensProtocol)
        self.client = Client()
        self.clock = clock
        self.zone = zone
        self.documents = DocumentStore()
        self.policies = PolicyStore()
        self.configuration = Configuration(self.warn)
        self.network = Network(lambda: self.configuration.network, self.now)
        self.verifications = Verifications()
        self.files = WorkspaceFiles(self.documents, lambda: self.diagnoser.expectations_changed())
        self.analyses = Analyses(
            self.documents.get, self.tokens, self.settings, self.workspace_of, self.now, self._verified
        )
        self.diagnostic_lists = DiagnosticLists(self.files.snapshot)
        self.diagnoser = Diagnoser(self, later)
        self.lenses_are_shown = False
        self.exit_status: int | None = None
        self.on_finish: Callable[[int], Any] = lambda status: None
        self._settings_asked = 0
        routes.register(self)

    # What handlers ask for

    @cached_property
    def encoding(self) -> str:
        """The negotiated unit of columns: ``utf-8``, ``utf-16`` or ``utf-32``."""
        return str(getattr(chosen := self.workspace.position_encoding, "value", chosen))

    def now(self) -> datetime:
        """Return the time."""
        return self.clock()

    def settings(self, uri: str) -> Settings:
        """Return the settings for a document."""
        return self.configuration.of(uri)

    def workspace_of(self, uri: str) -> Workspace:
        """Return what is known of the folder that holds a document."""
        from claimlens.rules.context import Workspace

        folder = self.configuration.folder_of(uri)
        named_values = self.settings(uri).policies.named_values
        stated = self.files.stated(folder, named_values)
        root = self.configuration.root_of(uri)
        return Workspace(root, stated, self.files.declared(folder), self.files.addressed(folder))

    def tokens(self, snapshot: Snapshot) -> Sequence[Token]:
        """Return the tokens of an open document, in order."""
        return self.documents.tokens(snapshot)

    def tokens_in(self, snapshot: Snapshot, span: Span) -> Sequence[Token]:
        """Return the tokens that touch ``span``."""
        tokens = self.tokens(snapshot)
        first = bisect_left(tokens, span.start, key=lambda token: token.span.end)
        return [token for token in tokens[first : first + len(span) + 2] if token.span.start <= span.end]

    def place(self, uri: str, position: types.Position) -> Place | None:
        """Return what stands at a position, or None if the document is not open."""
        snapshot = self.documents.get(uri)
        if snapshot is None:
            return None
        offset = convert.to_offset(snapshot.lines, self.encoding, position)
        found = self.tokens_in(snapshot, Span(offset, offset))
        return Place(snapshot, offset, found[-1] if found else None)

    def _verified(self, snapshot: Snapshot) -> tuple[Finding, ...]:
        """Return what verifications found in a document."""
        refuted = list(self.verifications.refuted(self.tokens(snapshot))) if self.verifications.any_refuted else []
        if not refuted:
            return ()
        from claimlens.rules.context import Request
        from claimlens.rules.verified import RefutedSignature, check_refuted

        request = Request(snapshot, self.settings(snapshot.uri), self.clock(), self.workspace_of(snapshot.uri))
        return check_refuted(request, (RefutedSignature(token.span, detail) for token, detail in refuted))

    def limits(self, snapshot: Snapshot) -> list[str]:
        """Say in sentences what of a document is not looked at."""
        return self.documents.limits(snapshot)

    def markup(self, report: markdown.Report) -> types.MarkupContent:
        """Lay ``report`` out as the client can show it."""
        if self.client.markdown:
            return types.MarkupContent(types.MarkupKind.Markdown, markdown.markdown(report))
        return types.MarkupContent(types.MarkupKind.PlainText, markdown.plain_text(report))

    # What the client is told

    def warn(self, message: str, in_full: str) -> None:
        """Show a warning, and have the client log what it says in full."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))
        self.window_log_message(types.LogMessageParams(types.MessageType.Warning, in_full))

    def ask_to_refresh(self) -> None:
        """Have the client ask again for what it shows, where it can."""
        requests = {
            "diagnostics": types.WORKSPACE_DIAGNOSTIC_REFRESH,
            "codeLens": types.WORKSPACE_CODE_LENS_REFRESH,
            "inlayHint": types.WORKSPACE_INLAY_HINT_REFRESH,
        }
        for name in sorted(self.client.refreshes):
            self.protocol.send_request(requests[name])

    def note_lenses(self) -> None:
        """Remember that the client shows code lenses, so that no inlay hint has to say the same."""
        if not self.lenses_are_shown:
            self.lenses_are_shown = True
            if "inlayHint" in self.client.refreshes:
                self.protocol.send_request(types.WORKSPACE_INLAY_HINT_REFRESH)

    async def refresh_settings(self) -> None:
        """Read the settings anew, from the folders' files and from the client, and tell what follows from them."""
        self._settings_asked += 1
        asked, folders = self._settings_asked, [folder.uri for folder in self.workspace.folders.values()]
        self.configuration.read_files(folders)
        if self.client.asks_for_settings:
            items = [types.ConfigurationItem(folder or None, "claimlens") for folder in ["", *folders]]
            items += [types.ConfigurationItem(folder or None, EXCLUDED) for folder in ["", *folders]]
            try:
                answers = await self.workspace_configuration_async(types.ConfigurationParams(items))
            except RefusalError:
                answers = []
            if asked != self._settings_asked:
                return  # a later question is on its way
            for folder, sent in zip(["", *folders], answers, strict=False):
                self.configuration.take_settings(sent, folder)
            await self.files.exclude(excluded_by(answers[len(folders) + 1 :]))
        self.diagnoser.everything_changed()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Say nothing to the client: pygls would show the exception's text in a pop-up. The log has the defect."""
        _log.warning("pygls reports %s", type(error).__name__)

    def warm_up(self) -> None:
        """Import what the first hover needs, now that ``initialize`` is answered and nobody waits."""
        from claimlens.rules.registry import registry

        importlib.import_module("claimlens.lsp.reports")
        importlib.import_module("claimlens.apim.editing.completion")
        registry()

    # The end

    def finish(self, status: int) -> None:
        """End the process with this status."""
        self.files.close()
        if self.exit_status is None:
            self.exit_status = status
            self.on_finish(status)

    def client_left(self) -> None:
        """End because the stream has ended: as after ``exit``."""
        self.protocol.lsp_exit()
