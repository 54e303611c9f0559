"""The kinds of error that a user is meant to read."""


class DeepmirError(Exception):
    """A mistake that the user can fix: one line with the file, key or track and what to do."""


class MissingDataError(DeepmirError):
    """A data set is not on this machine: the line says how to get it; everything else can run."""
