"""On what a training runs, as it is: results are reproducible to the bit only where all of this is the same."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_info

if TYPE_CHECKING:
    import torch

Found = tuple[str, int | None, str | None]  # instructions, threads, gpu


def machine(engine: str, device: torch.device | str = "cpu") -> dict[str, str | int | None]:
    """Processor, instruction set, threads and GPU that an engine computes with, now.

    Parameters
    ----------
    engine : "numpy", "torch" or "jax"
    device : where its network is, for PyTorch

    Returns
    -------
    dict that JSON can hold: system, processor, instructions (the set that the engine's kernels were chosen for),
    threads (how many it may use), gpu (a name, or None)
    """
    instructions, threads, gpu = _KERNELS[engine](device)
    return {
        "system": platform.system(),
        "processor": _processor(),
        "instructions": instructions,
        "threads": threads,
        "gpu": gpu,
    }


def _numpy(_: torch.device | str) -> Found:
    blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    names = sorted({f"{pool['internal_api']} {pool['architecture']}" for pool in blas if pool.get("architecture")})
    return ", ".join(names) or "unknown", max((pool["num_threads"] for pool in blas), default=1), None


def _torch(device: torch.device | str) -> Found:
    import torch

    gpu = torch.cuda.get_device_name(device) if str(device).startswith("cuda") else None
    return torch.backends.cpu.get_cpu_capability(), torch.get_num_threads(), gpu


def _jax(_: torch.device | str) -> Found:
    import jax

    flags = os.environ.get("XLA_FLAGS", "")
    chosen = re.search(r"--xla_cpu_max_isa=(\S+)", flags)
    single = "--xla_cpu_multi_thread_eigen=false" in flags
    there = jax.devices()[0]
    gpu = None if there.platform == "cpu" else there.device_kind
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return chosen[1] if chosen else "the processor's own", 1 if single else cores, gpu


_KERNELS = {"numpy": _numpy, "torch": _torch, "jax": _jax}


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()
