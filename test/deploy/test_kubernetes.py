"""The manifests as kustomize builds them: valid for three minors of Kubernetes, fit for the restricted profile."""

import copy
import json
import os
import re
import shutil
import subprocess

import jsonschema
import kubernetes_validate
import pytest
import yaml

from conftest import ROOT, settings_of_example

STAGES = ("development", "test", "acceptance", "production")
DIGEST = f"sha256:{'0' * 64}"
CURRENT = int(kubernetes_validate.latest_version().split(".")[1])
MINORS = [f"1.{CURRENT - back}" for back in range(3)]
CUSTOM = {path.stem: json.loads(path.read_text()) for path in (ROOT / "test/deploy/schemas").glob("*.json")}

# What Pod Security's restricted profile allows a volume to be.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


@pytest.fixture(scope="session")
def build(kustomize):
    """Builds a kustomization folder once and gives its documents."""
    built = {}

    def documents(folder):
        if folder not in built:
            text = subprocess.run([*kustomize, str(ROOT / folder)], check=True, capture_output=True, text=True).stdout
            built[folder] = list(yaml.safe_load_all(text))
        return copy.deepcopy(built[folder])

    return documents


def overlay(stage):
    return f"deploy/kubernetes/overlays/{stage}"


def one(documents, kind):
    (found,) = [document for document in documents if document["kind"] == kind]
    return found


def pod_faults(spec):
    """Violations of the restricted profile, plus what this repository asks on top of it."""
    faults = []
    pod = spec.get("securityContext", {})
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            faults.append(key)
    for volume in spec.get("volumes", []):
        if not set(volume) - {"name"} <= VOLUMES:
            faults.append(f"volume {volume['name']}")
    if spec.get("enableServiceLinks") is not False:
        faults.append("enableServiceLinks")
    if spec.get("automountServiceAccountToken") is not False:
        faults.append("automountServiceAccountToken")
    for container in spec.get("containers", []) + spec.get("initContainers", []):
        own = container.get("securityContext", {})
        both = {**pod, **own}
        if own.get("privileged"):
            faults.append("privileged")
        if own.get("allowPrivilegeEscalation") is not False:
            faults.append("allowPrivilegeEscalation")
        if own.get("capabilities", {}).get("drop") != ["ALL"] or own.get("capabilities", {}).get("add"):
            faults.append("capabilities")
        if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
            faults.append("runAsNonRoot")
        if both.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            faults.append("seccompProfile")
        if own.get("readOnlyRootFilesystem") is not True:
            faults.append("readOnlyRootFilesystem")
        if any("hostPort" in port for port in container.get("ports", [])):
            faults.append("hostPort")
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if "host" in container.get(probe, {}).get("httpGet", {}):
                faults.append(f"{probe} host")
        if set(container.get("resources", {}).get("limits", {})) != {"cpu", "memory"}:
            faults.append("limits")
    return faults


@pytest.mark.parametrize("minor", MINORS)
@pytest.mark.parametrize("stage", STAGES)
def test_the_manifests_are_valid(build, stage, minor):
    for document in build(overlay(stage)):
        if document["kind"] in CUSTOM:
            jsonschema.validate(document, CUSTOM[document["kind"]])
        else:
            kubernetes_validate.validate(document, minor, strict=True)


def test_a_misspelt_field_is_found(build):
    deployment = one(build(overlay("production")), "Deployment")
    deployment["spec"]["template"]["spec"]["enableServicelinks"] = False
    for minor in MINORS:
        with pytest.raises(jsonschema.ValidationError):
            kubernetes_validate.validate(deployment, minor, strict=True)


@pytest.mark.parametrize("stage", STAGES)
def test_the_pod_passes_the_restricted_profile(build, stage):
    documents = build(overlay(stage))
    assert pod_faults(one(documents, "Deployment")["spec"]["template"]["spec"]) == []
    assert one(documents, "Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize(
    ("fault", "change"),
    [
        ("hostNetwork", lambda pod, container: pod.update(hostNetwork=True)),
        ("volume host", lambda pod, container: pod["volumes"].append({"name": "host", "hostPath": {"path": "/"}})),
        ("enableServiceLinks", lambda pod, container: pod.pop("enableServiceLinks")),
        ("automountServiceAccountToken", lambda pod, container: pod.pop("automountServiceAccountToken")),
        ("privileged", lambda pod, container: container["securityContext"].update(privileged=True)),
        ("allowPrivilegeEscalation", lambda pod, container: container["securityContext"].pop("allowPrivilegeEscalation")),
        ("capabilities", lambda pod, container: container["securityContext"].pop("capabilities")),
        ("runAsNonRoot", lambda pod, container: pod["securityContext"].update(runAsUser=0)),
        ("seccompProfile", lambda pod, container: pod["securityContext"].pop("seccompProfile")),
        ("readOnlyRootFilesystem", lambda pod, container: container["securityContext"].pop("readOnlyRootFilesystem")),
        ("hostPort", lambda pod, container: container["ports"][0].update(hostPort=3000)),
        ("livenessProbe host", lambda pod, container: container["livenessProbe"]["httpGet"].update(host="10.0.0.1")),
        ("limits", lambda pod, container: container["resources"].pop("limits")),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_the_profile_check_finds(build, fault, change):
    pod = one(build(overlay("production")), "Deployment")["spec"]["template"]["spec"]
    change(pod, pod["containers"][0])
    assert set(pod_faults(pod)) == {fault}


@pytest.mark.parametrize("stage", STAGES)
def test_the_parts_find_each_other(build, stage):
    documents = build(overlay(stage))
    deployment, service, monitor = (one(documents, kind) for kind in ("Deployment", "Service", "ServiceMonitor"))
    template = deployment["spec"]["template"]
    container = template["spec"]["containers"][0]
    labels = template["metadata"]["labels"].items()
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        one(documents, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        one(documents, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        *(spread["labelSelector"]["matchLabels"] for spread in template["spec"]["topologySpreadConstraints"]),
    ):
        assert selector and selector.items() <= labels
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert service["metadata"]["labels"][monitor["spec"]["jobLabel"]] == "nestor"  # the rules say job="nestor"
    (port,), (service_port,) = container["ports"], service["spec"]["ports"]
    assert port["name"] == service_port["targetPort"] == "http"
    assert monitor["spec"]["endpoints"][0]["port"] == service_port["name"]
    assert one(documents, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert container["envFrom"][0]["configMapRef"]["name"] == one(documents, "ConfigMap")["metadata"]["name"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in template["spec"]["volumes"]}


@pytest.mark.parametrize("stage", STAGES)
def test_every_container_of_every_stage_runs_the_one_image(build, stage):
    pod = one(build(overlay(stage)), "Deployment")["spec"]["template"]["spec"]
    assert {container["image"] for container in pod["containers"] + pod["initContainers"]} == {"nestor:runtime"}


def test_a_digest_named_in_an_overlay_reaches_every_container(kustomize, tmp_path):
    overlays = tmp_path / "deploy/kubernetes"
    shutil.copytree(ROOT / "deploy/kubernetes", overlays)
    kustomization = overlays / "overlays/production/kustomization.yaml"
    settings = yaml.safe_load(kustomization.read_text())
    settings["images"] = [{"name": "nestor", "newName": "registry.example/nestor", "digest": DIGEST}]
    kustomization.write_text(yaml.safe_dump(settings))
    text = subprocess.run([*kustomize, str(kustomization.parent)], check=True, capture_output=True, text=True).stdout
    assert re.findall(r"image: (\S+)", text) == [f"registry.example/nestor@{DIGEST}"] * 2


PROBES = {"startupProbe": "/health/started", "readinessProbe": "/health/ready", "livenessProbe": "/health/live"}


@pytest.mark.parametrize("stage", STAGES)
def test_startup_readiness_and_liveness_each_ask_their_own_route(build, stage):
    (container,) = one(build(overlay(stage)), "Deployment")["spec"]["template"]["spec"]["containers"]
    assert {probe: container[probe]["httpGet"]["path"] for probe in PROBES} == PROBES


@pytest.mark.parametrize("stage", STAGES)
def test_a_drain_and_a_shutdown_have_time_and_room(build, stage):
    documents = build(overlay(stage))
    pod = one(documents, "Deployment")["spec"]["template"]["spec"]
    delay = int(one(documents, "ConfigMap")["data"]["SHUTDOWN_DELAY_MS"]) / 1000
    assert delay >= 5 and pod["terminationGracePeriodSeconds"] >= delay + 20
    assert one(documents, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


@pytest.mark.parametrize("stage", STAGES)
def test_the_settings_are_of_the_stage_and_known(build, stage):
    settings = one(build(overlay(stage)), "ConfigMap")["data"]
    assert settings["APP_STAGE"] == stage
    assert set(settings) <= set(settings_of_example(".env.example"))
    assert settings.get("AUTH") == ("required" if stage in ("acceptance", "production") else None)


@pytest.mark.parametrize("stage", ("acceptance", "production"))
def test_the_pods_have_the_keys_of_callers_and_prometheus_has_one_of_them(build, stage):
    documents = build(overlay(stage))
    file = keys_of(one(documents, "Deployment")["spec"]["template"]["spec"])
    assert one(documents, "ConfigMap")["data"]["API_KEYS_FILE"] == file
    (endpoint,) = one(documents, "ServiceMonitor")["spec"]["endpoints"]
    assert endpoint["authorization"] == {"credentials": {"name": "nestor-metrics-key", "key": "key"}}


def keys_of(pod, secret="nestor-keys", name="keys.json"):
    """Where a pod's container reads a field of a Secret, which its group may read and others may not."""
    (volume,) = [volume for volume in pod["volumes"] if volume.get("secret", {}).get("secretName") == secret]
    assert (volume["secret"]["defaultMode"], pod["securityContext"]["fsGroup"]) == (0o440, 1000)
    (mount,) = [mount for mount in pod["containers"][0]["volumeMounts"] if mount["name"] == volume["name"]]
    # By subPath it would stay as it was when the pod began.
    assert mount["readOnly"] is True and "subPath" not in mount
    return f"{mount['mountPath']}/{name}"


@pytest.mark.parametrize("stage", ("acceptance", "production"))
def test_the_prediction_log_outlives_the_pod(build, stage):
    documents = build(overlay(stage))
    pod = one(documents, "Deployment")["spec"]["template"]["spec"]
    (volume,) = [volume for volume in pod["volumes"] if volume["name"] == "predictions"]
    claim = claim_of(documents, volume)
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


def claim_of(documents, volume):
    name = volume["persistentVolumeClaim"]["claimName"]
    (claim,) = [each for each in documents if (each["kind"], each["metadata"]["name"]) == ("PersistentVolumeClaim", name)]
    return claim


@pytest.mark.parametrize("stage", STAGES)
def test_the_models_lie_on_a_claim_that_can_be_written(build, stage):
    documents = build(overlay(stage))
    pod = one(documents, "Deployment")["spec"]["template"]["spec"]
    (volume,) = [volume for volume in pod["volumes"] if volume["name"] == "artifacts"]
    shared = ["ReadWriteOnce"] if stage == "development" else ["ReadWriteMany"]  # as many pods as nodes, or one
    assert claim_of(documents, volume)["spec"]["accessModes"] == shared
    (container,), (seeding,) = pod["containers"], pod["initContainers"]
    (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == "artifacts"]
    assert mount == {"name": "artifacts", "mountPath": "/app/artifacts", "subPath": "artifacts"}
    assert seeding["volumeMounts"] == [{"name": "artifacts", "mountPath": seeding["workingDir"]}]


@pytest.fixture
def seed(build, tmp_path):
    """Runs what the init container runs, on a claim in a folder and with models of an image in another."""
    (container,) = one(build(overlay("production")), "Deployment")["spec"]["template"]["spec"]["initContainers"]
    image, claim = tmp_path / "image", tmp_path / "claim"
    (image / "iris/1").mkdir(parents=True)
    (image / "iris/1/model.onnx").write_text("of the image")
    (claim / "lost+found").mkdir(parents=True)
    command = [part.replace("/app/artifacts", str(image)) for part in container["command"] + container["args"]]
    assert command != container["command"] + container["args"]

    def start(pod):
        return subprocess.Popen(command, cwd=claim, env={"PATH": os.environ["PATH"], "HOSTNAME": pod})

    return start, image, claim


def seeded(claim):
    return {str(path.relative_to(claim)) for path in claim.rglob("*") if path.is_file()}


def test_a_new_claim_gets_the_models_of_the_image_and_keeps_what_was_pushed(seed):
    start, image, claim = seed
    assert start("a").wait(30) == 0
    assert seeded(claim) == {"artifacts/iris/1/model.onnx"}

    (image / "iris/2").mkdir()
    (claim / "artifacts/iris/1/model.onnx").write_text("pushed")
    assert start("b").wait(30) == 0
    assert seeded(claim) == {"artifacts/iris/1/model.onnx"}
    assert (claim / "artifacts/iris/1/model.onnx").read_text() == "pushed"


def test_a_seeding_that_was_killed_begins_anew(seed):
    start, _, claim = seed
    (claim / ".copy-by-a/iris").mkdir(parents=True)
    (claim / ".copy-by-a/iris/torn").touch()
    assert start("a").wait(30) == 0
    assert seeded(claim) == {"artifacts/iris/1/model.onnx"}


def test_pods_that_start_at_the_same_moment_seed_a_claim_once(seed):
    start, image, claim = seed
    for number in range(200):
        (image / f"iris/{number + 2}").mkdir()
        (image / f"iris/{number + 2}/model.onnx").touch()
    pods = [start(name) for name in "abcdef"]
    assert [pod.wait(60) for pod in pods] == [0] * 6
    assert sorted(path.name for path in claim.iterdir()) == ["artifacts", "lost+found"]
    assert len(seeded(claim)) == 201


def test_the_network_policy_lets_out_nothing_and_in_only_clients(build):
    policy = one(build(overlay("production")), "NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"] and policy["egress"] == []
    assert policy["ingress"][0]["from"][0]["podSelector"]["matchLabels"] == {"nestor-client": "true"}


@pytest.fixture
def kserve(build):
    return build("deploy/kserve")


def as_pod(kserve):
    """The pod that KServe makes of the runtime and the service, as far as both speak of it."""
    runtime, service = one(kserve, "ServingRuntime")["spec"], one(kserve, "InferenceService")["spec"]["predictor"]
    own = {"minReplicas", "maxReplicas", "scaleMetric", "scaleTarget", "model"}
    pod = {key: value for key, value in service.items() if key not in own}
    pod.update(containers=runtime["containers"], volumes=runtime["volumes"])
    return pod


@pytest.mark.parametrize("kind", ("ServingRuntime", "InferenceService"))
def test_the_kserve_kinds_are_valid(kserve, kind):
    document = one(kserve, kind)
    jsonschema.validate(document, CUSTOM[kind])
    document["spec"]["containerz"] = []
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, CUSTOM[kind])


@pytest.mark.parametrize("minor", MINORS)
def test_the_kserve_pod_is_valid_and_restricted(kserve, minor):
    pod = as_pod(kserve)
    manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "nestor"}, "spec": pod}
    kubernetes_validate.validate(manifest, minor, strict=True)
    assert pod_faults(pod) == []


def test_kserve_asks_and_ends_as_the_base_does(build, kserve):
    base, runtime = one(build(overlay("production")), "Deployment")["spec"]["template"]["spec"], as_pod(kserve)
    (of_base,), (of_runtime,) = base["containers"], runtime["containers"]
    for probe, route in PROBES.items():
        assert of_runtime[probe] == of_base[probe] | {"httpGet": {"path": route, "port": 8080}}
    delay = one(build(overlay("production")), "ConfigMap")["data"]["SHUTDOWN_DELAY_MS"]
    assert {"name": "SHUTDOWN_DELAY_MS", "value": delay} in of_runtime["env"]
    assert runtime["terminationGracePeriodSeconds"] == base["terminationGracePeriodSeconds"]
    # Knative would refuse it.
    assert one(kserve, "InferenceService")["metadata"]["annotations"]["serving.kserve.io/deploymentMode"] == "Standard"


def test_kserve_mounts_the_models_where_nestor_looks(kserve):
    runtime, service = one(kserve, "ServingRuntime")["spec"], one(kserve, "InferenceService")
    (container,) = runtime["containers"]
    settings = {variable["name"]: variable["value"] for variable in container["env"]}
    assert settings["ARTIFACTS_DIR"] == "/mnt/models"  # fixed by KServe's storage initialiser
    assert settings["API_KEYS_FILE"] == keys_of(as_pod(kserve))
    assert set(settings) <= set(settings_of_example(".env.example"))
    assert settings["PORT"] == runtime["annotations"]["prometheus.kserve.io/port"] == str(container["ports"][0]["containerPort"])
    model = service["spec"]["predictor"]["model"]
    assert model["runtime"] == "nestor" and model["protocolVersion"] in runtime["protocolVersions"]
    assert model["modelFormat"]["name"] in {known["name"] for known in runtime["supportedModelFormats"]}
    assert (ROOT / "artifacts" / service["metadata"]["name"]).is_dir()


def with_component(name, kustomize, folder):
    """The documents of the base with one component."""
    base = os.path.relpath(ROOT / "deploy/kubernetes", folder)
    (folder / "kustomization.yaml").write_text(
        yaml.safe_dump({"resources": [f"{base}/base"], "components": [f"{base}/components/{name}"]})
    )
    text = subprocess.run([*kustomize, str(folder)], check=True, capture_output=True, text=True).stdout
    return list(yaml.safe_load_all(text))


def test_a_port_for_management_is_asked_by_probes_and_monitoring_and_closed_to_clients(kustomize, tmp_path):
    documents = with_component("management-port", kustomize, tmp_path)

    container = one(documents, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert one(documents, "ConfigMap")["data"]["MANAGEMENT_PORT"] == str(ports["management"])
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] == "management"
    served = {port["name"]: port["targetPort"] for port in one(documents, "Service")["spec"]["ports"]}
    (scraped,) = one(documents, "ServiceMonitor")["spec"]["endpoints"]
    assert served == {"http": "http", "management": "management"} and scraped["port"] == "management"
    let_in = one(documents, "NetworkPolicy")["spec"]["ingress"]
    allowed = {str(who): {port["port"] for port in rule["ports"]} for rule in let_in for who in rule["from"]}
    client, ingress, monitoring, operator = allowed
    assert "nestor-client" in client and allowed[client] == {"http"}
    assert "ingress" in ingress and allowed[ingress] == {"http"}
    assert "monitoring" in monitoring and allowed[monitoring] == {"management"}
    assert "nestor-operator" in operator and allowed[operator] == {"http", "management"}
    for document in documents:
        if document["kind"] not in CUSTOM:
            kubernetes_validate.validate(document, MINORS[0], strict=True)


def test_a_shared_state_is_reached_by_every_pod(kustomize, tmp_path):
    documents = with_component("shared-state", kustomize, tmp_path)

    container = one(documents, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert {"secretRef": {"name": "nestor-state"}} in container["envFrom"]
    (egress,) = one(documents, "NetworkPolicy")["spec"]["egress"]
    assert [port["port"] for port in egress["ports"]] == [5432, 53, 53]


@pytest.fixture(scope="module")
def training(kustomize, tmp_path_factory):
    """The documents of an overlay to which the component of trainings was added, with the digests of a roll-out."""
    folder = shutil.copytree(ROOT / "deploy/kubernetes", tmp_path_factory.mktemp("training") / "kubernetes")
    kustomization = folder / "overlays/test/kustomization.yaml"
    settings = yaml.safe_load(kustomization.read_text())
    settings["components"].append("../../components/training")
    settings["images"] = [{"name": name, "digest": DIGEST} for name in ("nestor", "nestor-runner")]
    kustomization.write_text(yaml.safe_dump(settings))
    built = subprocess.run([*kustomize, str(kustomization.parent)], check=True, capture_output=True, text=True)
    documents = list(yaml.safe_load_all(built.stdout))
    return lambda: copy.deepcopy(documents)


CRON_JOBS = ("nestor-runner", "nestor-train")


def named(documents, kind, name):
    (found,) = [each for each in documents if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


@pytest.mark.parametrize("minor", MINORS)
def test_the_manifests_of_trainings_are_valid(training, minor):
    for document in training():
        if document["kind"] not in CUSTOM:
            kubernetes_validate.validate(document, minor, strict=True)
    misspelt = named(training(), "CronJob", "nestor-runner")
    misspelt["spec"]["jobTemplate"]["spec"]["activeDeadlineSecond"] = 1
    with pytest.raises(jsonschema.ValidationError):
        kubernetes_validate.validate(misspelt, minor, strict=True)


@pytest.mark.parametrize("name", CRON_JOBS)
def test_a_training_ends_in_time_and_passes_the_restricted_profile(training, name):
    cron_job = named(training(), "CronJob", name)
    assert cron_job["metadata"]["namespace"] == "nestor-test"
    schedule, job = cron_job["spec"], cron_job["spec"]["jobTemplate"]["spec"]
    assert (schedule["concurrencyPolicy"], schedule["timeZone"]) == ("Forbid", "Etc/UTC")
    assert schedule["startingDeadlineSeconds"] > 10  # below it the controller may miss every schedule
    assert job["activeDeadlineSeconds"] and job["ttlSecondsAfterFinished"] and job["backoffLimit"] <= 3
    disrupted, at_fault = job["podFailurePolicy"]["rules"]
    assert (disrupted["action"], disrupted["onPodConditions"]) == ("Ignore", [{"type": "DisruptionTarget"}])
    assert at_fault["action"] == "FailJob" and 2 in at_fault["onExitCodes"]["values"]
    pod = job["template"]["spec"]
    assert pod["restartPolicy"] == "Never"  # a podFailurePolicy needs it
    assert pod_faults(pod) == []
    assert {each["name"] for each in pod.get("volumes", [])} == {
        mount["name"] for mount in pod["containers"][0].get("volumeMounts", [])
    }


def test_a_runner_does_one_training_with_data_that_it_cannot_write(training):
    documents = training()
    pod = named(documents, "CronJob", "nestor-runner")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == f"nestor-runner@{DIGEST}"
    key = keys_of(pod, "nestor-runner-key", "key")
    assert container["command"][-6:] == ["runner", "--server", "http://nestor", "--key-file", key, "--once"]
    (data,) = [volume for volume in pod["volumes"] if volume["name"] == "data"]
    assert claim_of(documents, data)
    (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == "data"]
    assert mount["readOnly"] is True
    assert f"TRAINING_DATA={mount['mountPath']}" in (ROOT / "python/Dockerfile").read_text()


def test_a_schedule_asks_for_a_training_once(training):
    """By the name of its Job, which the controller makes of the schedule's minute; a pod that is made anew has the same."""
    pod = named(training(), "CronJob", "nestor-train")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == f"nestor@{DIGEST}"
    assert container["command"][-4:] == ["--key-file", keys_of(pod, "nestor-train-key", "key"), "--idempotency-key", "$(JOB)"]
    (variable,) = container["env"]
    field = variable["valueFrom"]["fieldRef"]["fieldPath"]
    assert (variable["name"], field) == ("JOB", "metadata.labels['batch.kubernetes.io/job-name']")


def test_trainings_reach_nestor_and_nothing_else(training):
    documents = training()
    policy = named(documents, "NetworkPolicy", "nestor-training")["spec"]
    assert (policy["policyTypes"], policy["ingress"]) == (["Ingress", "Egress"], [])
    to_nestor, names = policy["egress"]
    deployment, service = one(documents, "Deployment"), one(documents, "Service")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert to_nestor["to"][0]["podSelector"]["matchLabels"].items() <= labels.items()
    (port,) = deployment["spec"]["template"]["spec"]["containers"][0]["ports"]
    assert to_nestor["ports"] == [{"port": port["containerPort"], "protocol": "TCP"}]
    assert {each["port"] for each in names["ports"]} == {53}
    clients = named(documents, "NetworkPolicy", "nestor")["spec"]["ingress"][0]["from"][0]["podSelector"]["matchLabels"]
    for name in CRON_JOBS:
        template = named(documents, "CronJob", name)["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
        assert (policy["podSelector"]["matchLabels"] | clients).items() <= template.items()
        assert not service["spec"]["selector"].items() <= template.items()  # or callers would be sent to it
    assert one(documents, "ConfigMap")["data"]["AUTH"] == "required"
    assert keys_of(deployment["spec"]["template"]["spec"])
