"""The files in `deploy` name ports, commands and settings that the program has."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from segmethods.core.settings import PROFILES, Settings, settings

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
FILES = [path for path in DEPLOY.iterdir() if path.is_file()]
KNOWN = {f"SEGMETHODS_{field.name.upper()}" for field in fields(Settings)} | {"SEGMETHODS_HOME", "SEGMETHODS_PROFILE"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_settings_exist(path: Path) -> None:
    assert set(re.findall(r"SEGMETHODS_[A-Z_]+", path.read_text())) <= KNOWN


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_profiles_exist(path: Path) -> None:
    assert set(re.findall(r"SEGMETHODS_PROFILE=(\w+)", path.read_text())) <= set(PROFILES)


def test_what_a_profile_sets_is_a_setting() -> None:
    named = {f"SEGMETHODS_{name}" for profile in PROFILES.values() for name in profile}
    assert named <= KNOWN


def test_a_profile_is_a_default_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMETHODS_PROFILE", "public")
    monkeypatch.setenv("SEGMETHODS_DEADLINE", "77")
    found = settings.__wrapped__()
    assert (found.fetching, found.benchmark_runs, found.deadline) == (False, 2, 77.0)


def test_the_image_is_light_without_rights_and_watched() -> None:
    lines = (DEPLOY / "Dockerfile").read_text()
    assert "'.[dashboard]'" in lines
    assert re.search(r"^USER segmethods$", lines, re.MULTILINE)
    assert "/_stcore/health" in lines
    assert '"dashboard", "--port", "8501", "--share"' in lines


def test_the_container_can_write_only_where_it_must() -> None:
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["segmethods"]
    assert service["read_only"] is True
    assert service["volumes"] == ["data:/data"]
    assert service["cap_drop"] == ["ALL"]


def test_nginx_passes_websockets_on_and_closes_metrics() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert text.count("{") == text.count("}")
    assert "proxy_set_header   Upgrade $http_upgrade;" in text
    assert "location = /_stcore/metrics { return 404; }" in text
    assert "server segmethods:8501;" in text
