"""The workflow for a public forge: pinned, with few rights, and doing what .ci/run does."""

import re

import yaml

from conftest import ROOT

FILE = ROOT / ".github/workflows/ci.yml"
WORKFLOW = yaml.safe_load(FILE.read_text())
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_every_action_is_pinned_by_commit_and_names_its_release():
    lines = re.findall(r"uses: .*", FILE.read_text())
    assert len(lines) == sum("uses" in step for step in STEPS) > 0
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
