"""The dashboards: provisioned files that fit together, and no panel that stays empty on a running Nestor."""

import json
import math
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.parse
from pathlib import Path

import pytest
import yaml

from conftest import ROOT, LightLoad, Nestor, free_port, get, new_key, node, post, run, samples, wait_for
from test_prometheus import unreadable_for_prometheus_3

GRAFANA = ROOT / "deploy/grafana"
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((GRAFANA / "dashboards").glob("*.json"))}
PANELS = [
    pytest.param(panel, id=f"{name}:{panel['title']}".replace(" ", "-"))
    for name, dashboard in DASHBOARDS.items()
    for panel in dashboard["panels"]
]
# How long the observed run is watched; pictures for the documentation take longer (docs/deployment.md).
SECONDS = int(os.environ.get("NESTOR_DASHBOARD_SECONDS", "30"))


def test_the_dashboards_are_what_the_script_writes():
    run("node", GRAFANA / "build.mjs", "--check")


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_fits_its_provisioning(name):
    dashboard = DASHBOARDS[name]
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    assert dashboard["uid"] == name and dashboard["id"] is None
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells) and max(x for x, _ in cells) < 24  # none overlap, all on the page
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    for panel in panels:
        assert panel["title"] and panel["description"] and panel["targets"]
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == panel["datasource"]["uid"] == source["uid"]
            assert set(re.findall(r"\$(\w+)", target["expr"])) <= variables | {"__rate_interval"}


def test_prometheus_3_reads_every_query():
    expressions = [concrete(target["expr"]) for panel in all_panels() for target in panel["targets"]]
    assert unreadable_for_prometheus_3(expressions) == []


def all_panels():
    return [panel for dashboard in DASHBOARDS.values() for panel in dashboard["panels"]]


def concrete(expression):
    return expression.replace("$__rate_interval", "15s").replace("$model", ".*")


def hurried(folder, nestor_port, own_port, key):
    """The configuration of deploy/prometheus, scraping the Nestor under test every second; rules as often."""
    (folder / "key").write_text(key)
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["scrape_configs"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{nestor_port}"]
    config["scrape_configs"][0]["authorization"]["credentials_file"] = str(folder / "key")
    config["scrape_configs"][1]["static_configs"][0]["targets"] = [f"127.0.0.1:{own_port}"]
    (folder / "rules").mkdir()
    for file in (ROOT / "deploy/prometheus/rules").glob("*.yml"):
        (folder / "rules" / file.name).write_text(re.sub(r"^( +interval): \w+$", r"\1: 2s", file.read_text(), flags=re.M))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))


class Prometheus:
    def __init__(self, folder, nestor_port, key):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/v1"
        hurried(folder, nestor_port, self.port, key)
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
            + [f"--web.listen-address=127.0.0.1:{self.port}"],
            stderr=open(folder / "output.txt", "w"),
        )

    def ask(self, path, **parameters):
        status, _, text = get(f"{self.url}/{path}?{urllib.parse.urlencode(parameters)}")
        return json.loads(text)["data"]["result"] if status == 200 else []

    def value(self, expression):
        found = self.ask("query", query=expression)
        return float(found[0]["value"][1]) if found else None


def send_truth_back(nestor, key, model="turnover", errors=20):
    """Predicts samples and sends back what was predicted, but for every `errors`-th, where the other class came true."""
    _, _, text = post(f"{nestor.url}/v1/models/{model}:predict", {"instances": samples(model)[:200]}, timeout=30, key=key)
    predictions = json.loads(text)["predictions"]
    pairs = [
        {"prediction_id": each["prediction_id"], "value": 1 - each["prediction"] if n % errors == 0 else each["prediction"]}
        for n, each in enumerate(predictions)
    ]
    status, _, text = post(f"{nestor.url}/feedback", {"feedback": pairs}, timeout=30, key=key)
    assert status == 200 and json.loads(text)["accepted"] == len(pairs), text


def put_slow_model(models):
    """Puts the model `busy` beside the others: a row of it takes some 20 ms, so it runs in processes of its own."""
    bench = (ROOT / "bench/slow-models.mjs").as_uri()
    made = f"import {{ putSlowModel }} from '{bench}'; putSlowModel('{models}', 'busy', 'busy', 20)"
    run(node(), "--input-type=module", "--eval", made)


def kill_a_model_process(nestor):
    """Kills one of the processes that run `busy`, which are children of the workers."""

    def children(pid):
        return [int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()]

    apart = [child for worker in children(nestor.process.pid) for child in children(worker)]
    os.kill(apart[0], signal.SIGKILL)


class KeptOut:
    """Callers who are refused, a few a second, until the block ends: without a key, with a wrong one, for their scope, for their rate."""

    def __init__(self, nestor, keys_file):
        self.nestor, self.over = nestor, threading.Event()
        unknown = keys_file.with_name("of-another-server.json")
        self.keys = [None, new_key(unknown), new_key(keys_file, "feedback"), new_key(keys_file, "predict", rate=1)]
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.over.wait(0.2):
            for key in self.keys:
                get(f"{self.nestor.url}/models", key=key)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A Nestor of two workers under light load, scraped by a Prometheus with the rules of deploy/; both stop at the end."""
    folder, metrics = tmp_path_factory.mktemp("nestor"), tmp_path_factory.mktemp("prometheus")
    keys_file = folder / "keys.json"
    key = new_key(keys_file)
    models = shutil.copytree(ROOT / "artifacts", folder / "artifacts")
    put_slow_model(models)
    settings = {"AUTH": "required", "API_KEYS_FILE": str(keys_file), "WORKERS": "2", "ARTIFACTS_DIR": str(models)}
    nestor = Nestor(folder, APP_STAGE="acceptance", **settings).wait_until_ready()
    prometheus = Prometheus(metrics, nestor.port, key)
    kept_out = KeptOut(nestor, keys_file)
    try:
        wait_for("up == 1", 30, lambda: prometheus.value('up{job="nestor"}') == 1)
        begin = time.time()
        # Two strengths of load, so that the lines of the pictures have a shape.
        with LightLoad(nestor.port, key=key), kept_out:
            send_truth_back(nestor, key)
            time.sleep(SECONDS / 2)
            with LightLoad(nestor.port, connections=6, pause=0.005, key=key):
                time.sleep(SECONDS / 4)
            kill_a_model_process(nestor)
            time.sleep(SECONDS / 4)
            # What has no value before the gauges have read it is there once more before the load ends.
            wait_for("a measured quality", 30, lambda: prometheus.value("sum(nestor_quality_measured)"))
            prometheus.begin, prometheus.end = begin, time.time()
            yield prometheus
    finally:
        prometheus.process.terminate()
        prometheus.process.wait(20)
        nestor.stop()


def series(prometheus, target):
    step = max(1, round((prometheus.end - prometheus.begin) / 120))
    return prometheus.ask(
        "query_range", query=concrete(target["expr"]), start=prometheus.begin, end=prometheus.end, step=step
    )


@pytest.mark.parametrize("panel", PANELS)
def test_the_panel_shows_something(watched, panel):
    for target in panel["targets"]:
        shown = [float(value) for line in series(watched, target) for _, value in line["values"]]
        assert any(math.isfinite(value) for value in shown), target["expr"]


def test_the_panels_that_count_work_have_counted(watched):
    def tops_of(title):
        (panel,) = [panel for panel in all_panels() if panel["title"] == title]
        return [max(float(value) for _, value in line["values"]) for line in series(watched, panel["targets"][0])]

    worked = ("Requests", "Rate", "Errors", "Predictions", "Predictions by class", "Batch size", "Score distribution")
    for title in (*worked, "Labels", "Feedback", "Processes"):
        assert max(tops_of(title)) > 0, title
    for title in ("Refused for their key", "Refused for their rate"):
        assert min(tops_of(title)) > 0, title  # by every reason
    assert watched.value('sum(nestor_model_process_deaths_total{reason="killed"})') == 1


def test_no_alert_fires_on_a_healthy_service(watched):
    assert watched.ask("query", query='ALERTS{alertstate="firing"}') == []


def test_the_rules_give_ratios(watched):
    assert 0 <= watched.value("job:nestor_requests_slow:ratio_rate5m") < 0.5
    assert watched.value("job:nestor_requests:increase1h") > 100


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_can_be_drawn(watched, name, tmp_path):
    from draw import draw

    lines = {panel["id"]: [series(watched, target) for target in panel["targets"]] for panel in DASHBOARDS[name]["panels"]}
    picture = ROOT / os.environ.get("NESTOR_DASHBOARD_PICTURES", tmp_path) / f"{name}.png"
    draw(DASHBOARDS[name], lines, picture)
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 50_000
