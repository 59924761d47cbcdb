"""The images as built: what is in them, whom they run as, what they refuse, and that one serves every stage."""

import functools
import io
import json
import os
import re
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path

import pytest

from conftest import HARDENED, ROOT, get, give_to_the_container, new_key, post, recording, run, samples, state, wait_for

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def inspect(engine, images):
    return lambda target: json.loads(run(engine, "image", "inspect", images(target)[0]))[0]


@pytest.fixture(scope="module")
def added(engine, images):
    """What the production image adds to its base: path → bytes, of files and links."""

    def files(tag):
        container = run(engine, "create", tag).strip()
        archive = subprocess.run([engine, "export", container], check=True, capture_output=True).stdout
        run(engine, "rm", container)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            return {member.name: member.size for member in tar if not member.isdir()}

    base = files(re.search(r"^ARG NODE_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.M)[1])
    return {name: size for name, size in files(images("production")[0]).items() if name not in base}


@functools.cache
def keys():
    """A folder with a file of keys, as whose owner the image runs, and a key of it for everything."""
    folder = Path(tempfile.mkdtemp(prefix="nestor-keys-"))
    key = new_key(folder / "keys.json")
    give_to_the_container(folder)
    return folder, key


def in_stage(stage):
    """What the image must be told: its stage, keys of callers, and volumes for the state and, with its setting, the log."""
    own = ["--volume", f"{keys()[0]}:/run/nestor:ro", "--env", "API_KEYS_FILE=/run/nestor/keys.json"]
    return ["--env", f"APP_STAGE={stage}", "--volume", "/var/lib/nestor/state", *own, *recording()]


def grouped(name):
    """The package, model or folder that a file of the image belongs to."""
    for pattern in (r"app/node_modules/((?:@[^/]+/)?[^/]+)", r"app/(artifacts/[^/]+)", r"app/([^/]+)", r"(.*)"):
        if match := re.match(pattern, name):
            return match[1]


@pytest.mark.parametrize("stage", ("development", "test", "acceptance", "production"))
def test_the_image_answers_in_stage(engine, container, stage):
    name, url = container("production", *in_stage(stage))
    wait_for("healthy", 30, lambda: state(engine, name)["Health"]["Status"] == "healthy")
    asks = stage in ("acceptance", "production")
    assert post(f"{url}/predict", samples("turnover")[0])[0] == (401 if asks else 200)
    assert post(f"{url}/predict", samples("turnover")[0], key=keys()[1])[0] == 200
    assert f'stage="{stage}"' in get(f"{url}/metrics", key=keys()[1])[2]
    assert get(f"{url}/docs")[0] == (404 if stage == "production" else 200)


def test_acceptance_and_production_are_one_image(inspect):
    assert inspect("acceptance")["Id"] == inspect("production")["Id"] == inspect("runtime")["Id"]


def test_the_image_has_no_stage_of_its_own(inspect):
    config = inspect("production")["Config"]
    assert [variable for variable in config["Env"] if variable.startswith("APP_STAGE")] == []
    assert [label for label in config["Labels"] if "stage" in label] == []


def test_the_image_does_not_guess_its_stage(engine, container):
    name, _ = container("production", *recording())
    wait_for("ended", 15, lambda: not state(engine, name)["Running"])
    assert state(engine, name)["ExitCode"] == 1
    said = subprocess.run([engine, "logs", name], capture_output=True, text=True)
    assert said.stderr == """Nestor cannot start:
  - APP_STAGE is not set and NODE_ENV is production
    mend: set APP_STAGE to one of development, test, acceptance, production; Nestor's image has no stage of its own
"""


def test_a_new_volume_of_models_holds_those_of_the_image_and_can_be_written(engine, images):
    """As compose mounts it; the server runs as a user who may write there."""
    look = "find /app/artifacts ! -user 1000 -o -type f -name SHA256SUMS; cd /app/artifacts && mkdir x && rmdir x"
    said = run(engine, "run", "--rm", "--volume", "/app/artifacts", *HARDENED, images("production")[0], "sh", "-ec", look)
    sums = {f"/app/{file.relative_to(ROOT)}" for file in (ROOT / "artifacts").glob("*/*/SHA256SUMS")}
    assert set(said.split()) == sums


def test_no_test_or_development_stage_is_made_for_production(images):
    # The classic builder prints every stage it makes; BuildKit makes only what is needed anyway.
    said = images("production")[1]
    for stage in ("sources", "development", "test"):
        assert f"AS {stage}" not in said
    assert "AS test" in (ROOT / "Dockerfile").read_text()


def test_the_image_says_what_it_is(inspect):
    config = inspect("production")["Config"]
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in config["Labels"].items()}
    package = json.loads((ROOT / "package.json").read_text())
    assert (labels["title"], labels["version"]) == ("Nestor", package["version"])
    assert (labels["licenses"], labels["description"]) == (package["license"], package["description"])
    assert {"revision", "created"} <= set(labels)
    assert config["Cmd"][0] == "node" and config["Cmd"][-1] == "dist/main.js" and not config.get("Entrypoint")
    assert config["User"] == "1000:1000"
    assert config["Healthcheck"]["Test"][:2] == ["CMD", "node"]  # CMD-SHELL would be a shell


def test_it_runs_without_root_rights_or_a_writable_root(engine, container):
    name, _ = container("production", *in_stage("production"))
    look = """
      const { readFileSync, writeFileSync } = require('node:fs');
      const status = readFileSync('/proc/1/status', 'utf8');
      const read = (key) => status.match(new RegExp(`^${key}:\\\\s+(\\\\S+)`, 'm'))[1];
      const denied = (path) => { try { writeFileSync(path, ''); return 'written'; } catch (error) { return error.code; } };
      const command = readFileSync('/proc/1/cmdline', 'utf8').split('\\0').slice(0, -1).join(' ');
      console.log(JSON.stringify({ command, uid: read('Uid'), effective: read('CapEff'), bounding: read('CapBnd'),
        noNewPrivileges: read('NoNewPrivs'), root: denied('/app/x'), log: denied('/var/lib/nestor/predictions/x') }));
    """
    seen = json.loads(run(engine, "exec", name, "node", "-e", look))
    assert seen == {
        "command": " ".join(json.loads(run(engine, "inspect", name))[0]["Config"]["Cmd"]),
        "uid": "1000",
        "effective": "0" * 16,
        "bounding": "0" * 16,
        "noNewPrivileges": "1",
        "root": "EROFS",
        "log": "written",
    }


def test_the_health_check_tells_a_bad_service(engine, container):
    name, _ = container("production", *in_stage("production"))
    wait_for("healthy", 30, lambda: state(engine, name)["Health"]["Status"] == "healthy")
    run(engine, "exec", name, "node", "/app/healthcheck.js")
    check = [engine, "exec", "--env", "PORT=3999", name, "node", "/app/healthcheck.js"]
    assert subprocess.run(check, capture_output=True).returncode == 1


def test_production_without_a_log_folder_does_not_start(engine, container):
    name, _ = container("production", "--env", "APP_STAGE=production")
    wait_for("ended", 15, lambda: not state(engine, name)["Running"])
    assert state(engine, name)["ExitCode"] != 0
    said = subprocess.run([engine, "logs", name], capture_output=True, text=True)
    assert "PREDICTION_LOG_DIR" in said.stdout + said.stderr


def test_sigterm_ends_it_at_once_with_a_connection_open(engine, container):
    name, url = container("production", *in_stage("production"))
    wait_for("ready", 30, lambda: get(f"{url}/health/ready")[0] == 200)
    import http.client

    idle = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    idle.request("GET", "/health/live")
    idle.getresponse().read()
    begin = time.monotonic()
    run(engine, "stop", "--time", "10", name)
    assert time.monotonic() - begin <= 5
    assert state(engine, name)["ExitCode"] == 0
    idle.close()


def test_it_adds_little_to_its_base(added):
    things = {}
    for name, size in added.items():
        things[grouped(name)] = things.get(grouped(name), 0) + size
    total = sum(added.values())
    print(f"\nadded to the base: {total / MEGABYTE:.1f} MB; the ten largest things:")
    for thing, size in sorted(things.items(), key=lambda entry: -entry[1])[:10]:
        print(f"  {size / MEGABYTE:7.2f} MB  {thing}")
    assert total <= 150 * MEGABYTE
    assert things["onnxruntime-node"] <= 60 * MEGABYTE


def test_it_holds_only_what_runs(added, inspect):
    architecture = {"amd64": "x64"}.get(inspect("production")["Architecture"], inspect("production")["Architecture"])
    binaries = [name for name in added if re.search(r"\.(node|so(\.\d+)*|dll|dylib)$", name)]
    assert binaries and all(f"/linux/{architecture}/" in name for name in binaries)
    unwanted = r"\.(map|ts|mts|cts|md)$|/node_modules/(npm|node|typescript|vitest|oxlint|prettier|redoc|@nestjs/(cli|testing))/"
    shown = ("app/artifacts/", "app/docs/")  # model cards, and the guides that are served as pages
    kept = [name for name in added if re.search(unwanted, name) and not name.startswith(shown)]
    assert kept == []
    roots = {name.split("/")[1] if name.startswith("app/") else name.split("/")[0] for name in added}
    assert roots <= {"artifacts", "dist", "docs", "healthcheck.js", "node_modules", "package.json", "sbom.cdx.json"}


def test_it_has_no_package_manager_of_node_no_lists_of_apt_and_no_setuid_program(engine, images):
    """Nor in a layer below: what stands there is in what is pulled."""
    saved = subprocess.run([engine, "save", images("production")[0]], check=True, capture_output=True).stdout
    unwanted = r"(^|/)(npm|npx|corepack|yarn|yarnpkg|pnpm|pnpx)$|^usr/local/include/.|^var/lib/apt/lists/."
    found = []
    with tarfile.open(fileobj=io.BytesIO(saved)) as image:
        for layer in (name for name in image.getnames() if name.endswith("layer.tar") or name.startswith("blobs/")):
            content = io.BytesIO(image.extractfile(layer).read())
            if not tarfile.is_tarfile(content):
                continue
            content.seek(0)
            with tarfile.open(fileobj=content) as tar:
                for member in tar:
                    name = member.name.removeprefix("./")
                    is_unwanted = not name.startswith("app/") and re.search(unwanted, name)
                    if is_unwanted or (member.isfile() and member.mode & 0o6000):
                        found.append(name)
    assert found == []


def test_the_models_are_inside_with_their_digests(engine, images):
    sums = sorted((ROOT / "artifacts").glob("*/*/SHA256SUMS"))
    assert sums
    for file in sums:
        folder = f"/app/{file.parent.relative_to(ROOT)}"
        run(engine, "run", "--rm", "--workdir", folder, images("production")[0], "sha256sum", "--check", "--quiet", "SHA256SUMS")


def test_the_bill_of_materials_lists_what_is_inside(engine, images, added):
    bill = json.loads(run(engine, "run", "--rm", images("production")[0], "cat", "/app/sbom.cdx.json"))
    assert bill["bomFormat"] == "CycloneDX"
    parts = {(part.get("group", "") + "/" + part["name"]).lstrip("/") for part in bill["components"]}
    inside = {grouped(name) for name in added if re.fullmatch(r"app/node_modules/(@[^/]+/)?[^/]+/package\.json", name)}
    assert inside <= parts
    assert (bill["metadata"]["component"]["name"], bill["metadata"]["component"]["type"]) == ("nestor", "application")
    show = ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\\n"]
    debian = run(engine, "run", "--rm", images("production")[0], *show).splitlines()
    named = [f"{part['name']} {part['version']}" for part in bill["components"] if part.get("purl", "").startswith("pkg:deb/")]
    assert sorted(named) == sorted(debian) and len(debian) > 50
    node = run(engine, "run", "--rm", images("production")[0], "node", "--version").strip()
    assert [f"v{part['version']}" for part in bill["components"] if part["name"] == "node"] == [node]
    models = {part["name"]: part for part in bill["components"] if part["type"] == "machine-learning-model"}
    for file in (ROOT / "artifacts").glob("*/*/manifest.json"):
        manifest = json.loads(file.read_text())
        assert models[manifest["model"]]["hashes"][0]["content"] in (file.parent / "SHA256SUMS").read_text()


def test_two_bills_of_materials_of_the_same_parts_are_equal(clone):
    """And whose names are sorted; no time stands in it and no number of its own."""
    node = ROOT / "node_modules/node/bin/node"
    command = [node if node.exists() else "node", ROOT / "deploy/docker/sbom.mjs"]
    first, second = (run(*command, cwd=clone) for _ in range(2))
    assert first == second
    bill = json.loads(first)
    names = [part["bom-ref"] for part in bill["components"]]
    assert names == sorted(names) and len(set(names)) == len(names)
    assert "serialNumber" not in bill and "timestamp" not in bill["metadata"]


def test_the_test_image_runs_the_tests(engine, images, inspect):
    """As user 1000. The other projects of vitest run outside of it; TEST_IMAGE_PROJECTS takes them in."""
    projects = os.environ.get("TEST_IMAGE_PROJECTS", "unit").split()
    options = [f"--project={project}" for project in projects]
    command = [*inspect("test")["Config"]["Cmd"], *options, "--reporter=dot"]  # short, so that a failure is not cut off
    said = run(engine, "run", "--rm", images("test")[0], *command)
    assert re.search(r"Tests\s+\d+ passed", re.sub(r"\x1b\[[0-9;]*m", "", said))


def test_the_development_image_serves_and_watches(engine, images, container):
    name, url = container("development", *recording(), "--read-only=false")
    wait_for("ready", 60, lambda: get(f"{url}/health/ready")[0] == 200)
    assert 'stage="development"' in get(f"{url}/metrics")[2]
