"""docker compose from a clean clone: one command up, watched, down without loss, up again on the old volume."""

import hashlib
import json
import os
import re
import shutil
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from conftest import ROOT, LightLoad, free_port, get, give_to_the_container, new_key, node, post, run, samples, settings_of_example, wait_for

LAYERS = (None, "hot-reload", "test", "acceptance", "production")
TRAINING = ["--profile", "training"]
# As whom a runner works, with which rights, and which of these folders it cannot write to.
LOOK = """
sed -n 's/^Uid:\\s\\([0-9]*\\).*/\\1/p; s/^CapEff:\\s//p' /proc/self/status | paste -sd ' '
for folder in /opt/nestor /src /data /tmp; do touch $folder/x 2>/dev/null || echo $folder; done
"""


def files(layer):
    return ["-f", "docker-compose.yml", *(["-f", f"docker-compose.{layer}.yml"] if layer else [])]


@pytest.fixture(scope="module")
def config(compose, clone):
    """The services as compose reads them, with a file laid over the first one and variables of the shell."""

    def read(layer, **variables):
        return yaml.safe_load(run(*compose, *files(layer), *TRAINING, "config", cwd=clone, env=os.environ | variables))["services"]

    return read


@pytest.mark.parametrize("layer", LAYERS)
def test_the_configuration_is_valid_and_hardened(config, layer):
    services = config(layer)
    assert set(services) == {"nestor", "runner", "prometheus", "grafana"}
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"] and service["cpus"] and service["pids_limit"]
        assert service.get("read_only", False) is (name != "nestor" or layer != "hot-reload")
        for port in service.get("ports", []):
            assert (port if isinstance(port, str) else port["host_ip"]).startswith("127.0.0.1")
        assert ":latest" not in service["image"] and "." not in service["image"].split("/")[0]
    assert services["grafana"]["environment"]["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"


@pytest.mark.parametrize("layer", LAYERS)
def test_every_stage_runs_the_one_image(config, layer):
    nestor = config(layer)["nestor"]
    built = (nestor["image"], nestor["build"]["target"])
    assert built == (("nestor:development", "development") if layer == "hot-reload" else ("nestor:runtime", "runtime"))
    assert nestor["environment"]["APP_STAGE"] == (layer if layer in ("test", "acceptance", "production") else "development")


@pytest.mark.parametrize("layer", (None, "test", "acceptance", "production"))
def test_an_image_that_was_built_elsewhere_is_run_by_its_digest(config, layer):
    promoted = f"nestor@sha256:{'0' * 64}"
    assert config(layer, NESTOR_IMAGE=promoted)["nestor"]["image"] == promoted


@pytest.mark.parametrize(("layer", "example"), (("hot-reload", "development"), *((stage, stage) for stage in LAYERS[2:])))
def test_a_stage_takes_the_settings_of_its_example(config, layer, example):
    environment = config(layer)["nestor"]["environment"]
    assert settings_of_example(f".env.{example}.example").items() <= environment.items()


def test_the_first_command_needs_no_settings(config):
    assert set(config(None)["nestor"]["environment"]) == {"APP_STAGE", "AUTH", "WORKERS", "PREDICTION_LOG_DIR", "SHUTDOWN_DELAY_MS"}


@pytest.mark.parametrize("layer", LAYERS)
def test_models_are_changed_from_outside_where_developers_work(config, layer):
    assert config(layer)["nestor"]["environment"]["AUTH"] == ("required" if layer in ("acceptance", "production") else "off")


@pytest.mark.parametrize("layer", LAYERS)
def test_callers_need_keys_where_strangers_may_come_and_each_service_has_its_own(compose, clone, tmp_path, layer):
    command = [*compose, *files(layer), *TRAINING, "config"]
    whole = yaml.safe_load(run(*command, cwd=clone, env=os.environ | {"NESTOR_SECRETS": str(tmp_path)}))
    secrets = {name: os.path.relpath(secret["file"], clone) for name, secret in whole["secrets"].items()}
    (keys,) = [volume for volume in whole["services"]["nestor"]["volumes"] if "/run/nestor" in str(volume)] or [None]
    if layer in ("acceptance", "production"):
        here = os.path.relpath(tmp_path, clone)
        assert secrets == {"metrics-key": f"{here}/metrics.key", "runner-key": f"{here}/runner.key"}
        short, long = f"{tmp_path}/nestor:/run/nestor:ro", {"source": f"{tmp_path}/nestor", "read_only": True}
        assert keys == short or long.items() <= keys.items()
    else:
        assert secrets == {"metrics-key": "deploy/docker/no-key", "runner-key": "deploy/docker/no-key"}
        assert keys is None
    for name, secret in (("prometheus", "metrics-key"), ("runner", "runner-key")):
        (told,) = whole["services"][name]["secrets"]
        assert secret in (told, isinstance(told, dict) and told["source"])


@pytest.mark.parametrize("layer", LAYERS)
def test_the_models_can_be_written(config, clone, layer):
    assert mounted(config(layer)["nestor"])["/app/artifacts"] == (str(clone / "artifacts") if layer == "hot-reload" else "artifacts")
    of_the_clone = config(layer, NESTOR_ARTIFACTS="./artifacts")["nestor"]
    assert mounted(of_the_clone)["/app/artifacts"] == str(clone / "artifacts")


def mounted(service):
    """Folder in the container → volume or folder outside, of what can be written there."""
    volumes = [volume.split(":") if isinstance(volume, str) else volume for volume in service["volumes"]]
    short = {target: source for source, target, *mode in (one for one in volumes if isinstance(one, list)) if mode != ["ro"]}
    long = (volume for volume in volumes if isinstance(volume, dict) and not volume.get("read_only"))
    return short | {volume["target"]: volume["source"] for volume in long}


def test_every_file_that_is_mounted_is_there(config, clone, tmp_path):
    for service in config(None, TRAINING_DATA=str(tmp_path)).values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
            assert not source.startswith("/") or os.path.exists(source), source


@pytest.mark.parametrize("layer", LAYERS)
def test_a_runner_is_there_for_who_asks_for_it_and_reads_the_data_of_the_operator(config, layer, tmp_path):
    runner = config(layer, TRAINING_DATA=str(tmp_path))["runner"]
    assert runner["profiles"] == ["training"]
    (data,) = runner["volumes"]
    short, long = f"{tmp_path}:/data:ro", {"type": "bind", "source": str(tmp_path), "target": "/data", "read_only": True}
    assert data == short or long.items() <= data.items()
    assert runner["depends_on"]["nestor"]["condition"] == "service_healthy"
    assert "TRAINING_DATA=/data" in (ROOT / "python/Dockerfile").read_text()
    promoted = f"nestor-runner@sha256:{'0' * 64}"
    assert config(layer, NESTOR_RUNNER_IMAGE=promoted)["runner"]["image"] == promoted


class Up:
    """nestor and prometheus of the clone's compose file, under a project name and ports of their own."""

    def __init__(self, compose, clone, layer=None, **variables):
        self.nestor, self.prometheus = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.nestor}"
        self.command = [*compose, *files(layer), "-p", f"nestortest{layer or ''}{os.getpid()}"]
        ports = {"NESTOR_PORT": str(self.nestor), "PROMETHEUS_PORT": str(self.prometheus)}
        self.options = {"cwd": clone, "env": os.environ | ports | variables}

    def run(self, *arguments):
        return run(*self.command, *arguments, **self.options)

    def up(self):
        begin = time.monotonic()
        self.run("up", "--detach", "nestor", "prometheus")
        wait_for("healthy", 60, lambda: self.state()["Health"]["Status"] == "healthy")
        return time.monotonic() - begin

    def container(self):
        everything = ["--all"] if "compose" in self.command else []  # docker-compose 1.29 shows stopped ones anyway
        return self.run("ps", "--quiet", *everything, "nestor").strip()

    def state(self):
        return json.loads(run("docker", "inspect", self.container()))[0]["State"]

    def value(self, query):
        _, _, text = get(f"http://127.0.0.1:{self.prometheus}/api/v1/query?query={query}")
        found = json.loads(text or '{"data":{"result":[]}}')["data"]["result"]
        return float(found[0]["value"][1]) if found else 0

    def records(self):
        """The record files of the volume, read from a container that mounts it: path → lines."""
        look = """
          const { globSync, readFileSync } = require('node:fs');
          const files = globSync('/var/lib/nestor/predictions/*/*/*.ndjson');
          console.log(JSON.stringify(Object.fromEntries(files.map((file) => [file, readFileSync(file, 'utf8')]))));
        """
        volume = f"{self.command[-1]}_predictions:/var/lib/nestor/predictions:ro"
        said = run("docker", "run", "--rm", "--volume", volume, "nestor:runtime", "node", "-e", look)
        found = json.loads(said)
        assert all(text == "" or text.endswith("\n") for text in found.values())
        # not splitlines(): a text input may hold U+2028, which JSON leaves as it is
        return {file: [json.loads(line) for line in text.split("\n")[:-1]] for file, text in found.items()}


@pytest.fixture(scope="module")
def up(engine, compose, clone, images):
    with ThreadPoolExecutor() as both:  # each takes a minute, and a core at most
        list(both.map(images, ("runtime", "runner")))
    started = Up(compose, clone)
    yield started
    started.run(*TRAINING, "down", "--volumes", "--timeout", "5")


def test_compose_up_serves_is_watched_and_keeps_its_log(up, tmp_path):
    seconds = up.up()
    print(f"\nhealthy {seconds:.1f} s after `up`")
    assert seconds <= 30

    status, body = answer_of_readme(up)
    assert status == 200 and "prediction" in body, body
    assert 'stage="development"' in get(f"{up.url}/metrics")[2]
    push(up, second_version(tmp_path))

    wait_for("up == 1", 30, lambda: up.value('up{job="nestor"}') == 1)
    wait_for("predictions counted", 30, lambda: up.value("sum(nestor_predictions_total)") >= 1)
    with LightLoad(up.nestor) as load:
        before = up.value("sum(nestor_predictions_total)")
        wait_for("the counters move", 30, lambda: up.value("sum(nestor_predictions_total)") > before + 10)
        begin = time.monotonic()
        up.run("stop", "--timeout", "20", "nestor")
        seconds = time.monotonic() - begin
    print(f"ended {seconds:.1f} s after SIGTERM under load, {len(load.answered)} predictions answered")
    state = up.state()
    assert (state["Running"], state["ExitCode"]) == (False, 0)
    assert 5 <= seconds <= 10  # the delay, and what was in flight

    first = up.records()
    recorded = [record["prediction_id"] for lines in first.values() for record in lines]
    assert len(set(recorded)) == len(recorded)
    assert load.answered and set(load.answered) <= set(recorded)

    # A second `up` goes on with the volume: nothing of the first run changes, new records go to a file of their own.
    up.up()
    assert answer_of_readme(up)[0] == 200
    wait_for("what was pushed is there still", 10, lambda: version_state(up) == "ready")
    up.run("stop", "--timeout", "10", "nestor")
    second = up.records()
    assert {file: second[file] for file in first} == first
    assert sum(map(len, second.values())) == len(recorded) + 1


def test_the_profile_training_trains_to_an_answer_of_the_new_champion(up, tmp_path):
    """As the guides have it: asked for, trained by the runner's container, made champion by a person, and asked."""
    up.options["env"]["TRAINING_DATA"] = str(tmp_path)
    up.run(*TRAINING, "up", "--detach", "nestor", "runner")
    asked = ["train", "iris", "--from", up.url, "--idempotency-key", "nightly", "--json"]
    job = json.loads(nestor(*asked))
    assert (job["state"], job["version"], job["gate"]["verdict"]) == ("done", "2", "needs_approval")
    assert json.loads(nestor(*asked))["id"] == job["id"]

    status, headers, _ = get(f"{up.url}/models/iris")
    champion = urllib.request.Request(
        f"{up.url}/models/iris/aliases/champion",
        json.dumps({"version": "2", "reason": "trained anew"}).encode(),
        {"content-type": "application/json", "if-match": headers["etag"]},
        method="PUT",
    )
    assert (status, get(champion)[0]) == (200, 200)
    answer = json.loads(post(f"{up.url}/models/iris/predict", samples("iris")[0])[2])
    assert (answer["version"], answer["prediction"]) == ("2", 0)

    runner = up.run("ps", "--quiet", "runner").strip()
    status, denied = run("docker", "exec", runner, "sh", "-c", LOOK).split("\n", 1)
    assert (status, denied.split()) == ("1000 " + "0" * 16, ["/opt/nestor", "/src", "/data"])
    up.run("stop", "--timeout", "20", "runner")
    assert json.loads(run("docker", "inspect", runner))[0]["State"]["ExitCode"] == 143


def test_production_asks_for_keys_is_watched_with_one_and_refuses_one_that_is_revoked(engine, compose, clone, images, tmp_path):
    """As the guide has it."""
    images("runtime")
    keys = tmp_path / "nestor/keys.json"
    keys.parent.mkdir()
    scraping, mine = new_key(keys, "metrics"), new_key(keys, "predict")
    (tmp_path / "metrics.key").write_text(scraping)
    give_to_the_container(keys.parent)
    up = Up(compose, clone, "production", NESTOR_SECRETS=str(tmp_path), NESTOR_WORKERS="2", NESTOR_MEMORY="700m")
    try:
        up.up()
        statuses = [post(f"{up.url}/models/iris/predict", samples("iris")[0], key=key)[0] for key in (None, mine)]
        assert (statuses, get(f"{up.url}/metrics")[0]) == ([401, 200], 401)
        assert "\nnestor_workers 2\n" in get(f"{up.url}/metrics", key=scraping)[2]
        wait_for("up == 1", 60, lambda: up.value('up{job="nestor"}') == 1)
        # Owner and mode stay as they are.
        run(*([] if os.geteuid() == 0 else ["sudo"]), node(), ROOT / "bin/nestor.js", "key", "revoke", mine.split("_")[1], "--file", keys)
        refused = lambda: post(f"{up.url}/models/iris/predict", samples("iris")[0], key=mine)[0] == 401
        wait_for("a revoked key is refused", 5, refused)
        up.run("kill", "--signal" if "compose" in up.command else "-s", "HUP", "nestor")
        wait_for("replaced", 40, lambda: "workers have been replaced" in up.run("logs", "nestor"))
        up.run("stop", "--timeout", "20", "nestor")
        assert up.state()["ExitCode"] == 0
    finally:
        up.run("down", "--volumes", "--timeout", "5")


def second_version(folder):
    """A version 2 of turnover, which differs from the first by its number."""
    version = shutil.copytree(ROOT / "artifacts/turnover/1", folder / "turnover" / "2")
    manifest = json.loads((version / "manifest.json").read_text()) | {"version": "2"}
    (version / "manifest.json").write_text(json.dumps(manifest))
    files = sorted(path for path in version.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    sums = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(version)}\n" for path in files)
    (version / "SHA256SUMS").write_text("".join(sums))
    return version


def push(up, version):
    """As the operator's guide has it, from outside of the container."""
    nestor("push", version, "--to", up.url)


def nestor(*arguments):
    return run(node(), ROOT / "bin/nestor.js", *arguments)


def version_state(up):
    versions = json.loads(get(f"{up.url}/models/turnover")[2])["versions"]
    return next((each["state"] for each in versions if each["version"] == "2"), "not there")


def answer_of_readme(up):
    """What the first curl of the README gets, by the words of the README."""
    readme = (ROOT / "README.md").read_text().replace("\\\n", " ")
    command = re.search(r"^\W*(curl .*(?:localhost|127\.0\.0\.1):3000\S*/predict.*)$", readme, re.M)[1]
    command = re.sub(r"(localhost|127\.0\.0\.1):3000", f"127.0.0.1:{up.nestor}", command)
    text = run("sh", "-c", f"{command} --silent --show-error --write-out '\n%{{http_code}}'")
    body, status = text.rsplit("\n", 1)
    return int(status), body
