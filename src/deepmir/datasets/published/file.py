"""A file of a published set, and its checksum."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from deepmir import paths
from deepmir.errors import DeepmirError, MissingDataError


def how_to_fetch() -> str:
    """The remedy for a missing file."""
    return f"run `{paths.deepmir('fetch')}` with the name of this data set in params.yaml"


@dataclass(frozen=True)
class File:
    """A file of a published set.

    Attributes:
        path: the required path.
        md5: hash of its bytes, in hexadecimal, as published; None if it is not compared.
    """

    path: Path
    md5: str | None

    def as_published(self) -> bool:
        """Whether the bytes are the published ones.

        Raises:
            MissingDataError: when the file is missing.
        """
        if not self.path.is_file():
            raise MissingDataError(f"{self.path} is missing: {how_to_fetch()}, or copy it there")
        return self.md5 is None or self._found() == self.md5

    def check(self, cure: str = "") -> None:
        """Refuse a file that is missing or differs from the published one.

        Args:
            cure: the remedy for the latter; by default, to fetch it again.

        Raises:
            DeepmirError: naming the file and the remedy.
        """
        if not self.as_published():
            cure = cure or f"delete it and {how_to_fetch()}, or copy the published one there"
            raise DeepmirError(
                f"{self.path} is damaged or from another edition (its MD5 is "
                f"{self._found()}, the published one {self.md5}): {cure}"
            )

    def _found(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()
