"""The networks shipped with deepmir: one archive per release, with a manifest.

An archive is a plain tar: the manifest, then one folder per task with the card, the weights and
the graph for running it without torch. The package contains the files of its last release,
unpacked.
"""

import hashlib
import io
import json
import shutil
import sys
import tarfile
from pathlib import Path

from deepmir import paths
from deepmir.declarations.schema import Params
from deepmir.errors import DeepmirError
from deepmir.files.writing import replacing
from deepmir.models import archive
from deepmir.models.archive import MANIFEST, Manifest
from deepmir.models.card import CARD, WEIGHTS, as_json, read_network_card
from deepmir.models.graph import GRAPH
from deepmir.paths import SHIPPED
from deepmir.representations import Activations
from deepmir.version import VERSION
from deepmir.workflow import provenance


def ship(params: Params, folder: Path = Path("dist")) -> Path:
    """Write the trained networks of all defaults to the archive of a release.

    Args:
        params: the declarations.
        folder: for the archive.

    Raises:
        DeepmirError: when `defaults` is empty or a network is not trained.
    """
    if not params.defaults:
        raise DeepmirError("defaults in params.yaml is empty: name the experiment of each task")
    made = {
        task: paths.model(name)
        for task, name in params.defaults.items()
        if params.experiments[name].task == task  # auxiliary tasks are in the same network
    }
    missing = [str(model / CARD) for model in made.values() if not (model / WEIGHTS).exists()]
    if missing:
        raise DeepmirError(f"not trained yet: run `{paths.snakemake(*missing)}` first")
    files: dict[str, bytes] = {}
    for task, model in sorted(made.items()):
        read = read_network_card(model)
        if isinstance(read.representation, Activations):
            raise DeepmirError(
                f"defaults.{task}: {model} takes the output of another network as input, "
                "which an archive cannot hold: leave it out, and share both folders"
            )
        card = as_json(read)
        # A network that is shipped again unchanged keeps its own.
        card["training"].setdefault("commit", provenance.commit())
        tasks = {task, *read.auxiliary}
        if reasons := {t: why for t, why in params.withheld.items() if t in tasks}:
            card["withheld"] = reasons
        if graph := _graph(task, model):
            card["graph_sha256"] = _hash(graph)
            files[f"{task}/{GRAPH}"] = graph
        files[f"{task}/{CARD}"] = _json(card)
        files[f"{task}/{WEIGHTS}"] = (model / WEIGHTS).read_bytes()
    manifest = Manifest(release=VERSION, files={name: _hash(data) for name, data in files.items()})
    made_as = folder / f"models-{VERSION}.tar"
    with replacing(made_as) as temporary, tarfile.open(temporary, "w:") as tar:
        for name, data in {MANIFEST: _json(manifest.model_dump()), **files}.items():
            member = tarfile.TarInfo(name)  # without times and owners: the same files, the same tar
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return made_as


def _graph(task: str, model: Path) -> bytes:
    """The graph of a network; empty, with a message, if it cannot be exported."""
    from deepmir.models import export

    try:
        return export.export(model)
    except DeepmirError as error:
        print(
            f"deepmir: {task}: shipped without a graph, so it needs torch: {error}", file=sys.stderr
        )
        return b""


def install(source: Path, folder: Path = SHIPPED) -> Manifest:
    """Replace the networks shipped with deepmir by those of an archive.

    Nothing is changed before every file has been read and verified.

    Args:
        source: an archive written by :func:`ship`.
        folder: in which `deepmir analyze` looks for shipped networks.

    Raises:
        DeepmirError: when it is not such an archive, is damaged, or contains other files.
    """
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        for name, data in archive.contents(source):
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(data)
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return Manifest.model_validate_json((folder / MANIFEST).read_bytes())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
