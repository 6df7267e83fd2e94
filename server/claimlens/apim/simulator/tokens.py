"""``validate-jwt`` and ``validate-azure-ad-token``, check by check in the service's order.

The order and the messages are those of Microsoft.IdentityModel, whose texts appear verbatim in the service's traces;
where the service's behaviour is not documented, a step is marked as our reading.
https://learn.microsoft.com/azure/api-management/validate-jwt-policy
"""

from __future__ import annotations

from claimlens.apim.model import Element
from claimlens.apim.simulator.check import Check
from claimlens.apim.simulator.claims import check_audience, check_issuer, check_required_claims
from claimlens.apim.simulator.entra_claims import check_applications, check_tenant
from claimlens.apim.simulator.lifetime import check_lifetime
from claimlens.apim.simulator.members import Jwt
from claimlens.apim.simulator.run import Run
from claimlens.apim.simulator.signature import check_signature
from claimlens.apim.simulator.token_source import find_token


def validate(run: Run, policy: Element) -> None:
    """Run a JWT policy: note its steps, set its variable, or raise `Refused`."""
    check = Check(run, policy)
    variable = policy.attribute("output-token-variable-name")
    token = find_token(check)
    if token is None:
        if variable is not None:
            run.forget_variable(variable.raw)
        return
    check_signature(check, token)
    check_lifetime(check, token)
    check_audience(check, token)
    if check.is_entra:
        check_tenant(check, token)
        check_applications(check, token)
    else:
        check_issuer(check, token)
    check_required_claims(check, token)
    if variable is not None and token.payload is not None:
        run.set_variable(variable.raw, Jwt(token.payload))
