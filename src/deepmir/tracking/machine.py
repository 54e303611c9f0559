"""The load of the machine: CPU, memory, and NVIDIA GPUs if `nvidia-ml-py` is installed.

It uses MLflow's own monitors, so the page shows it under "System metrics".
"""

import logging
from collections.abc import Callable
from contextlib import suppress


def sampler() -> Callable[[], dict[str, float]]:
    """A function that measures the machine on each call."""
    from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
    from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    monitors = [CPUMonitor()]
    with suppress(ImportError, RuntimeError):  # no nvidia-ml-py, or no GPU
        monitors.append(GPUMonitor())

    def sample() -> dict[str, float]:
        values: dict[str, float] = {}
        for monitor in monitors:
            monitor.collect_metrics()
            values |= {f"system/{k}": float(v) for k, v in monitor.aggregate_metrics().items()}
            monitor.clear_metrics()
        return values

    sample()  # the load of a CPU is measured since the last call
    return sample
