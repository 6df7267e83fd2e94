"""Every defect code there is, with what it means. Rules stand for these; a test holds table and decoder together."""

from __future__ import annotations

from collections.abc import Mapping

DEFECTS: Mapping[str, str] = {
    # The token as a whole
    "truncated": "The text ends, or dots stand, before the token does.",
    "oversized": "The token is longer than 256,000 characters; it is reported and not decoded.",
    "segment-count": "A JWS has three parts (RFC 7515 section 7.1), a JWE five (RFC 7516 section 7.1); this has "
    "another number, or fewer than the encryption in its header takes.",
    "segment-empty": "An encrypted token lacks its initialization vector, ciphertext or authentication tag.",
    # Base64url, RFC 7515 section 2
    "base64url-padding": "'=' padding stands in a part; JOSE leaves it out, and strict readers refuse it.",
    "base64url-alphabet": "'+' or '/' of ordinary base64 stands where base64url has '-' or '_'.",
    "base64url-character": "A character stands in a part that base64url does not know.",
    "base64url-length": "A part is one character longer than a multiple of four: one is missing, or one too many.",
    "base64url-trailing-bits": "The last character of a part carries bits that are thrown away (RFC 4648 section 3.5): "
    "the token was altered or badly encoded.",
    # Text
    "bom": "A byte order mark stands before the JSON (RFC 8259 section 8.1 forbids writing one).",
    "utf8-invalid": "The decoded bytes are not UTF-8, so they are no JSON.",
    # JSON, RFC 8259
    "json-empty": "The part holds nothing, or blanks only.",
    "json-invalid": "The decoded text is not JSON.",
    "json-not-object": "The part is JSON, but not an object; a header and a claims set must be one.",
    "json-duplicate-member": "A member stands twice (RFC 7515 section 4 and RFC 7519 section 4 forbid it): two readers "
    "may see two different tokens.",
    "json-nan": "NaN or Infinity stands where JSON knows numbers only.",
    "json-number-range": "A number does not fit into 64 bits; readers round it or refuse it.",
    "json-lone-surrogate": "Half of a surrogate pair is escaped in a string: it is no character.",
    "json-too-deep": "More than 64 objects and arrays stand inside one another.",
    # Header, RFC 7515 section 4.1 and RFC 7516 section 4.1
    "alg-missing": "The header does not say which algorithm was used.",
    "alg-not-text": "The header's 'alg' is not a string.",
    "enc-missing": "The header of an encrypted token does not say how it is encrypted.",
    "enc-not-text": "The header's 'enc' is not a string.",
    # Signature
    "signature-missing": "The header names an algorithm, but the signature is empty: it was removed.",
    "signature-unexpected": "The header says 'none', yet a signature follows.",
    "signature-length": "The signature has a length that its algorithm cannot make: it was cut or altered.",
    # Times, RFC 7519 section 2
    "numericdate-text": "'exp', 'nbf' or 'iat' stands in quotes; it must be a JSON number of seconds since 1970.",
    "numericdate-milliseconds": "'exp', 'nbf' or 'iat' is in milliseconds; it must be in seconds.",
    "numericdate-float": "'exp', 'nbf' or 'iat' has a fraction or an exponent; many readers take whole seconds only.",
    "numericdate-type": "'exp', 'nbf' or 'iat' is no number at all.",
}
"""What each `claimlens.jose.model.Defect` code means."""
