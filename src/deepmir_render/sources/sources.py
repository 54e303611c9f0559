"""Where the sources of the rendered set are published, under which licences, and what they hold."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SONGS = 909


@dataclass(frozen=True)
class Source:
    """A published data set, of which the files that are needed are named and known.

    Attributes:
        title: with its authors' reference.
        url: of a zip archive of one version of it.
        licence: of the files.
        members: regular expression of the archive's members that are taken, whose first group is
            the place of the file in the data set's folder.
        names: the files that are needed, relative to the folder that it is given; as far as they
            can be known from what is there.
        digest: SHA-256 over the lines `name sha256` of these files, see :func:`fetching.digest`.
    """

    title: str
    url: str
    licence: str
    members: str
    names: Callable[[Path], list[str]]
    digest: str


def _numbered(*patterns: str) -> Callable[[Path], list[str]]:
    """Files that every song of POP909 has, by patterns of its number."""
    names = [pattern.format(f"{n:03}") for n in range(1, SONGS + 1) for pattern in patterns]
    return lambda folder: names


def _corrected(folder: Path) -> list[str]:
    """The songs of POP909-CL; the authors put a space into the name of one."""
    return [f"POP909_processed/{n:03}{' ' if n == 43 else ''}.mid" for n in range(1, SONGS + 1)]


def _takes(folder: Path) -> list[str]:
    """The table of the Groove set, and the files that it names."""
    table = folder / "info.csv"
    if not table.is_file():
        return ["info.csv"]
    with table.open(newline="", encoding="utf-8", errors="replace") as file:
        return ["info.csv", *(row.get("midi_filename") or "" for row in csv.DictReader(file))]


SOURCES = {
    "pop909": Source(
        title="POP909, Z. Wang et al., ISMIR 2020",
        url="https://github.com/music-x-lab/POP909-Dataset/archive/"
        "efa0bce09b0b8dc241957412270aba6740bd0bf5.zip",
        licence="MIT",
        members=r"[^/]+/(?:POP909/(\d{3}/\d{3}\.mid)|(LICENSE))",
        names=_numbered("{0}/{0}.mid"),
        digest="00f60be2b1823b42afeeed8a8f6c22ca3a83877a20ee944b1f413faf272fbd91",
    ),
    "pop909_cl": Source(
        title="POP909-CL, M. Yao et al., arXiv 2510.06528",
        url="https://github.com/AndyWeasley2004/POP909-CL-Dataset/archive/"
        "a532810f42769a391de71ae483d623f3c2c5e874.zip",
        licence="MIT",
        members=r"[^/]+/(POP909_processed/\d{3} ?\.mid|README\.md)",
        names=_corrected,
        digest="f8c5e81729a0918d54b27b1d3bcb365e564ac86bf38d52e6a631a130f62cc8f4",
    ),
    "pop909_structure": Source(
        title="Hierarchical structure of POP909, S. Dai et al., 2020",
        url="https://github.com/Dsqvival/hierarchical-structure-analysis/archive/"
        "32aeb738e3e3d0bbf94f9694061d7cd5e1494f81.zip",
        licence="MIT",
        members=r"[^/]+/(?:POP909/(\d{3}/(?:human_label[12]|finalized_chord)\.txt)|(LICENSE))",
        names=_numbered("{0}/human_label1.txt", "{0}/finalized_chord.txt"),
        digest="378b0d5d127e29421c9e4c3b9b5668d98f5573b7b067553e6e4e324aa5d70667",
    ),
    "groove_midi": Source(
        title="Groove MIDI Dataset 1.0.0, J. Gillick et al., ICML 2019",
        url="https://storage.googleapis.com/magentadata/datasets/groove/groove-v1.0.0-midionly.zip",
        licence="CC BY 4.0",
        members=r"groove/(info\.csv|LICENSE|README|drummer.+\.mid)",
        names=_takes,
        digest="bf97f50e4cb2891dc8baed68201c7b7cbc15be3f3314049ec235adedd4f7630b",
    ),
}
