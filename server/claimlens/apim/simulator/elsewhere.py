"""Policies whose answer depends on what is not in the request: on other calls, on a cache, on the API's description."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.apim.model import Element
from claimlens.apim.simulator.model import StepVerdict
from claimlens.apim.simulator.run import Run

UNKNOWN, SKIPPED = StepVerdict.UNKNOWN, StepVerdict.SKIPPED
LIMITS = (
    "rate-limit", "rate-limit-by-key", "quota", "quota-by-key", "limit-concurrency", "llm-token-limit",
    "azure-openai-token-limit", "get-authorization-context",
)  # fmt: skip
BODIES = ("validate-content", "validate-graphql-request", "llm-content-safety")
"""Policies that judge what stands in the body."""
DESCRIPTIONS = ("validate-parameters", "validate-odata-request")
CACHES = ("cache-lookup", "llm-semantic-cache-lookup", "azure-openai-semantic-cache-lookup")
_MAY_ONLY_DETECT = ("validate-content", "validate-parameters")


def limit(run: Run, element: Element) -> None:
    """Name what other calls decide: as long as nobody has called too often, it lets the request in."""
    run.tell(element, element, "not followed", SKIPPED, f"{element.name} may refuse too; that is not followed here.")
    run.forget_variables_of(element)


def judge_of_content(run: Run, element: Element) -> None:
    """Leave open what the description of the API decides, which is not at hand."""
    if may_refuse(run, element):
        detail = f"What {element.name} compares the request with is only known in the service."
        run.tell(element, element, "not followed", UNKNOWN, detail)
    else:
        nothing = "no action of it is prevent" if element.name in _MAY_ONLY_DETECT and run.request.body else "no body"
        run.tell(element, element, "not followed", SKIPPED, f"{element.name} refuses nothing here: {nothing}.")
    run.forget_variables_of(element)


def may_refuse(run: Run, element: Element) -> bool:
    """Tell whether a policy could refuse this request for its content."""
    if element.name in BODIES and not run.request.body:
        return False
    if element.name in _MAY_ONLY_DETECT:
        return any(_may_prevent(element))
    return element.name in BODIES + DESCRIPTIONS


def _may_prevent(element: Element) -> Iterator[bool]:
    pending = [element]
    for each in pending:  # grows while it is walked
        pending.extend(each.elements)
        for attribute in each.attributes:
            if attribute.name.endswith("action"):
                yield attribute.raw.strip().lower() not in ("ignore", "detect")


def cache(run: Run, element: Element) -> None:
    """Say what a cached answer would do: it ends the request, so that no policy behind is looked at."""
    private = element.attribute("allow-private-response-caching")
    if element.name == "cache-lookup" and private is None and run.request.header("Authorization") is not None:
        detail = "A request with an Authorization header gets no cached answer."
    else:
        detail = "A cached answer would end the request here, unchecked by what follows; this one is not in the cache."
    run.tell(element, element, "cache", SKIPPED, detail)
    run.forget_variables_of(element)
