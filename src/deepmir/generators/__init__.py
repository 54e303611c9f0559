"""Networks that give back or make up music (tutorial, appendix A.2 to A.4): a module a kind."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it takes torch, which most readers of a judgement do without
    from deepmir.generators.base import Method


def get(kind: str) -> "Method":
    """What a kind of generator does.

    Args:
        kind: as `params.yaml` has it, such as `wavenet`.
    """
    method: Method = import_module(f"deepmir.generators.{kind}").METHOD
    return method
