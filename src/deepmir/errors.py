"""The kinds of error that a user is meant to read."""


class DeepmirError(Exception):
    """A mistake that the user can fix: one line with the file, key or track and what to do."""


class MissingDataError(DeepmirError):
    """A data set is not on this machine: the line says how to get it; everything else can run."""


class DamagedError(DeepmirError):
    """A file that the line has made is damaged: no fault of the track that was read from it."""
