"""Recorded speech for the singers of `sung`: prompts and dialogues of games.

Run on Debian, from this folder: ``python people.py``. Packages are downloaded (0.4 GB) and unpacked
beside the folder, not installed. A speaker has the licence that the package names.
"""

import re
import shutil
from collections import defaultdict
from pathlib import Path

import soundfile
from games import unpacked

MADE = Path("../../data/sources/people")
TEST = Path("../../data/sources/people-test")
# Files of each package; `who` is a speaker of it: a language, a number, or one of two fish.
PACKAGES = {
    "klettres-data": r"klettres/(?P<who>\w+)/(alpha|syllab)/[^/]+\.ogg",
    "ktuberling-data": r"sounds/(?P<who>\w+)/[^/]+\.(ogg|wav)",
    "tuxpaint-stamps-default": r"_desc_(?P<who>[a-z]+)\.ogg",
    "gcin-voice": r"ogg/[^/]+/(?P<who>\d)\.ogg",
    "fillets-ng-data-cs": r"-(?P<who>[mv])-[^/]+\.ogg",
    "fillets-ng-data-nl": r"-(?P<who>[mv])-[^/]+\.ogg",
}
FEWEST, MOST = 40, 100  # recordings of a speaker
RATE = 22_050  # Hz, at least
LEFT_OUT = {"ktuberling-data-gl"}  # no voice is found in most of them
# Nobody trains on these: the only ones who speak their languages, but for two Dutch actors.
TESTED = {
    *("fillets-ng-data-nl-m", "fillets-ng-data-nl-v", "klettres-data-he", "klettres-data-ml"),
    *("klettres-data-pt_BR", "klettres-data-tn", "ktuberling-data-sl"),
    "tuxpaint-stamps-default-bg",
}


def main() -> None:
    """Write a folder of links for every speaker."""
    packages = MADE.with_name("packages")
    packages.mkdir(parents=True, exist_ok=True)
    speakers: dict[str, list[Path]] = defaultdict(list)
    for package, pattern in PACKAGES.items():
        for path in sorted(unpacked(package, packages).rglob("*.*")):
            if found := re.search(pattern + "$", path.as_posix()):
                speakers[f"{package}-{found['who']}"].append(path)
    for folder in (MADE, TEST):
        shutil.rmtree(folder, ignore_errors=True)
    for name, paths in speakers.items():
        heard = [path for path in paths if soundfile.info(path).samplerate >= RATE]
        if len(heard) >= FEWEST and name not in LEFT_OUT:
            folder = (TEST if name in TESTED else MADE) / name
            folder.mkdir(parents=True)
            for number, path in enumerate(heard[:: -(-len(heard) // MOST)]):
                (folder / f"{number}{path.suffix}").symlink_to(path.resolve())
    print(f"{len(list(MADE.iterdir()))} speakers, {len(list(TEST.iterdir()))} to test on")


if __name__ == "__main__":
    main()
