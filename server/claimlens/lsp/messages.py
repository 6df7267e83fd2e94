"""The messages that Claimlens adds to LSP, as docs/protocol.md describes them for the people who write clients."""

from __future__ import annotations

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


@attrs.define
class DecodeRequest:
    """`DECODE`."""

    id: int | str
    params: DecodeParams
    method: str = DECODE
    jsonrpc: str = "2.0"


@attrs.define
class ClaimsRequest:
    """`CLAIMS`."""

    id: int | str
    params: ClaimsParams
    method: str = CLAIMS
    jsonrpc: str = "2.0"


@attrs.define
class TokensRequest:
    """`TOKENS`."""

    id: int | str
    params: DocumentParams
    method: str = TOKENS
    jsonrpc: str = "2.0"


@attrs.define
class RedactRequest:
    """`REDACT`."""

    id: int | str
    params: RedactParams
    method: str = REDACT
    jsonrpc: str = "2.0"


@attrs.define
class StatusRequest:
    """`STATUS`."""

    id: int | str
    params: StatusParams
    method: str = STATUS
    jsonrpc: str = "2.0"


@attrs.define
class VerifyRequest:
    """`VERIFY_TOKEN`."""

    id: int | str
    params: VerifyParams
    method: str = VERIFY_TOKEN
    jsonrpc: str = "2.0"


@attrs.define
class MetadataRequest:
    """`METADATA`."""

    id: int | str
    params: MetadataParams
    method: str = METADATA
    jsonrpc: str = "2.0"


@attrs.define
class ClearMetadataRequest:
    """`CLEAR_METADATA`."""

    id: int | str
    params: NoParams | None = None
    method: str = CLEAR_METADATA
    jsonrpc: str = "2.0"


@attrs.define
class SnippetRequest:
    """`SNIPPET`."""

    id: int | str
    params: SnippetParams
    method: str = SNIPPET
    jsonrpc: str = "2.0"


@attrs.define
class ExplainRequest:
    """`EXPLAIN`."""

    id: int | str
    params: ExplainParams
    method: str = EXPLAIN
    jsonrpc: str = "2.0"


@attrs.define
class CompareRequest:
    """`COMPARE`."""

    id: int | str
    params: CompareParams
    method: str = COMPARE
    jsonrpc: str = "2.0"


@attrs.define
class OpenTokensRequest:
    """`OPEN_TOKENS`."""

    id: int | str
    params: NoParams | None = None
    method: str = OPEN_TOKENS
    jsonrpc: str = "2.0"


@attrs.define
class OpenPoliciesRequest:
    """`OPEN_POLICIES`."""

    id: int | str
    params: NoParams | None = None
    method: str = OPEN_POLICIES
    jsonrpc: str = "2.0"


@attrs.define
class SimulateRequest:
    """`SIMULATE`."""

    id: int | str
    params: SimulateParams
    method: str = SIMULATE
    jsonrpc: str = "2.0"


@attrs.define
class CloseTagRequest:
    """`CLOSE_TAG`."""

    id: int | str
    params: types.TextDocumentPositionParams
    method: str = CLOSE_TAG
    jsonrpc: str = "2.0"


@attrs.define
class UserSettingsNotification:
    """`USER_SETTINGS`."""

    params: UserSettingsParams
    method: str = USER_SETTINGS
    jsonrpc: str = "2.0"


MESSAGE_TYPES: dict[str, type[Any]] = {
    DECODE: DecodeRequest,
    CLAIMS: ClaimsRequest,
    TOKENS: TokensRequest,
    REDACT: RedactRequest,
    STATUS: StatusRequest,
    CLOSE_TAG: CloseTagRequest,
    VERIFY_TOKEN: VerifyRequest,
    METADATA: MetadataRequest,
    CLEAR_METADATA: ClearMetadataRequest,
    EXPLAIN: ExplainRequest,
    SNIPPET: SnippetRequest,
    COMPARE: CompareRequest,
    OPEN_TOKENS: OpenTokensRequest,
    OPEN_POLICIES: OpenPoliciesRequest,
    SIMULATE: SimulateRequest,
    USER_SETTINGS: UserSettingsNotification,
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
