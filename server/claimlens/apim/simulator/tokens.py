"""``validate-jwt`` and ``validate-azure-ad-token``, check by check in the service's order.

The order and the messages are those of Microsoft.IdentityModel, whose texts appear verbatim in the service's traces;
where the service's behaviour is not documented, a step is marked as our reading.
https://learn.microsoft.com/azure/api-management/validate-jwt-policy
"""

from __future__ import annotations

import datetime
from typing import NoReturn

import attrs

from claimlens import jose
from claimlens.apim.model import Element
from claimlens.apim.simulator.comparisons import claim_values, same_audience, same_issuer
from claimlens.apim.simulator.keys import issuer_documents, named_like, policy_keys
from claimlens.apim.simulator.members import Jwt, UndecidedError
from claimlens.apim.simulator.messages import MESSAGES
from claimlens.apim.simulator.model import StepVerdict
from claimlens.apim.simulator.run import Refused, Run, listed, shown
from claimlens.apim.values import text_of
from claimlens.jose.claims_checks import numeric_date, strings
from claimlens.jose.model import Token, TokenForm
from claimlens.jose.verification_keys import KeyRing
from claimlens.jose.verify import Verdict, verify_signature

PASS, FAIL, UNKNOWN, SKIPPED = StepVerdict.PASS, StepVerdict.FAIL, StepVerdict.UNKNOWN, StepVerdict.SKIPPED


def validate(run: Run, policy: Element) -> None:
    """Run a JWT policy: note its steps, set its variable, or raise `Refused`."""
    check = _Check(run, policy, is_entra=policy.name == "validate-azure-ad-token")
    token = check.token()
    if token is None:
        return
    check.signature(token)
    check.lifetime(token)
    check.audience(token)
    if check.is_entra:
        check.tenant(token)
        check.applications(token)
    else:
        check.issuer(token)
    check.required_claims(token)
    variable = policy.attribute("output-token-variable-name")
    if variable is not None and token.payload is not None:
        run.variables[variable.raw] = Jwt(token.payload)


@attrs.define
class _Check:
    run: Run
    policy: Element
    is_entra: bool

    # Telling and refusing

    def passed(self, element: Element, check: str, detail: str, *, reading: bool = False) -> None:
        self.run.tell(self.policy, element, check, PASS, detail, reading=reading)

    def unknown(self, element: Element, check: str, detail: str) -> None:
        self.run.tell(self.policy, element, check, UNKNOWN, detail)

    def skipped(self, element: Element, check: str, detail: str, *, reading: bool = False) -> None:
        self.run.tell(self.policy, element, check, SKIPPED, detail, reading=reading)

    def refuse(
        self, element: Element, check: str, detail: str, reason: str, text: str, *, reading: bool = False
    ) -> NoReturn:
        """Note the failing step and end the request as the service does."""
        self.run.tell(self.policy, element, check, FAIL, detail, reading=reading)
        status: int | None = 401
        message: str | None = None
        try:
            code = self.run.text(self.policy, "failed-validation-httpcode")
            status = int(code) if code is not None and code.strip().isdigit() else 401
            message = self.run.text(self.policy, "failed-validation-error-message")
        except UndecidedError:
            status = None
        raise Refused(status, message if message is not None else text, reason, text, self.policy)

    # 1. The token

    def token(self) -> Token | None:
        """Find the token as the policy does, and read it."""
        try:
            found = self._source()
        except UndecidedError as error:
            self.unknown(self.policy, "token", f"Where the token comes from is only known in the service: {error}.")
            return None
        if found is None:
            self.refuse(
                self.policy,
                "token",
                "The request carries no token where the policy looks.",
                "TokenNotPresent",
                "JWT not present.",
            )
        text = self._without_scheme(found)
        token = jose.decode(text.strip())
        if token.form is TokenForm.JWE:
            self.unknown(self.policy, "decryption", "The token is encrypted; only the service has the key.")
            return None
        if token.form is not TokenForm.JWS or token.header is None or token.payload is None:
            self.refuse(
                self.policy,
                "format",
                "What was sent is no well-formed JWT.",
                "JwtInvalid",
                MESSAGES["format"],
            )
        self.passed(self.policy, "token", f"Found {token.masked()}.")
        return token

    def _source(self) -> str | None:
        if (value := self.run.text(self.policy, "token-value")) is not None:
            return value or None
        if (parameter := self.run.text(self.policy, "query-parameter-name")) is not None:
            return next(iter(self.run.request.query.get(parameter, [])), None) or None
        return self.run.request.header(self._header_name()) or None

    def _header_name(self) -> str:
        return self.run.text(self.policy, "header-name") or "Authorization"

    def _without_scheme(self, value: str) -> str:
        """Take the scheme off an Authorization header; any other source holds the bare token."""
        scheme, blank, rest = value.partition(" ")
        is_authorization = (
            self.policy.attribute("token-value") is None
            and self.policy.attribute("query-parameter-name") is None
            and self._header_name().lower() == "authorization"
        )
        required = self._required_scheme() if is_authorization else None
        if required is not None and (scheme.lower() != required.lower() or not blank):
            sides = (
                f"the header begins with {shown(scheme[:20] if blank else 'no scheme')}, required is {shown(required)}"
            )
            self.refuse(
                self.policy,
                "require-scheme",
                f"The scheme is another: {sides}.",
                "TokenNotPresent",
                "JWT not present.",
                reading=True,
            )
        if required is not None:
            self.passed(self.policy, "require-scheme", f"The scheme is {shown(scheme)}.")
        return rest if is_authorization and blank and scheme.isalpha() else value

    def _required_scheme(self) -> str | None:
        try:
            return self.run.text(self.policy, "require-scheme")
        except UndecidedError as error:
            self.unknown(self.policy, "require-scheme", f"Only known in the service: {error}.")
            return None

    # 2. The signature

    def signature(self, token: Token) -> None:
        """Check the signature with every key that the policy names and that is at hand."""
        place = self.policy.child("issuer-signing-keys") or self.policy.child("openid-config") or self.policy
        if self._unsigned(token, place):
            return
        keys, missing, named = policy_keys(self.run, self.policy, is_entra=self.is_entra)
        ring = KeyRing(tuple(keys))
        result = verify_signature(token, named_like(token, ring)) if keys else None
        if result is not None and result.verdict is Verdict.VALID:
            self.passed(place, "signature", result.detail)
        elif missing:
            self.unknown(place, "signature", f"Not checked: {'; '.join(dict.fromkeys(missing))}.")
        elif not named:
            self.refuse(
                place,
                "signature",
                "The policy names no key.",
                "TokenSignatureKeyNotFound",
                MESSAGES["no keys"],
            )
        elif result is None or result.reason in ("key-not-found", "key-set", "key-refused"):
            detail = result.detail if result is not None else "No key of the policy can be used."
            self.refuse(
                place,
                "signature",
                detail,
                "TokenSignatureKeyNotFound",
                MESSAGES["key"],
            )
        else:
            self.refuse(
                place,
                "signature",
                result.detail,
                "TokenSignatureInvalid",
                MESSAGES["signature"],
            )

    def _unsigned(self, token: Token, place: Element) -> bool:
        if (token.algorithm or "").lower() != "none":
            return False
        try:
            required = self.run.truth(self.policy.attribute("require-signed-tokens"), True)
        except UndecidedError as error:
            self.unknown(place, "require-signed-tokens", f"Only known in the service: {error}.")
            return True
        if required:
            self.refuse(
                place,
                "require-signed-tokens",
                "The token is unsigned and the policy requires a signature.",
                "TokenSignatureInvalid",
                MESSAGES["unsigned"],
            )
        self.passed(place, "require-signed-tokens", "The token is unsigned, which the policy allows.")
        return True

    # 3. The lifetime

    def lifetime(self, token: Token) -> None:
        """Check ``exp`` and ``nbf`` with the clock skew; exactly at ``exp`` plus skew a token still passes."""
        claims = token.payload or {}
        try:
            skew = datetime.timedelta(seconds=float((self.run.text(self.policy, "clock-skew") or "0").strip()))
            required = self.run.truth(self.policy.attribute("require-expiration-time"), True)
        except (UndecidedError, ValueError, OverflowError) as error:
            self.unknown(self.policy, "lifetime", f"clock-skew or require-expiration-time is not known: {error}.")
            return
        expires, starts = numeric_date(claims.get("exp")), numeric_date(claims.get("nbf"))
        now = self.run.now
        if expires is None:
            if required:
                self.refuse(
                    self.policy,
                    "lifetime",
                    "The token has no exp and the policy requires one.",
                    "JwtInvalid",
                    MESSAGES["no expiry"],
                    reading=True,
                )
            self.passed(self.policy, "lifetime", "The token has no exp, which the policy allows.")
        if starts is not None and starts > now + skew:
            self.refuse(
                self.policy,
                "lifetime",
                f"nbf is {_utc(starts)}, it is {_utc(now)}, clock-skew {skew.seconds} s.",
                "JwtInvalid",
                MESSAGES["not yet valid"].format(starts=_utc(starts), now=_utc(now)),
                reading=True,
            )
        if expires is not None:
            if expires < now - skew:
                self.refuse(
                    self.policy,
                    "lifetime",
                    f"exp is {_utc(expires)}, it is {_utc(now)}, clock-skew {skew.seconds} s.",
                    "TokenExpired",
                    MESSAGES["expired"].format(expires=_utc(expires), now=_utc(now)),
                )
            self.passed(self.policy, "lifetime", f"Valid until {_utc(expires)}.")

    # 4. Audience and issuer

    def audience(self, token: Token) -> None:
        """Any of the listed audiences will do; one slash at the end is forgiven, case is not."""
        holder = self.policy.child("audiences")
        if holder is None:
            self.skipped(self.policy, "audience", "The policy names no audience.", reading=True)
            return
        found = strings((token.payload or {}).get("aud"))
        wanted, unknown = self._values(holder)
        sides = f"aud is {listed(found)}, accepted is {listed(wanted)}"
        if any(same_audience(one, other) for one in found for other in wanted):
            self.passed(holder, "audience", f"{sides}.")
        elif unknown:
            self.unknown(holder, "audience", f"Not decided: {unknown}.")
        else:
            expected = ", ".join(wanted)
            self.refuse(
                holder,
                "audience",
                f"{sides}.",
                "TokenAudienceNotAllowed",
                MESSAGES["audience"].format(found=", ".join(found), accepted=expected),
            )

    def issuer(self, token: Token) -> None:
        """The listed issuers and those of each metadata document, exactly."""
        holder = self.policy.child("issuers")
        configured = [element for element in self.policy.elements if element.name == "openid-config"]
        if holder is None and not configured:
            self.skipped(self.policy, "issuer", "The policy names neither issuers nor metadata.", reading=True)
            return
        place = holder or configured[0]
        claims = token.payload or {}
        found = claims.get("iss")
        listed_issuers, unknown = self._values(holder) if holder is not None else ([], "")
        documents = tuple(issuer_documents(self.run, self.policy, is_entra=self.is_entra))
        accepted = [*listed_issuers, *(each.issuer for each in documents if each.issuer is not None)]
        if not isinstance(found, str):
            self.refuse(place, "issuer", "The token has no iss.", "TokenIssuerNotAllowed", MESSAGES["no issuer"])
        sides = f"iss is {shown(found)}, accepted is {listed(accepted)}"
        if any(same_issuer(found, each, claims.get("tid")) for each in accepted):
            self.passed(place, "issuer", f"{sides}.")
        elif unknown or any(each.issuer is None for each in documents):
            missing = unknown or "the issuer of the metadata is not at hand"
            self.unknown(place, "issuer", f"Not decided: {missing}; {sides}.")
        else:
            self.refuse(
                place,
                "issuer",
                f"{sides}.",
                "TokenIssuerNotAllowed",
                MESSAGES["issuer"].format(found=found, accepted=", ".join(accepted)),
            )

    # 5. Entra

    def tenant(self, token: Token) -> None:
        """``tenant-id`` is an id, a URL with one, or ``organizations`` or ``common`` for any tenant."""
        try:
            wanted = (self.run.text(self.policy, "tenant-id") or "").strip()
        except UndecidedError as error:
            self.unknown(self.policy, "tenant-id", f"Only known in the service: {error}.")
            return
        found = (token.payload or {}).get("tid")
        issuer = (token.payload or {}).get("iss")
        bare = wanted.rstrip("/").removesuffix("/v2.0").rpartition("/")[2].lower()
        if bare in ("organizations", "common"):
            self.passed(self.policy, "tenant-id", f"Any tenant is accepted ({wanted}).")
        elif isinstance(found, str) and found.lower() == bare:
            self.passed(self.policy, "tenant-id", f"tid is {shown(found)}.")
        elif bare and "-" not in bare and "." in bare:
            self.unknown(
                self.policy, "tenant-id", f"{shown(wanted)} is a domain; only the service knows its tenant id."
            )
        else:
            told = found if isinstance(found, str) else ""
            self.refuse(
                self.policy,
                "tenant-id",
                f"tid is {shown(told)}, accepted is {shown(wanted)}.",
                "TokenIssuerNotAllowed",
                MESSAGES["tenant"].format(found=issuer),
                reading=True,
            )

    def applications(self, token: Token) -> None:
        """The calling application (``azp``, ``appid``) and the application called (``aud``)."""
        claims = token.payload or {}
        for name, found, claim in (
            ("client-application-ids", strings(claims.get("azp")) + strings(claims.get("appid")), "azp or appid"),
            ("backend-application-ids", strings(claims.get("aud")), "aud"),
        ):
            holder = self.policy.child(name)
            if holder is None:
                continue
            if claim == "aud" and self.policy.child("audiences") is not None:
                self.skipped(holder, name, "The audience was checked against audiences.", reading=True)
                continue
            wanted, unknown = self._values(holder)
            bare = {each.lower().removeprefix("api://") for each in found}
            if bare & {each.lower() for each in wanted}:
                self.passed(holder, name, f"{claim} is {listed(found)}.")
            elif unknown:
                self.unknown(holder, name, f"Not decided: {unknown}.")
            else:
                self.refuse(
                    holder,
                    name,
                    f"{claim} is {listed(found)}, accepted is {listed(wanted)}.",
                    "TokenClaimValueNotAllowed",
                    MESSAGES["claim value"].format(name=claim, found=", ".join(found)),
                    reading=True,
                )

    # 6. Claims

    def required_claims(self, token: Token) -> None:
        """Every ``claim`` must hold; of its values all or any, split at ``separator`` where there is one."""
        holder = self.policy.child("required-claims")
        for claim in holder.elements if holder is not None else ():
            if claim.name == "claim":
                self._claim(token, claim)

    def _claim(self, token: Token, claim: Element) -> None:
        try:
            name = (self.run.text(claim, "name") or "").strip()
            match = (self.run.text(claim, "match") or "all").strip().lower()
            separator = self.run.text(claim, "separator")
        except UndecidedError as error:
            self.unknown(claim, "claim", f"Only known in the service: {error}.")
            return
        claims = token.payload or {}
        if name not in claims:
            self.refuse(
                claim,
                name,
                f"The token has no claim {shown(name)}.",
                "TokenClaimNotFound",
                MESSAGES["no claim"].format(name=name),
            )
        found = claim_values(claims[name], separator)
        wanted, unknown = self._values(claim)
        held = [each for each in wanted if each in found]
        sides = f"{name} is {listed(found)}, required is {match} of {listed(wanted)}"
        if not wanted and not unknown:
            self.passed(claim, name, f"{name} is there; no value is required.")
        elif (match == "any" and held) or (match != "any" and len(held) == len(wanted) and not unknown):
            self.passed(claim, name, f"{sides}.")
        elif unknown and (match == "any" or len(held) == len(wanted)):
            self.unknown(claim, name, f"Not decided: {unknown}; {sides}.")
        else:
            self.refuse(
                claim,
                name,
                f"{sides}.",
                "TokenClaimValueNotAllowed",
                MESSAGES["claim value"].format(name=name, found=", ".join(found)),
            )

    def _values(self, holder: Element) -> tuple[list[str], str]:
        """Return the values of an element's children, and why some are not known."""
        values: list[str] = []
        unknown = ""
        for element in holder.elements:
            try:
                values.append(self.run.value(text_of(element)).strip())
            except UndecidedError as error:
                unknown = str(error)
        return values, unknown


def _utc(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
