#!/bin/sh
# Makes python/.venv: the package `nestor` and its demonstrations, changes in them seen at once, with the pinned libraries
# that both are tested with. `setup.sh torch` adds torch, which the demonstration sentiment-deep and the tests need.
# Where nothing has changed it does nothing. PYTHON names the interpreter; it must be a 3.11.
set -eu
cd "$(dirname "$0")"

python=${PYTHON:-python3.11}
command -v "$python" >/dev/null || python=python3
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "python/setup.sh: needs Python 3.11; $python is $("$python" --version 2>&1). Set PYTHON to one." >&2
  exit 1
}

# What was installed is noted by its digest, so that a changed list is installed anew.
digest() { "$python" -c 'import hashlib, sys; print(hashlib.sha256(b"".join(open(f, "rb").read() for f in sys.argv[1:])).hexdigest())' "$@"; }
noted() { [ "$(cat ".venv/$1" 2>/dev/null || true)" = "$2" ]; }

quiet=-qq
[ ! -t 2 ] || quiet= # on a terminal pip says what it downloads, and how far it is
pip() { .venv/bin/python -m pip install $quiet --disable-pip-version-check --no-warn-script-location "$@"; }

wanted=$(digest requirements.txt)
if ! noted requirements.sha256 "$wanted"; then
  echo "python/setup.sh: installing requirements.txt into python/.venv (a minute or two, once)" >&2
  rm -rf .venv
  "$python" -m venv .venv
  pip -r requirements.txt
  echo "$wanted" >.venv/requirements.sha256
fi
wanted=$(digest pyproject.toml demonstrations/pyproject.toml)
if ! noted packages.sha256 "$wanted"; then
  pip --no-deps --no-build-isolation -e . -e demonstrations
  echo "$wanted" >.venv/packages.sha256
fi

[ "${1:-}" = torch ] || exit 0
wanted=$(digest requirements-torch.txt)
if ! noted torch.sha256 "$wanted"; then
  echo "python/setup.sh: adding torch (large)" >&2
  pip -r requirements-torch.txt
  echo "$wanted" >.venv/torch.sha256
fi
