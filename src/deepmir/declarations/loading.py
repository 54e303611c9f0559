"""Reading `params.yaml`: its values override the training defaults and are validated."""

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from deepmir import paths
from deepmir.declarations import activations, checks, searches, sweeps
from deepmir.declarations.schema import Params
from deepmir.declarations.training import OF_EXPERIMENTS, Training
from deepmir.errors import DeepmirError
from deepmir.fields import problems, yaml_file

TRAINED = ("experiments", "sequences", "generators")
"""The sections whose rows the section `training` has the defaults of."""


def load(path: Path = paths.PARAMS) -> Params:
    """Read and check the declarations.

    Raises:
        DeepmirError: for any mistake, naming the key.
    """
    return parse(yaml_file.read(path), str(path))


def parse(raw: object, source: str = "params.yaml") -> Params:
    """Check declarations that have already been read.

    Raises:
        DeepmirError: for any mistake, naming the key.
    """
    try:
        raw = _with_training_defaults(raw)
        params = activations.completed(searches.expanded(sweeps.expanded(_validated(raw))))
        checks.check(params)
    except DeepmirError as error:
        raise DeepmirError(f"{source}: {error}") from None
    return params


def _validated(raw: object) -> Params:
    if raw is None:
        raise DeepmirError("it is empty: declare the sections in docs/reference/params.md")
    try:
        return TypeAdapter(Params).validate_python(raw)
    except ValidationError as error:
        raise DeepmirError(problems.first_problem(error, raw)) from None


def _with_training_defaults(raw: object) -> object:
    """Lay each row's own training values over the `training` section."""
    if not isinstance(raw, dict):
        return raw
    raw = dict(raw)
    defaults = raw.pop("training", None)
    defaults = {} if defaults is None else defaults
    _check_training_defaults(defaults)
    for section in TRAINED:
        rows = raw.get(section)
        if isinstance(rows, dict):
            own = {k: v for k, v in defaults.items() if k not in OF_EXPERIMENTS.get(section, ())}
            raw[section] = {name: _over(own, row) for name, row in rows.items()}
    return raw


def _over(defaults: dict[str, Any], row: object) -> object:
    """A row with all values of its training, where it and they are mappings."""
    if not isinstance(row, dict):
        return row
    own = row.get("training")
    own = {} if own is None else own
    return {**row, "training": {**defaults, **own} if isinstance(own, dict) else own}


def _check_training_defaults(defaults: object) -> None:
    """Check the shared `training` section under its own name, not an experiment's."""
    try:
        Training.model_validate(defaults)
    except ValidationError as error:
        raise DeepmirError(problems.first_problem(error, defaults, ("training",))) from None
