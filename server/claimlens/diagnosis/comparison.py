"""Two tokens side by side: every claim of either, and what the differences mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import attrs

from claimlens.entra import Flow, Profile, TokenKind, profile
from claimlens.entra.summary import Row, claim_rows, title
from claimlens.jose.model import Token
from claimlens.text.durations import duration
from claimlens.text.escape import markdown_text

_LONGEST = 300
"""Characters of a value that are shown."""


@attrs.frozen
class Difference:
    """A claim or header parameter that the two tokens may have.

    Attributes:
        name: as it is called in the token.
        left, right: its values in words; None where the token has none. Hostile.
        meaning: a sentence of ours about the claim, or empty.
    """

    name: str = attrs.field(repr=False)
    left: str | None = attrs.field(repr=False)
    right: str | None = attrs.field(repr=False)
    meaning: str = ""

    @property
    def same(self) -> bool:
        """Whether both tokens say the same."""
        return self.left == self.right


@attrs.frozen
class TokenComparison:
    """Two tokens side by side.

    Attributes:
        left, right: what each is.
        header: the parameters of both headers.
        claims: the claims of both.
        remarks: what the differences mean: sentences that hold values of the tokens.
    """

    left: Profile
    right: Profile
    header: tuple[Difference, ...]
    claims: tuple[Difference, ...]
    remarks: tuple[str, ...]


def compare(left: Token, right: Token, now: datetime) -> TokenComparison:
    """Return what two tokens have in common, in what they differ, and what that means."""
    profiles = profile(left, now), profile(right, now)
    return TokenComparison(
        *profiles,
        header=_differences(claim_rows(left.header, "header"), claim_rows(right.header, "header")),
        claims=_differences(claim_rows(left.payload), claim_rows(right.payload)),
        remarks=tuple(remark for explain in _EXPLANATIONS for remark in explain(*profiles)),
    )


def _differences(left: Iterator[Row], right: Iterator[Row]) -> tuple[Difference, ...]:
    """Join the rows by name: those that differ first, each in the order of the left token, then of the right."""
    first, second = ({row.name: row for row in rows} for rows in (left, right))
    made = []
    for name in dict.fromkeys((*first, *second)):
        here, there = first.get(name), second.get(name)
        meaning = (here or there or Row(name, "")).meaning
        made.append(Difference(name, _value(here), _value(there), meaning))
    return tuple(sorted(made, key=lambda difference: difference.same))


def _value(row: Row | None) -> str | None:
    return None if row is None else row.value


# What differences mean


def _kinds(left: Profile, right: Profile) -> Iterator[str]:
    if left.kind is not right.kind:
        yield f"They are of different kinds: {left.title} and {right.title}."
    if (left.kind is TokenKind.ID) is not (right.kind is TokenKind.ID):
        yield "An ID token is for the client that signed the user in; an API accepts access tokens only."


def _versions(left: Profile, right: Profile) -> Iterator[str]:
    if left.version and right.version and left.version != right.version:
        yield (
            f"One is of version {left.version}, the other of version {right.version}: iss has another form, v1.0 names "
            "the client in appid, v2.0 in azp, and in v2.0 aud is always the client id of the API. The API's manifest "
            "(api.requestedAccessTokenVersion) decides, not the endpoint that was asked."
        )


def _flows(left: Profile, right: Profile) -> Iterator[str]:
    if {left.flow, right.flow} == {Flow.DELEGATED, Flow.APP_ONLY}:
        first = "first" if left.flow is Flow.DELEGATED else "second"
        yield (
            f"The {first} is delegated: it speaks for a user and its permissions are in scp. The other is app-only: no "
            "user, and its permissions are in roles."
        )


def _audiences(left: Profile, right: Profile) -> Iterator[str]:
    first, second = ({named.value for named in each.audiences} for each in (left, right))
    if not first or not second or first & second:
        return
    if {_bare(each) for each in first} & {_bare(each) for each in second}:
        yield "Both audiences mean one application: one is its client id, the other its Application ID URI."
    else:
        yield "They are for different APIs: what accepts the audience of one refuses the other."


def _bare(audience: str) -> str:
    return audience.lower().removeprefix("api://").rstrip("/")


def _tenants(left: Profile, right: Profile) -> Iterator[str]:
    if left.tenant and right.tenant and left.tenant.value != right.tenant.value:
        yield "They come from different tenants: their issuers differ, and an API for one tenant refuses the other."
    families = {each.issuer.family for each in (left, right) if each.issuer}
    if len(families) > 1:
        yield "They come from different identity providers, with other keys and other metadata."


def _clients(left: Profile, right: Profile) -> Iterator[str]:
    if left.client and right.client and left.client.value != right.client.value:
        yield "They were issued to different client applications."


def _permissions(left: Profile, right: Profile) -> Iterator[str]:
    first, second = ([permission.value for permission in each.permissions] for each in (left, right))
    for name, mine, others in (("first", first, second), ("second", second, first)):
        only = [value for value in mine if value not in others]
        if only:
            yield f"Only the {name} has the permissions {', '.join(only[:20])}."


def _times(left: Profile, right: Profile) -> Iterator[str]:
    ends = left.validity.expires, right.validity.expires
    if left.validity.state is not right.validity.state:
        yield f"The first {_state(left)}, the second {_state(right)}."
    elif ends[0] and ends[1] and ends[0] != ends[1]:
        later = "first" if ends[0] > ends[1] else "second"
        yield f"The {later} expires {duration(ends[0] - ends[1])} later than the other."


def _state(about: Profile) -> str:
    return about.validity.summary or "says nothing of its times"


def _identity(left: Profile, right: Profile) -> Iterator[str]:
    if left.request_id and left.request_id == right.request_id:
        yield "Both come from one request for a token: their uti is the same."


_EXPLANATIONS: tuple[Callable[[Profile, Profile], Iterator[str]], ...] = (
    _kinds,
    _versions,
    _flows,
    _audiences,
    _tenants,
    _clients,
    _permissions,
    _times,
    _identity,
)


# As Markdown


def markdown(comparison: TokenComparison) -> str:
    """Return the comparison for the editor's preview, a ticket, a printout. Holds claims, and no token text."""
    return "\n".join(_lines(comparison))


def _lines(comparison: TokenComparison) -> Iterator[str]:
    yield "# Two tokens compared"
    yield ""
    yield f"- First: {markdown_text(title(comparison.left))}"
    yield f"- Second: {markdown_text(title(comparison.right))}"
    yield from ("", "## What the differences mean", "")
    yield from (f"- {markdown_text(remark)}" for remark in comparison.remarks)
    if not comparison.remarks:
        yield "Nothing in which they differ decides whether they are accepted."
    for heading, differences in (("Claims", comparison.claims), ("Header", comparison.header)):
        if differences:
            yield from ("", f"## {heading}", "", "| | | first | second | |", "|:--|:--|:--|:--|:--|")
            yield from (_row(difference) for difference in differences)


def _row(difference: Difference) -> str:
    sign = "=" if difference.same else "≠"
    cells = (difference.name, difference.left, difference.right, difference.meaning)
    return f"| {sign} | {' | '.join(_cell(each) for each in cells)} |"


def _cell(value: str | None) -> str:
    if value is None:
        return "*absent*"
    return markdown_text(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…")
