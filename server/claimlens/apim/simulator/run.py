"""One run through the policies of a request: the state that policies change, and how a step is told."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

import attrs

from claimlens.apim.model import Attribute, Element
from claimlens.apim.simulator.expressions import evaluate, evaluate_block
from claimlens.apim.simulator.members import Context, UndecidedError, as_text
from claimlens.apim.simulator.model import LastError, Request, Scope, Step, StepVerdict, Surroundings
from claimlens.apim.values import PlaceholderKind, Value, text_of, value_of
from claimlens.text.escape import visible
from claimlens.text.spans import Span

_NAMED_VALUE = re.compile(r"\{\{\s*([A-Za-z0-9._-]+)\s*\}\}")
_BEFORE_DEPLOYMENT = frozenset((PlaceholderKind.TERRAFORM, PlaceholderKind.DEVOPS))
_EXPRESSION = re.compile(r"\s*@([({])(.*)[)}]\s*", re.DOTALL)
MAXIMUM_SHOWN = 160


class Refused(Exception):  # noqa: N818 - a refusal is the service's answer, not an error of ours
    """A policy ends the request; carries what the caller gets."""

    def __init__(self, status: int | None, message: str | None, reason: str, text: str, element: Element) -> None:
        super().__init__(reason)
        self.status = status
        self.message = message
        self.reason = reason
        self.text = text
        self.element = element


class Returned(Exception):  # noqa: N818
    """A policy ends the request with an answer of its own, which ``refuses`` it whatever the status says."""

    def __init__(self, status: int | None, body: str | None, element: Element, *, refuses: bool = False) -> None:
        super().__init__(element.name)
        self.status = status
        self.body = body
        self.element = element
        self.refuses = refuses


@attrs.define
class Run:
    """What one simulation knows and changes.

    Attributes:
        request: as policies have left it so far.
        surroundings: documents, named values, fragments.
        now: the time.
        scope: the scope whose policies run.
        section: the section that runs.
        variables: what ``set-variable`` and ``output-token-variable-name`` have set.
        unknown_variables: names of variables whose value only the service knows.
        unknown_headers: by lower-case name, why the value of a header is only known in the service.
        status: of the answer that on-error makes, or None where only the service knows it.
        body: of that answer.
        steps: what has been checked so far.
        open: whether something could not be decided that the answer depends on.
        unfetched: addresses of metadata whose keys are not at hand, in the order in which they were wanted.
        may_have_ended: whether a branch that was not decided could have answered the request.
    """

    request: Request
    surroundings: Surroundings
    now: datetime.datetime
    scope: Scope
    section: str = "inbound"
    variables: dict[str, Any] = attrs.field(factory=dict)
    unknown_variables: set[str] = attrs.field(factory=set)
    unknown_headers: dict[str, str] = attrs.field(factory=dict)
    status: int | None = None
    body: str | None = None
    steps: list[Step] = attrs.field(factory=list)
    open: bool = False
    may_have_ended: bool = False
    last_error: Mapping[str, Any] | None = None
    fragments: list[str] = attrs.field(factory=list)
    unfetched: dict[str, None] = attrs.field(factory=dict)

    def tell(
        self, policy: Element, element: Element, check: str, verdict: StepVerdict, detail: str, *, reading: bool = False
    ) -> None:
        """Note one step."""
        span = element.open_tag_span if element.open_end > element.start else Span(element.start, element.end)
        self.steps.append(Step(policy.name, element.name, check, verdict, detail, span, self.scope.path, reading))
        if verdict is StepVerdict.UNKNOWN:
            self.open = True

    def tell_if_damaged(self) -> None:
        """Note that the document of the present scope cannot be read as it stands; the service would not take it."""
        document = self.scope.document
        if document.problems:
            first = document.problems[0]
            detail = f"The policy is not read as it stands: {first.message}"
            step = Step("policies", "policies", "syntax", StepVerdict.UNKNOWN, detail, first.span, self.scope.path)
            self.steps.append(step)
            self.open = True

    def context(self) -> Context:
        """Return what expressions see now."""
        return Context(
            self.request,
            self.variables,
            self.last_error,
            frozenset(self.unknown_headers),
            frozenset(self.unknown_variables),
        )

    def value(self, raw: Value) -> str:
        """Return a value as text, named values filled in and its expression evaluated; raise `UndecidedError`."""
        return as_text(self.result(raw))

    def result(self, raw: Value) -> Any:
        """Return a value as it is, which an expression may make other than a text; raise `UndecidedError`."""
        text = self._with_named_values(raw)
        found = _EXPRESSION.fullmatch(text)
        if found is not None:
            return (evaluate if found[1] == "(" else evaluate_block)(found[2], self.context())
        if raw.has_expression:
            raise UndecidedError("an expression stands in it beside other text")
        return text

    def filled(self, raw: Value) -> str:
        """Return a value that holds no expression, named values filled in; raise `UndecidedError` for others."""
        text = self._with_named_values(raw)
        if raw.has_expression or _EXPRESSION.fullmatch(text):
            raise UndecidedError("an expression makes it")
        return text

    def _with_named_values(self, raw: Value) -> str:
        if any(each.kind in _BEFORE_DEPLOYMENT for each in raw.placeholders):
            raise UndecidedError("a template in it is filled in before the policy is deployed")
        return _NAMED_VALUE.sub(self._named_value, raw.text)

    def header(self, name: str) -> str | None:
        """Return a header's value, or None where it is absent; raise `UndecidedError`."""
        why = self.unknown_headers.get(name.lower())
        if why is not None:
            raise UndecidedError(why)
        return self.request.header(name)

    def set_header(self, name: str, value: str | None) -> None:
        """Give a header this value in place of any it has; None removes it."""
        self.unknown_headers.pop(name.lower(), None)
        self.request = self.request.with_header(name, value)

    def forget_header(self, name: str, why: str) -> None:
        """Take note that only the service knows the value of a header from here on."""
        self.unknown_headers[name.lower()] = why

    def set_variable(self, name: str, value: Any) -> None:
        """Give a variable of ``context.Variables`` this value."""
        self.unknown_variables.discard(name)
        self.variables[name] = value

    def forget_variable(self, name: str) -> None:
        """Take note that only the service knows the value of a variable from here on."""
        self.variables.pop(name, None)
        self.unknown_variables.add(name)

    def forget_variables_of(self, element: Element) -> None:
        """Take note that only the service knows the values of the variables that an element sets."""
        for attribute in element.attributes:
            if attribute.name.endswith("variable-name"):
                self.forget_variable(attribute.raw)

    def truth(self, attribute: Attribute | None, default: bool) -> bool:
        """Return an attribute that is true or false; raise `UndecidedError`."""
        if attribute is None:
            return default
        text = self.value(value_of(attribute)).strip().lower()
        if text not in ("true", "false"):
            raise UndecidedError(f"{attribute.name} is neither true nor false")
        return text == "true"

    def text(self, element: Element, name: str) -> str | None:
        """Return an attribute's value, or None where it is absent; raise `UndecidedError`."""
        attribute = element.attribute(name)
        return None if attribute is None else self.value(value_of(attribute))

    def content(self, element: Element) -> str:
        """Return an element's text, without the white space around it; raise `UndecidedError`."""
        return self.value(text_of(element)).strip()

    def error(self, refused: Refused) -> LastError:
        """Return ``context.LastError`` for a refusal."""
        identifier = refused.element.attribute("id")
        return LastError(
            source=refused.element.name,
            reason=refused.reason,
            message=refused.text,
            scope=self.scope.name,
            section=self.section,
            path=self.scope.document.path_of(refused.element),
            policy_id=identifier.raw if identifier is not None else None,
        )

    def _named_value(self, found: re.Match[str]) -> str:
        known = self.surroundings.named_values.get(found[1])
        if known is None:
            raise UndecidedError(f"the named value {found[1]} is not known")
        return known


def shown(value: str) -> str:
    """Return a value for a sentence, in quotes, invisible characters visible."""
    text = visible(value)
    return f"'{text[: MAXIMUM_SHOWN - 1]}…'" if len(text) > MAXIMUM_SHOWN else f"'{text}'"


def listed(values: tuple[str, ...] | list[str]) -> str:
    """Return several values for a sentence."""
    return ", ".join(shown(value) for value in values) or "nothing"
