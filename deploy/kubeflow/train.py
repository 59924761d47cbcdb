"""A component of Kubeflow Pipelines that asks a Nestor for a training, waits for its end and hands on what the gate found.

    kfp dsl compile --py deploy/kubeflow/train.py --output train.yaml

It trains nothing itself: a runner does (docs/deployment.md). Where the server asks for a key, its pod reads one of scope
train from NESTOR_API_KEY. `train` is for pipelines of your own.
"""

from kfp import dsl

# Yours, by its digest. It holds the command that the CronJob and a person on a terminal use too.
IMAGE = "nestor:runtime"

# $0 to $3: model, server, arguments, key; the others: where the outputs are written.
SCRIPT = """\
job=$(node dist/cli/cli.js train "$0" --from "$1" --arguments "$2" --idempotency-key "$3" --json)
put() {
  mkdir -p "$(dirname "$1")"
  printf %s "$job" | node -e "process.stdout.write(String(JSON.parse(require('fs').readFileSync(0)).$2))" >"$1"
}
put "$4" version
put "$5" "gate?.verdict ?? ''"
"""


@dsl.container_component
def train(
    model: str,
    server: str,
    version: dsl.OutputPath(str),
    verdict: dsl.OutputPath(str),
    arguments: dict = {},
):
    """Train a model and wait for its end.

    The task fails where the training or its gate has. Repeated in the same run it asks for the same training. Switch the
    cache off, by set_caching_options(False): it would hand on yesterday's version without a training.

    Args:
        model: its name at the server
        server: address of the server, such as http://nestor.nestor-test
        arguments: of the training function
        version: number of the version that was published
        verdict: of the gate: passed or needs_approval; empty where there was no champion to compare it with
    """
    return dsl.ContainerSpec(
        image=IMAGE,
        command=["sh", "-euc", SCRIPT],
        args=[model, server, arguments, dsl.PIPELINE_JOB_ID_PLACEHOLDER, version, verdict],
    )


@dsl.pipeline(name="nestor-train")
def pipeline(model: str, server: str, arguments: dict = {}):
    """Train one model."""
    train(model=model, server=server, arguments=arguments).set_caching_options(False)
