"""The first steps of a process of a job: `python born.py <pid of the runner> <module> <what the module is given>...`.

It dies with its runner, and so does what it has started. That is seen to before the package is imported, which takes a
second, so this file is run by its path and imports nothing of the package.
"""

import ctypes
import os
import runpy
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1
# Outlives the SIGTERM that ends a training, until the whole group is killed.
WATCH = "import os, signal; signal.signal(15, signal.SIG_IGN); os.read(0, 1); os.killpg(0, signal.SIGKILL)"


def die_with(runner: int) -> None:
    """Have this process, and its group, killed when the runner dies in whatever way.

    Standard input is a pipe that the runner holds and never writes.
    """
    subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", WATCH], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=True
    )
    # The training's own children have no hand on the pipe.
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != runner:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    # As with `python -m`: modules are looked for in the working folder, and not beside this file.
    if sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        sys.path[0] = os.getcwd()
    _, pid, module, *given = sys.argv
    die_with(int(pid))
    sys.argv = [module, *given]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
