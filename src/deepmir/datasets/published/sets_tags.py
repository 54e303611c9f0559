"""Published sets of tags of recordings, and of single sounds."""

from collections.abc import Mapping

from deepmir.datasets.published import peculiar
from deepmir.datasets.published.convert import pitch_class
from deepmir.datasets.published.loader import (
    BY,
    BY_NC_SA,
    BY_SA,
    OFFICIAL,
    Loader,
    by_track,
    of,
    read,
)
from deepmir.datasets.published.sets_rhythm import GENRE
from deepmir.datasets.published.tags import instruments, words

TAGS = words("tags")

ROWS: Mapping[str, Loader] = {
    "compmusic_indian_tonic": Loader(
        BY_NC_SA,
        (read("tradition", GENRE),),
        group=of("artist"),
        stratum=of("tradition"),
        metadata=("indian_art_music_tonic_1.0/*/annotations/*.json",),
    ),
    "egfxset": Loader(
        BY,
        (read("effect", TAGS), read(peculiar.egfx_tone, pitch_class)),
        group=lambda track: track.track_id.rpartition("/")[2],
        stratum=of("effect"),
        metadata=("egfxset_metadata.csv",),
    ),
    "freesound_one_shot_percussive_sounds": Loader(
        f"{BY_NC_SA}, and that of each sound",
        (read("tags", TAGS),),
        group=of("username"),
        metadata=("sound_info_analysis.json", "licenses.txt"),
    ),
    "good_sounds": Loader(
        BY_SA,
        (read("instrument", instruments), read(peculiar.good_sounds_tone, pitch_class)),
        group=lambda track: track.sound_info.get("player"),
        stratum=of("instrument"),
        metadata=("packs.json", "ratings.json", "sounds.json", "takes.json"),
    ),
    "idmt_smt_audio_effects": Loader(
        "CC BY-NC-ND 4.0",
        (
            read(peculiar.idmt_effect, TAGS),
            read(peculiar.idmt_instrument, instruments),
            read(peculiar.idmt_tone, pitch_class),
        ),
        group=lambda track: f"{track.instrument} {track.midi_nr}",
        stratum=peculiar.idmt_effect,
        metadata=("**/*.xml",),
    ),
    "irmas": Loader(
        "CC BY-NC-SA 3.0",
        (read(peculiar.irmas_instruments, words("instrument"), "annotation"),),
        group=peculiar.irmas_recording,
        stratum=lambda track: track.predominant_instrument or "",
        parts=OFFICIAL,
    ),
    "medley_solos_db": Loader(
        BY,
        (read("instrument", instruments),),
        group=of("song_id"),
        stratum=of("instrument"),
        parts=by_track(of("subset")),
        metadata=("annotation/Medley-solos-DB_metadata.csv",),
    ),
    "mridangam_stroke": Loader(
        "CC BY 3.0", (read("stroke_name", TAGS),), group=of("tonic"), stratum=of("stroke_name")
    ),
    "mtg_jamendo_autotagging_moodtheme": Loader(
        BY_NC_SA,
        (read("tags", TAGS),),
        length=of("duration"),
        group=of("artist_id"),
        parts=peculiar.jamendo_parts,
        metadata=("data/*.tsv", "data/splits/*/*.tsv"),
    ),
    "openmic2018": Loader(
        BY,
        (
            read(peculiar.openmic_instruments, instruments),
            read(peculiar.openmic_genres, TAGS),
        ),
        group=of("artist"),
        parts=by_track(peculiar.openmic_part),
        metadata=(
            *("openmic-2018-metadata.csv", "openmic-2018-aggregated-labels.csv"),
            "partitions/*.csv",
        ),
    ),
    "tinysol": Loader(
        BY,
        (read("instrument_full", instruments), read("pitch_id", pitch_class)),
        stratum=of("instrument_full"),
        metadata=("annotation/TinySOL_metadata.csv",),
    ),
}
