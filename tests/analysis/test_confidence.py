"""An analysis states confidences calibrated by the card."""

import numpy as np
import pytest
import untrained

import deepmir
from deepmir.models.calibration import Calibration


def test_a_calibrated_network_states_how_often_it_is_right(tmp_path):
    curve = Calibration(slope=0.5, offset=-0.4)
    untrained.save(tmp_path / "raw", "key")
    untrained.save(tmp_path / "calibrated", "key", calibration={"key": curve})
    raw, said = (
        deepmir.analyze(untrained.pulses(5.0), untrained.RATE, models=tmp_path / name).key
        for name in ("raw", "calibrated")
    )
    assert (raw.tonic, raw.mode) == (said.tonic, said.mode)
    expected = curve(np.array([raw.confidence]))[0]
    assert said.confidence == pytest.approx(expected, abs=1e-3)
    assert said.confidence != pytest.approx(raw.confidence, abs=1e-2)
