"""Calls from pages of other origins: preflights, which ``cors`` answers alone, and origins that it turns away.

An origin that is turned away gets an empty answer with status 200 and without the headers that a browser looks for.
https://learn.microsoft.com/azure/api-management/cors-policy
"""

from __future__ import annotations

from collections.abc import Iterable

from claimlens.apim.model import Element
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.model import Request, Scope, StepVerdict
from claimlens.apim.simulator.run import Returned, Run, listed, shown

PASS, FAIL, UNKNOWN, SKIPPED = StepVerdict.PASS, StepVerdict.FAIL, StepVerdict.UNKNOWN, StepVerdict.SKIPPED
_SIMPLE = ("GET", "HEAD")
_ALWAYS_ALLOWED = ("GET", "POST")
"""Methods that are allowed where the policy lists none."""
_EMPTY = " The answer is empty and lacks what lets a browser go on."


def is_preflight(request: Request) -> bool:
    """Tell whether a browser asks for permission (https://fetch.spec.whatwg.org/#cors-preflight-request)."""
    names = {name.lower() for name, _ in request.headers}
    return request.method == "OPTIONS" and names >= {"origin", "access-control-request-method"}


def preflight(run: Run, policies: Iterable[tuple[Scope, Element]]) -> None:
    """Answer a preflight by the first ``cors`` that takes its origin; pass over one that there is no ``cors`` for.

    Args:
        run: the simulation.
        policies: those that stand directly in inbound, in order, each with its scope.
    """
    last = None
    for scope, element in policies:
        if element.name != "cors":
            continue
        run.scope = scope
        if last is None:
            run.tell_if_damaged()
        last = element
        try:
            if _takes_origin(run, element, may_end=True):
                _answer(run, element)
        except UndecidedError as error:
            run.tell(element, element, "preflight", UNKNOWN, f"Only known in the service: {error}.")
            raise Returned(None, None, element) from None
    if last is not None:
        run.tell(last, last, "preflight", FAIL, f"No cors accepts the origin.{_EMPTY}")
        raise Returned(200, "", last, refuses=True)


def judges(run: Run, element: Element) -> bool:
    """Tell whether an element is a ``cors`` that this request's origin matters to."""
    return element.name == "cors" and run.request.header("Origin") is not None


def cross_origin(run: Run, element: Element) -> None:
    """Judge the origin of a request that is no preflight."""
    if run.request.header("Origin") is None:
        return
    try:
        _takes_origin(run, element, may_end=run.request.method in _SIMPLE)
    except UndecidedError as error:
        run.tell(element, element, "origin", UNKNOWN, f"Only known in the service: {error}.")


def _takes_origin(run: Run, element: Element, *, may_end: bool) -> bool:
    """Compare the origin; one that is turned away ends the request, or raise `UndecidedError`.

    Args:
        run: the simulation.
        element: the ``cors``.
        may_end: whether the method is one that an origin ends; the policy has a say in it, too.
    """
    origin, accepted = run.header("Origin") or "", _values(run, element, "allowed-origins")
    sides = f"Origin is {shown(origin)}, accepted is {listed(accepted)}."
    if "*" in accepted or origin.lower() in [each.lower().rstrip("/") for each in accepted]:
        run.tell(element, element, "origin", PASS, sides)
        return True
    if may_end and run.truth(element.attribute("terminate-unmatched-request"), default=True):
        run.tell(element, element, "origin", FAIL, sides + _EMPTY)
        raise Returned(200, "", element, refuses=True)
    run.tell(element, element, "origin", SKIPPED, f"{sides} The answer gets no CORS headers from this policy.")
    return False


def _answer(run: Run, element: Element) -> None:
    """End a preflight from an accepted origin: what it asks for is compared by the browser, not by the service."""
    method = (run.header("Access-Control-Request-Method") or "").strip()
    headers = [each.strip().lower() for each in (run.header("Access-Control-Request-Headers") or "").split(",")]
    allowed_methods = _values(run, element, "allowed-methods") or list(_ALWAYS_ALLOWED)
    allowed_headers = [each.lower() for each in _values(run, element, "allowed-headers")]
    missing = [each for each in headers if each and each not in allowed_headers and "*" not in allowed_headers]
    has_method = "*" in allowed_methods or method.upper() in (each.upper() for each in allowed_methods)
    for wanted, allowed, holds in (
        (f"method {shown(method)}", allowed_methods, has_method),
        (f"headers {listed(missing)}" if missing else "headers", allowed_headers, not missing),
    ):
        detail = "may be sent." if holds else f"may not be sent, allowed is {listed(allowed)}."
        run.tell(element, element, "preflight", PASS if holds else FAIL, f"The {wanted} {detail}", reading=not holds)
    raise Returned(200, "", element, refuses=not has_method or bool(missing))


def _values(run: Run, element: Element, name: str) -> list[str]:
    holder = element.child(name)
    return [run.content(each) for each in holder.elements] if holder is not None else []
