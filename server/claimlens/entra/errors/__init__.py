"""Error codes and messages about tokens: finding them in any text, with the values inside, and what they mean.

The knowledge is in ``data/*.toml``, one file a product family. `recognise` finds mentions, `explain` says what one
means, `lookup` knows a code, `parse_challenges` reads ``WWW-Authenticate``, `decode_client_principal` and
`activity_log_claims` read what Azure says of a caller outside of tokens.
"""

from claimlens.entra.errors.catalogue import HiddenNote, lookup
from claimlens.entra.errors.challenges import Challenge, decode_claims_challenge, parse_challenges
from claimlens.entra.errors.explain import Comparison, ErrorExplanation, NamedCause, NamedValue, explain
from claimlens.entra.errors.model import ErrorEntry, ErrorMention, ErrorValue
from claimlens.entra.errors.principals import (
    ClientPrincipal,
    activity_log_claims,
    decode_client_principal,
    short_claim_name,
)
from claimlens.entra.errors.recognise import recognise
from claimlens.entra.errors.signs import SIGNS

__all__ = [
    "SIGNS",
    "Challenge",
    "ClientPrincipal",
    "Comparison",
    "ErrorEntry",
    "ErrorExplanation",
    "ErrorMention",
    "ErrorValue",
    "HiddenNote",
    "NamedCause",
    "NamedValue",
    "activity_log_claims",
    "decode_claims_challenge",
    "decode_client_principal",
    "explain",
    "lookup",
    "parse_challenges",
    "recognise",
    "short_claim_name",
]
