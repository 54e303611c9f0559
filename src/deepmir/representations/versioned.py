"""Declarations with a version and a digest, which identify the files computed from them."""

import hashlib
import json
from typing import ClassVar

from deepmir import fields


class Versioned(fields.Declaration):
    """A frozen value read from ``params.yaml``; unknown keys are errors.

    Attributes:
        version: Increased by hand whenever the same declaration gives different values, so files
            computed by older code are recognised as stale.
    """

    version: ClassVar[int] = 1

    @property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the declaration and its versions."""
        canonical = json.dumps(self._identity(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def _identity(self) -> dict[str, object]:
        values = {name: _plain(getattr(self, name)) for name in type(self).model_fields}
        return values | {"version": self.version}


def _plain(value: object) -> object:
    if isinstance(value, Versioned):
        return value._identity()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
