"""The reader of rendered charts finds what a release must not be allowed; each object here is written for one fault."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from delivery import charts
from delivery.chart_rights import faults
from delivery.charts import Chart, ChartError, command, main, render

OWN = "tools"
ALL_SECRETS = {"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": ["list", "watch"]}
PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}


def role(*rules: dict[str, Any], kind: str = "ClusterRole", namespace: str | None = None, **labels: str) -> Any:
    where = {"namespace": namespace} if namespace else {}
    return {"kind": kind, "metadata": {"name": "reader", "labels": labels, **where}, "rules": list(rules)}


def binding(namespace: str | None = None, *, kind: str = "ClusterRole", name: str = "reader") -> Any:
    where = {"namespace": namespace} if namespace else {}
    return {
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": "bound", **where},
        "roleRef": {"kind": kind, "name": name},
    }


def workload(container: dict[str, Any], kind: str = "DaemonSet", **pod: Any) -> Any:
    spec: dict[str, Any] = {"template": {"spec": {"containers": [{"name": "main", **container}], **pod}}}
    nested = {"jobTemplate": {"spec": spec}} if kind == "CronJob" else spec
    return {"kind": kind, "metadata": {"name": "agent"}, "spec": nested}


REFUSED: dict[str, tuple[list[Any], str]] = {
    "cluster": (
        [role(ALL_SECRETS), binding()],
        "ClusterRoleBinding bound gives list, watch of Secrets in every namespace",
    ),
    "other namespace": (
        [role(ALL_SECRETS), binding("flowise")],
        "RoleBinding bound gives list, watch of Secrets in namespace flowise (ClusterRole reader)",
    ),
    "role of another namespace": (
        [role(ALL_SECRETS, kind="Role", namespace="flowise"), binding("flowise", kind="Role")],
        "RoleBinding bound gives list, watch of Secrets in namespace flowise (Role reader)",
    ),
    "any resource": (
        [role({**ALL_SECRETS, "resources": ["*"]}), binding()],
        "gives list, watch of everything in every namespace",
    ),
    "any group": ([role({**ALL_SECRETS, "apiGroups": ["*"]}), binding()], "list, watch of Secrets"),
    "one secret": (
        [role({**ALL_SECRETS, "resourceNames": ["x"]}), binding("flowise")],
        "of Secrets in namespace flowise",
    ),
    "tokens": (
        [role({"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]}), binding()],
        "gives tokens of service accounts",
    ),
    "more rights": (
        [
            role(
                {
                    "apiGroups": ["rbac.authorization.k8s.io"],
                    "resources": ["clusterroles"],
                    "verbs": ["escalate", "get"],
                }
            ),
            binding(),
        ],
        "gives escalate of clusterroles in every namespace",
    ),
    "a role of others": (
        [binding(name="cluster-admin")],
        "binds ClusterRole cluster-admin, which the chart does not bring",
    ),
    "a role of others inside": (
        [binding(OWN, name="admin")],
        "binds ClusterRole admin, which the chart does not bring, in namespace tools",
    ),
    "gathered": (
        [{**role(PODS), "aggregationRule": {"clusterRoleSelectors": []}}, binding()],
        "whose rules are gathered from other roles",
    ),
    "added to others": (
        [role(ALL_SECRETS, **{"rbac.authorization.k8s.io/aggregate-to-view": "true"})],
        "ClusterRole reader adds to roles of the cluster: list, watch of Secrets",
    ),
    "host port": (
        [workload({"ports": [{"containerPort": 4318, "hostPort": 4318}]})],
        "DaemonSet agent, container main opens port 4318 of its node",
    ),
    "host network": ([workload({}, hostNetwork=True)], "DaemonSet agent runs in the network of its node"),
    "privileged": (
        [workload({"securityContext": {"privileged": True}}, "CronJob")],
        "CronJob agent, container main has rights in the kernel of its node",
    ),
    "capability": (
        [workload({"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}})],
        "has rights in the kernel",
    ),
    "init container": (
        [workload({}, initContainers=[{"name": "first", "ports": [{"hostPort": 80}]}])],
        "container first opens port 80",
    ),
}

ALLOWED: dict[str, list[Any]] = {
    "own namespace": [role(ALL_SECRETS), binding(OWN)],
    "own role, the release's namespace": [role(ALL_SECRETS, kind="Role"), binding(OWN, kind="Role")],
    "no secrets": [role(PODS), binding()],
    "a resource of that name in another group": [role({**ALL_SECRETS, "apiGroups": ["example.com"]}), binding()],
    "a role that nobody has": [role(ALL_SECRETS)],
    "roles of Kubernetes without secrets": [
        binding(name="system:auth-delegator"),
        binding("kube-system", kind="Role", name="extension-apiserver-authentication-reader"),
    ],
    "pods": [workload({"ports": [{"containerPort": 80}], "securityContext": {"capabilities": {"drop": ["ALL"]}}})],
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(name: str) -> None:
    objects, says = REFUSED[name]
    (found,) = faults(objects, OWN)
    assert says in found


@pytest.mark.parametrize("name", ALLOWED)
def test_it_lets_through(name: str) -> None:
    assert list(faults(ALLOWED[name], OWN)) == []


def test_every_chart_of_the_stacks_is_rendered_with_our_values() -> None:
    found = {chart.chart: chart for chart in charts.charts()}
    assert found.keys() == {"keda", "datadog"}
    values = json.loads(found["datadog"].values)
    assert values["datadog"]["discovery"] == {"enabled": False}
    assert values["datadog"]["operator"] == {"enabled": False}
    assert "not-a-key" not in str(found), "a key reaches a chart by a Secret only"
    keda = found["keda"]
    assert command("helm", keda, Path("v.json"), None) == [
        *("helm", "template", "keda", "keda", "--repo", "https://kedacore.github.io/charts", "--version", keda.version),
        *("--namespace", "keda", "--kube-version", "1.36", "--values", "v.json"),
    ]
    assert command("helm", keda, Path("v.json"), Path("here"))[3] == "here/keda"


CHART = Chart(
    name="x",
    chart="x",
    version="1.0.0",
    repository="https://example.com",
    namespace=OWN,
    values="{}",
    kubernetes="1.36",
)


@pytest.fixture
def helm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in Helm's place that answers with what the test has written for it."""
    program = tmp_path / "helm"
    program.write_text(
        '#!/bin/sh\ncat "$0.answer" 2>/dev/null || { echo "no such chart" >&2; exit 1; }\n', encoding="utf-8"
    )
    program.chmod(0o755)
    monkeypatch.setattr(charts, "charts", lambda: [CHART])
    return program


def answer(helm: Path, *objects: Any) -> None:
    helm.with_name("helm.answer").write_text(yaml.safe_dump_all(objects), encoding="utf-8")


def test_a_fault_of_a_chart_fails_the_command(helm: Path) -> None:
    answer(helm, workload({}, "Deployment"), role(ALL_SECRETS), binding())
    done = CliRunner().invoke(app(), ["--helm", str(helm)])
    assert done.exit_code == 1
    assert "x 1.0.0 in tools: 1 faults" in done.output
    assert "of Secrets in every namespace" in done.output
    answer(helm, workload({}, "Deployment"))
    done = CliRunner().invoke(app(), ["--helm", str(helm)])
    assert (done.exit_code, done.output) == (0, "x 1.0.0 in tools: ok\n")


def test_a_chart_that_renders_nothing_or_not_at_all_is_no_success(helm: Path) -> None:
    with pytest.raises(ChartError, match=r"helm cannot render x 1\.0\.0 from https://example\.com: .*no such chart"):
        render(str(helm), CHART, None)
    answer(helm, role(PODS))
    with pytest.raises(ChartError, match="renders no Deployment: nothing was read"):
        render(str(helm), CHART, None)


def test_without_helm_it_says_where_it_comes_from() -> None:
    done = CliRunner().invoke(app(), ["--helm", "/nowhere/helm"])
    assert done.exit_code == 1
    assert "make chart-rights" in done.output


def app() -> Any:
    made = typer.Typer()
    made.command()(main)
    return made
