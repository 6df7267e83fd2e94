"""Verifying a token and showing its issuer's metadata: all that uses the network, and only when the user asks.

A host that is neither a known provider nor allowed by the user's settings is asked about once, in
`claimlens.lsp.permission`; work that takes a while is shown with a way to cancel it, in `claimlens.lsp.progress`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types

from claimlens.jose.model import Token, TokenForm
from claimlens.lsp import convert, markdown, messages
from claimlens.lsp.features.custom import token_of
from claimlens.lsp.permission import Permission
from claimlens.lsp.progress import shown
from claimlens.lsp.protocol import INVALID_PARAMS, RefusalError
from claimlens.lsp.verifications import Verified

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.services.metadata import IssuerReport
    from claimlens.services.verification import Request, Verification


async def verify(server: ClaimlensServer, params: messages.VerifyParams) -> dict[str, Any] | None:
    """Verify a token against its issuer, or with a key that is given; keep the result for hovers and diagnostics."""
    token = token_of(server, params)
    if token is None:
        return None
    request = _request(server, token, params)
    answer = _with_given_key(request, params) or await _against_issuer(server, request)
    return _kept(server, token, answer, params)


async def verify_and_say(server: ClaimlensServer, arguments: list[Any]) -> str | None:
    """Verify a token for a client that shows no report: say the verdict in a message, and answer it."""
    params = _params(server, arguments)
    answer = await verify(server, params)
    if answer is None:
        return None
    kind = types.MessageType.Info if answer["verdict"] == "valid" else types.MessageType.Warning
    server.window_show_message(types.ShowMessageParams(kind, answer["summary"]))
    return str(answer["summary"])


async def metadata(server: ClaimlensServer, params: messages.MetadataParams) -> dict[str, Any] | None:
    """Fetch the metadata and the keys of a token's issuer, or of the one that is named."""
    from claimlens.oidc import FetchError

    token = None if params.issuer else token_of(server, params)
    if token is None and not params.issuer:
        return None
    try:
        report = await _issuer_report(server, params.issuer, token)
    except FetchError as error:
        return {"failure": {"kind": error.failure.kind.value, "message": str(error.failure)}}
    return {"issuer": report.issuer, "text": _as_json(report)}


def clear(server: ClaimlensServer, params: messages.NoParams | None) -> None:
    """Forget the metadata and keys that were fetched; the next verification fetches them again."""
    server.network.clear()


def offers(server: ClaimlensServer, token: Token) -> Iterator[tuple[str, str]]:
    """Yield the titles and commands of what can be done to verify ``token``, as far as the client can do it."""
    verifying = offer(token)
    carries_out = server.client.carries_out
    if verifying:
        yield verifying, messages.VERIFY if carries_out(messages.VERIFY) else messages.SERVER_VERIFY
        if carries_out(messages.SHOW_METADATA):
            yield "Fetch issuer metadata", messages.SHOW_METADATA
    if token.form is TokenForm.JWS and carries_out(messages.CHECK_WITH_KEY_FILE):
        yield "Check with a key from file…", messages.CHECK_WITH_KEY_FILE
    if (token.algorithm or "").startswith("HS") and carries_out(messages.CHECK_WITH_SECRET):
        yield "Check with a secret…", messages.CHECK_WITH_SECRET


def offer(token: Token) -> str | None:
    """Return the title of what verifies ``token`` against its issuer, or None where no published key could."""
    from claimlens.services.verification import key_host
    from claimlens.text.escape import visible

    host = key_host(token)
    return f"Verify signature ({visible(host[:80])})" if host else None


def _params(server: ClaimlensServer, arguments: list[Any]) -> messages.VerifyParams:
    try:
        params = server.protocol._converter.structure(arguments[0], messages.VerifyParams)
    except Exception:
        raise RefusalError(INVALID_PARAMS) from None
    return attrs.evolve(params, key=None, secret=None)


def _request(server: ClaimlensServer, token: Token, params: messages.VerifyParams) -> Request:
    """Ask for what the settings of the token's folder expect."""
    from datetime import timedelta

    from claimlens.jose.claims_checks import Expected
    from claimlens.services.verification import Request

    settings = server.settings(params.text_document.uri if params.text_document else "")
    named = settings.expected
    leeway = timedelta(seconds=settings.clock_skew_seconds)
    expected = Expected(named.audiences, named.tenants, scopes=named.scopes_in_tokens, roles=named.roles, leeway=leeway)
    return Request(token, server.clock(), expected, issuers=named.issuers)


def _with_given_key(request: Request, params: messages.VerifyParams) -> Verification | None:
    from claimlens.services.given_keys import ring_of_secret, ring_of_text
    from claimlens.services.verification import verify_offline

    if params.secret is not None:
        return verify_offline(request, ring_of_secret(params.secret), source="the secret that was typed")
    if params.key is not None:
        return verify_offline(request, ring_of_text(params.key), source=params.key_name or "the key that was given")
    return None


async def _against_issuer(server: ClaimlensServer, request: Request) -> Verification:
    from claimlens.services.verification import verify_online

    permission = Permission(server)
    while True:
        async with shown(server, "Verifying the token"):
            answer = await verify_online(request, permission.cache())
        if answer.failure is None or not await permission.granted(answer.failure):
            return answer


async def _issuer_report(server: ClaimlensServer, issuer: str | None, token: Token | None) -> IssuerReport:
    from claimlens.oidc import FetchError
    from claimlens.services.metadata import show_issuer

    claims, header = (token.payload, token.header) if token else (None, None)
    named = issuer or str((claims or {}).get("iss") or "")
    permission = Permission(server)
    while True:
        try:
            async with shown(server, "Fetching the issuer's metadata"):
                return await show_issuer(named, permission.cache(), claims=claims, header=header)
        except FetchError as error:
            if not await permission.granted(error.failure):
                raise


def _kept(server: ClaimlensServer, token: Token, answer: Verification, params: messages.VerifyParams) -> dict[str, Any]:
    from claimlens.lsp.reports import verification_report

    verified = Verified(answer, server.clock())
    server.verifications.keep(token, verified)
    server.diagnoser.everything_changed()
    lay_out = markdown.plain_text if params.format == "plaintext" else markdown.markdown
    return {
        "verdict": answer.verdict.value,
        "signature": answer.signature.value,
        "summary": answer.summary,
        "report": lay_out(verification_report(verified, server.zone)),
    }


def _as_json(report: IssuerReport) -> str:
    return convert.readable_json(attrs.asdict(report, filter=lambda field, value: value is not None))
