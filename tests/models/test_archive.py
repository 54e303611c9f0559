"""A network in an archive, for fine-tuning and as a representation."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

import tiny
from deepmir import paths
from deepmir.declarations import activations as declared
from deepmir.declarations import sources
from deepmir.errors import DeepmirError
from deepmir.models import activations, archive

PLACE = "dist/models.tar/genre"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("dist").mkdir()
    archive._unpacked.cache_clear()


def pack(change=lambda files: None):
    """The shipped network for genres, in an archive."""
    folder = paths.SHIPPED / "genre"
    files = {f"genre/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files["manifest.json"] = json.dumps({"release": "1", "files": hashes}).encode()
    change(files)
    with tarfile.open("dist/models.tar", "w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def layers(model, samples):
    row = {"kind": "network", "model": model, "layers": [1]}
    found = tiny.parse(representations={"deep": row}, experiments={}, baselines={})
    representation = found.representations["deep"]
    source = declared.source_of(representation)
    return representation, activations.function(representation, source.folder)(samples)


def test_layers_of_a_network_in_an_archive_are_those_of_the_network(rng):
    pack()
    samples = rng.standard_normal(22050).astype(np.float32)
    packed, values = layers(PLACE, samples)
    installed, wanted = layers("genre", samples)
    assert packed.weights == installed.weights
    assert np.array_equal(values, wanted)


def test_a_network_can_start_from_one_in_an_archive_that_fits():
    pack()
    card = json.loads((paths.SHIPPED / "genre/card.json").read_text())
    row = {"dataset": "tiny", "task": "genre", "network": card["network"]}
    given = {"mel": card["representation"], "other": {**card["representation"], "hop": 999}}
    row |= {"labels": card["labels"], "start_from": PLACE}

    def parsed(representation):
        experiments = {"tuned": {**row, "representation": representation}}
        return tiny.parse(representations=given, experiments=experiments, baselines={})

    parsed("mel")
    assert sources.of(PLACE).weights_sha256 == card["weights_sha256"]
    with pytest.raises(DeepmirError, match=f"start_from: {PLACE} takes another representation"):
        parsed("other")


def test_it_is_unpacked_once_and_again_where_that_was_broken_off(monkeypatch):
    pack()
    folder = sources.of(PLACE).folder
    (folder / "card.json").unlink()
    (folder.parent / "manifest.json").unlink()  # the last that is written
    archive._unpacked.cache_clear()
    assert (sources.of(PLACE).folder / "card.json").exists()
    monkeypatch.setattr(archive, "contents", None)
    archive._unpacked.cache_clear()
    assert sources.of(PLACE).folder == folder


def test_a_folder_that_is_called_like_an_archive_is_a_folder():
    Path("dist/models.tar").mkdir()
    assert sources.of(PLACE).folder == Path(PLACE)


def damaged(files):
    files["genre/card.json"] += b" "


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        (
            damaged,
            PLACE,
            "dist/models.tar is not an archive of networks: genre/card.json is damaged",
        ),
        (dict.clear, PLACE, "dist/models.tar is not an archive of networks: "),
        (lambda files: None, "dist/none.tar/genre", "dist/none.tar cannot be read: No such file"),
        (
            *(lambda files: None, "dist/models.tar/genres"),
            "there is no network in dist/models.tar called 'genres' (did you mean 'genre'?)",
        ),
        (
            *(lambda files: None, "dist/models.tar"),
            "dist/models.tar: name a network in it, one of genre",
        ),
    ],
)
def test_what_is_not_there_or_damaged_is_refused(change, place, said):
    pack(change)
    with pytest.raises(DeepmirError) as error:
        tiny.parse(
            representations={"deep": {"kind": "network", "model": place}},
            experiments={},
            baselines={},
        )
    assert f"representations.deep: model: {said}" in str(error.value)
