"""Child processes that save and save are killed at random instants; what lies there must always load.

    python save_until_killed.py FOLDER KILLS

Prints how often the checkpoint that was found was the last one finished, and how often one still newer.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np
from small import small_config

from mnist_study.data import Digits
from mnist_study.training import Epoch, History, make_engine
from mnist_study.training.checkpoints import Checkpoints
from mnist_study.training.runs import new_run


def main(folder, kills):
    config = small_config("numpy_mlp", "model.hidden=[128]")
    digits = Digits(np.arange(10 * 784, dtype=np.uint8).reshape(10, 28, 28), np.arange(10))
    about = {"config": config.model_dump(mode="json")}
    run = new_run("killed", "", "", folder)
    chance = random.Random(0)
    same = newer = 0
    for _ in range(kills):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            save_and_save(run, make_engine(config, digits), about, writer)
        os.close(writer)
        told = os.read(reader, 8)  # the first checkpoint is there
        time.sleep(chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := os.read(reader, 4096):
            told = (told + more)[-8:]
        os.close(reader)
        finished = int.from_bytes(told, "little")
        engine = make_engine(config, digits)
        history = Checkpoints(run, engine.network, "validation_loss", about).load(engine)
        found = len(history.batch_losses)
        assert found in (finished, finished + 1), (found, finished)
        assert np.all(engine.network.parameters == found), "weights of one checkpoint, history of another"
        assert history.epochs[-1].epoch == found
        same += found == finished
        newer += found > finished
    print(same, newer)


def save_and_save(run, engine, about, writer):
    checkpoints, history = Checkpoints(run, engine.network, "validation_loss", about), History()
    checkpoints.before_training(history, 10**9, 1)
    for number in range(1, 10**9):
        engine.network.parameters[:] = number
        history.batch_losses.append(1.0)
        history.epochs = [Epoch(number, 1.0, 1.0, 0.5, 1 / number, 0.5, 1.0)]
        checkpoints.after_epoch(history.epochs[-1], engine)
        os.write(writer, number.to_bytes(8, "little"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
