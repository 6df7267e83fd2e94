"""What the files of a workspace say about the tokens they accept, and where they say so.

`read` takes any settings file, manifest or source file; `accepted_audiences` and `accepted_issuers` say what follows
from what it states. `formats` reads values with their key paths and knows no meaning; ``vocabulary.toml`` gives keys
their meaning; `sections` gathers what stands together.
"""

from claimlens.expectations.accepted import (
    TENANT,
    Accepted,
    accepted_audiences,
    accepted_issuers,
    is_multi_tenant,
    issuers_of,
)
from claimlens.expectations.model import Expectation, SourceKind, Stated, is_placeholder, with_path
from claimlens.expectations.read import entries_of, read

__all__ = [
    "TENANT",
    "Accepted",
    "Expectation",
    "SourceKind",
    "Stated",
    "accepted_audiences",
    "accepted_issuers",
    "entries_of",
    "is_multi_tenant",
    "is_placeholder",
    "issuers_of",
    "read",
    "with_path",
]
