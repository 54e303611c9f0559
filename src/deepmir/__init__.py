"""deepmir: deep networks for music information retrieval, from one file of declarations."""

from typing import TYPE_CHECKING, Any

from deepmir.version import VERSION as __version__

if TYPE_CHECKING:
    from deepmir.analysis.activations import (
        Activations,
        activations_from_file,
        activations_from_representation,
        activations_from_samples,
    )
    from deepmir.analysis.engine import analyze, left_out
    from deepmir.analysis.results import Analysis

__all__ = [
    "Activations",
    "Analysis",
    "__version__",
    "activations_from_file",
    "activations_from_representation",
    "activations_from_samples",
    "analyze",
    "left_out",
]

# The module of each name: nothing is imported before it is used, as torch alone takes seconds.
_HOMES = {
    "Activations": "activations",
    "Analysis": "results",
    "activations_from_file": "activations",
    "activations_from_representation": "activations",
    "activations_from_samples": "activations",
    "analyze": "engine",
    "left_out": "engine",
}


def __getattr__(name: str) -> Any:
    """Import a name on demand."""
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module 'deepmir' has no attribute {name!r}")
    return getattr(importlib.import_module(f"deepmir.analysis.{_HOMES[name]}"), name)
