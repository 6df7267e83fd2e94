"""The messages that Claimlens adds to LSP, as docs/protocol.md describes them for the people who write clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from lsprotocol import types

DECODE = "claimlens/decode"
CLAIMS = "claimlens/claims"
TOKENS = "claimlens/tokens"
REDACT = "claimlens/redact"
STATUS = "claimlens/status"
VERIFY_TOKEN = "claimlens/verify"  # noqa: S105 - the name of a request
METADATA = "claimlens/metadata"
CLEAR_METADATA = "claimlens/clearMetadata"
EXPLAIN = "claimlens/explain"
SNIPPET = "claimlens/snippet"
COMPARE = "claimlens/compare"
OPEN_TOKENS = "claimlens/openTokens"
OPEN_POLICIES = "claimlens/openPolicies"
SIMULATE = "claimlens/simulate"
CLOSE_TAG = "claimlens/closeTag"
HOST_ALLOWED = "claimlens/hostAllowed"
USER_SETTINGS = "claimlens/didChangeUserSettings"

COPY = "claimlens.copy"
"""A command that the client carries out: ask for `CLAIMS` with its argument, put the text on the clipboard."""
SHOW_TOKEN = "claimlens.showToken"  # noqa: S105 - the name of a command
"""A command that the client carries out: ask for `DECODE` with its argument, show the report."""
VERIFY = "claimlens.verifyToken"
"""A command that the client carries out: send `VERIFY_TOKEN` with its argument, show the report."""
SHOW_METADATA = "claimlens.showIssuerMetadata"
"""A command that the client carries out: send `METADATA` with its argument, show the answer."""
CHECK_WITH_KEY_FILE = "claimlens.checkWithKeyFile"
"""A command that the client carries out: ask for a file, send `VERIFY_TOKEN` with its text as ``key``."""
CHECK_WITH_SECRET = "claimlens.checkWithSecret"  # noqa: S105 - the name of a command
"""A command that the client carries out: ask for a secret, send `VERIFY_TOKEN` with it."""
EXPLAIN_REJECTION = "claimlens.explainRejection"
"""A command that the client carries out: send `EXPLAIN` with its argument, show the report."""
TEST_POLICY = "claimlens.testPolicy"
"""A command that the client carries out: ask for a token, send `SIMULATE` with it and the argument, show the report."""
TEST_TOKEN = "claimlens.testToken"  # noqa: S105 - the name of a command
"""A command that the client carries out: ask for a policy, send `SIMULATE` with it and the token, show the report."""
GET_TOKEN = "claimlens.getToken"  # noqa: S105 - the name of a command
"""A command that the client carries out: ask for `SNIPPET` of the group ``obtain``."""
INSERT_VALIDATION = "claimlens.insertValidationCode"
"""A command that the client carries out: ask for `SNIPPET` of the group ``validate``."""
WRITE_QUERY = "claimlens.queryForToken"
"""A command that the client carries out: ask for `SNIPPET` of the group ``logs``."""
SERVER_VERIFY = "claimlens.server.verify"
"""A command that the server carries out for clients that do not know `VERIFY`: verify, say the verdict."""
OPEN_RULE_PAGE = "claimlens.server.openRulePage"
"""A command that the server carries out: open the documentation of a rule in the browser."""


@attrs.define
class TokenParams:
    """A token: the one at a position of an open document, or one given as text."""

    text_document: types.TextDocumentIdentifier | None = None
    position: types.Position | None = None
    text: str | None = attrs.field(default=None, repr=False)


@attrs.define
class DecodeParams(TokenParams):
    """``format``: ``markdown`` (the default) or ``plaintext``."""

    format: str = "markdown"


@attrs.define
class ClaimsParams(TokenParams):
    """``part``: ``header``, ``payload`` or ``claim`` (then ``claim`` names it)."""

    part: str = "payload"
    claim: str | None = None


@attrs.define
class RedactParams(TokenParams):
    """Without ``position``, every token of the document; ``everything``: secrets, addresses and GUIDs as well."""

    keep_claims: bool = False
    everything: bool = False


@attrs.define
class SnippetParams(TokenParams):
    """A token, and what to write for it; without ``target``, the targets are asked for."""

    target: str | None = None


@attrs.define
class VerifyParams(TokenParams):
    """What to verify with: nothing for the issuer's keys, the text of a key file as ``key``, or ``secret``."""

    key: str | None = attrs.field(default=None, repr=False)
    key_name: str | None = None
    secret: str | None = attrs.field(default=None, repr=False)
    format: str = "markdown"


@attrs.define
class MetadataParams(TokenParams):
    """A token, or an ``issuer`` in its place: an ``iss`` value or the URL of metadata."""

    issuer: str | None = None


@attrs.define
class ExplainParams(TokenParams):
    """A place in an open document that the question is about, or the document alone; ``text`` adds a token to it."""


@attrs.define
class CompareParams:
    """Two tokens."""

    left: TokenParams
    right: TokenParams


@attrs.define
class SimulateParams:
    """A place in a policy of an open document, a token, and whether metadata and keys may be fetched."""

    text_document: types.TextDocumentIdentifier
    position: types.Position
    token: TokenParams
    online: bool = False


@attrs.define
class HostAllowedParams:
    """A host that the user has allowed for this workspace for good."""

    host: str


@attrs.define
class NoParams:
    """Nothing."""


@attrs.define
class DocumentParams:
    """An open document."""

    text_document: types.TextDocumentIdentifier


@attrs.define
class StatusParams:
    """An open document, or none for the server as a whole."""

    text_document: types.TextDocumentIdentifier | None = None


@attrs.define
class UserSettingsParams:
    """What the user's own settings say; see ``initializationOptions``."""

    network: dict[str, Any] | None = None
    trusted: bool = True


_REQUESTS: Mapping[str, Any] = {
    DECODE: DecodeParams,
    CLAIMS: ClaimsParams,
    TOKENS: DocumentParams,
    REDACT: RedactParams,
    STATUS: StatusParams,
    CLOSE_TAG: types.TextDocumentPositionParams,
    VERIFY_TOKEN: VerifyParams,
    METADATA: MetadataParams,
    CLEAR_METADATA: NoParams | None,
    EXPLAIN: ExplainParams,
    SNIPPET: SnippetParams,
    COMPARE: CompareParams,
    OPEN_TOKENS: NoParams | None,
    OPEN_POLICIES: NoParams | None,
    SIMULATE: SimulateParams,
}
"""What each request is sent with."""
_IDENTIFIER: Any = int | str


def _message(method: str, params: Any, **more: Any) -> type[Any]:
    """Return the class of a message, in the form that lsprotocol gives to those of LSP."""
    may_lack = {"default": None} if isinstance(None, params) else {}
    members = {
        **more,
        "params": attrs.field(type=params, **may_lack),
        "method": attrs.field(type=str, default=method),
        "jsonrpc": attrs.field(type=str, default="2.0"),
    }
    return attrs.make_class(method.replace("/", "_"), members)


MESSAGE_TYPES: Mapping[str, type[Any]] = {
    **{method: _message(method, params, id=attrs.field(type=_IDENTIFIER)) for method, params in _REQUESTS.items()},
    USER_SETTINGS: _message(USER_SETTINGS, UserSettingsParams),
}

_PARAMETERS = (
    TokenParams,
    DecodeParams,
    ClaimsParams,
    RedactParams,
    SnippetParams,
    VerifyParams,
    MetadataParams,
    ExplainParams,
    CompareParams,
    SimulateParams,
    HostAllowedParams,
    DocumentParams,
    StatusParams,
    UserSettingsParams,
)


def register(converter: Any) -> None:
    """Teach ``converter`` the camelCase names of the parameters."""
    for shape in _PARAMETERS:
        names: dict[str, Any] = {field.name: override(rename=_camel_case(field.name)) for field in attrs.fields(shape)}
        converter.register_structure_hook(shape, make_dict_structure_fn(shape, converter, **names))
        converter.register_unstructure_hook(shape, make_dict_unstructure_fn(shape, converter, **names))


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
