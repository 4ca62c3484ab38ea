"""The manifests for Kubernetes: valid by its own schemas, and as the rest of the project has it. No cluster."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from ops.settings import SETTINGS

_ROOT = Path(__file__).parents[2]
_FOLDER = _ROOT / "packaging/kubernetes"
VERSION = "1.37"
OF_OPERATORS = ("kafka.strimzi.io/", "postgresql.cnpg.io/", "keda.sh/", "kustomize.config.k8s.io/")
"""Kinds that no schema of Kubernetes' own describes; README.md there says how they were looked at."""


def _documents() -> list[dict[str, Any]]:
    return [
        document
        for path in sorted(_FOLDER.rglob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
        if not document["apiVersion"].startswith(OF_OPERATORS[-1])
    ]


DOCUMENTS = _documents()


def named(kind: str) -> dict[str, dict[str, Any]]:
    return {found["metadata"]["name"]: found for found in DOCUMENTS if found["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    """Name → pod, of deployments, jobs and what is called at times."""
    found = {
        name: each["spec"]["template"]["spec"] for kind in ("Deployment", "Job") for name, each in named(kind).items()
    }
    cron = named("CronJob").items()
    return found | {name: each["spec"]["jobTemplate"]["spec"]["template"]["spec"] for name, each in cron}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda found: f"{found['kind']}-{found['metadata']['name']}")
def test_a_manifest_is_what_its_kind_asks_for(document: dict[str, Any]) -> None:
    """Of Kubernetes' own kinds each fits the schema, with nothing unknown in it."""
    if not document["apiVersion"].startswith(OF_OPERATORS):
        kubernetes_validate.validate(document, VERSION, strict=True)


def test_every_file_is_listed() -> None:
    """Each manifest is a resource of its folder's kustomization, and each resource is there."""
    for path in _FOLDER.glob("*/kustomization.yaml"):
        listed = set(yaml.safe_load(path.read_text())["resources"])
        assert listed == {file.name for file in path.parent.glob("*.yaml")} - {path.name}, path


def test_each_process_of_compose_runs_here() -> None:
    """The same commands, each kept up; those that serve are ready by /readyz, and no drain takes all of a kind away."""
    compose = (_ROOT / "compose.yaml").read_text()
    commands = {tuple(found.split(", ")) for found in re.findall(r"command: \[((?:serve|work), \w+)\]", compose)}
    deployments = named("Deployment")
    assert {tuple(pods()[name]["containers"][0]["args"]) for name in deployments} == commands
    assert set(named("PodDisruptionBudget")) == set(deployments) - {"import", "tell"}
    for name in deployments:
        [container] = pods()[name]["containers"]
        assert {"livenessProbe", "startupProbe"} <= container.keys(), name
    for name in named("Service"):
        assert pods()[name]["containers"][0]["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_no_process_may_do_what_it_need_not() -> None:
    """As in compose.yaml: user 10001, no capabilities, nothing to write but its own folders, bounded memory; only the
    jobs know the tables' owner."""
    for name, pod in pods().items():
        [container] = pod["containers"]
        assert (pod["securityContext"]["runAsUser"], pod["automountServiceAccountToken"]) == (10001, False), name
        assert container["securityContext"]["readOnlyRootFilesystem"], name
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
        assert container["resources"]["limits"]["memory"], name
        variables = {each["name"] for each in container["env"]}
        assert ("WEBOFFICE_POSTGRES" in variables) == (name in ("migrate", "rebuild-if-outdated")), name


def test_every_setting_and_secret_is_known() -> None:
    """A misspelt setting ends a process; each key of a secret is in the example."""
    known = {setting.variable for setting in SETTINGS}
    example = set(re.findall(r"^([\w-]+)=", (_FOLDER / "base/secrets.env.example").read_text(), re.M))
    assert set(named("ConfigMap")["weboffice"]["data"]) <= known
    portal = {variable["name"] for variable in pods()["portal"]["containers"][0]["env"]}
    keys = {name for name in known if name.endswith(("_KEY", "_KEYS"))}
    assert keys <= portal, "pods share no home, where a key that is not set would be made"
    for name, pod in pods().items():
        for variable in pod["containers"][0]["env"]:
            assert not variable["name"].startswith("WEBOFFICE_") or variable["name"] in known, name
            secret = variable.get("valueFrom", {}).get("secretKeyRef", {})
            assert secret.get("name") != "weboffice-secrets" or secret["key"] in example, name


def test_workers_are_as_many_as_there_are_partitions_at_most() -> None:
    """More would wait; they are counted by the lag that they tell."""
    partitions = int(named("ConfigMap")["weboffice"]["data"]["WEBOFFICE_PARTITIONS"])
    for name, scaled in named("ScaledObject").items():
        assert scaled["spec"]["maxReplicaCount"] == partitions
        assert "replicas" not in named("Deployment")[name]["spec"]
        assert f'weboffice_lag_records{{worker="{name}"}}' in scaled["spec"]["triggers"][0]["metadata"]["query"]
    assert set(named("ScaledObject")) == {"anonymise", "project"}
