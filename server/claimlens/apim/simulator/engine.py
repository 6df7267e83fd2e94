"""Run a request through policies: inbound from the outermost scope that ``base`` asks for, then on-error if it fails.

Only what decides whether the request is let in is carried out: JWT policies, ``check-header``, ``ip-filter``, client
certificates, ``cors``, conditions, variables, headers, fragments, ``base`` and ``return-response``. What depends on
more than the request (`elsewhere`) is named, and whatever refuses nothing is passed over in silence.
"""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Callable, Iterable, Iterator

import attrs

from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.model import Element
from claimlens.apim.simulator import access, cors, elsewhere, tokens
from claimlens.apim.simulator.members import ThrowsError, UndecidedError
from claimlens.apim.simulator.model import Outcome, Request, Scope, Simulation, StepVerdict, Surroundings
from claimlens.apim.simulator.run import Refused, Returned, Run, listed, shown
from claimlens.apim.values import text_of, value_of

PASS, FAIL, UNKNOWN, SKIPPED = StepVerdict.PASS, StepVerdict.FAIL, StepVerdict.UNKNOWN, StepVerdict.SKIPPED
MAXIMUM_FRAGMENTS = 20
_DECISIVE = frozenset(
    ("validate-jwt", "validate-azure-ad-token", "check-header", "ip-filter", "validate-client-certificate",
     "return-response", "mock-response", "include-fragment", "base")
)  # fmt: skip
"""Policies that decide by themselves whether a request is let in."""
_ENDING = frozenset(("return-response", "mock-response"))
"""Policies that answer the request, so that those behind them are not reached."""


def simulate(request: Request, surroundings: Surroundings, now: datetime.datetime) -> Simulation:
    """Return what the gateway would answer to ``request``, as far as it can be told. Pure; never raises."""
    run = Run(request, surroundings, now, surroundings.scopes[0])
    try:
        if cors.is_preflight(request):
            cors.preflight(run, _direct(run, 0))
            run.scope = surroundings.scopes[0]
        _section(run, 0)
    except Refused as refused:
        return _refused(run, refused)
    except Returned as returned:
        return _returned(run, returned)
    if run.open:
        return Simulation(Outcome.UNDETERMINED, None, None, None, tuple(run.steps), tuple(run.unfetched))
    return Simulation(Outcome.PASS, 200, None, None, tuple(run.steps), tuple(run.unfetched))


def _returned(run: Run, returned: Returned) -> Simulation:
    if run.open or returned.status is None:
        outcome = Outcome.UNDETERMINED
    else:
        outcome = Outcome.FAIL if returned.refuses or returned.status >= 400 else Outcome.PASS
    return Simulation(outcome, returned.status, returned.body, None, tuple(run.steps), tuple(run.unfetched))


def _section(run: Run, index: int) -> None:
    """Run the present section of a scope, or a document that has no sections as its inbound one."""
    before = run.scope
    run.scope = run.surroundings.scopes[index]
    _all(run, _policies(run), index)
    run.scope = before


def _policies(run: Run) -> Iterable[Element]:
    if run.section == "inbound":
        run.tell_if_damaged()
    return _of_section(run.scope.document, run.section)


def _of_section(document: PolicyDocument, name: str) -> Iterable[Element]:
    section = document.sections().get(name, ())
    if section:
        return section[0].elements
    if name != "inbound" or (document.root is not None and document.root.name == "policies"):
        return ()
    return _without_sections(document)


def _direct(run: Run, index: int) -> Iterator[tuple[Scope, Element]]:
    """Yield the policies directly in inbound, those of ``base`` and fragments in their place, each with its scope."""
    scope = run.surroundings.scopes[index]
    for element in _of_section(scope.document, "inbound"):
        identifier = element.attribute("fragment-id") if element.name == "include-fragment" else None
        fragment = run.surroundings.fragments.get(identifier.raw) if identifier is not None else None
        if element.name == "base" and index + 1 < len(run.surroundings.scopes):
            yield from _direct(run, index + 1)
        elif fragment is not None:
            yield from ((fragment, each) for each in _without_sections(fragment.document))
        else:
            yield scope, element


def _without_sections(document: PolicyDocument) -> Iterator[Element]:
    """Yield the policies of a fragment or a snippet; of one that begins with sections, those of inbound."""
    for root in document.roots:
        if root.name in ("fragment", "inbound"):
            yield from root.elements
        elif root.name not in SECTIONS:
            yield root


def _all(run: Run, elements: Iterable[Element], index: int) -> None:
    handlers = _HANDLERS if run.section == "inbound" else _ERROR_HANDLERS
    for element in elements:
        if element.name in _CONTAINERS:
            _CONTAINERS[element.name](run, element, index)
        elif element.name in handlers:
            handlers[element.name](run, element)
        else:
            _forget_what_it_sets(run, element)


def decides(document: PolicyDocument) -> bool:
    """Tell whether a document holds a policy that may refuse a request, or answer it, by itself."""
    own = _DECISIVE - {"base"}
    return any(element.name in own for element in document.elements)


def _base(run: Run, element: Element, index: int) -> None:
    outer = run.surroundings.scopes[index + 1 :]
    leaves_api = run.scope.name in ("api", "operation") and "api" not in [scope.name for scope in outer]
    if leaves_api and run.surroundings.products and run.section == "inbound":
        names = listed(run.surroundings.products)
        detail = f"The API is in several products; those of {names} have checks of their own."
        run.tell(element, element, "products", UNKNOWN, f"{detail} The subscription decides which of them run.")
    if outer:
        _section(run, index + 1)
    elif run.scope.name != "global" and run.section == "inbound":
        run.tell(element, element, "outer scopes", SKIPPED, "The policies of the outer scopes are not at hand.")


def _limited(run: Run, element: Element, index: int) -> None:
    elsewhere.limit(run, element)
    _children(run, element, index)


def _children(run: Run, element: Element, index: int) -> None:
    _all(run, element.elements, index)


def _choose(run: Run, choose: Element, index: int) -> None:
    """Run the first branch whose condition holds; an undecided condition leaves open what its branches decide."""
    for branch in choose.elements:
        if branch.name == "otherwise":
            _all(run, branch.elements, index)
            return
        try:
            holds = run.truth(branch.attribute("condition"), default=False)
        except UndecidedError as error:
            _end_where_it_throws(run, choose, branch, error)
            _leave_open(run, choose, branch, str(error))
            return
        run.tell(choose, branch, "condition", PASS if holds else SKIPPED, "It holds." if holds else "It does not hold.")
        if holds:
            _all(run, branch.elements, index)
            return


def _end_where_it_throws(run: Run, policy: Element, element: Element, error: UndecidedError) -> None:
    """End the request as the service does when an expression throws."""
    if isinstance(error, ThrowsError) and run.section == "inbound":
        run.tell(policy, element, "expression", FAIL, f"Its value cannot be made: {error}.", reading=True)
        text = f"Expression evaluation failed: {error}."
        raise Refused(500, None, "ExpressionValueEvaluationFailure", text, policy)


def _leave_open(run: Run, choose: Element, branch: Element, why: str) -> None:
    """What stands in the branches may happen or not: neither what it checks nor what it sets is known."""
    inside = _descendants(choose)
    if any(_decides(run, element) for element in inside):
        run.tell(choose, branch, "condition", UNKNOWN, f"Not decided: {why}. What the branches check is left out.")
    for element in inside:
        run.may_have_ended |= element.name in _ENDING or cors.judges(run, element)
        if run.section == "on-error" and element.name in _ERROR_HANDLERS:
            run.status = run.body = None
        _forget_what_it_sets(run, element)


def _decides(run: Run, element: Element) -> bool:
    return element.name in _DECISIVE or cors.judges(run, element) or elsewhere.may_refuse(run, element)


def _descendants(element: Element) -> list[Element]:
    found = list(element.elements)
    for inner in found:  # grows while it is walked
        found.extend(inner.elements)
    return found


def _forget_what_it_sets(run: Run, element: Element) -> None:
    """Take note that an element that is not carried out may have set variables or a header."""
    run.forget_variables_of(element)
    name = element.attribute("name")
    if name is not None and element.name == "set-variable":
        run.forget_variable(name.raw)
    elif name is not None and element.name == "set-header":
        run.forget_header(name.raw, f"the header {name.raw} may have been replaced")
    elif element.name in _SIGN_IN:
        run.forget_header("Authorization", f"{element.name} may have replaced the header")


def _fragment(run: Run, element: Element, index: int) -> None:
    identifier = element.attribute("fragment-id")
    name = identifier.raw if identifier is not None else ""
    fragment = run.surroundings.fragments.get(name)
    if fragment is None:
        run.tell(element, element, "fragment", UNKNOWN, f"The fragment {shown(name)} is not at hand.")
        return
    if name in run.fragments or len(run.fragments) >= MAXIMUM_FRAGMENTS:
        run.tell(element, element, "fragment", UNKNOWN, f"The fragment {shown(name)} includes itself.")
        return
    before = run.scope
    run.fragments.append(name)
    run.scope = attrs.evolve(fragment, name=before.name)
    run.tell_if_damaged()
    _all(run, _without_sections(fragment.document), index)
    run.scope = before
    run.fragments.pop()


# Policies


def _set_variable(run: Run, element: Element) -> None:
    name, value = element.attribute("name"), element.attribute("value")
    if name is None:
        return
    try:
        run.set_variable(name.raw, run.result(value_of(value) if value is not None else text_of(element)))
    except UndecidedError as error:
        _end_where_it_throws(run, element, element, error)
        run.forget_variable(name.raw)


def _set_header(run: Run, element: Element) -> None:
    """https://learn.microsoft.com/azure/api-management/set-header-policy."""
    try:
        name = run.text(element, "name") or ""
    except UndecidedError as error:
        run.tell(element, element, "header", UNKNOWN, f"Which header is set is only known in the service: {error}.")
        return
    is_token = name.lower() == "authorization"
    try:
        action = (run.text(element, "exists-action") or "override").strip().lower()
        before = run.header(name) if action in ("skip", "append") else None
        values = [run.value(text_of(value)) for value in element.elements if value.name == "value"]
    except UndecidedError as error:
        run.forget_header(name, f"{name} has been replaced, {error}")
        if is_token:
            run.tell(element, element, name, SKIPPED, f"It is replaced by a value only the service knows: {error}.")
        return
    if action == "skip" and before is not None:
        return
    joined = None if action == "delete" else ",".join(filter(None, [before, *values]))
    run.set_header(name, joined)
    if is_token:
        what = "removed" if joined is None else "replaced"
        run.tell(element, element, name, PASS, f"The header the caller sent is {what} from here on.")


def _sign_in(run: Run, element: Element) -> None:
    """Put the gateway's own credentials into Authorization, or a token into a variable where one is named."""
    variable = element.attribute("output-token-variable-name")
    if variable is not None:
        run.forget_variable(variable.raw)
        return
    what = _SIGN_IN[element.name]
    run.forget_header("Authorization", f"the header holds {what}")
    detail = f"From here on the Authorization header holds {what}, not the caller's token."
    run.tell(element, element, "Authorization", SKIPPED, detail)


def _return_response(run: Run, element: Element) -> None:
    run.status, run.body = 200, None
    for child in element.elements:
        if child.name in _ANSWER:
            _ANSWER[child.name](run, child)
    is_refusal = run.section == "inbound" and run.status is not None and run.status >= 400
    verdict = FAIL if is_refusal else UNKNOWN if run.status is None else PASS
    run.tell(element, element, "return-response", verdict, f"The policy answers {run.status or 'by itself'}.")
    raise Returned(run.status, run.body, element)


def _mock_response(run: Run, element: Element) -> None:
    """https://learn.microsoft.com/azure/api-management/mock-response-policy."""
    try:
        status: int | None = int(run.text(element, "status-code") or "200")
    except (UndecidedError, ValueError):
        status = None
    run.tell(element, element, element.name, PASS, f"The policy answers {status or 'by itself'} with an example.")
    raise Returned(status, None, element)


def _set_status(run: Run, element: Element) -> None:
    try:
        run.status = int(run.text(element, "code") or "")
    except (UndecidedError, ValueError):
        run.status = None


def _set_body(run: Run, element: Element) -> None:
    try:
        run.body = run.content(element)
    except UndecidedError:
        run.body = None


_SIGN_IN = {
    "authentication-managed-identity": "the managed identity's token",
    "authentication-basic": "a user name and password of the gateway",
}
"""Policies that sign the gateway in at the backend, and what they put into the Authorization header."""
_CONTAINERS: dict[str, Callable[[Run, Element, int], None]] = {
    "base": _base,
    "choose": _choose,
    "include-fragment": _fragment,
    "limit-concurrency": _limited,
    "retry": _children,
    "wait": _children,
}
_HANDLERS: dict[str, Callable[[Run, Element], None]] = {
    "validate-jwt": tokens.validate,
    "validate-azure-ad-token": tokens.validate,
    "set-variable": _set_variable,
    "set-header": _set_header,
    **dict.fromkeys(_SIGN_IN, _sign_in),
    "check-header": access.check_header,
    "ip-filter": access.ip_filter,
    "validate-client-certificate": access.client_certificate,
    "cors": cors.cross_origin,
    **dict.fromkeys(elsewhere.LIMITS, elsewhere.limit),
    **dict.fromkeys((*elsewhere.BODIES, *elsewhere.DESCRIPTIONS), elsewhere.judge_of_content),
    **dict.fromkeys(elsewhere.CACHES, elsewhere.cache),
    "return-response": _return_response,
    "mock-response": _mock_response,
}
_ANSWER: dict[str, Callable[[Run, Element], None]] = {"set-status": _set_status, "set-body": _set_body}
_ERROR_HANDLERS = {"set-variable": _set_variable, "return-response": _return_response, **_ANSWER}


# After a refusal


def _refused(run: Run, refused: Refused) -> Simulation:
    """Return the answer to a refusal: that of on-error where it answers by itself, else the policy's own."""
    error = run.error(refused)
    outcome = Outcome.UNDETERMINED if run.may_have_ended else Outcome.FAIL
    run.status, run.body = refused.status, None
    if refused.message is not None and refused.status is not None:
        run.body = json.dumps({"statusCode": refused.status, "message": refused.message})
    run.last_error = {
        "Source": error.source,
        "Reason": error.reason,
        "Message": error.message,
        "Section": error.section,
        "Scope": error.scope,
        "Path": error.path,
        "PolicyId": error.policy_id,
    }
    run.section = "on-error"
    with contextlib.suppress(Returned):
        _section(run, 0)
    return Simulation(outcome, run.status, run.body, error, tuple(run.steps), tuple(run.unfetched))
