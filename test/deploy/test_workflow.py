"""The workflows for a public forge: pinned, with few rights; one does what .ci/run does, the other signs what that built."""

import re

import yaml

from conftest import ROOT

FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
WORKFLOW, RELEASE = (yaml.safe_load(file.read_text()) for file in FILES)
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_every_action_is_pinned_by_commit_and_names_its_release():
    lines = [line for file in FILES for line in re.findall(r"uses: .*", file.read_text())]
    steps = STEPS + RELEASE["jobs"]["sign"]["steps"]
    assert len(lines) == sum("uses" in step for step in steps) > 0
    assert all(re.fullmatch(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in lines)


def test_it_may_only_read_and_leaves_no_credentials():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    checkouts = [step for step in STEPS if "checkout@" in step.get("uses", "")]
    assert checkouts and all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_it_runs_the_tests_of_the_service_and_of_its_delivery():
    commands = {step["run"] for step in STEPS if "run" in step}
    assert {"npm ci", "npm test", "test/deploy/run.sh"} <= commands


def test_the_image_is_built_once_after_the_tests_and_promoted_by_its_digest():
    jobs = WORKFLOW["jobs"]
    commands = {name: "\n".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert [name for name, text in commands.items() if "docker build" in text] == ["image"]
    assert "--target runtime" in commands["image"]
    assert set(jobs["image"]["needs"]) == {"service", "delivery"}
    assert "refs/heads/main" in jobs["image"]["if"]
    assert jobs["image"]["outputs"] == {"digest": "${{ steps.push.outputs.digest }}"}
    before = {"acceptance": ["image"], "production": ["image", "acceptance"]}
    for stage, needs in before.items():
        job = jobs[stage]
        assert (job["environment"], job["needs"]) == (stage, needs)
        assert job["env"]["DIGEST"] == "${{ needs.image.outputs.digest }}"
        assert f'"docker://$IMAGE@$DIGEST" "docker://$IMAGE:{stage}"' in commands[stage]
        assert "--preserve-digests" in commands[stage]


def test_the_image_is_built_on_a_base_that_is_named_by_its_digest():
    build = next(step["run"] for step in WORKFLOW["jobs"]["image"]["steps"] if step.get("id") == "push")
    assert "sed -n 's/^ARG NODE_IMAGE=//p' Dockerfile" in build and '--build-arg NODE_IMAGE="$base"' in build
    stages = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.M)
    assert {base for base in stages if ":" in base or "$" in base} == {"${NODE_IMAGE}"}


def test_a_release_builds_nothing_and_signs_the_digest_and_its_bill_of_materials():
    job = RELEASE["jobs"]["sign"]
    assert (list(RELEASE["jobs"]), RELEASE["permissions"], job["permissions"]) == (
        ["sign"], {"contents": "read"}, {"id-token": "write"}
    )
    assert RELEASE[True] == {"push": {"tags": ["v*"]}}  # YAML reads `on` as true
    commands = "\n".join(step.get("run", "") for step in job["steps"])
    assert "docker build" not in commands
    assert 'named="$IMAGE@${pulled#*@}"' in commands
    assert 'cosign sign --yes "$named"' in commands
    assert 'cosign attest --yes --type cyclonedx --predicate sbom.cdx.json "$named"' in commands
