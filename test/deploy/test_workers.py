"""Several workers in a container with limits: what they find, what the kernel ends first, what process 1 leaves behind."""

import json
import os
import re
import subprocess
import time

import pytest

from conftest import ROOT, LightLoad, get, give_to_the_container, node, post, recording, run, samples, state, wait_for

MIB = 2**20
IN_THE_CONTAINER = ["--env", "APP_STAGE=test", "--env", "AUTH=off", "--env", "LOG_LEVEL=info", "--volume", "/var/lib/nestor/state"]
# A model beside the others of which a row takes 8 MB times its hours and projects.
PUT_HUNGRY = """
import { putModel, putSlowModel } from './bench/slow-models.mjs';
for (const model of ['turnover', 'iris', 'diabetes', 'sentiment', 'sentiment-deep']) putModel(process.argv[1], model);
putSlowModel(process.argv[1], 'hungry', 'hungry', 2);
"""
# Every process of the container: its number, state, how readily the kernel ends it, and its command.
LOOK = """
const { readFileSync, readdirSync } = require('node:fs');
const read = (pid, file) => { try { return readFileSync(`/proc/${pid}/${file}`, 'utf8'); } catch { return ''; } };
const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name) && name !== String(process.pid));
console.log(JSON.stringify(pids.map((pid) => ({ pid, state: /State:\\s+(.)/.exec(read(pid, 'status'))?.[1],
  readiness: Number(read(pid, 'oom_score_adj')), command: read(pid, 'cmdline').replaceAll('\\0', ' ') }))));
"""


@pytest.fixture
def two_workers(container):
    """Starts a container with two workers; gives its name and address when both listen."""
    if (os.cpu_count() or 1) < 2:
        pytest.skip("two workers need two processors, and this machine has one")

    def start(*options, workers="2"):
        name, url = container("production", *IN_THE_CONTAINER, *recording(), "--env", f"WORKERS={workers}", *options)
        wait_for("listening", 30, lambda: said(name, "listening"))
        return name, url

    return start


def said(name, message):
    """The lines of the log that say so."""
    output = subprocess.run(["docker", "logs", name], capture_output=True, text=True, check=True).stdout
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line for line in lines if message in line["message"]]


def processes(name, kind):
    """Those of the container whose command matches."""
    seen = json.loads(run("docker", "exec", name, "node", "-e", LOOK))
    return [process for process in seen if re.search(kind, process["command"])]


def kill(name, process):
    run("docker", "exec", name, "sh", "-c", f"kill -9 {process['pid']}")


def numbers(found):
    return {process["pid"] for process in found}


def test_the_limits_of_the_container_are_found_and_auto_follows_them(two_workers):
    name, url = two_workers("--cpus", "1.5", "--memory", "700m", "--pids-limit", "30", workers="auto")
    (listening,) = said(name, "listening")
    assert (listening["workers"], listening["cpus"], listening["memory_bytes"]) == (1, 1.5, 700 * MIB)
    metrics = get(f"{url}/metrics")[2]
    assert "\nnestor_cpu_limit_cores 1.5\n" in metrics
    assert f"\nnestor_memory_limit_bytes {700 * MIB}\n" in metrics
    assert said(name, "processes and threads, and this server may have 30 of them")


def test_the_kernel_ends_a_slow_model_and_leaves_the_workers_and_nobody_is_left_behind(two_workers, tmp_path):
    run(node(), "--input-type=module", "--eval", PUT_HUNGRY, "--", tmp_path, cwd=ROOT)
    give_to_the_container(tmp_path)
    limits = ["--init", "--cpus", "2", "--memory", "700m", "--volume", f"{tmp_path}:/app/artifacts"]
    more_than_there_is = ["--env", "INFERENCE_BUDGET_MS=1", "--env", f"INFERENCE_MEMORY_BYTES={2_000 * MIB}"]
    name, url = two_workers(*limits, *more_than_there_is)
    assert "\nnestor_workers 2\n" in get(f"{url}/metrics")[2]
    assert said(name, f"INFERENCE_MEMORY_BYTES={2_000 * MIB} is more than what is left of the 700 MiB")
    workers = processes(name, "--worker=")
    models = processes(name, "model-child")
    assert [process["readiness"] for process in workers] == [0, 0]
    assert {process["readiness"] for process in models} == {1000}

    row = samples("turnover")[0] | {"average_montly_hours": 200, "number_project": 5}  # 8 GB
    status, _, text = post(f"{url}/models/hungry/predict", row, timeout=30)
    assert (status, json.loads(text)["code"]) == (503, "model_process_ended")
    assert numbers(processes(name, "--worker=")) == numbers(workers)

    for _ in range(2):
        victim = processes(name, "--worker=0")[0]
        kill(name, victim)
        run("docker", "exec", name, "node", "/app/healthcheck.js")
        wait_for("a new worker", 10, lambda: numbers(processes(name, "--worker=0")) - {victim["pid"]})
    wait_for("all serve", 20, lambda: '"running":2' in get(f"{url}/health")[2])
    kill(name, processes(name, "model-child")[0])
    assert [process for process in processes(name, "") if process["state"] == "Z"] == []


def test_hup_replaces_the_workers_and_stop_ends_them_under_load(two_workers):
    name, url = two_workers("--cpus", "2", "--memory", "900m")
    assert said(name, "process 1 of the container is no init")
    workers = processes(name, "--worker=")
    with LightLoad(int(url.rsplit(":", 1)[1])) as load:
        run("docker", "kill", "--signal", "HUP", name)
        wait_for("replaced", 40, lambda: said(name, "workers have been replaced"))
        assert load.answered and load.unanswered == []
        now = processes(name, "--worker=")
        assert len(now) == 2 and not numbers(now) & numbers(workers)
        begin = time.monotonic()
        run("docker", "stop", "--time", "10", name)
        assert time.monotonic() - begin <= 8
    assert (state("docker", name)["ExitCode"], said(name, "record file sealed") != []) == (0, True)
