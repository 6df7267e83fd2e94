"""What else than tokens the rules judge: where the subjects of each further family are found in a document.

To add a family, write its context (`claimlens.rules.context`), add what finds its subjects here, and name its modules
in `claimlens.rules.registry.FAMILIES`. Such subjects are looked for anew on every check, so finding them must be cheap
where there are none: that is what the sign is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from claimlens.entra.errors import SIGNS
from claimlens.jose import find_keys
from claimlens.rules.context import KeyContext, LogContext, Request
from claimlens.rules.log_errors import errors_in_log
from claimlens.rules.model import Finding

if TYPE_CHECKING:
    from claimlens.rules.apim.context import PolicyContext
    from claimlens.rules.stated import StatedContext

LONGEST_SIGN = 16
"""Characters that a sign matches at most: it may stand across two blocks of the text."""

POLICY_SIGNS = (
    *("<policies", "<fragment", "<[A-Za-z]+-", "<choose", "<cors", "<quota", "<retry", "<trace", "<wait", "<jsonp"),
    *("<proxy", "<inbound", "<backend", "<when", r"\\u003[cC]"),
)
"""The beginnings of policy documents and of snippets of them; JSON may write ``<`` as an escape."""


@attrs.frozen
class Subjects:
    """The subjects of one family.

    Attributes:
        family: its name in `claimlens.rules.registry.FAMILIES`.
        signs: patterns of at most `LONGEST_SIGN` characters, one of which stands in every document with such a subject.
        find: yields a context for each of them; never raises.
        same: of a context, what an equal one later is known by: what the rules said of it holds while the settings and
            what the workspace declares do; None where it is always judged anew.
        in_file: puts a finding about such a context where it stands in the document, for subjects that have places of
            their own.
    """

    family: str
    signs: tuple[str, ...]
    find: Callable[[Request], Iterable[Any]] = attrs.field(repr=False)
    same: Callable[[Any], object] = attrs.field(default=lambda _: None, repr=False)
    in_file: Callable[[Any, Finding], Finding] = attrs.field(default=lambda _, finding: finding, repr=False)


def _keys(request: Request) -> Iterator[KeyContext]:
    return (KeyContext(document, request.on_disk) for document in find_keys(request.snapshot.text))


def _errors(request: Request) -> Iterator[LogContext]:
    return (LogContext(mention) for mention in errors_in_log(request))


def _policies(request: Request) -> Iterator[PolicyContext]:
    from claimlens.rules.apim.found import policies_in  # the policy language is read only where there is a policy

    return policies_in(request)


def _same_policy(context: PolicyContext) -> object:
    source = context.source  # a document that was not edited is the same object again
    return context.document, source and (source.kind, source.format)


def _in_file(context: PolicyContext, finding: Finding) -> Finding:
    from claimlens.rules.apim.found import in_file

    return in_file(context, finding)


def _sections(request: Request) -> Iterator[StatedContext]:
    if not request.states_something:
        return iter(())
    from claimlens.rules.stated import sections_of

    return sections_of(request)


SUBJECTS = (
    Subjects("key", ('"kty"',), _keys),
    Subjects("log", SIGNS, _errors),
    Subjects("apim", POLICY_SIGNS, _policies, _same_policy, _in_file),
    Subjects("stated", (), _sections),  # no sign: the workspace knows which documents state something
)
