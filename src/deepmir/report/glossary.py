"""Titles of tasks and metrics on the page, each with its meaning in a sentence.

A name without an entry is shown as it is, so a new task works without one.
"""

from dataclasses import dataclass

from deepmir.tasks.base import Metric


@dataclass(frozen=True)
class Term:
    """A heading and an explanation."""

    title: str
    meaning: str = ""


TASKS = {
    "tempo": Term("Tempo estimation", "Find the tempo of a recording in beats per minute."),
    "key": Term("Key detection", "Find the tonic and the mode, one of 24 keys, of a recording."),
    "onset": Term("Onset detection", "Find the instants at which sounds start."),
    "offset": Term("Offset detection", "Find the instants at which notes end."),
    "beat": Term("Beat tracking", "Find the instant of every beat and which beats begin a bar."),
    "melody": Term("Melody extraction", "Find the pitch of the melody in every frame, if any."),
    "chord": Term("Chord recognition", "Name the major or minor chord that sounds, if any."),
    "chord_large": Term(
        "Chord recognition, large vocabulary",
        "Name root, quality and bass of the chord that sounds.",
    ),
    "structure": Term("Structural segmentation", "Find where sections begin and which are alike."),
    "tagging": Term("Music auto-tagging", "Say which words describe a recording."),
    "mood": Term("Mood recognition", "Say how pleasant and how excited a recording is."),
    "mood_quadrant": Term("Mood recognition, quadrants", "Tell happy, angry, sad and calm apart."),
    "genre": Term("Genre classification", "Name the genre of a recording."),
    "instrument": Term(
        "Instrument recognition", "Find which families of instruments sound, and when."
    ),
    "singing": Term("Singing voice detection", "Find where someone sings."),
    "notes": Term("Transcription", "Find the pitch, onset and offset of every note."),
    "chroma": Term("Learned chroma", "Find the pitch classes that sound in every frame."),
    "mode": Term("Mode of a triad", "Tell major from minor."),
    "autoencoder": Term("Autoencoder", "Reconstruct a spectrogram from a short code (A.4)."),
    "pca": Term("Principal components", "The best linear code of the same size."),
    "wavenet": Term("WaveNet", "Predict the next sample of audio from those before (A.3)."),
    "gan": Term(
        "Generative adversarial network", "Generate samples that a critic takes for real (A.2)."
    ),
    "pitch_class": Term("Pitch class", "Tell which of the twelve pitch classes a tone has."),
}

_F = "Harmonic mean of precision and recall"
_FOUND = {
    "recording": "Share of tracks whose first half has its second half among the first {}.",
    "work": "Precision of the first {}: those of the same group of the split, a work or an artist.",
    "genre": "Precision of the first {}: those of the same genre.",
}
METRICS = {
    ("tempo", "acc1"): Term("Accuracy 1", "Share of recordings whose tempo is correct within 4 %."),
    ("tempo", "acc2"): Term(
        "Accuracy 2", "As accuracy 1; twice, three times, half and a third of the tempo also count."
    ),
    ("tempo", "p_score"): Term("P-score", "Weights of the annotated tempi that are found (8 %)."),
    ("tempo", "one_correct"): Term("One correct", "Whether any annotated tempo is found (8 %)."),
    ("tempo", "both_correct"): Term("Both correct", "Whether both annotated tempi are found."),
    ("wavenet", "bits"): Term(
        "Bits a sample",
        "Negative log-likelihood of a sample of the test part; a uniform guess has 8.",
    ),
    ("wavenet", "pitch"): Term(
        "On pitch",
        "Share of notes whose median pitch, by pYIN, is within 50 cents of the requested "
        "one; requests are those of test notes.",
    ),
    ("wavenet", "pitch_heard"): Term(
        "On pitch, heard", "The same, with the requests of training notes."
    ),
    ("wavenet", "instrument"): Term(
        "Right instrument",
        "Share of sounds in which a trained classifier hears the requested instrument; "
        "requests are those of test notes.",
    ),
    ("wavenet", "instrument_heard"): Term(
        "Right instrument, heard", "The same, with the requests of training notes."
    ),
    ("key", "weighted"): Term(
        "Weighted score",
        "1 for the correct key, 0.5 for a fifth above, 0.3 for the relative and 0.2 for "
        "the parallel key, else 0, as mir_eval scores it.",
    ),
    ("key", "weighted_both_fifths"): Term(
        "Weighted, both fifths", "As the weighted score, also 0.5 for a fifth below (MIREX 2017)."
    ),
    ("key", "accuracy"): Term("Accuracy", "Share of recordings whose key is exactly correct."),
    ("key", "fifth"): Term("Fifth above", "Share of recordings whose key is a fifth too high."),
    ("key", "relative"): Term("Relative", "Share mistaken for the key with the same notes."),
    ("key", "parallel"): Term("Parallel", "Share mistaken for the key with the same tonic."),
    ("key", "other"): Term("Other", "Share of all other errors."),
    **{
        (kind, "unexplained"): Term(
            "Variance lost",
            "Squared error of the standardised features over that of their training mean: where it "
            "is 1, nothing was learned.",
        )
        for kind in ("autoencoder", "pca")
    },
    **{
        (kind, f"same_{relation}_at_{places}"): Term(
            f"Same {relation}, first {places}", meaning.format(places)
        )
        for kind in ("autoencoder", "pca")
        for relation, meaning in _FOUND.items()
        for places in (1, 5, 10)
    },
    ("gan", "frechet"): Term(
        "Frechet distance",
        "Between as many generated as test notes, in the features of the classifier.",
    ),
    ("gan", "accuracy"): Term(
        "Accuracy", "Share of notes in which the classifier hears the requested instrument."
    ),
    ("gan", "pitch"): Term(
        "Pitch", "Share of notes within 50 cents of the requested pitch (pYIN)."
    ),
    ("gan", "classes"): Term("Classes", "Share of the instruments that the classifier hears."),
    ("gan", "evenness"): Term(
        "Evenness", "exp(entropy) of the instruments heard, divided by the number of instruments."
    ),
    ("gan", "copied"): Term(
        "Copied", "Share nearer to a training note than 95 % of training notes are to another one."
    ),
    ("beat", "f_measure"): Term(
        "Beat F",
        f"{_F}; a beat is correct within 70 ms; the first 5 seconds of a recording do not count.",
    ),
    ("beat", "cemgil"): Term(
        "Cemgil", "Nearness of beats, by a Gaussian of 40 ms, over the number of beats."
    ),
    ("beat", "cmlc"): Term(
        "CMLc", "Longest unbroken stretch of correct beats at the annotated tempo, as a share."
    ),
    ("beat", "cmlt"): Term(
        "CMLt", "Share of all beats that continue a correct beat at the annotated tempo."
    ),
    ("beat", "amlc"): Term("AMLc", "As CMLc; double and half tempo and the off-beat also count."),
    ("beat", "amlt"): Term("AMLt", "As CMLt; double and half tempo and the off-beat also count."),
    ("beat", "information_gain"): Term(
        "Information gain", "How far the timing errors are from chance, from 0 to 1."
    ),
    ("beat", "downbeat_f"): Term(
        "Downbeat F", "As beat F, of the first beats of bars; only for systems that find them."
    ),
    ("beat", "downbeat_cmlt"): Term("Downbeat CMLt", "As CMLt, of the first beats of bars."),
    ("beat", "off_beat"): Term(
        "Off-beat", "Share of the tracks whose beats lie half-way between those annotated."
    ),
    ("beat", "half_tempo"): Term("Half tempo", "Share of the tracks with every other beat."),
    ("beat", "double_tempo"): Term("Double tempo", "Share of the tracks with twice the beats."),
    ("beat", "downbeat_amlt"): Term("Downbeat AMLt", "As AMLt, of the first beats of bars."),
    ("melody", "overall_accuracy"): Term(
        "Overall accuracy",
        "Share of frames with the correct pitch within 50 cents, or correctly without melody.",
    ),
    ("melody", "raw_pitch"): Term(
        "Raw pitch", "Share of melody frames whose pitch is correct, whether called melody or not."
    ),
    ("melody", "raw_chroma"): Term("Raw chroma", "As raw pitch, in any octave."),
    ("melody", "voicing_recall"): Term("Voicing recall", "Share of melody frames called melody."),
    ("melody", "voicing_false_alarm"): Term(
        "Voicing false alarm", "Share of frames without melody called melody."
    ),
    ("structure", "f_3"): Term("Boundary F, 3 s", f"{_F} of boundaries within 3 seconds."),
    ("structure", "f_05"): Term("Boundary F, 0.5 s", f"{_F} of boundaries within half a second."),
    ("structure", "f_3_trimmed"): Term(
        "Boundary F, 3 s, trimmed", "The same without the beginning and end of the recording."
    ),
    ("structure", "f_05_trimmed"): Term(
        "Boundary F, 0.5 s, trimmed", "The same without the beginning and end of the recording."
    ),
    ("structure", "deviation_ref_to_est"): Term(
        "Deviation, missed", "Median seconds from a true boundary to the nearest one."
    ),
    ("structure", "deviation_est_to_ref"): Term(
        "Deviation, extra", "Median seconds from a found boundary to the nearest one."
    ),
    ("structure", "pairwise_f"): Term(
        "Pairwise F", f"{_F} of pairs of frames that have the same letter."
    ),
    ("structure", "entropy_over"): Term("Over-segmentation", "1 minus the normalised entropy."),
    ("structure", "entropy_under"): Term("Under-segmentation", "1 minus the normalised entropy."),
    ("structure", "entropy_f"): Term("Entropy F", "Harmonic mean of the two."),
    ("tagging", "roc_auc"): Term(
        "ROC-AUC",
        "Chance that a recording with a tag is ranked above one without, mean over the tags.",
    ),
    ("tagging", "pr_auc"): Term("PR-AUC", "Average precision, mean over the tags."),
    ("mood", "r2"): Term(
        "R2", "Share of the variance that is explained, mean of valence and arousal; 0 for a mean."
    ),
    ("mood", "distance"): Term("Distance", "In the plane of valence and arousal."),
    ("instrument", "frame_f"): Term(
        "Frame F", f"{_F} over tenths of a second and families, of each recording."
    ),
    ("instrument", "f_macro"): Term("F, macro", "F of each family over all recordings, then mean."),
    ("singing", "false_alarm"): Term("False alarm", "Share of unsung time called sung."),
    ("singing", "recall"): Term("Recall", "Share of sung time called sung (voicing recall)."),
    ("notes", "note_f"): Term("Note F", f"{_F} of notes: the pitch, and the onset within 50 ms."),
    ("notes", "note_f_offset"): Term(
        "Note F with offset",
        "As note F, with the offset also correct within a fifth of the note or 50 ms.",
    ),
    ("notes", "note_f_merged"): Term(
        "Note F, merged", "As note F, of the notes as one piano would play them."
    ),
    ("notes", "note_f_offset_merged"): Term(
        "Note F with offset, merged", "As note F with offset, of the same notes."
    ),
    ("notes", "frame_f"): Term("Frame F", f"{_F} of pitches, frame by frame."),
    ("notes", "multipitch_accuracy"): Term(
        "Multipitch accuracy",
        "Correct pitches over correct, missed and extra ones, frame by frame.",
    ),
    ("chroma", "cosine"): Term(
        "Cosine similarity", "Between the estimate and the pitch classes that sound."
    ),
    ("chroma", "chord_majmin"): Term(
        "Chord score", "WCSR majmin of chord templates and Viterbi on this chroma."
    ),
}

# What a metric is called in every task that has no words of its own for it.
COMMON = {
    "accuracy": Term("Accuracy", "Share that is correct."),
    "f_measure": Term("F", f"{_F}."),
    "f_macro": Term("F, macro", f"{_F} of each class, mean over the classes."),
    "precision": Term("Precision", "Share of what is found that is correct."),
    "recall": Term("Recall", "Share of the reference that is found."),
    "majmin": Term("WCSR majmin", "Share of time whose major or minor triad is correct."),
    "root": Term("WCSR root", "Share of time whose root is correct."),
    "thirds": Term("WCSR thirds", "Share of time whose root and third are correct."),
    "triads": Term("WCSR triads", "Share of time whose triad is correct."),
    "sevenths": Term("WCSR sevenths", "Share of time correct as a major, minor or seventh chord."),
    "tetrads": Term("WCSR tetrads", "Share of time whose chord of up to four notes is correct."),
    "mirex": Term("WCSR mirex", "Share of time with at least three correct pitch classes."),
    **{
        f"{name}_inv": Term(f"WCSR {name}, bass", "The same with the bass of inversions.")
        for name in ("thirds", "majmin", "triads", "sevenths", "tetrads")
    },
    "overseg": Term("Over-segmentation", "1 if there are no extra changes (1 minus the distance)."),
    "underseg": Term("Under-segmentation", "1 if no changes are missing."),
    "seg": Term("Segmentation", "The smaller of the two."),
    "symbol_error": Term(
        "Symbol error", "Symbols to substitute, delete or insert, over those of the reference."
    ),
}

SOURCES = {
    "tones": "Tones and triads of sines with random timbres, made by deepmir.",
    "instrument_notes": "Notes of single instruments, played by a soundfont.",
    "scores": "Scores of the music21 corpus, rendered to audio by deepmir. M. S. Cuthbert and "
    "C. Ariza, music21: A Toolkit for Computer-Aided Musicology and Symbolic Music Data, "
    "ISMIR 2010.",
    "folder": "Your own recordings and annotations.",
}


def task(name: str) -> Term:
    """The title of a task."""
    return TASKS.get(name, Term(name.replace("_", " ").capitalize()))


def metric(task_name: str, name: str, metric: Metric) -> Term:
    """The title of a metric, and its direction if lower is better."""
    named = name.replace("_", " ").replace(" 25", " within 25 ms")
    term = METRICS.get((task_name, name)) or COMMON.get(name) or Term(named)
    less = " Lower is better." if metric.better == "less" else ""
    return Term(term.title, f"{term.meaning}{less}".strip())
