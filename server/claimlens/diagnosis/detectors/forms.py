"""The form of App Service authentication in the portal, written down as text: Issuer URL, Allowed token audiences."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.model import Confidence
from claimlens.expectations.relations import AudienceRelation, IssuerRelation, relate_audiences, relate_issuers


def detect_portal_form(case: Case) -> Iterator[Candidate]:
    """Compare the token with what the form holds."""
    token = case.token
    if token is None or not case.is_refused:
        return
    audiences, accepted = token.texts("aud"), tuple(case.clues("form-audience"))
    relations = {relate_audiences(one, other.value) for one in audiences for other in accepted}
    if relations and AudienceRelation.EQUAL not in relations:
        values = listed(tuple(one.value for one in accepted))
        summary = f"App Service refuses the audience: the token's aud is {listed(audiences)}, accepted is {values}."
        fix = f"Add {shown(audiences[0])} to the allowed token audiences of the site's authentication settings."
        yield Candidate("easyauth-audience", Confidence.LIKELY, summary, fix, (accepted[0].evidence, token.evidence), 3)
    issuers = tuple(case.clues("form-issuer"))
    if issuers and IssuerRelation.EQUAL not in {relate_issuers(token.text("iss"), one.value) for one in issuers}:
        summary = (
            f"App Service accepts another issuer: the token's iss is {shown(token.text('iss'))}, the form says "
            f"{listed(tuple(one.value for one in issuers))}."
        )
        yield Candidate("easyauth-issuer", Confidence.LIKELY, summary, "", (issuers[0].evidence, token.evidence), 3)
