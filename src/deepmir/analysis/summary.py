"""An analysis in a few lines for musicians."""

from collections import Counter
from collections.abc import Sequence, Sized

from deepmir.analysis.results import NAMED_TAG, Analysis, Beats, Melody, Span

SECTIONS = 12  # at most so many are named
CHORDS = 4


def summary(analysis: Analysis) -> list[str]:
    """The results, one line for each kind.

    Details such as times of beats are in the files, not here.
    """
    facts = {
        "tempo": _tempo(analysis),
        "key": _key(analysis),
        "beats": _beats(analysis.beats),
        "chords": _chords(analysis.chords),
        "sections": _sections(analysis.sections),
        "melody": _voiced(analysis.melody),
        "notes": _count(analysis.notes),
        "onsets": _count(analysis.onsets),
        "singing": _share(analysis.singing, analysis.duration),
        "instruments": _by_label(analysis.instruments, analysis.duration),
        "genre": _likely(analysis.genre),
        "mood": _mood(analysis),
        "tags": _likely(analysis.tags, least=NAMED_TAG),
    }
    for task, spans in analysis.others.items():
        facts[task.replace("_", " ")] = _other(spans, analysis)
    return [f"{name + ':':<12} {text}" for name, text in facts.items() if text]


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds, 3:07, with hours if needed, 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _tempo(analysis: Analysis) -> str:
    found = analysis.tempo
    return f"{found.bpm:.1f} BPM ({_percent(found.confidence)})" if found else ""


def _key(analysis: Analysis) -> str:
    found = analysis.key
    if found is None:
        return ""
    sure = "" if found.confidence is None else f" ({_percent(found.confidence)})"
    return f"{found.tonic} {found.mode}{sure}"


def _beats(beats: Beats | None) -> str:
    if beats is None:
        return ""
    if not beats.times.size:
        return "none"
    in_a_bar = int(beats.positions.max())
    return f"{beats.times.size}" + (f", {in_a_bar} in a bar" if in_a_bar > 1 else "")


def _chords(chords: Sequence[Span] | None) -> str:
    if chords is None:
        return ""
    lasting: Counter[str] = Counter()
    for chord in chords:
        if chord.label != "N":
            lasting[chord.label] += chord.end - chord.start  # type: ignore[assignment]
    most = ", ".join(label for label, _ in lasting.most_common(CHORDS))
    return f"mostly {most}" if most else "none"


def _sections(sections: Sequence[Span] | None) -> str:
    if sections is None:
        return ""
    named = "  ".join(f"{s.label} {clock(s.start)}" for s in sections[:SECTIONS])
    return named + ("  ..." if len(sections) > SECTIONS else "")


def _voiced(melody: Melody | None) -> str:
    if melody is None:
        return ""
    share = float(melody.voiced.mean()) if melody.times.size else 0.0
    return f"{_percent(share)} of the time" if share else "none"


def _count(found: Sized | None) -> str:
    return "" if found is None else f"{len(found) or 'none'}"


def _share(spans: Sequence[Span] | None, duration: float) -> str:
    if spans is None:
        return ""
    share = sum(span.end - span.start for span in spans) / max(duration, 1e-9)
    return f"{_percent(share)} of the time" if spans else "none"


def _by_label(spans: Sequence[Span] | None, duration: float) -> str:
    if spans is None:
        return ""
    labels = sorted({span.label for span in spans})
    shares = {label: [s for s in spans if s.label == label] for label in labels}
    sounding = {k: sum(s.end - s.start for s in v) / max(duration, 1e-9) for k, v in shares.items()}
    ordered = sorted(sounding, key=lambda label: -sounding[label])
    return ", ".join(f"{label} {_percent(sounding[label])}" for label in ordered) or "none"


def _likely(spans: Sequence[Span] | None, least: float = 0.0) -> str:
    if spans is None:
        return ""
    known = [s for s in spans if s.confidence is not None and s.confidence >= least][:3]
    return ", ".join(f"{s.label} ({_percent(s.confidence or 0.0)})" for s in known) or "none"


def _other(spans: Sequence[Span], analysis: Analysis) -> str:
    """What a task found that is not known here: likely words, shares of time, or how many."""
    if analysis.of_the_whole(spans):
        return _likely(spans)
    if any(span.end > span.start for span in spans):
        return _by_label(spans, analysis.duration)
    return str(len(spans)) if spans else "none"


def _mood(analysis: Analysis) -> str:
    mood = analysis.mood
    if mood is None:
        return _likely(analysis.mood_words and analysis.mood_words[:1])
    point = f"valence {mood.valence:+.2f}, arousal {mood.arousal:+.2f} (from -1 to 1)"
    return f"{mood.quadrant}; {point}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
