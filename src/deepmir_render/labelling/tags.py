"""Tags: facts of a whole recording by which one would look for it."""

from deepmir_render.labelling.facts import Facts

FAMILIES = {
    "bass": {"acoustic bass", "electric bass", "contrabass"},
    "brass": {"trumpet", "trombone", "tuba"},
    "drums": {"drums"},
    "flutes": {"piccolo", "flute", "recorder", "pan flute", "ocarina"},
    "guitar": {"nylon guitar", "steel guitar", "jazz guitar"},
    "organ": {"organ", "church organ", "reed organ"},
    "piano": {"piano", "electric piano"},
    "reeds": {"oboe", "english horn", "bassoon", "clarinet", "soprano saxophone", "bagpipe"},
    "singing": {"singing", "choir", "voice"},
    "strings": {"violin", "viola", "cello", "contrabass", "fiddle", "strings"},
}
DANCES = ("hornpipe", "jig", "reel", "slip jig", "strathspey")
FAST, SLOW = 115.0, 80.0  # beats a minute
REVERBERANT = (0.7, -14.0)  # seconds and dB, at least
NOISY = 38.0  # dB of music above noise, at most
LO_FI = 9000.0  # Hz of the low-pass filter, at most
TAGS = (
    *("bass", "brass", "compound", "dance", "drums", "duple", "fast", "flutes", "guitar", "hymn"),
    *("lo-fi", "major", "minor", "noisy", "organ", "piano", "reeds", "reverberant", "singing"),
    *("slow", "strings", "triple"),
)


def tags(facts: Facts) -> tuple[str, ...]:
    """The tags that hold, in the order of `TAGS`."""
    metre, effects = facts.metre, facts.effects
    seconds, wet = REVERBERANT
    held = {family: bool(names & facts.instruments) for family, names in FAMILIES.items()} | {
        "compound": metre.compound,
        "dance": facts.genre in DANCES,
        "duple": not metre.compound and metre.beats % 2 == 0,
        "fast": facts.bpm >= FAST,
        "hymn": facts.genre == "chorale",
        "lo-fi": effects.low_pass is not None and effects.low_pass <= LO_FI,
        "major": facts.mode == "major",
        "minor": facts.mode == "minor",
        "noisy": effects.noise is not None and effects.snr <= NOISY,
        "reverberant": effects.reverberation is not None
        and effects.reverberation >= seconds
        and effects.wet >= wet,
        "slow": facts.bpm < SLOW,
        "triple": not metre.compound and metre.beats == 3,
    }
    return tuple(tag for tag in TAGS if held[tag])
