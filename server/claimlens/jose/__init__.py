"""Tokens: finding them in text, decoding them, keys, signatures. Knows JOSE (RFC 7515 to 7519), not Azure."""

from claimlens.jose.decode import decode
from claimlens.jose.jwk import find_keys
from claimlens.jose.model import Decoded, Defect, Segment, SegmentRole, Token, TokenForm
from claimlens.jose.reach import reach
from claimlens.jose.redact import placeholder, redact
from claimlens.jose.scan import scan

__all__ = [
    "Decoded",
    "Defect",
    "Segment",
    "SegmentRole",
    "Token",
    "TokenForm",
    "decode",
    "find_keys",
    "placeholder",
    "reach",
    "redact",
    "scan",
]
