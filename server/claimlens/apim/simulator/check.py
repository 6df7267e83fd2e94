"""One JWT policy at work: how its checks tell what they found, and how they refuse."""

from __future__ import annotations

import re
from typing import NoReturn

import attrs

from claimlens.apim.model import Element
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.messages import DEFAULT_MESSAGES, OTHER_DEFAULT_MESSAGE
from claimlens.apim.simulator.model import StepVerdict
from claimlens.apim.simulator.run import Refused, Run
from claimlens.apim.values import text_of

PASS, FAIL, UNKNOWN, SKIPPED = StepVerdict.PASS, StepVerdict.FAIL, StepVerdict.UNKNOWN, StepVerdict.SKIPPED
DEFAULT_STATUS = 401
_STATUS = re.compile(r"[1-9][0-9]{2}")


@attrs.frozen
class Check:
    """What the checks of one policy share.

    Attributes:
        run: the simulation.
        policy: the ``validate-jwt`` or ``validate-azure-ad-token``.
    """

    run: Run
    policy: Element

    @property
    def is_entra(self) -> bool:
        """Whether the policy is ``validate-azure-ad-token``."""
        return self.policy.name == "validate-azure-ad-token"

    def passed(self, element: Element, check: str, detail: str, *, reading: bool = False) -> None:
        """Note that a check went well."""
        self.run.tell(self.policy, element, check, PASS, detail, reading=reading)

    def unknown(self, element: Element, check: str, detail: str) -> None:
        """Note that a check could not be decided, which leaves the outcome open."""
        self.run.tell(self.policy, element, check, UNKNOWN, detail)

    def skipped(self, element: Element, check: str, detail: str, *, reading: bool = False) -> None:
        """Note that there is nothing to check."""
        self.run.tell(self.policy, element, check, SKIPPED, detail, reading=reading)

    def refuse(
        self, element: Element, check: str, detail: str, reason: str, text: str, *, reading: bool = False
    ) -> NoReturn:
        """Note the failing step and end the request with the status and message of the policy."""
        self.run.tell(self.policy, element, check, FAIL, detail, reading=reading)
        message = DEFAULT_MESSAGES.get(reason, OTHER_DEFAULT_MESSAGE)
        raise Refused(self._status(), self._message(message), reason, text, self.policy)

    def values(self, holder: Element) -> tuple[list[str], str]:
        """Return the values of an element's children, and why some are not known."""
        values: list[str] = []
        unknown = ""
        for element in holder.elements:
            try:
                values.append(self.run.value(text_of(element)).strip())
            except UndecidedError as error:
                unknown = str(error)
        return values, unknown

    def _status(self) -> int | None:
        try:
            code = self.run.text(self.policy, "failed-validation-httpcode")
        except UndecidedError:
            return None
        if code is None:
            return DEFAULT_STATUS
        return int(code) if _STATUS.fullmatch(code.strip()) else None

    def _message(self, default: str) -> str | None:
        try:
            message = self.run.text(self.policy, "failed-validation-error-message")
        except UndecidedError:
            return None
        return default if message is None else message
