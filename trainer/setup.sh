#!/bin/sh
# Makes trainer/.venv, the trainer's Python environment, or makes it anew when requirements.txt has changed.
# Where nothing has changed it does nothing. PYTHON names the interpreter to make it with; it must be a Python 3.11.
set -eu
cd "$(dirname "$0")"

stamp=.venv/requirements.sha256
python=${PYTHON:-python3.11}
command -v "$python" >/dev/null || python=python3
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "trainer: needs Python 3.11; $python is $("$python" --version 2>&1). Set PYTHON to one." >&2
  exit 1
}

wanted=$("$python" -c 'import hashlib; print(hashlib.sha256(open("requirements.txt", "rb").read()).hexdigest())')
[ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ] || exit 0
echo "trainer: installing requirements.txt into trainer/.venv (some minutes, once)" >&2
rm -rf .venv
"$python" -m venv .venv
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-warn-script-location -r requirements.txt
echo "$wanted" >"$stamp"
