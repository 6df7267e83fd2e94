"""Tokens: finding them in text, decoding them, keys, signatures. Knows JOSE (RFC 7515 to 7519), not Azure."""

from claimlens.jose.decode import decode
from claimlens.jose.redact import placeholder, redact
from claimlens.jose.scan import scan

__all__ = ["decode", "placeholder", "redact", "scan"]
