"""The example files of the stages start Nestor; an unsafe production configuration does not, and names the setting."""

import pytest

from conftest import get, new_key, settings_of_example

STAGES = ("development", "test", "acceptance", "production")


def stage_settings(stage, **changes):
    settings = settings_of_example(f".env.{stage}.example") | changes
    return {key: value for key, value in settings.items() if value is not None}


@pytest.mark.parametrize("stage", STAGES)
def test_the_example_of_a_stage_starts(start_nestor, tmp_path, stage):
    key = new_key(tmp_path / "keys.json", "metrics")
    changes = {"AUTH": "", "API_KEYS_FILE": str(tmp_path / "keys.json"), "PREDICTION_LOG_DIR": str(tmp_path / "log")}
    nestor = start_nestor(**stage_settings(stage, HOST="127.0.0.1", **changes)).wait_until_ready()
    assert f'stage="{stage}"' in get(f"{nestor.url}/metrics", key=key)[2]
    assert get(f"{nestor.url}/metrics")[0] == (200 if stage in ("development", "test") else 401)
    assert get(f"{nestor.url}/openapi.json")[0] == (404 if stage == "production" else 200)


@pytest.mark.parametrize("stage", STAGES)
def test_the_example_names_known_settings_only(stage):
    settings = settings_of_example(f".env.{stage}.example")
    assert settings["APP_STAGE"] == stage
    assert set(settings) <= set(settings_of_example(".env.example"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DOCS_ENABLED", "true"),
        ("CORS_ORIGINS", "*"),
        ("PREDICTION_LOG_DIR", None),
        ("PREDICTION_LOG_DIR", "/proc/nestor"),
        ("PREDICTION_LOG_DURABLITY", "written"),
        ("AUTH", "off"),
        ("API_KEYS_FILE", None),
        ("API_KEYS_FILE", "/nowhere/keys.json"),
        ("API_KEYS_FILE", "readable"),
        ("API_KEYS_FILE", "empty"),
        ("STATE_DATABASE_URL", "postgres://nestor:password@127.0.0.1/nestor"),
    ],
    ids=(
        "docs-open",
        "cors-any",
        "log-unset",
        "log-not-writable",
        "unknown-key",
        "no-keys-asked-for",
        "no-file-of-keys",
        "keys-missing",
        "keys-open-to-others",
        "no-keys",
        "known-password",
    ),
)
def test_production_refuses(start_nestor, tmp_path, key, value):
    new_key(tmp_path / "keys.json", "predict")
    (tmp_path / "readable").write_text((tmp_path / "keys.json").read_text())
    (tmp_path / "empty").write_text('{"keys": []}')
    (tmp_path / "readable").chmod(0o644)
    (tmp_path / "empty").chmod(0o600)
    if value in ("readable", "empty"):
        value = str(tmp_path / value)
    safe = {"AUTH": "", "HOST": "::", "API_KEYS_FILE": str(tmp_path / "keys.json")}
    safe["PREDICTION_LOG_DIR"] = str(tmp_path / "log")
    settings = stage_settings("production", **safe) | {key: value or ""}
    nestor = start_nestor(**settings)
    assert nestor.process.wait(15) != 0
    assert key in nestor.said()
