"""What a container finds in its environment."""

import base64
from typing import Any

import pytest

from local.cluster.environment import PodIdentity, expand, quantity, render_environment
from local.cluster.store import KubernetesObject, Store
from local.errors import LocalError

POD = PodIdentity(
    name="server-0",
    namespace="flowise",
    uid="u",
    ip="127.80.0.2",
    service_account="flowise",
    labels={"app": "flowise"},
    annotations={},
)


@pytest.fixture
def store() -> Store:
    store = Store()
    encoded = {"PASSWORD": base64.b64encode(b"s3cret").decode()}
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        ("ConfigMap", "config"): {"data": {"MODE": "queue", "PORT": "3000"}},
        ("Secret", "keys"): {"data": encoded, "stringData": {"TOKEN": "plain"}},
    }
    for (kind, name), body in bodies.items():
        store.put(KubernetesObject(kind=kind, namespace="flowise", name=name, body=body))
    return store


def test_env_wins_over_env_from_and_later_sources_over_earlier(store: Store) -> None:
    container = {
        "envFrom": [{"configMapRef": {"name": "config"}}, {"prefix": "X_", "secretRef": {"name": "keys"}}],
        "env": [
            {"name": "MODE", "value": "plain"},
            {"name": "URL", "value": "http://h:$(PORT)/$(MODE)/$(NOBODY)/$$(PORT)"},
        ],
    }
    assert render_environment(container, POD, store) == {
        "MODE": "plain",
        "PORT": "3000",
        "X_PASSWORD": "s3cret",
        "X_TOKEN": "plain",
        "URL": "http://h:3000/plain/$(NOBODY)/$(PORT)",
    }


def test_value_from_every_origin(store: Store) -> None:
    def ref(name: str, **origin: Any) -> dict[str, Any]:
        return {"name": name, "valueFrom": origin}

    container = {
        "resources": {"limits": {"memory": "2Gi", "cpu": "1500m"}},
        "env": [
            ref("A", secretKeyRef={"name": "keys", "key": "PASSWORD"}),
            ref("B", configMapKeyRef={"name": "config", "key": "MODE"}),
            ref("C", configMapKeyRef={"name": "config", "key": "NOT_THERE", "optional": True}),
            ref("D", fieldRef={"fieldPath": "status.podIP"}),
            ref("E", fieldRef={"fieldPath": "metadata.labels['app']"}),
            ref("F", resourceFieldRef={"resource": "limits.memory", "divisor": "1Mi"}),
            ref("G", resourceFieldRef={"resource": "limits.cpu"}),
        ],
    }
    expected = {"A": "s3cret", "B": "queue", "D": "127.80.0.2", "E": "flowise", "F": "2048", "G": "2"}
    assert render_environment(container, POD, store) == expected


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ({"envFrom": [{"secretRef": {"name": "gone"}}]}, "Secret flowise/gone, which does not exist"),
        ({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "GONE"}}}]}, "the key GONE"),
        ({"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.magic"}}}]}, "spec.magic"),
    ],
)
def test_what_is_missing_is_an_error_that_shows_no_secret(
    container: dict[str, Any], message: str, store: Store
) -> None:
    with pytest.raises(LocalError, match=message) as caught:
        render_environment(container, POD, store)
    assert "s3cret" not in f"{caught.value.message}{caught.value.hint}"


def test_a_missing_optional_source_gives_nothing(store: Store) -> None:
    assert render_environment({"envFrom": [{"configMapRef": {"name": "no", "optional": True}}]}, POD, store) == {}


def test_expand_leaves_a_reference_to_nothing() -> None:
    assert expand("$(A) $(B) $$ $A", {"A": "1"}) == "1 $(B) $ $A"


@pytest.mark.parametrize(("text", "number"), [("500m", 0.5), ("2Gi", 2 * 2**30), ("3", 3), ("1k", 1000)])
def test_quantity(text: str, number: float) -> None:
    assert quantity(text) == number
