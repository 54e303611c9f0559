"""What a benchmark ran on."""

import os
from pathlib import Path


def processor() -> str:
    """Model and number of cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "CPU")
    return f"{model}, {os.cpu_count()} cores"
