#!/bin/sh
# Checks style and types of the Python code and runs its tests, in the environment that `setup.sh torch` makes. Arguments go to
# pytest. Tests that need the real data read NESTOR_DATA, the folder that holds them.
set -eu
# A relative folder is the caller's: make it absolute before leaving for ours.
if [ -n "${NESTOR_DATA:-}" ]; then
  NESTOR_DATA=$(cd "$NESTOR_DATA" && pwd)
  export NESTOR_DATA
fi
cd "$(dirname "$0")"
sh setup.sh torch

.venv/bin/ruff check --quiet .
.venv/bin/ruff format --quiet --check .
.venv/bin/mypy
# A worker a core, of one thread; the tests of a file share one, and with it what they start.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec .venv/bin/python -m pytest -n auto --dist loadfile "$@"
