"""What the tests share: a Nestor from dist/, a container engine, kustomize."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE_OPTIONS = re.findall(r"--\S+", json.loads((ROOT / "package.json").read_text())["scripts"]["start"])


def settings_of_example(name):
    """The settings an example file names, commented out or not."""
    lines = (ROOT / name).read_text().splitlines()
    return dict(match.groups() for match in (re.match(r"#? ?([A-Z][A-Z_]+)=(\S*)", line) for line in lines) if match)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url, timeout=5, key=None):
    """Status, headers and text of a GET, with a key if one is given; status 0 where nobody answers."""
    if key is not None:
        url = urllib.request.Request(url, headers=bearer(key))
    try:
        with urllib.request.urlopen(url, timeout=timeout) as reply:
            return reply.status, reply.headers, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()
    except OSError:
        return 0, {}, ""


def post(url, body, timeout=5, key=None):
    headers = {"content-type": "application/json"} | ({} if key is None else bearer(key))
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    return get(request, timeout)


def node():
    """The Node that the project has installed, or the one of this machine."""
    own = ROOT / "node_modules/node/bin/node"
    return own if own.exists() else "node"


SCOPES = ("predict", "feedback", "train", "runner", "audit", "metrics", "admin")


def new_key(file, *scopes, rate=None):
    """A new key in a file of keys, made as people make it; for everything unless scopes are named, and at any rate unless one is."""
    command = ["key", "create", "--name", "a test", "--scopes", ",".join(scopes or SCOPES), "--file", file]
    rated = [] if rate is None else ["--rate", rate]
    return run(node(), ROOT / "bin/nestor.js", *command, *rated).strip()


def give_to_the_container(folder):
    """What user 1000 is to read, as the guide has it."""
    run(*([] if os.geteuid() == 0 else ["sudo"]), "chown", "-R", "1000:1000", folder)


def bearer(key):
    """The header that shows a key."""
    return {"authorization": f"Bearer {key}"}


def wait_for(what, seconds, condition, pause=0.2):
    """The first true value of condition; fails with `what` when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(pause)
    pytest.fail(f"not within {seconds} s: {what}")


def samples(model):
    """Inputs that the model's DTO takes, from the samples it ships."""
    version = json.loads((ROOT / f"artifacts/{model}/aliases.json").read_text())["champion"]
    text = (ROOT / f"artifacts/{model}/{version}/samples.json").read_text()
    return [sample["input"] for sample in json.loads(text)["samples"]]


class Nestor:
    """dist/main.js in a process of its own, in an empty working folder."""

    def __init__(self, folder, **settings):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # Nothing of this machine's settings reaches it.
        environment = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        if "ARTIFACTS_DIR" not in settings:  # a copy, because there are routes that change the models
            settings["ARTIFACTS_DIR"] = str(shutil.copytree(ROOT / "artifacts", folder / "artifacts"))
        # On loopback acceptance and production may do without keys.
        environment |= {"PORT": str(self.port), "HOST": "127.0.0.1", "AUTH": "off"}
        environment |= {"PREDICTION_LOG_DIR": str(folder / "predictions")} | settings
        self.output = open(folder / "output.txt", "w+")
        command = [str(node()), *NODE_OPTIONS, str(ROOT / "dist/main.js")]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=self.output, stderr=subprocess.STDOUT
        )

    def said(self):
        self.output.seek(0)
        return self.output.read()

    def wait_until_ready(self):
        def ready():
            assert self.process.poll() is None, self.said()
            return get(f"{self.url}/health/ready")[0] == 200

        wait_for(f"ready\n{self.said()}", 30, ready)
        return self

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()
            self.output.close()


@pytest.fixture
def start_nestor(tmp_path):
    """Starts Nestor with settings; it is stopped after the test."""
    started = []

    def start(**settings):
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Nestor(folder, **settings))
        return started[-1]

    yield start
    for nestor in started:
        if not nestor.output.closed:
            nestor.stop()


class LightLoad:
    """Asks every model for predictions on a few connections, some of them wrongly, until the block ends."""

    def __init__(self, port, connections=4, pause=0.02, key=None):
        self.models = sorted(path.parent.name for path in (ROOT / "artifacts").glob("*/aliases.json"))
        self.inputs = {model: samples(model)[:500] for model in self.models}
        self.port, self.pause, self.over = port, pause, threading.Event()
        self.headers = {"content-type": "application/json"} | ({} if key is None else bearer(key))
        self.answered = []  # ids of the predictions that were answered with 200
        self.unanswered = []  # why connections have ended
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(connections)]

    def run(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        turn = number * 100
        while not self.over.wait(self.pause):
            turn += 1
            model = self.models[turn // 5 % len(self.models)]
            rows = self.inputs[model]
            if turn % 5 == 0:
                body = {"instances": [rows[(turn + n) % len(rows)] for n in range(1 + turn % 20)]}
                path = f"/v1/models/{model}:predict"
            else:
                body = {"no such": "field"} if turn % 25 == 1 else rows[turn % len(rows)]
                path = f"/models/{model}/predict"
            try:
                connection.request("POST", path, json.dumps(body), self.headers)
                reply = connection.getresponse()
                text = reply.read()
            except (OSError, http.client.HTTPException) as error:
                self.unanswered.append(repr(error))
                return  # the server has ended; a test that does not expect that sees it elsewhere
            if reply.status == 200:
                self.answered += re.findall(r'"prediction_id":"([^"]+)"', text.decode())
        connection.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture(scope="session")
def kustomize():
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    return ["kubectl", "kustomize"]


def run(*command, **options):
    """Runs a command; a failure shows what it said."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert result.returncode == 0, f"{' '.join(map(str, command))}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="session")
def engine():
    """`docker`, where an engine answers; else the test is skipped by name."""
    if not shutil.which("docker"):
        pytest.skip("no container engine: there is no docker command on this machine")
    if subprocess.run(["docker", "version"], capture_output=True).returncode:
        pytest.skip("no container engine: the docker command finds no running engine")
    return "docker"


@pytest.fixture(scope="session")
def compose():
    """Compose v2 or docker-compose 1.29."""
    if shutil.which("docker") and not subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("no docker compose on this machine")


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """A clean clone of what is committed: images and compose see nothing else of this folder."""
    folder = tmp_path_factory.mktemp("clone") / "nestor"
    run("git", "clone", "--quiet", ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def images(engine, clone):
    """Builds a target of the clone's Dockerfile, or the image of a runner, once; gives its tag and what the builder said."""
    built = {}

    def build(target):
        if target not in built:
            tag = "nestor-runner:runtime" if target == "runner" else f"nestor:{target}"
            source = [clone / "python"] if target == "runner" else ["--target", target, clone]
            built[target] = tag, run(engine, "build", "--tag", tag, *source)
        return built[target]

    return build


HARDENED = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp"]


@pytest.fixture
def container(engine, images):
    """Starts a hardened container of an image; gives its name and address. Removed after the test."""
    started = []

    def start(target, *options, command=()):
        name, port = f"nestor-test-{uuid.uuid4().hex[:8]}", free_port()
        started.append(name)
        publish = ["--publish", f"127.0.0.1:{port}:3000"]
        run(engine, "run", "--detach", "--name", name, *publish, *HARDENED, *options, images(target)[0], *command)
        return name, f"http://127.0.0.1:{port}"

    yield start
    for name in started:
        run(engine, "rm", "--force", "--volumes", name)


def recording():
    return ["--volume", "/var/lib/nestor/predictions", "--env", "PREDICTION_LOG_DIR=/var/lib/nestor/predictions"]


def state(engine, name):
    return json.loads(run(engine, "inspect", name))[0]["State"]
