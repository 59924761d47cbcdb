"""The scrape configuration and the rules: valid for Prometheus 2.42 and 3, and each alert seen to fire and to end."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from conftest import ROOT, run

PROMETHEUS = ROOT / "deploy/prometheus"
UNIT_TESTS = sorted((PROMETHEUS / "tests").glob("*.test.yml"))


def rules():
    for file in sorted((PROMETHEUS / "rules").glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from group["rules"]


def unreadable_for_prometheus_3(expressions):
    here = ROOT / "test/deploy"
    said = run("node", here / "promql.mjs", input=json.dumps(expressions), cwd=here)
    return json.loads(said)


def test_the_configuration_is_valid(tmp_path):
    folder = shutil.copytree(PROMETHEUS, tmp_path / "prometheus")
    text = (folder / "prometheus.yml").read_text()
    # The key is mounted there by compose.
    assert "/run/secrets/metrics-key" in text
    (folder / "prometheus.yml").write_text(text.replace("/run/secrets/metrics-key", str(ROOT / "deploy/docker/no-key")))
    run("promtool", "check", "config", "--lint-fatal", folder / "prometheus.yml")


@pytest.mark.parametrize("file", UNIT_TESTS, ids=lambda file: file.name)
def test_the_rules_keep_their_unit_tests(file):
    run("promtool", "test", "rules", file)


def test_each_alert_fires_and_ends_in_a_unit_test():
    seen = {}
    for file in UNIT_TESTS:
        for test in yaml.safe_load(file.read_text())["tests"]:
            for check in sorted(test["alert_rule_test"], key=lambda check: minutes(check["eval_time"])):
                seen.setdefault((check["alertname"], test["name"]), []).append(bool(check["exp_alerts"]))
    fired_and_ended = {alert for (alert, _), states in seen.items() if any(states) and not states[-1]}
    assert fired_and_ended == {rule["alert"] for rule in rules() if "alert" in rule}


def minutes(text):
    return sum(int(n) * {"d": 1440, "h": 60, "m": 1}[unit] for n, unit in re.findall(r"(\d+)([dhm])", text))


def test_prometheus_3_reads_every_expression():
    expressions = [rule["expr"] for rule in rules()]
    assert unreadable_for_prometheus_3(expressions) == []
    assert unreadable_for_prometheus_3(["sum(rate(a[5m])", "up == 1"]) == ["sum(rate(a[5m])"]


def test_no_rule_depends_on_how_a_whole_bucket_edge_is_written():
    # Prometheus 3 stores le="1" as le="1.0"
    edges = re.findall(r'le="([^"]*)"', " ".join(rule["expr"] for rule in rules()))
    assert edges and all("." in edge for edge in edges)


def test_the_server_says_what_a_prediction_is_and_no_rule_guesses_it_from_the_route():
    selectors = re.findall(r"http_server_request_duration_seconds_\w+({[^}]*})", " ".join(rule["expr"] for rule in rules()))
    assert selectors
    for selector in selectors:
        assert 'kind="prediction"' in selector and "route" not in selector


def test_every_alert_says_how_bad_it_is_and_what_to_do():
    for rule in rules():
        if "alert" in rule:
            assert rule["labels"]["severity"] in ("page", "ticket")
            assert set(rule["annotations"]) == {"summary", "action"}


def test_a_broken_rule_is_found(tmp_path):
    broken = tmp_path / "rules.yml"
    broken.write_text((PROMETHEUS / "rules/alerts.yml").read_text().replace("up{job=", "up{{job=", 1))
    assert subprocess.run(["promtool", "check", "rules", str(broken)], capture_output=True).returncode != 0
