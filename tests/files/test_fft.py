import subprocess
import sys

import numpy as np
import pytest
from scipy import fft as scipy_fft

from deepmir.files import fft


@pytest.fixture
def fresh():
    fft._transform.cache_clear()
    yield
    fft._transform.cache_clear()


@pytest.mark.parametrize("moved", [False, True])
def test_spectra_are_those_of_scipy_wherever_its_compiled_part_is(moved, fresh, monkeypatch):
    if moved:
        monkeypatch.setattr(fft, "EXTENSION_SUFFIXES", [".elsewhere"])
    values = np.random.default_rng(0).normal(size=(3, 30)).astype(np.float32)
    found = fft.rfft(values)
    assert found.dtype == np.complex64
    assert np.array_equal(found, scipy_fft.rfft(values))


def test_the_rest_of_scipy_is_not_imported():
    code = "import sys, deepmir.analysis.engine, deepmir.files.fft as f, numpy as n; "
    code += "f.rfft(n.ones((1, 8), n.float32)); print('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
