"""Audio as MP3: small, played by every browser, and the same bytes for the same samples.

(Ogg would be as small, but libsndfile gives each file a random serial number.)
"""

import io

import numpy as np

from deepmir.files.samples import Samples
from deepmir.report.views.base import Clicks

SAMPLE_RATE = 22050
QUALITY = 0.6  # of a variable bit rate, 0 the best, 1 the smallest: about 50 kbit/s
PEAK = 0.9
CLICK_HZ = {"weak": 1000.0, "strong": 2000.0}


def mp3(samples: Samples) -> bytes:
    """Mono audio at :data:`SAMPLE_RATE`, brought to one peak level, shape (samples,)."""
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(
        buffer,
        samples * (PEAK / max(float(np.abs(samples).max(initial=0)), 1e-4)),
        SAMPLE_RATE,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="VARIABLE",
        compression_level=QUALITY,
    )
    return buffer.getvalue()


def with_clicks(samples: Samples, clicks: Clicks) -> Samples:
    """The same audio, quieter, with a click at every time and a higher one at every strong time."""
    import mir_eval

    mixed = samples * (0.5 / max(float(np.abs(samples).max(initial=0)), 1e-4))
    seconds = len(samples) / SAMPLE_RATE
    for name, times in (("weak", clicks.weak), ("strong", clicks.strong)):
        inside = times[times < seconds]
        if inside.size:
            tone = np.sin(2 * np.pi * CLICK_HZ[name] * np.arange(0, 0.04, 1 / SAMPLE_RATE))
            click = 0.5 * tone * np.exp(-np.arange(len(tone)) / (0.008 * SAMPLE_RATE))
            mixed = mixed + mir_eval.sonify.clicks(
                inside, SAMPLE_RATE, click=click, length=len(samples)
            )
    return mixed.astype(np.float32)
