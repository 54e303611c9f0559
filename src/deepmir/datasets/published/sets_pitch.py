"""Published sets of melodies, notes and singing."""

from collections.abc import Mapping

from deepmir.datasets.published import convert, midi, peculiar
from deepmir.datasets.published.convert import together
from deepmir.datasets.published.loader import (
    BY,
    BY_NC_SA,
    OFFICIAL,
    Loader,
    by_track,
    of,
    read,
)
from deepmir.datasets.published.sets_harmony import SECTIONS
from deepmir.datasets.published.sets_rhythm import GENRE
from deepmir.datasets.published.tags import instruments, voice, words

NOTES = together(convert.notes, convert.onsets)
SUNG_NOTES = together(NOTES, voice)
PITCH = read("pitch", convert.f0, "pitch")
COFLA = "COFLA: not commercial"

ROWS: Mapping[str, Loader] = {
    "cante100": Loader(
        COFLA,
        (read("melody", convert.f0, "f0"), read("notes", voice, "notes")),
        length=of("duration"),
        group=of("artist"),
        remotes=("melody", "notes", "metadata"),
    ),
    "compmusic_iamms": Loader(BY_NC_SA, (PITCH,)),
    "compmusic_jingju_acappella": Loader(
        "CC BY-NC 4.0", (read("phrase", voice, "phrase"),), group=of("work")
    ),
    "compmusic_raga": Loader(
        BY,
        (PITCH, read("raga", GENRE)),
        group=of("artist"),
        stratum=of("raga"),
        metadata=("RagaDataset/*/_info_/*.json",),
    ),
    "dagstuhl_choirset": Loader(
        BY,
        (read("beat", convert.beats, "beat"), read("notes", SUNG_NOTES)),
        audio="audio_stm",
        group=lambda choir: choir.mtrack_id.split("_")[1],
        others=peculiar.choir_scores,
    ),
    "dali": Loader(
        BY_NC_SA,
        (read("words", voice, "annot"), read("genres", words("tags"))),
        own_audio=True,
        group=of("artist"),
        metadata=("dali_metadata.json",),
    ),
    "filosax": Loader(
        "Filosax: not commercial",
        (
            read(peculiar.filosax_notes, NOTES, "annotation"),
            read(lambda sax: "saxophone", instruments, "annotation"),
        ),
        group=lambda sax: sax.track_id.partition("_sax_")[0],
        stems=True,
    ),
    "guitarset": Loader(
        "MIT",
        (
            read("beats", convert.beats, "jams"),
            read("tempo", convert.tempo, "jams"),
            read("key_mode", convert.keys, "jams"),
            read(peculiar.guitarset_chords, convert.chords, "jams"),
            read("notes_all", NOTES, "jams"),
            read("style", GENRE),
        ),
        audio="audio_mic",
        group=of("player_id"),
        stratum=of("style"),
        remotes=("annotations", "audio_mic"),
    ),
    "ikala": Loader(
        "custom",
        (read("f0", convert.f0, "pitch"), read("lyrics", voice, "lyrics")),
        group=of("singer_id"),
        stratum=of("section"),
    ),
    "maestro": Loader(
        BY_NC_SA,
        (read("notes", NOTES, "midi"),),
        length=of("duration"),
        group=lambda track: f"{track.canonical_composer}: {track.canonical_title}",
        parts=OFFICIAL,
        remotes=("all",),
        metadata=("maestro-v2.0.0.json",),
    ),
    "mdb_stem_synth": Loader("CC BY-NC 4.0", (read("f0", convert.f0, "f0"),)),
    "medleydb_melody": Loader(
        BY_NC_SA,
        (read("melody2", convert.f0, "melody2"), read("genre", GENRE)),
        group=of("artist"),
        stratum=of("genre"),
    ),
    "medleydb_pitch": Loader(
        BY_NC_SA,
        (PITCH, read("instrument", instruments), read("genre", GENRE)),
        group=of("artist"),
        stratum=of("genre"),
        metadata=("medleydb_pitch_metadata.json",),
    ),
    "orchset": Loader(
        BY_NC_SA,
        (read("melody", convert.f0, "melody"),),
        audio="audio_mono",
        group=lambda track: f"{track.composer}: {track.work}",
    ),
    "phenicx_anechoic": Loader(
        BY_NC_SA,
        (read("notes", NOTES, "notes"), read("instrument", instruments)),
        audio="audio_*",
        group=of("piece"),
        stems=True,
    ),
    "saraga_carnatic": Loader(
        BY_NC_SA,
        (PITCH, read(peculiar.carnatic_tempo, convert.tempo, "tempo"), SECTIONS),
        audio="audio-mix",
    ),
    "saraga_hindustani": Loader(
        BY_NC_SA,
        (PITCH, read(peculiar.matra_tempi, convert.tempo, "tempo", "sections"), SECTIONS),
    ),
    "scms": Loader(
        BY_NC_SA,
        (PITCH, read("activations", voice, "activations")),
        group=of("artist"),
        parts=by_track(peculiar.split_by_train),
        metadata=("SCMS/*.json",),
    ),
    "slakh": Loader(
        BY,
        (read(peculiar.slakh_midi, together(midi.notes, midi.onsets, midi.instruments)),),
        audio="mix",
        parts=OFFICIAL,
        others=peculiar.slakh_stems,
    ),
    "tonas": Loader(
        COFLA,
        (
            read("f0_corrected", convert.f0, "f0"),
            read("notes", SUNG_NOTES, "notes"),
            read("style", GENRE),
        ),
        group=of("singer"),
        stratum=of("style"),
        metadata=("TONAS-Metadata.txt",),
    ),
    "vocadito": Loader(
        BY,
        (read("f0", convert.f0, "f0"), read("notes_a1", SUNG_NOTES, "notesA1")),
        group=of("singer_id"),
    ),
}
