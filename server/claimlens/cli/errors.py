"""What a command raises when it cannot do its work."""


class CommandError(Exception):
    """A message for standard error; the exit status is 2. Holds no token text."""
