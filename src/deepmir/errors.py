"""The one kind of error that a user is meant to read."""


class DeepmirError(Exception):
    """What the user can mend: one line that names the file, key or track and says what to do."""
