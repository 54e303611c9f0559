from itertools import groupby

import numpy as np
import planted
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepmir.datasets.folder.examination import examine
from deepmir.datasets.folder.files import scan
from deepmir.datasets.folder.levels import FULL, RUN, Levels, counted, frame_of
from deepmir.datasets.folder.problems import Findings
from deepmir.files import decoding

RATE = 400  # a low rate: frames of 20 samples


def told(tmp_path, samples, rate=planted.RATE):
    planted.save(tmp_path / "a.wav", samples.astype(np.float32), rate)
    findings = Findings(tmp_path / "a.wav")
    decoded = decoding.decode(tmp_path / "a.wav")
    levels = Levels(decoded.sample_rate)
    assert sum(map(len, counted(decoded.blocks, levels))) == len(samples)
    levels.report(findings)
    return [problem.text for problem in findings.problems]


@given(
    samples=arrays(np.float32, (240, 2), elements=st.sampled_from([0.0, 0.5, FULL, 1.0, -1.0])),
    cuts=st.sets(st.integers(1, 11), max_size=4),
)
def test_runs_are_counted_wherever_blocks_begin(samples, cuts):
    counted = Levels(RATE)
    for block in np.split(samples, [frame_of(RATE) * cut for cut in sorted(cuts)]):
        counted.add(block)
    runs = []
    for channel in (np.abs(samples) >= FULL).T:
        place = 0
        for full, group in groupby(channel.tolist()):
            length = len(list(group))
            if full and length >= RUN:
                runs.append(place / RATE)
            place += length
    assert counted.runs == len(runs)
    assert counted.first_run == (min(runs) if runs else 0.0)


def test_a_sound_that_touches_full_scale_is_not_clipped(tmp_path):
    samples = planted.piece(1)
    assert told(tmp_path, samples / np.abs(samples).max()) == []


def test_clipping_is_told_with_its_first_time(tmp_path):
    samples = planted.piece(1)
    loud = np.clip(10 * samples, -1, 1)
    samples[3 * planted.RATE :] = loud[3 * planted.RATE :]
    (text,) = told(tmp_path, samples)
    assert text.startswith("clipped: ")
    assert float(text.split()[-2]) == pytest.approx(3.0, abs=0.05)


@pytest.mark.parametrize(("before", "after"), [(6, 0), (0, 6), (6, 7), (4, 4)])
def test_silence_at_the_edges(tmp_path, before, after):
    tone = 0.1 * np.sin(np.arange(2 * planted.RATE))
    parts = [np.zeros(before * planted.RATE), tone, np.zeros(after * planted.RATE)]
    wanted = [f"it begins with {before:.1f} s of silence"] if before > 5 else []
    wanted += [f"it ends with {after:.1f} s of silence"] if after > 5 else []
    assert told(tmp_path, np.concatenate(parts)) == wanted


def test_what_is_next_to_silent(tmp_path):
    assert told(tmp_path, 0.0005 * np.sin(np.arange(planted.RATE))) == [
        "nearly silent: no sample above -60 dB of full scale"
    ]


@pytest.mark.parametrize("constant", [0.05, -0.05])
def test_a_constant_part(tmp_path, constant):
    (text,) = told(tmp_path, 0.5 * planted.piece(1) + constant)
    assert text.startswith("a constant part (DC) of 5.")


def test_a_recording_is_decoded_once(tmp_path, monkeypatch):
    planted.save(tmp_path / "a.wav", planted.piece(1))
    (recording,) = scan(tmp_path).recordings
    opened, plain = [], decoding.decode
    monkeypatch.setattr(decoding, "decode", lambda *a: opened.append(a) or plain(*a))
    sound = examine(recording).sound
    assert len(opened) == 1
    assert sound.seconds == len(planted.piece(1)) / planted.RATE
