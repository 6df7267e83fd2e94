"""Error codes and messages about tokens: finding them in any text, with the values inside, and what they mean.

The knowledge is in ``data/*.toml``, one file a product family. `recognise` finds mentions, `lookup` explains a code,
`parse_challenges` reads ``WWW-Authenticate``.
"""

from claimlens.entra.errors.catalogue import lookup
from claimlens.entra.errors.challenges import Challenge, decode_claims_challenge, parse_challenges
from claimlens.entra.errors.model import ErrorEntry, ErrorMention, ErrorValue
from claimlens.entra.errors.recognise import recognise

__all__ = [
    "Challenge",
    "ErrorEntry",
    "ErrorMention",
    "ErrorValue",
    "decode_claims_challenge",
    "lookup",
    "parse_challenges",
    "recognise",
]
