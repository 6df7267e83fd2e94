"""How long tokens live."""

from datetime import timedelta

LONGEST_LIFETIME = timedelta(days=366)
"""A token that lives longer is a password with extra steps; refresh tokens of Entra ID end after 90 days."""
