"""What is known of the policy language, one JSON file per subject. Each entry names its source.

A file is read on first use and kept; nothing is read at import.
"""

from __future__ import annotations

import functools
import json
from typing import Any


@functools.cache
def load(name: str) -> dict[str, Any]:
    """Return the content of ``name``.json of this package. Callers share it: it is never changed."""
    from importlib import resources  # lazily: importing it costs as much as the whole package

    content: dict[str, Any] = json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return content
