"""Would this request pass these policies, and if not, because of which line?

`simulate` runs a request through the policies of its scopes and answers pass, fail or undetermined, with every check on
the way. `expressions` decides what it can of C#, `tokens` is the JWT policies, `engine` the rest.
"""

from claimlens.apim.simulator.engine import decides, simulate
from claimlens.apim.simulator.model import (
    IssuerDocuments,
    LastError,
    Outcome,
    Request,
    Scope,
    Simulation,
    Step,
    StepVerdict,
    Surroundings,
)

__all__ = [
    "IssuerDocuments",
    "LastError",
    "Outcome",
    "Request",
    "Scope",
    "Simulation",
    "Step",
    "StepVerdict",
    "Surroundings",
    "decides",
    "simulate",
]
