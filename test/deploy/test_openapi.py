"""The OpenAPI document, held against the running server by requests that Schemathesis makes from it."""

import copy
import json
import os
import subprocess

import pytest

from conftest import ROOT, new_key


def without_changes(document):
    """The document but for the paths by which models are changed: test/versions/ asks those, one after another.

    Left out besides is what waits: a claim for 20 s, a stream of events for the end of its job.
    """
    waiting = {"/runners/claim", "/jobs/{id}/events"}

    def changes(methods):
        return any(method != "get" and "versions" in operation["tags"] for method, operation in methods.items())

    kept = {path: methods for path, methods in document["paths"].items() if path not in waiting}
    paths = {path: methods for path, methods in kept.items() if not changes(methods)}
    return {**document, "paths": paths}


def without_haste(document):
    """The document with callers who wait for ten seconds at least: who waits for a millisecond is rightly answered 504."""
    patient = copy.deepcopy(document)
    patient["components"]["parameters"]["x-request-timeout-ms"]["schema"]["minimum"] = 10_000
    return patient


DOCUMENT = without_haste(without_changes(json.loads((ROOT / "openapi.json").read_text())))
SCHEMATHESIS = ROOT / "test/deploy/.venv/bin/schemathesis"
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "30")
# Left out: whether every valid input is taken and every invalid one refused with the status it expects. Two columns of
# one length and eight numbers in one text cannot be told in a schema, and a list too long may end at 413 before its end.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)


@pytest.fixture
def fuzz(start_nestor, tmp_path):
    """Asks a new server what a document says; gives Schemathesis' exit code and its report."""

    def run(document):
        path = tmp_path / "openapi.json"
        path.write_text(json.dumps(document))
        keys = tmp_path / "keys.json"
        # With a rate that nobody uses up, so that every answer says what is left of it.
        key = new_key(keys, rate=1_000_000)
        server = start_nestor(APP_STAGE="test", AUTH="required", API_KEYS_FILE=str(keys)).wait_until_ready()
        options = ["--url", server.url, "--header", f"Authorization: Bearer {key}", "--checks", ",".join(CHECKS), "--max-examples", EXAMPLES, "--seed", "1"]
        command = [SCHEMATHESIS, "run", path, *options, "--generation-database", "none"]
        done = subprocess.run([str(part) for part in command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert server.process.poll() is None, server.said()
        return done.returncode, done.stdout

    return run


def test_every_reply_is_as_documented(fuzz):
    code, report = fuzz(DOCUMENT)
    assert code == 0, report


def test_a_reply_other_than_documented_is_found(fuzz):
    document = copy.deepcopy(DOCUMENT)
    document["paths"] = {"/predict": document["paths"]["/predict"]}
    reply = document["paths"]["/predict"]["post"]["responses"]["200"]
    reply["content"]["application/json"]["schema"]["properties"]["prediction"] = {"type": "string"}
    reply["headers"]["ratelimit"] = {"schema": {"type": "integer"}}
    code, report = fuzz(document)
    assert code == 1
    assert "Response violates schema: 1\n" in report
    assert "Response header does not conform to the schema: 1\n" in report
