"""The settings of one folder, as one immutable value, and how they are read. Start at `from_mapping`."""

from claimlens.settings.model import ExpectedSettings, NetworkSettings, PolicySettings, Problem, Settings
from claimlens.settings.parse import from_mapping, from_toml, merge, toml_values

__all__ = [
    "ExpectedSettings",
    "NetworkSettings",
    "PolicySettings",
    "Problem",
    "Settings",
    "from_mapping",
    "from_toml",
    "merge",
    "toml_values",
]
