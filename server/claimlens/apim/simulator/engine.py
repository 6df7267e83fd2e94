"""Run a request through policies: inbound from the outermost scope that ``base`` asks for, then on-error if it fails.

Only what decides whether the request is let in is carried out: JWT policies, ``check-header``, ``ip-filter``, client
certificates, conditions, variables, headers, fragments, ``base`` and ``return-response``. Whatever else a policy does
(limits, caching, transformation) is noted as skipped where it could refuse, and passed over in silence where it cannot.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
from collections.abc import Callable, Iterable

from claimlens.apim.model import Element
from claimlens.apim.simulator import tokens
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.model import Outcome, Request, Simulation, StepVerdict, Surroundings
from claimlens.apim.simulator.run import Refused, Returned, Run, listed, shown
from claimlens.apim.values import text_of, value_of

PASS, FAIL, UNKNOWN, SKIPPED = StepVerdict.PASS, StepVerdict.FAIL, StepVerdict.UNKNOWN, StepVerdict.SKIPPED
MAXIMUM_FRAGMENTS = 20
_LIMITS = frozenset(
    ("rate-limit", "rate-limit-by-key", "quota", "quota-by-key", "limit-concurrency", "llm-token-limit",
     "azure-openai-token-limit", "validate-content", "validate-parameters", "validate-headers", "llm-content-safety",
     "get-authorization-context", "validate-odata-request", "validate-graphql-request")
)  # fmt: skip
"""Policies that may refuse a request for reasons that are not in it, or that are not followed here."""
_DECISIVE = frozenset(
    ("validate-jwt", "validate-azure-ad-token", "check-header", "ip-filter", "validate-client-certificate",
     "return-response", "include-fragment", "base", "set-header", "set-variable", "authentication-managed-identity")
)  # fmt: skip


def simulate(request: Request, surroundings: Surroundings, now: datetime.datetime) -> Simulation:
    """Return what the gateway would answer to ``request``, as far as it can be told. Pure; never raises."""
    run = Run(request, surroundings, now, surroundings.scopes[0])
    try:
        _section(run, 0)
    except Refused as refused:
        return _refused(run, refused)
    except Returned as returned:
        outcome = Outcome.UNDETERMINED if run.open else Outcome.FAIL
        if returned.status is not None and returned.status < 400:
            outcome = Outcome.UNDETERMINED if run.open else Outcome.PASS
        return Simulation(outcome, returned.status, returned.body, None, tuple(run.steps))
    if run.open:
        return Simulation(Outcome.UNDETERMINED, None, None, None, tuple(run.steps))
    return Simulation(Outcome.PASS, 200, None, None, tuple(run.steps))


def _section(run: Run, index: int) -> None:
    """Run the inbound section of a scope, or a document that has no sections as one."""
    before = run.scope
    run.scope = run.surroundings.scopes[index]
    document = run.scope.document
    inbound = document.sections().get("inbound", ())
    if inbound:
        elements: Iterable[Element] = inbound[0].elements
    elif document.root is not None and document.root.name in ("policies", "fragment"):
        elements = document.root.elements if document.root.name == "fragment" else ()
    else:
        elements = document.roots
    _all(run, elements, index)
    run.scope = before


def _all(run: Run, elements: Iterable[Element], index: int) -> None:
    for element in elements:
        handler = _HANDLERS.get(element.name)
        if element.name == "base":
            _base(run, element, index)
        elif element.name in ("choose", "include-fragment", "retry", "wait"):
            _container(run, element, index)
        elif handler is not None:
            handler(run, element)
        elif element.name in _LIMITS:
            run.tell(
                element, element, "not followed", SKIPPED, f"{element.name} may refuse too; that is not followed here."
            )


def _base(run: Run, element: Element, index: int) -> None:
    if index + 1 < len(run.surroundings.scopes):
        _section(run, index + 1)
        return
    if run.scope.name != "global":
        run.tell(element, element, "outer scopes", SKIPPED, "The policies of the outer scopes are not at hand.")


def _container(run: Run, element: Element, index: int) -> None:
    if element.name == "choose":
        _choose(run, element, index)
    elif element.name == "include-fragment":
        _fragment(run, element, index)
    else:
        _all(run, element.elements, index)


def _choose(run: Run, choose: Element, index: int) -> None:
    """Run the first branch whose condition holds; an undecided condition leaves open what its branch decides."""
    for branch in choose.elements:
        condition = branch.attribute("condition")
        if branch.name == "otherwise":
            _all(run, branch.elements, index)
            return
        try:
            holds = run.truth(condition, default=False)
        except UndecidedError as error:
            if _is_decisive(choose):
                run.tell(
                    choose, branch, "condition", UNKNOWN, f"Not decided: {error}. What the branches check is left out."
                )
            return
        run.tell(choose, branch, "condition", PASS if holds else SKIPPED, "It holds." if holds else "It does not hold.")
        if holds:
            _all(run, branch.elements, index)
            return


def _is_decisive(element: Element) -> bool:
    pending = list(element.elements)
    while pending:
        inner = pending.pop()
        if inner.name in _DECISIVE:
            return True
        pending.extend(inner.elements)
    return False


def _fragment(run: Run, element: Element, index: int) -> None:
    identifier = element.attribute("fragment-id")
    name = identifier.raw if identifier is not None else ""
    document = run.surroundings.fragments.get(name)
    if document is None or document.root is None:
        run.tell(element, element, "fragment", UNKNOWN, f"The fragment {shown(name)} is not at hand.")
        return
    if name in run.fragments or len(run.fragments) >= MAXIMUM_FRAGMENTS:
        run.tell(element, element, "fragment", UNKNOWN, f"The fragment {shown(name)} includes itself.")
        return
    run.fragments.append(name)
    _all(run, document.root.elements if document.root.name == "fragment" else document.roots, index)
    run.fragments.pop()


# Policies


def _set_variable(run: Run, element: Element) -> None:
    name = element.attribute("name")
    value = element.attribute("value")
    if name is None:
        return
    try:
        run.variables[name.raw] = run.value(value_of(value)) if value is not None else run.content(element)
    except UndecidedError:
        run.variables.pop(name.raw, None)


def _set_header(run: Run, element: Element) -> None:
    try:
        name = run.text(element, "name") or ""
        action = (run.text(element, "exists-action") or "override").strip().lower()
        values = [run.value(text_of(value)) for value in element.elements if value.name == "value"]
    except UndecidedError as error:
        if (attribute := element.attribute("name")) is not None and attribute.raw.lower() == "authorization":
            run.request = run.request.with_header("Authorization", None)
            run.tell(
                element,
                element,
                "Authorization",
                UNKNOWN,
                f"It is replaced by a value only the service knows: {error}.",
            )
        return
    present = run.request.header(name) is not None
    if action == "delete":
        run.request = run.request.with_header(name, None)
    elif action == "override" or (action == "skip" and not present):
        run.request = run.request.with_header(name, ",".join(values))
    elif action == "append":
        joined = ",".join(filter(None, [run.request.header(name), *values]))
        run.request = run.request.with_header(name, joined)
    if name.lower() == "authorization" and action != "delete":
        run.tell(element, element, "Authorization", PASS, "The header the caller sent is replaced from here on.")


def _managed_identity(run: Run, element: Element) -> None:
    """The policy puts the managed identity's token into Authorization, unless it is told to put it into a variable."""
    variable = element.attribute("output-token-variable-name")
    if variable is not None:
        run.variables.pop(variable.raw, None)
        return
    run.request = run.request.with_header("Authorization", None)
    detail = "From here on the Authorization header holds the managed identity's token, not the caller's."
    run.tell(element, element, "Authorization", SKIPPED, detail)


def _check_header(run: Run, element: Element) -> None:
    """https://learn.microsoft.com/azure/api-management/check-header-policy."""
    try:
        name = run.text(element, "name") or ""
        ignore_case = run.truth(element.attribute("ignore-case"), False)
        wanted = [run.content(value) for value in element.elements if value.name == "value"]
        status = int((run.text(element, "failed-check-httpcode") or "401").strip())
        message = run.text(element, "failed-check-error-message") or ""
    except (UndecidedError, ValueError) as error:
        run.tell(element, element, "header", UNKNOWN, f"Only known in the service: {error}.")
        return
    found = run.request.header(name)
    fold = str.lower if ignore_case else str
    if found is None:
        run.tell(element, element, "header", FAIL, f"The request has no header {shown(name)}.")
        text = f"Header {name} was not found in the request. Access denied."
        raise Refused(status, message or text, "HeaderNotFound", text, element)
    if wanted and fold(found) not in [fold(each) for each in wanted]:
        run.tell(element, element, "header", FAIL, f"{name} is {shown(found)}, accepted is {listed(wanted)}.")
        text = f"Header {name} value of {found} is not allowed. Access denied."
        raise Refused(status, message or text, "HeaderValueNotAllowed", text, element)
    run.tell(element, element, "header", PASS, f"{name} is {shown(found)}.")


def _ip_filter(run: Run, element: Element) -> None:
    """https://learn.microsoft.com/azure/api-management/ip-filter-policy."""
    if run.request.client_address is None:
        run.tell(element, element, "address", UNKNOWN, "The caller's address is not given.")
        return
    try:
        action = (run.text(element, "action") or "").strip()
        address = ipaddress.ip_address(run.request.client_address)
        inside = any(_contains(run, child, address) for child in element.elements)
    except UndecidedError as error:
        run.tell(element, element, "address", UNKNOWN, f"Only known in the service: {error}.")
        return
    except ValueError:
        text = "Failed to establish IP address for the caller. Access denied."
        run.tell(element, element, "address", FAIL, "The caller's address cannot be read.")
        raise Refused(403, text, "FailedToParseCallerIP", text, element) from None
    if (action == "allow") != inside:
        reason = "CallerIpNotAllowed" if action == "allow" else "CallerIpBlocked"
        word = "is not allowed" if action == "allow" else "is blocked"
        text = f"Caller IP address {run.request.client_address} {word}. Access denied."
        run.tell(element, element, "address", FAIL, f"The caller's address {shown(run.request.client_address)} {word}.")
        raise Refused(403, text, reason, text, element)
    run.tell(element, element, "address", PASS, f"The caller's address {shown(run.request.client_address)} may pass.")


def _contains(run: Run, element: Element, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if element.name == "address":
        text = run.content(element)
        if "/" in text:
            return address in ipaddress.ip_network(text, strict=False)
        return address == ipaddress.ip_address(text)
    first, last = (ipaddress.ip_address((run.text(element, name) or "").strip()) for name in ("from", "to"))
    return address.version == first.version == last.version and int(first) <= int(address) <= int(last)


def _client_certificate(run: Run, element: Element) -> None:
    certificate = run.request.certificate
    if certificate is None:
        run.tell(element, element, "certificate", UNKNOWN, "Nothing is known of a client certificate.")
        return
    text = "Invalid client certificate."
    if not certificate:
        run.tell(element, element, "certificate", FAIL, "The request comes without a client certificate.")
        raise Refused(403, text, "ClientCertificateNotFound", text, element)
    holder = element.child("identities")
    wanted = [
        {attribute.name: attribute.raw for attribute in identity.attributes}
        for identity in (holder.elements if holder is not None else ())
    ]
    matches = any(
        all(
            certificate.get(name, "").lower() == value.lower()
            for name, value in identity.items()
            if name != "issuer-certificate-id"
        )
        for identity in wanted
    )
    if wanted and not matches:
        run.tell(element, element, "certificate", FAIL, "The certificate is none of the identities listed.")
        raise Refused(403, text, "ClientCertificateIdentityNotMatched", text, element)
    run.tell(
        element, element, "certificate", UNKNOWN, "Chain, validity and revocation are checked by the service alone."
    )


def _return_response(run: Run, element: Element) -> None:
    status: int | None = 200
    body: str | None = None
    for child in element.elements:
        try:
            if child.name == "set-status":
                code = (run.text(child, "code") or "200").strip()
                status = int(code) if code.isdigit() else None
            elif child.name == "set-body":
                body = run.content(child)
        except UndecidedError:
            status = None if child.name == "set-status" else status
    run.tell(
        element,
        element,
        "return-response",
        PASS if status and status < 400 else FAIL,
        f"The policy answers {status or 'by itself'}.",
    )
    raise Returned(status, body, element)


_HANDLERS: dict[str, Callable[[Run, Element], None]] = {
    "validate-jwt": tokens.validate,
    "validate-azure-ad-token": tokens.validate,
    "set-variable": _set_variable,
    "set-header": _set_header,
    "authentication-managed-identity": _managed_identity,
    "check-header": _check_header,
    "ip-filter": _ip_filter,
    "validate-client-certificate": _client_certificate,
    "return-response": _return_response,
}


# After a refusal


def _refused(run: Run, refused: Refused) -> Simulation:
    """Return the answer to a refusal: that of on-error where it answers by itself, else the policy's own."""
    error = run.error(refused)
    status, body = refused.status, None
    if refused.message is not None and status is not None:
        body = json.dumps({"statusCode": status, "message": refused.message})
    run.last_error = {
        "Source": error.source,
        "Reason": error.reason,
        "Message": error.message,
        "Section": error.section,
        "Scope": error.scope,
        "Path": error.path,
        "PolicyId": error.policy_id,
    }
    for element in _on_error(run):
        try:
            if element.name == "return-response":
                _return_response(run, element)
            elif element.name == "set-status":
                code = (run.text(element, "code") or "").strip()
                status = int(code) if code.isdigit() else status
            elif element.name == "set-body":
                body = run.content(element)
        except UndecidedError:
            body = None
        except Returned as returned:
            status, body = returned.status, returned.body
            break
    return Simulation(Outcome.FAIL, status, body, error, tuple(run.steps))


def _on_error(run: Run) -> Iterable[Element]:
    sections = run.scope.document.sections().get("on-error", ())
    return sections[0].elements if sections else ()
