"""The kinds of error that a user is meant to read."""


class DeepmirError(Exception):
    """What the user can mend: one line that names the file, key or track and says what to do."""


class MissingDataError(DeepmirError):
    """A data set is not on this machine: the line says how to get it, and all else can go on."""
