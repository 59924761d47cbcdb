#!/bin/sh
# Runs the trainer's tests in trainer/.venv, which is made, or brought up to requirements.txt, when it has to be.
# Arguments go to pytest. Tests that need the real data read NESTOR_DATA, the folder that holds them.
set -eu
# A relative folder is the caller's: make it absolute before leaving for ours.
if [ -n "${NESTOR_DATA:-}" ]; then
  NESTOR_DATA=$(cd "$NESTOR_DATA" && pwd)
  export NESTOR_DATA
fi
cd "$(dirname "$0")"

python=${PYTHON:-python3.11}
command -v "$python" >/dev/null || python=python3
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "trainer: needs Python 3.11; $python is $("$python" --version 2>&1). Set PYTHON to one." >&2
  exit 1
}

stamp=.venv/requirements.sha256
wanted=$("$python" -c 'import hashlib; print(hashlib.sha256(open("requirements.txt", "rb").read()).hexdigest())')
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
  echo "trainer: installing requirements.txt into trainer/.venv" >&2
  rm -rf .venv
  "$python" -m venv .venv
  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-warn-script-location -r requirements.txt
  echo "$wanted" >"$stamp"
fi

.venv/bin/ruff check --quiet .
.venv/bin/ruff format --quiet --check .
exec .venv/bin/python -m pytest "$@"
