"""Networks that reconstruct or generate music (tutorial, appendix A.2 to A.4), by kind."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # needs torch, which most readers of a judgement do without
    from deepmir.generators.base import Method


def get(kind: str) -> "Method":
    """The method of a kind of generator.

    Args:
        kind: as in `params.yaml`, such as `wavenet`.
    """
    method: Method = import_module(f"deepmir.generators.{kind}").METHOD
    return method
