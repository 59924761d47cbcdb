#!/bin/sh
# Tests the package as a user has it installed, from its wheel. Not part of the gate: it installs environments (in FOLDER,
# by default a temporary one).
#   sh python/test-versions.sh            both
#   sh python/test-versions.sh oldest     the tests on the oldest libraries that it takes (PYTHON_OLDEST, python3.10)
#   sh python/test-versions.sh newest     the tests on the newest that there are (PYTHON_NEWEST, python3.13)
set -eu
cd "$(dirname "$0")"
sh setup.sh
folder=${FOLDER:-$(mktemp -d)}
[ -n "${FOLDER:-}" ] || trap 'rm -rf "$folder"' EXIT
.venv/bin/python -m hatchling build -t wheel -d "$folder" >/dev/null

tested() { # NAME INTERPRETER REQUIREMENT...
  name=$1 interpreter=$2
  shift 2
  [ -x "$folder/$name/bin/python" ] || "$interpreter" -m venv "$folder/$name"
  pip() { "$folder/$name/bin/python" -m pip --disable-pip-version-check "$@"; }
  pip install -qq "$@" pytest pytest-xdist hatchling joblib
  pip install -qq --force-reinstall --no-deps "$folder"/*.whl
  echo "$name: $("$interpreter" --version), $(pip list --format=freeze | tr '\n' ' ')"
  # What a library will change later is its own warning, and no fault here. The demonstrations have their pinned libraries,
  # the fresh environment is one of its own, and torch is too large to be installed twice for one file.
  OMP_NUM_THREADS=1 "$folder/$name/bin/python" -m pytest -q -n auto --dist loadfile -c pyproject.toml --rootdir . -W default \
    tests/served --ignore tests/served/test_wrapped.py --ignore tests/served/test_fresh_environment.py \
    tests/test_answers.py tests/test_catboost.py tests/test_composed.py tests/test_composed_codes.py tests/test_encoders.py \
    tests/test_export.py tests/test_fields.py tests/test_folder.py tests/test_frames.py tests/test_lightgbm.py tests/test_mlflow_folders.py \
    tests/test_nestor_command.py tests/test_package.py tests/test_pipelines.py tests/test_plausible.py tests/test_progress.py \
    tests/test_proof.py tests/test_refusals_said.py tests/test_reproduced.py tests/test_rows.py tests/test_sklearn.py \
    tests/test_sklearn_likelihoods.py tests/test_sklearn_lines.py tests/test_sklearn_trees.py tests/test_trees.py \
    tests/test_without_pandas.py tests/test_wrap.py tests/test_xgboost.py
}

failed=0
[ "${1:-oldest}" != oldest ] || tested oldest "${PYTHON_OLDEST:-python3.10}" numpy==1.26.4 pandas==2.2.3 \
  scikit-learn==1.5.2 lightgbm==4.5.0 xgboost-cpu==2.1.4 catboost==1.2.10 skl2onnx==1.20.0 skops==0.11.0 onnx==1.23.0 \
  onnxruntime==1.23.0 matplotlib==3.8.4 pyyaml==6.0 || failed=1
[ "${1:-newest}" != newest ] || tested newest "${PYTHON_NEWEST:-python3.13}" numpy pandas scikit-learn lightgbm \
  xgboost-cpu catboost skl2onnx skops onnx onnxruntime matplotlib pyyaml || failed=1
exit "$failed"
