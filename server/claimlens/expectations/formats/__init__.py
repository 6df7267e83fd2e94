"""Readers of settings formats: each yields the values of a file with key path and place, and never fails."""
