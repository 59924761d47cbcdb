"""The Postman collection, run by newman against dist/ and against the image: every route touched, nothing failed."""

import json
import re
import subprocess

import pytest

from conftest import ROOT, get, new_key, node, run, wait_for
from test_image import in_stage, keys

NEWMAN = ROOT / "test/deploy/node_modules/.bin/newman"
POSTMAN = ROOT / "postman"
COLLECTION = POSTMAN / "nestor.postman_collection.json"
PAGES = {("GET", "/docs"), ("GET", "/redoc"), ("GET", "/openapi.json")}


def newman(url, stage, folder, collection=COLLECTION, key=""):
    """Runs the collection; gives newman's report."""
    report = folder / "report.json"
    environment = POSTMAN / f"{stage}.postman_environment.json"
    command = [NEWMAN, "run", collection, "--environment", environment, "--env-var", f"baseUrl={url}"]
    command += ["--env-var", f"key={key}"]
    reporters = ["--reporters", "json", "--reporter-json-export", report, "--timeout-request", "10000"]
    subprocess.run([str(part) for part in [*command, *reporters]], capture_output=True, check=False)
    return json.loads(report.read_text())["run"]


def failures(report):
    return [f"{failure['source'].get('name')}: {failure['error']['message']}" for failure in report["failures"]]


def touched(report):
    """Method and path of every request that was sent and answered without a routing error."""
    for execution in report["executions"]:
        reply = execution.get("response", {})
        is_there = reply.get("code") != 404 or b"route_not_found" not in bytes(reply["stream"]["data"])
        if reply.get("code") not in (None, 405) and is_there:
            request = execution["request"]
            yield request["method"], "/" + "/".join(request["url"]["path"]).replace("%3A", ":")


def untouched_routes(report, document):
    sent = set(touched(report))
    routes = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods} | PAGES

    def is_touched(route):
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(route[1]))
        return any(method == route[0] and re.fullmatch(pattern, path) for method, path in sent)

    return {route for route in routes if not is_touched(route)}


@pytest.fixture
def accepted(start_nestor, tmp_path):
    """A server that asks for keys, with one for everything."""
    keys = tmp_path / "keys.json"
    key = new_key(keys)
    nestor = start_nestor(APP_STAGE="acceptance", AUTH="", API_KEYS_FILE=str(keys)).wait_until_ready()
    nestor.key = key
    return nestor, json.loads(get(f"{nestor.url}/openapi.json")[2])


def test_the_collection_is_what_the_document_gives(accepted):
    nestor, _ = accepted
    run(node(), POSTMAN / "generate.mjs", "--check", f"{nestor.url}/openapi.json")


def test_dist_passes_and_every_route_is_touched(accepted, tmp_path):
    nestor, document = accepted
    report = newman(nestor.url, "acceptance", tmp_path, key=nestor.key)
    print(f"\n{report['stats']['requests']['total']} requests, {report['stats']['assertions']['total']} assertions")
    assert failures(report) == []
    assert report["stats"]["assertions"]["total"] > 50
    # Those that change the models would leave others behind; test/versions/ asks each of them.
    assert untouched_routes(report, document) == {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "get" and "versions" in operation["tags"]
    }


def test_a_route_left_out_and_a_wrong_reply_are_found(accepted, tmp_path):
    nestor, document = accepted
    collection = json.loads(COLLECTION.read_text())
    collection["item"] = [folder for folder in collection["item"] if folder["name"] == "models"]
    collection["item"][0]["item"][0]["event"][0]["script"]["exec"] = ["pm.test('no', () => pm.response.to.have.status(418));"]
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(collection))
    report = newman(nestor.url, "acceptance", tmp_path, changed, nestor.key)
    assert len(failures(report)) == 1
    assert ("POST", "/predict") in untouched_routes(report, document)


@pytest.mark.parametrize("stage", ("development", "production"))
def test_dist_passes_in_stage(start_nestor, tmp_path, stage):
    nestor = start_nestor(APP_STAGE=stage).wait_until_ready()
    assert failures(newman(nestor.url, stage, tmp_path)) == []


@pytest.mark.parametrize("stage", ("acceptance", "production"))
def test_the_image_passes(container, tmp_path, stage):  # noqa: F811
    _, url = container("production", *in_stage(stage))
    wait_for("ready", 30, lambda: get(f"{url}/health/ready")[0] == 200)
    assert failures(newman(url, stage, tmp_path, key=keys()[1])) == []
