"""``validate-jwt`` and ``validate-azure-ad-token``, check by check in the service's order.

The order and the messages are those of Microsoft.IdentityModel, whose texts appear verbatim in the service's traces;
where the service's behaviour is not documented, a step is marked as our reading.
https://learn.microsoft.com/azure/api-management/validate-jwt-policy
"""

from __future__ import annotations

import base64
import binascii
import datetime
from collections.abc import Iterator
from typing import Any, NoReturn

import attrs

from claimlens import jose
from claimlens.apim.model import Element
from claimlens.apim.simulator.expressions import Jwt, UndecidedError
from claimlens.apim.simulator.model import IssuerDocuments, StepVerdict
from claimlens.apim.simulator.run import Refused, Run, listed, shown
from claimlens.apim.values import text_of
from claimlens.jose.claims_checks import numeric_date, strings
from claimlens.jose.model import Token, TokenForm
from claimlens.jose.verification_keys import KeyRing, KeySource, RefusedKey, VerificationKey, read_jwk, read_secret
from claimlens.jose.verify import Verdict, verify_signature

PASS, FAIL, UNKNOWN, SKIPPED = StepVerdict.PASS, StepVerdict.FAIL, StepVerdict.UNKNOWN, StepVerdict.SKIPPED
_TEXTS = {
    "format": "IDX12741: JWT must have three segments (JWS) or five segments (JWE). Access denied.",
    "no keys": "IDX10500: Signature validation failed. No security keys were provided to validate the signature. "
    "Access denied.",
    "key": "IDX10503: Signature validation failed. The token's kid did not match any key. Access denied.",
    "signature": "IDX10511: Signature validation failed. Access denied.",
    "unsigned": "IDX10504: Unable to validate signature, token does not have a signature. Access denied.",
    "no expiry": "IDX10225: Lifetime validation failed. The token is missing an Expiration Time. Access denied.",
    "not yet valid": "IDX10222: Lifetime validation failed. The token is not yet valid. ValidFrom: '{starts}', "
    "Current time: '{now}'. Access denied.",
    "expired": "IDX10223: Lifetime validation failed. The token is expired. ValidTo: '{expires}', "
    "Current time: '{now}'. Access denied.",
    "audience": "IDX10214: Audience validation failed. Audiences: '{found}'. Did not match: "
    "validationParameters.ValidAudience: 'null' or validationParameters.ValidAudiences: '{accepted}'. Access denied.",
    "no issuer": "IDX10211: Unable to validate issuer. The 'issuer' parameter is null or whitespace. Access denied.",
    "issuer": "IDX10205: Issuer validation failed. Issuer: '{found}'. Did not match: "
    "validationParameters.ValidIssuer: '' or validationParameters.ValidIssuers: '{accepted}'. Access denied.",
    "tenant": "IDX10205: Issuer validation failed. Issuer: '{found}'. Access denied.",
    "no claim": "JWT token is missing the following claims: {name}. Access denied.",
    "claim value": "Claim {name} value of {found} is not allowed. Access denied.",
}
"""``context.LastError.Message`` by what failed, in the service's words."""
_TENANT = "{tenantid}"


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
                _TEXTS["format"],
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
        keys, missing, named = self._keys()
        ring = KeyRing(tuple(keys))
        result = verify_signature(token, _named_like(token, ring)) if keys else None
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
                _TEXTS["no keys"],
            )
        elif result is None or result.reason in ("key-not-found", "key-set", "key-refused"):
            detail = result.detail if result is not None else "No key of the policy can be used."
            self.refuse(
                place,
                "signature",
                detail,
                "TokenSignatureKeyNotFound",
                _TEXTS["key"],
            )
        else:
            self.refuse(
                place,
                "signature",
                result.detail,
                "TokenSignatureInvalid",
                _TEXTS["signature"],
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
                _TEXTS["unsigned"],
            )
        self.passed(place, "require-signed-tokens", "The token is unsigned, which the policy allows.")
        return True

    def _keys(self) -> tuple[list[VerificationKey], list[str], bool]:
        """Return the keys at hand, what is missing, and whether the policy names any."""
        keys: list[VerificationKey] = []
        missing: list[str] = []
        named = self.is_entra
        for holder in (self.policy.child("issuer-signing-keys"), self.policy.child("issuer-signing-tokens")):
            for element in holder.elements if holder is not None else ():
                named = True
                key = self._inline_key(element)
                if isinstance(key, VerificationKey):
                    keys.append(key)
                else:
                    missing.append(key)
        for documents in self._issuer_documents():
            named = True
            if documents.keys is None:
                missing.append("the issuer's keys are not at hand")
            else:
                keys.extend(documents.keys.keys)
        return keys, missing, named

    def _inline_key(self, element: Element) -> VerificationKey | str:
        """Return the key of one ``key`` element, or why it is not at hand."""
        if element.attribute("certificate-id") is not None:
            return "the certificate is in the service"
        identifier = element.attribute("id")
        try:
            modulus, exponent = self.run.text(element, "n"), self.run.text(element, "e")
            text = self.run.content(element)
        except UndecidedError as error:
            return str(error)
        if modulus is not None and exponent is not None:
            jwk = {"kty": "RSA", "n": modulus.strip(), "e": exponent.strip()}
            made = read_jwk({**jwk, **({"kid": identifier.raw} if identifier is not None else {})})
        else:
            try:
                made = read_secret(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
            except (binascii.Error, ValueError):
                return "a key's text is not base64"
        if isinstance(made, RefusedKey):
            return f"a key cannot be used: {made.reason}"
        return attrs.evolve(made, kid=identifier.raw if identifier is not None else made.kid)

    def _issuer_documents(self) -> Iterator[IssuerDocuments]:
        known = self.run.surroundings.issuers
        if self.is_entra:
            yield known.get("", IssuerDocuments())
            return
        for element in self.policy.elements:
            if element.name != "openid-config":
                continue
            try:
                url = (self.run.text(element, "url") or "").strip()
            except UndecidedError:
                url = ""
            yield known.get(url) or known.get("") or IssuerDocuments()

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
                    _TEXTS["no expiry"],
                    reading=True,
                )
            self.passed(self.policy, "lifetime", "The token has no exp, which the policy allows.")
        if starts is not None and starts > now + skew:
            self.refuse(
                self.policy,
                "lifetime",
                f"nbf is {_utc(starts)}, it is {_utc(now)}, clock-skew {skew.seconds} s.",
                "JwtInvalid",
                _TEXTS["not yet valid"].format(starts=_utc(starts), now=_utc(now)),
                reading=True,
            )
        if expires is not None:
            if expires < now - skew:
                self.refuse(
                    self.policy,
                    "lifetime",
                    f"exp is {_utc(expires)}, it is {_utc(now)}, clock-skew {skew.seconds} s.",
                    "TokenExpired",
                    _TEXTS["expired"].format(expires=_utc(expires), now=_utc(now)),
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
        if any(_same_audience(one, other) for one in found for other in wanted):
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
                _TEXTS["audience"].format(found=", ".join(found), accepted=expected),
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
        documents = tuple(self._issuer_documents())
        accepted = [*listed_issuers, *(each.issuer for each in documents if each.issuer is not None)]
        if not isinstance(found, str):
            self.refuse(place, "issuer", "The token has no iss.", "TokenIssuerNotAllowed", _TEXTS["no issuer"])
        sides = f"iss is {shown(found)}, accepted is {listed(accepted)}"
        if any(_same_issuer(found, each, claims.get("tid")) for each in accepted):
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
                _TEXTS["issuer"].format(found=found, accepted=", ".join(accepted)),
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
                _TEXTS["tenant"].format(found=issuer),
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
                    _TEXTS["claim value"].format(name=claim, found=", ".join(found)),
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
                _TEXTS["no claim"].format(name=name),
            )
        found = _claim_values(claims[name], separator)
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
                _TEXTS["claim value"].format(name=name, found=", ".join(found)),
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


def _named_like(token: Token, ring: KeyRing) -> KeyRing:
    """A key without id is tried for every token: give it the token's, as the service does."""
    kid = (token.header or {}).get("kid")
    if not isinstance(kid, str) or any(key.kid == kid for key in ring.keys):
        return ring
    nameless = tuple(attrs.evolve(key, source=KeySource.LOCAL) for key in ring.keys if key.kid is None)
    suitable = tuple(key for key in nameless if key.fits(token.algorithm or "")) or nameless
    return KeyRing(suitable) if suitable else ring


def _claim_values(value: Any, separator: str | None) -> list[str]:
    """Return the values of a claim as the policy compares them."""
    items = value if isinstance(value, list) else [value]
    texts = [item if isinstance(item, str) else _plain(item) for item in items]
    if separator:
        return [part for text in texts for part in text.split(separator)]
    return texts


def _plain(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def _same_audience(found: str, wanted: str) -> bool:
    return found == wanted or found == f"{wanted}/" or wanted == f"{found}/"


def _same_issuer(found: str, accepted: str, tenant: Any) -> bool:
    if _TENANT in accepted and isinstance(tenant, str):
        accepted = accepted.replace(_TENANT, tenant)
    return found == accepted


def _utc(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
