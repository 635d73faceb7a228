import json
import os
import subprocess
import sys

import pytest

from mnist_study.training.machine import machine

KEYS = {"system", "processor", "instructions", "threads", "gpu"}


@pytest.mark.parametrize("engine", ["numpy", "torch", "jax"])
def test_a_machine_is_described_in_what_json_can_hold(engine):
    found = machine(engine)
    assert set(found) == KEYS
    assert json.loads(json.dumps(found)) == found
    assert found["threads"] >= 1


def told(engine, **variables):
    code = f"import json; from mnist_study.training.machine import machine; print(json.dumps(machine({engine!r})))"
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | variables, capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
def test_it_says_the_kernels_and_threads_that_are_used_and_not_those_that_could_be():
    torch = told("torch", ATEN_CPU_CAPABILITY="default", OMP_NUM_THREADS="1")
    assert torch["instructions"] in {"DEFAULT", "NO AVX"}
    assert torch["threads"] == 1
    jax = told("jax", XLA_FLAGS="--xla_cpu_max_isa=SSE4_2 --xla_cpu_multi_thread_eigen=false")
    assert (jax["instructions"], jax["threads"]) == ("SSE4_2", 1)
    assert told("numpy", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")["threads"] == 1
