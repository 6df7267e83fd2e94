"""Rules about what the files of a workspace say they accept, codes ``config-``. They speak in the file that says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs

from claimlens.rules.model import Edit, Finding, Fix, Related, Severity, rule
from claimlens.rules.tokens.wording import listed, quoted

if TYPE_CHECKING:
    from claimlens.expectations import Expectation
    from claimlens.expectations.presented import Addressed
    from claimlens.rules.context import Request

_COMPARED = ("audience", "issuer", "client", "application_uri", "tenant", "metadata", "authority", "role")
"""Roles whose values are compared character by character, or made part of an address."""


@attrs.frozen
class StatedContext:
    """A section of the document, those of the whole workspace, and for whom the tokens in its files are."""

    section: Expectation
    workspace: tuple[Expectation, ...] = attrs.field(repr=False)
    addressed: frozenset[Addressed] = attrs.field(default=frozenset(), repr=False)


def sections_of(request: Request) -> Iterator[StatedContext]:
    """Yield what the workspace knows the document to state."""
    known, addressed = request.workspace.expectations, request.workspace.addressed
    uri = unquote(request.snapshot.uri)
    return (StatedContext(each, known, addressed) for each in known if each.location == uri)


@rule("config-whitespace", Severity.WARNING, "A blank at the end of a value", cause="config-whitespace")
def config_whitespace(context: StatedContext) -> Iterator[Finding]:
    """An audience, issuer, id or address in this file begins or ends with a blank or a line break.

    It is compared as it stands, so it equals nothing that any token holds: every request is answered with 401.
    Values that were pasted, or set by a script from the output of another, often have one.

    ## How to fix it

    Remove the blank.
    Where the value comes from a pipeline variable or a vault, look there too.

    ## Example

    Bad:

    ```json
    {"AzureAd": {"Audience": "api://orders "}}
    ```

    Good:

    ```json
    {"AzureAd": {"Audience": "api://orders"}}
    ```

    ## Sources

    - [RFC 7519 section 4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3)
    - [RFC 7519 section 2, StringOrURI is case-sensitive and compared without change](https://www.rfc-editor.org/rfc/rfc7519#section-2)
    """
    for stated in context.section.of(*_COMPARED):
        if stated.has_stray_blank:
            trimmed = stated.value.strip()
            as_written = len(stated.value) == len(stated.span)
            fixes = (Fix("Remove the blank", (Edit(stated.span, trimmed),), preferred=True),) if as_written else ()
            yield config_whitespace.finding(
                f"A blank stands around {quoted(trimmed)}: so it equals no value in a token.", stated.span, fixes=fixes
            )


@rule(
    "config-token-version",
    Severity.WARNING,
    "Manifest and policy disagree on the version",
    cause="token-version-config",
)
def config_token_version(context: StatedContext) -> Iterator[Finding]:
    """The manifest asks for access tokens of one version, and a policy or setting for this API takes only the other.

    `requestedAccessTokenVersion` in the manifest of the API decides which tokens Entra ID issues for it, whatever
    endpoint the client uses; `null` means version 1.0.
    Tokens of version 1.0 come from `https://sts.windows.net/<tenant>/`, those of version 2.0 from
    `https://login.microsoftonline.com/<tenant>/v2.0`: whoever reads the metadata of one refuses the other.

    ## How to fix it

    Set `requestedAccessTokenVersion` to 2 (in the older format of manifests `accessTokenAcceptedVersion`), or let the
    policy read the metadata of version 1.0.
    With version 2.0 the audience becomes the application id: accept it.

    ## Example

    Bad, with `…/<tenant>/v2.0/.well-known/openid-configuration` in the policy:

    ```json
    {"api": {"requestedAccessTokenVersion": null}}
    ```

    Good:

    ```json
    {"api": {"requestedAccessTokenVersion": 2}}
    ```

    ## Sources

    - [requestedAccessTokenVersion](https://learn.microsoft.com/entra/identity-platform/reference-microsoft-graph-app-manifest)
    - [Access token versions](https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats)
    """
    asked = next(iter(context.section.all_of("token_version")), None)
    if asked is None or asked.value not in ("null", "1", "2"):
        return
    from claimlens.expectations.matching import only_version_of, sections_for

    version = "2.0" if asked.value == "2" else "1.0"
    against = [
        each
        for each in sections_for(context.section, context.workspace)
        if only_version_of(each) not in (None, version)
    ]
    if not against:
        return
    fix = Fix("Ask for tokens of version 2.0", (Edit(asked.span, "2"),))
    yield config_token_version.finding(
        f"This asks for tokens of version {version}, which {listed(_names(against))} refuses.",
        asked.span,
        related=tuple(
            Related(f"{stated.label} is {quoted(stated.value)}", stated.span, each.path)
            for each in against[:3]
            for stated in each.of("metadata", "authority", "issuer")[:1]
        ),
        fixes=(fix,) if version == "1.0" else (),
    )


@rule("config-audience-unused", Severity.HINT, "An audience that nothing in the workspace uses")
def config_audience_unused(context: StatedContext) -> Iterator[Finding]:
    """A policy accepts an audience that no token and no app setting in the workspace has.

    The tokens and settings of the same tenant have others.
    Either the audience is mistyped, or the policy is still the one of another API: then every request is answered with
    401 and `TokenAudienceNotAllowed`.
    Or it is a leftover, and the policy accepts tokens that are meant for somebody else.

    Nothing is said where nothing can be compared: without tokens and settings of that tenant, where a setting is filled
    in elsewhere, for a named value that is not declared, and where several policies could be the ones that are meant.

    ## How to fix it

    Compare it with the audience of the tokens and settings, which the message names.
    Remove what is not used any more; add a setting or a request to the workspace where it is.

    ## Example

    Bad, with `"Audience": "api://orders"` in `appsettings.json`:

    ```xml
    <audiences>
        <audience>api://order</audience>
    </audiences>
    ```

    Good:

    ```xml
    <audiences>
        <audience>api://orders</audience>
    </audiences>
    ```

    ## Sources

    - [Validate the audience](https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-audience)
    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    from claimlens.expectations.usage import unused_audiences

    for unused in unused_audiences(context.section, context.workspace, context.addressed):
        related = tuple(
            Related(f"{user.stated.label} is {quoted(user.stated.value)}", user.stated.span, user.path)
            for user in unused.users[:3]
        )
        yield config_audience_unused.finding(
            f"No token and no setting in this workspace has this audience; they have {listed(unused.others)}.",
            unused.stated.span,
            related=related,
        )


def _names(sections: Iterable[Expectation]) -> list[str]:
    return list(dict.fromkeys(each.location.rpartition("/")[2] for each in sections))


RULES = (config_whitespace, config_token_version, config_audience_unused)
