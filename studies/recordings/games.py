"""The data set `games`: the music of free games, without annotations.

Run on Debian, from this folder: ``python games.py``. Packages are downloaded (3 GB) and unpacked
beside the folder, not installed. A piece has the licence that its package names.
"""

import subprocess
import zipfile
from pathlib import Path

from own_folder import write_table

from deepmir.errors import DeepmirError
from deepmir.files import decoding

MADE = Path("../../data/sources/games")
PACKAGES = (
    *("a7xpg-data", "ardentryst", "asc-music", "berusky2-data", "btanks-data"),
    *("colobot-common-sounds", "drascula-music", "endless-sky-data", "extremetuxracer-data"),
    *("fillets-ng-data", "flare-game", "freedink-data", "freedroidrpg-data", "frozen-bubble-data"),
    *("glob2-data", "gunroar-data", "hedgewars-data", "hex-a-hop-data", "hyperrogue-music"),
    *("krank", "lincity-ng-data", "lugaru-data", "megaglest-data", "mu-cade-data", "naev-data"),
    *("nexuiz-music", "noiz2sa-data", "parsec47-data", "pathological", "plee-the-bear-data"),
    *("powermanga-data", "redeclipse-data", "rrootage-data", "singularity-music", "supertux-data"),
    *("supertuxkart-data", "titanion-data", "torus-trooper-data", "tumiki-fighters-data"),
    *("ufoai-music", "unknown-horizons", "warmux-data", "warzone2100-music", "wesnoth-1.16-music"),
    *("widelands-data", "xmoto-data", "zaz-data"),
)
AUDIO = {".mp3", ".ogg", ".opus"}
LEAST, SHORTEST = 300_000, 45.0  # bytes, s: what is shorter is a sound effect
# The same audio as pieces of `kml`, which the networks are tested on.
ELSEWHERE = {"hedgewars-data-sdmusic.ogg"}


def main() -> None:
    """Write a link to every piece of music, and the table of their packages."""
    work = MADE.with_name("packages")
    MADE.mkdir()
    work.mkdir(exist_ok=True)
    rows = []
    for package in PACKAGES:
        for path in sorted(unpacked(package, work).rglob("*")):
            name = f"{package}-{path.name.replace(' ', '_')}"
            if is_music(path) and name not in ELSEWHERE and not (MADE / name).exists():
                (MADE / name).symlink_to(path.resolve())
                rows.append((name, path.stem, package, f"games {package}", package))
    write_table(MADE, rows)
    print(f"{len(rows)} pieces")


def is_music(path: Path) -> bool:
    """Whether a file can be read and is long enough."""
    if path.suffix.lower() not in AUDIO or path.is_symlink() or path.stat().st_size < LEAST:
        return False
    try:
        return decoding.seconds(path) >= SHORTEST
    except DeepmirError as error:
        print(f"skipped: {error}")
        return False


def unpacked(package: str, work: Path) -> Path:
    """The folder of a package, its archives unpacked as well."""
    root = work / package
    if not root.exists():
        subprocess.run(["apt-get", "download", package], cwd=work, check=True)
        (archive,) = work.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
        for path in sorted(root.rglob("*.pk3")):
            with zipfile.ZipFile(path) as packed:
                music = [name for name in packed.namelist() if name.lower().endswith(".ogg")]
                packed.extractall(root / "un", music)
    return root


if __name__ == "__main__":
    main()
