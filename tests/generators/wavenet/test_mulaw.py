import numpy as np

from deepmir.generators.wavenet import mulaw


def test_every_code_survives_and_silence_is_silent():
    codes = np.arange(1, 256, dtype=np.uint8)
    np.testing.assert_array_equal(mulaw.encode(mulaw.decode(codes)), codes)
    assert mulaw.decode(np.array([mulaw.SILENCE], np.uint8))[0] == 0
    np.testing.assert_array_equal(
        mulaw.encode(np.array([-2.0, -1, 0, 1, 2])), [1, 1, 128, 255, 255]
    )


def test_a_round_trip_errs_by_half_a_step_at_most():
    """A step is 1 / 127 of the companded range, and dx / df is ln 256 (1 + 255 x) / 255."""
    samples = np.linspace(-1, 1, 20001)
    error = np.abs(mulaw.decode(mulaw.encode(samples)) - samples)
    loudest = np.minimum(np.abs(samples) + error, 1)
    bound = np.log(256) * (1 + 255 * loudest) / 255 / 254
    assert (error <= bound + 1e-7).all()
    assert (error > 0.5 * bound).any()
    assert error[np.abs(samples) < 0.01].max() < 3.3e-4
