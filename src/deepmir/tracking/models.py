"""The models of runs: logged with their signatures, the best of each task registered."""

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deepmir import paths
from deepmir.declarations.neural import NetworkEntry
from deepmir.errors import DeepmirError
from deepmir.evaluation.results import Result
from deepmir.models.card import CARD, WEIGHTS, read_network_card, task_of
from deepmir.tracking import store
from deepmir.version import VERSION

if TYPE_CHECKING:
    from mlflow import MlflowClient

BEST = "best"  # the alias
SCHEME = "models:/"


def log(folder: Path) -> None:
    """Log a network in the active run, for batches and inputs of any size.

    Args:
        folder: of the model.
    """
    import mlflow.pyfunc
    import numpy as np
    from mlflow.models import ModelSignature
    from mlflow.types.schema import Schema, TensorSpec

    about = read_network_card(folder)
    representation, task = about.representation, task_of(about)
    features = (-1, representation.channels, representation.bins, -1)
    activations = (-1, len(about.labels), *([-1] if task.time_varying else []))
    signature = ModelSignature(
        Schema([TensorSpec(np.dtype(np.float32), features)]),
        Schema([TensorSpec(np.dtype(np.float32), activations)]),
    )
    with warnings.catch_warnings():
        # Either would be a second, weaker version of the given signature.
        warnings.filterwarnings("ignore", "(?s).*(input example|type hint).*")
        mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("mlflow_model.py")),
            artifacts={"model": str(folder)},
            signature=signature,
            pip_requirements=[f"deepmir=={VERSION}"],
        )


def register(client: "MlflowClient", results: Sequence[Result], runs: dict[str, str]) -> None:
    """Register the best network of each task under its name, with the alias `best`.

    Scores are only comparable for the same data and split: of several data sets of a task, the one
    with the most networks decides. A registered model stays the best until another one has a better
    score on the same data, on any machine.

    Args:
        client: of the store.
        results: of this pipeline.
        runs: the run id of each.
    """
    trained = [result for result in results if result.entry.is_trained]
    networks = [
        result
        for result in trained
        if isinstance(result.entry, NetworkEntry) and (result.entry.folder / WEIGHTS).exists()
    ]
    for task in dict.fromkeys(result.task for result in networks):
        same: dict[str, list[Result]] = {}
        for result in networks:
            if result.task == task:
                same.setdefault(_tested_on(result), []).append(result)
        chosen = max(same.values(), key=len)
        best = max(chosen, key=lambda result: (_rank(result), result.name))
        _register(client, best, runs[best.name])


def _tested_on(result: Result) -> str:
    """The test conditions under which scores are comparable."""
    labels = ",".join(result.entry.row.labels)
    return " ".join((result.primary, result.raw["data_hash"], result.raw["split_hash"], labels))


def _rank(result: Result) -> float:
    return result.measures[result.primary].sign * result.score["mean"]


def _register(client: "MlflowClient", best: Result, run: str) -> None:
    from mlflow import MlflowException

    name = best.task
    try:
        there = client.get_model_version_by_alias(name, BEST)
        if there.tags.get("tested_on") == _tested_on(best) and (
            there.run_id == run or float(there.tags["rank"]) >= _rank(best)
        ):
            return
    except MlflowException:  # there is no such model, or none of its versions is the best
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name)
    outputs = client.get_run(run).outputs
    model = outputs.model_outputs[-1].model_id
    source = f"{SCHEME}{model}"
    about = f"{best.name}: {best.primary} {interval(best)} on {best.dataset}"
    tags = {"tested_on": _tested_on(best), "rank": repr(_rank(best)), "experiment": best.name}
    made = client.create_model_version(
        name, source, run, tags=tags, description=about, model_id=model
    )
    client.set_registered_model_alias(name, BEST, made.version)


def interval(result: Result) -> str:
    """The score of a result in words, with its interval."""
    score = result.score
    return f"{score['mean']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"


@contextmanager
def fetched(address: str) -> Iterator[Path]:
    """The folder of a registered model, for as long as it is needed.

    Args:
        address: such as `models:/beat@best` or `models:/beat/3`.

    Raises:
        DeepmirError: when there is no store, or no such model in it.
    """
    import mlflow

    if not store.shared() and not store.DATABASE.exists():
        raise DeepmirError(
            f"{address}: no {store.DATABASE} here: set {store.ADDRESS} to the address of "
            f"a server, or run `{paths.snakemake()}` first"
        )
    with tempfile.TemporaryDirectory() as folder:
        try:
            with store.opened():
                mlflow.artifacts.download_artifacts(artifact_uri=address, dst_path=folder)
        except mlflow.MlflowException as error:
            said = " ".join(str(error).split())
            raise DeepmirError(f"{address} is not in {store.address()}: {said[:200]}") from None
        cards = sorted(Path(folder).rglob(CARD))
        if not cards:
            raise DeepmirError(f"{address} is not a deepmir network: it has no {CARD}")
        yield cards[0].parent
