"""The component of Kubeflow Pipelines: it compiles, and what it runs does what its outputs say."""

import importlib.util
import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml
from kfp import compiler

from conftest import ROOT

NODE = ROOT / "node_modules/node/bin/node"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """What kfp makes of the pipeline in the file."""
    file = tmp_path_factory.mktemp("kubeflow") / "train.yaml"
    spec = importlib.util.spec_from_file_location("train", ROOT / "deploy/kubeflow/train.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    compiler.Compiler().compile(module.pipeline, str(file))
    return yaml.safe_load(file.read_text())


def test_it_is_never_answered_from_a_cache(compiled):
    (task,) = compiled["root"]["dag"]["tasks"].values()
    assert "enableCache" not in task["cachingOptions"]


class Server(HTTPServer):
    """Answers every call with one job, and keeps what it was asked for by POST."""

    def __init__(self, **job):
        super().__init__(("127.0.0.1", 0), Answer)
        self.job = {"id": "1", "model": "iris", "error": None, "metrics": {}, "created": "now", **job}
        self.asked = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.path, self.headers["idempotency-key"], json.loads(body)))
        self.do_GET()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.job).encode())

    def log_message(self, *_):
        pass


def run_component(compiled, folder, server):
    """Runs the component's command as the engine does, with dist/ in the place of the image; its end and its outputs."""
    container = compiled["deploymentSpec"]["executors"]["exec-train"]["container"]
    given = {"$.inputs.parameters['model']": "iris", "$.inputs.parameters['server']": server.url}
    given |= {"$.inputs.parameters['arguments']": '{"C":2}', "$.pipeline_job_uuid": "run-1"}
    outputs = {name: folder / f"outputs/{name}/data" for name in ("version", "verdict")}
    given |= {f"$.outputs.parameters['{name}'].output_file": str(file) for name, file in outputs.items()}
    command = [*container["command"], *(given[argument.strip("{}")] for argument in container["args"])]
    environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return ended, {name: file.read_text() for name, file in outputs.items() if file.exists()}


def test_it_asks_waits_and_hands_on_what_the_gate_found(compiled, tmp_path):
    gate = {"verdict": "needs_approval", "champion": "1", "promoted": False, "reason": "few rows"}
    server = Server(state="done", version="2", gate=gate, log=["x" * 200_000])
    ended, outputs = run_component(compiled, tmp_path, server)
    assert ended.returncode == 0, ended.stderr
    assert server.asked == [("/models/iris/train", "run-1", {"arguments": {"C": 2}})]
    assert outputs == {"version": "2", "verdict": "needs_approval"}


def test_it_fails_with_the_gate(compiled, tmp_path):
    gate = {"verdict": "failed", "champion": "1", "promoted": False, "reason": "slices: worse for flowers of one kind"}
    ended, outputs = run_component(compiled, tmp_path, Server(state="done", version="2", gate=gate))
    assert (ended.returncode, outputs) == (1, {})
    assert "slices: worse for flowers of one kind" in ended.stderr


def test_a_first_version_has_no_verdict(compiled, tmp_path):
    ended, outputs = run_component(compiled, tmp_path, Server(state="done", version="1", gate=None))
    assert (ended.returncode, outputs) == (0, {"version": "1", "verdict": ""})
