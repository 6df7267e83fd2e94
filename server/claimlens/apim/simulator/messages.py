"""What the service writes when it refuses a token: into ``context.LastError.Message``, and to the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, str]] = {
    "no token": "JWT not present.",
    "no decryption key": "IDX10609: Decryption failed. No Keys tried. Access denied.",
    "format": "IDX12741: JWT must have three segments (JWS) or five segments (JWE). Access denied.",
    "no keys": "IDX10500: Signature validation failed. No security keys were provided to validate the signature. "
    "Access denied.",
    "key": "IDX10503: Signature validation failed. The token's kid did not match any key. Access denied.",
    "signature": "IDX10511: Signature validation failed. Access denied.",
    "unsigned": "IDX10504: Unable to validate signature, token does not have a signature. Access denied.",
    "no expiry": "IDX10225: Lifetime validation failed. The token is missing an Expiration Time. Access denied.",
    "upside down": "IDX10224: Lifetime validation failed. The NotBefore: '{starts}' is after Expires: '{expires}'. "
    "Access denied.",
    "not yet valid": "IDX10222: Lifetime validation failed. The token is not yet valid. ValidFrom: '{starts}', "
    "Current time: '{now}'. Access denied.",
    "expired": "IDX10223: Lifetime validation failed. The token is expired. ValidTo: '{expires}', "
    "Current time: '{now}'. Access denied.",
    "audience": "IDX10214: Audience validation failed. Audiences: '{found}'. Did not match: "
    "validationParameters.ValidAudience: 'null' or validationParameters.ValidAudiences: '{accepted}'. Access denied.",
    "no audience": "IDX10206: Unable to validate audience. The 'audiences' parameter is empty. Access denied.",
    "no issuer": "IDX10211: Unable to validate issuer. The 'issuer' parameter is null or whitespace. Access denied.",
    "issuer": "IDX10205: Issuer validation failed. Issuer: '{found}'. Did not match: "
    "validationParameters.ValidIssuer: '' or validationParameters.ValidIssuers: '{accepted}'. Access denied.",
    "tenant": "IDX10205: Issuer validation failed. Issuer: '{found}'. Access denied.",
    "no claim": "JWT token is missing the following claims: {names}. Access denied.",
    "claim value": "Claim {name} value of {found} is not allowed. Access denied.",
}
"""``context.LastError.Message`` by what failed, in the service's words."""

DEFAULT_MESSAGES: Final[Mapping[str, str]] = {"TokenNotPresent": MESSAGES["no token"]}
"""What the caller reads by ``context.LastError.Reason``, unless the policy names a message of its own."""
OTHER_DEFAULT_MESSAGE: Final = "Invalid JWT."
"""What the caller reads for every other reason, as seen in answers of the service; the details stay in its trace."""
