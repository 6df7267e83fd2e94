"""Policies that let a request in by what it carries besides a token: a header, an address, a client certificate."""

from __future__ import annotations

import ipaddress

from claimlens.apim.model import Element
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.model import StepVerdict
from claimlens.apim.simulator.run import Refused, Run, listed, shown

PASS, FAIL, UNKNOWN = StepVerdict.PASS, StepVerdict.FAIL, StepVerdict.UNKNOWN


def check_header(run: Run, element: Element) -> None:
    """https://learn.microsoft.com/azure/api-management/check-header-policy."""
    try:
        name = run.text(element, "name") or ""
        ignore_case = run.truth(element.attribute("ignore-case"), False)
        wanted = [run.content(value) for value in element.elements if value.name == "value"]
        status = int((run.text(element, "failed-check-httpcode") or "401").strip())
        message = run.text(element, "failed-check-error-message") or ""
        found = run.header(name)
    except (UndecidedError, ValueError) as error:
        run.tell(element, element, "header", UNKNOWN, f"Only known in the service: {error}.")
        return
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


def ip_filter(run: Run, element: Element) -> None:
    """https://learn.microsoft.com/azure/api-management/ip-filter-policy."""
    if run.request.client_address is None:
        run.tell(element, element, "address", UNKNOWN, "The caller's address is not given.")
        return
    try:
        address = ipaddress.ip_address(run.request.client_address)
    except ValueError:
        text = "Failed to establish IP address for the caller. Access denied."
        run.tell(element, element, "address", FAIL, "The caller's address cannot be read.")
        raise Refused(403, text, "FailedToParseCallerIP", text, element) from None
    try:
        action = (run.text(element, "action") or "").strip()
        inside = any(_contains(run, child, address) for child in element.elements)
    except (UndecidedError, ValueError) as error:
        run.tell(element, element, "address", UNKNOWN, f"The addresses of the policy are not all known: {error}.")
        return
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


def client_certificate(run: Run, element: Element) -> None:
    """https://learn.microsoft.com/azure/api-management/validate-client-certificate-policy."""
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
