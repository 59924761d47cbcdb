"""The example files of the stages start Nestor; an unsafe production configuration does not, and names the setting."""

import pytest

from conftest import get, settings_of_example

STAGES = ("development", "test", "acceptance", "production")


def stage_settings(stage, **changes):
    settings = settings_of_example(f".env.{stage}.example") | changes
    return {key: value for key, value in settings.items() if value is not None}


@pytest.mark.parametrize("stage", STAGES)
def test_the_example_of_a_stage_starts(start_nestor, tmp_path, stage):
    settings = stage_settings(stage, HOST="127.0.0.1", PREDICTION_LOG_DIR=str(tmp_path / "log"))
    nestor = start_nestor(**settings).wait_until_ready()
    assert f'stage="{stage}"' in get(f"{nestor.url}/metrics")[2]
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
    ],
    ids=("docs-open", "cors-any", "log-unset", "log-not-writable", "unknown-key"),
)
def test_production_refuses(start_nestor, tmp_path, key, value):
    settings = stage_settings("production", PREDICTION_LOG_DIR=str(tmp_path / "log")) | {key: value or ""}
    nestor = start_nestor(**settings)
    assert nestor.process.wait(15) != 0
    assert key in nestor.said()
