#!/bin/sh
# Makes python/.venv: the package `nestor` and its demonstrations, changes in them seen at once, with the pinned libraries
# that both are tested with. Where nothing has changed it does nothing. PYTHON names the interpreter; it must be a 3.11.
set -eu
cd "$(dirname "$0")"

stamp=.venv/requirements.sha256
python=${PYTHON:-python3.11}
command -v "$python" >/dev/null || python=python3
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "python/setup.sh: needs Python 3.11; $python is $("$python" --version 2>&1). Set PYTHON to one." >&2
  exit 1
}

wanted=$("$python" -c 'import hashlib; print(hashlib.sha256(open("requirements.txt", "rb").read()).hexdigest())')
[ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ] || exit 0
echo "python/setup.sh: installing requirements.txt into python/.venv (some minutes, once)" >&2
rm -rf .venv
"$python" -m venv .venv
pip() { .venv/bin/python -m pip install -qq --disable-pip-version-check --no-warn-script-location "$@"; }
pip -r requirements.txt
pip --no-deps --no-build-isolation -e . -e demonstrations
echo "$wanted" >"$stamp"
