"""The page of an analysis: one self-contained HTML file to view and listen to."""

from pathlib import Path

from deepmir.analysis.results import Analysis


def write(analysis: Analysis, audio: Path, out: Path) -> None:
    """Write an analysis and its recording as one page that works offline.

    It contains the recording as MP3 (in stereo at about 110 kbit/s; above 20 minutes in mono at
    about 40) and a picture of its spectrum: about 1.7 MB a minute in all.

    Args:
        analysis: what was found.
        audio: the recording.
        out: the page.

    Raises:
        DeepmirError: when the recording cannot be read, or the disk is full.
    """
    from deepmir.files.writing import replacing

    page = text(analysis, audio)
    with replacing(out) as temporary:
        temporary.write_text(page, encoding="utf-8")


def text(analysis: Analysis, audio: Path) -> str:
    """The page that :func:`write` writes.

    Raises:
        DeepmirError: when the recording cannot be read.
    """
    from deepmir.analysis.page import content, recording, words
    from deepmir.analysis.page.html import render

    held = recording.read(audio, analysis.duration)
    return render(
        "page.html",
        sure=words.sure,
        task=words.task,
        title=words.title(analysis),
        artist=analysis.jams.artist,
        facts=words.facts(analysis),
        tags=words.tags(analysis),
        unanswered=words.unanswered(analysis),
        remarks=words.remarks(analysis),
        sources=list(analysis.sources.values()),
        data=content.of(analysis, held),
        segments=held.segments,
        megabytes=sum(map(len, held.segments)) / 1e6,
        duration=analysis.duration,
    )
