"""The settings of one folder, as one immutable value."""

from claimlens.settings.model import ExpectedSettings, NetworkSettings, PolicySettings, Problem, Settings

__all__ = ["ExpectedSettings", "NetworkSettings", "PolicySettings", "Problem", "Settings"]
