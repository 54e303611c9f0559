"""A file of one hour takes little memory beyond its samples and its frames."""

import subprocess
import sys

import pytest

MEASURE = """
import resource, sys
import numpy as np
from pydantic import TypeAdapter
from deepmir.representations import Representation

peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
representation = TypeAdapter(Representation).validate_json(sys.argv[1])
samples = np.ones(3600 * representation.sample_rate, np.float32)
representation(samples[: 20 * representation.sample_rate])
before = peak()
values = representation(samples)
print(peak() - before - values.nbytes / 2**20)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "declaration",
    [
        '{"kind": "mel", "sample_rate": 8000, "conditioning": [{"kind": "log"}]}',
        '{"kind": "mel", "sample_rate": 8000, "power": 1, "conditioning": [{"kind": "pcen"}]}',
        '{"kind": "cqt", "sample_rate": 8000, "bins": 60}',
        '{"kind": "hcqt", "source": {"kind": "cqt", "sample_rate": 8000, "bins": 24}}',
        '{"kind": "chroma", "source": {"kind": "cqt", "sample_rate": 8000, "bins": 60}}',
        '{"kind": "tempogram", "source": {"kind": "mel", "sample_rate": 8000}}',
        '{"kind": "mfcc", "source": {"kind": "mel", "sample_rate": 8000}}',
    ],
)
def test_one_hour_in_bounded_memory(declaration):
    seen = subprocess.run(
        [sys.executable, "-c", MEASURE, declaration], capture_output=True, text=True, check=True
    )
    assert float(seen.stdout) < 80  # MB; the samples alone are 110
