"""For every rule over Kubernetes, EKS and nodes: a sample that breaks it, and one that passes."""

from typing import Any

from policies.model import Resource
from tests.policies.parts import Sample, made

DIGEST = "registry.example.com/flowise@sha256:" + "0" * 64
CLUSTER = "aws:eks/cluster:Cluster"
LABELS = {"app": "flowise"}


def vpc(**config: Any) -> dict[str, Any]:
    """A cluster's endpoint."""
    return {"vpcConfig": config}


def eks(version: str) -> list[Resource]:
    """A cluster of a version."""
    return [made(CLUSTER, version=version)]


def pod(container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    """A pod with one container."""
    return {"spec": {"containers": [{"name": "c", **(container or {})}], **spec}}


def secured(**context: Any) -> dict[str, Any]:
    """A pod whose container has a security context."""
    return pod({"securityContext": context})


def deployment(replicas: int = 1, **spec: Any) -> Resource:
    """A deployment."""
    return made(
        "kubernetes:apps/v1:Deployment",
        metadata={"name": "server"},
        spec={"replicas": replicas, "selector": {"matchLabels": LABELS}, "template": {"spec": spec}},
    )


def served(**container: Any) -> dict[str, Any]:
    """Inputs of a deployment whose container listens."""
    return {"spec": {"template": {"spec": {"containers": [{"name": "c", "ports": [{}], **container}]}}}}


def policies_in(*types: str) -> list[Resource]:
    """A namespace with a policy that denies some directions."""
    return [
        made("kubernetes:core/v1:Namespace", metadata={"name": "flowise"}),
        made(
            "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            metadata={"namespace": "flowise"},
            spec={"podSelector": {}, "policyTypes": list(types)},
        ),
    ]


def labelled(level: str) -> dict[str, Any]:
    """A namespace that enforces a level."""
    return {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": level}}}


def rights(**entry: Any) -> dict[str, Any]:
    """A role with one rule."""
    return {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"], **entry}]}


def private_subnet(kind: str) -> list[Resource]:
    """A cluster in a subnet of one kind."""
    return [
        made("aws:ec2/subnet:Subnet", "a", tags={"SubnetType": kind}),
        made(CLUSTER, vpcConfig={"subnetIds": ["a"]}),
    ]


def cni(value: str) -> list[Resource]:
    """A cluster with the setting that enforces network policies."""
    return [
        made(CLUSTER),
        made(
            "kubernetes:core/v1:ConfigMapPatch",
            metadata={"name": "amazon-vpc-cni"},
            data={"enable-network-policy-controller": value},
        ),
    ]


EVERYWHERE = [{"topologyKey": "topology.kubernetes.io/zone"}]
SAMPLES: dict[str, tuple[Sample, Sample]] = {
    "eks_endpoint_private": (vpc(endpointPublicAccess=True), vpc(endpointPublicAccess=False)),
    "eks_endpoint_bounded": (
        vpc(endpointPrivateAccess=True, endpointPublicAccess=True),
        vpc(endpointPrivateAccess=True, endpointPublicAccess=True, publicAccessCidrs=["203.0.113.0/24"]),
    ),
    "eks_version_supported": (eks("1.33"), eks("1.36")),
    "eks_version_ends_soon": (eks("1.34"), eks("1.36")),
    "eks_no_extended_support": ({}, {"upgradePolicy": {"supportType": "STANDARD"}}),
    "eks_secrets_encrypted": (
        {},
        {"encryptionConfig": {"provider": {"keyArn": "k"}, "resources": ["secrets"]}},
    ),
    "eks_logged": (
        {"enabledClusterLogTypes": ["api"]},
        {"enabledClusterLogTypes": ["api", "audit", "authenticator"]},
    ),
    "eks_deletion_protection": ({}, {"deletionProtection": True}),
    "eks_access_entries": (
        {"accessConfig": {"authenticationMode": "CONFIG_MAP"}},
        {"accessConfig": {"authenticationMode": "API"}},
    ),
    "eks_private_nodes": (private_subnet("Public"), private_subnet("Private")),
    "eks_network_policies_enforced": (cni("false"), cni("true")),
    "node_pool_bounded": ({"spec": {}}, {"spec": {"limits": {"cpu": "64"}}}),
    "node_pool_expires": (
        {"spec": {"template": {"spec": {"expireAfter": "Never"}}}},
        {"spec": {"template": {"spec": {"expireAfter": "336h"}}}},
    ),
    "node_class_private": ({"spec": {"advancedNetworking": {"associatePublicIPAddress": True}}}, {"spec": {}}),
    "rbac_named_rights": (rights(verbs=["*"]), rights()),
    "rbac_no_secrets_everywhere": (rights(resources=["secrets"]), rights()),
    "rbac_no_cluster_admin": ({"roleRef": {"name": "cluster-admin"}}, {"roleRef": {"name": "reader"}}),
    "pod_unprivileged": (secured(privileged=True), secured()),
    "pod_own_namespaces": (pod(hostNetwork=True), pod()),
    "pod_no_escalation": (secured(), secured(allowPrivilegeEscalation=False)),
    "pod_not_root": (secured(runAsNonRoot=True, runAsUser=0), pod(securityContext={"runAsNonRoot": True})),
    "pod_no_capabilities": (
        secured(capabilities={"drop": ["ALL"], "add": ["NET_ADMIN"]}),
        secured(capabilities={"drop": ["ALL"]}),
    ),
    "pod_seccomp": (pod(), pod(securityContext={"seccompProfile": {"type": "RuntimeDefault"}})),
    "pod_read_only": (secured(readOnlyRootFilesystem=False), secured(readOnlyRootFilesystem=True)),
    "pod_no_host_paths": (
        pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]),
        pod(volumes=[{"name": "v", "emptyDir": {}}]),
    ),
    "pod_bounded_volumes": (
        pod(volumes=[{"name": "v", "emptyDir": {}}]),
        pod(volumes=[{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}]),
    ),
    "pod_no_api_token": (pod(), pod(automountServiceAccountToken=False)),
    "pod_own_account": (pod(serviceAccountName="default"), pod(serviceAccountName="flowise")),
    "pod_resources": (
        pod({"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}),
        pod({"resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}}),
    ),
    "pod_image_by_digest": (pod({"image": "flowiseai/flowise:3.0"}), pod({"image": DIGEST})),
    "pod_probed": (served(readinessProbe={"a": 1}), served(readinessProbe={"a": 1}, livenessProbe={"a": 1})),
    "pod_env_without_secrets": (
        pod({"env": [{"name": "DATABASE_PASSWORD", "value": "hunter2"}]}),
        pod({"env": [{"name": "DATABASE_PASSWORD", "valueFrom": {"secretKeyRef": {}}}]}),
    ),
    "namespace_restricted": (labelled("baseline"), labelled("restricted")),
    "namespace_default_deny": (policies_in("Ingress"), policies_in("Ingress", "Egress")),
    "network_policy_names_sources": (
        {"spec": {"ingress": [{"ports": [{"port": 3000}]}]}},
        {"spec": {"ingress": [{"from": [{"podSelector": {}}]}]}},
    ),
    "network_policy_bounded_egress": ({"spec": {"egress": [{}]}}, {"spec": {"egress": [{"ports": [{"port": 443}]}]}}),
    "kubernetes_own_namespace": ({"metadata": {"name": "a"}}, {"metadata": {"namespace": "flowise"}}),
    "account_no_api_token": ({}, {"automountServiceAccountToken": False}),
    "configmap_without_secrets": (
        {"data": {"URL": "postgres://flowise:hunter2@db/flowise"}},
        {"data": {"DATABASE_USER": "flowise"}},
    ),
    "flowise_sandbox_closed": (
        {"data": {"ALLOW_BUILTIN_DEP": "true"}},
        {"data": {"DISABLED_NODES": "puppeteerWebScraper"}},
    ),
    "deployment_disruption_budget": (
        [deployment(2)],
        [
            deployment(2),
            made("kubernetes:policy/v1:PodDisruptionBudget", spec={"selector": {"matchLabels": LABELS}}),
        ],
    ),
    "deployment_spread": ([deployment(2)], [deployment(2, topologySpreadConstraints=EVERYWHERE)]),
    "job_bounded": ({"spec": {"backoffLimit": 0}}, {"spec": {"backoffLimit": 0, "activeDeadlineSeconds": 60}}),
    "service_internal": ({"spec": {"type": "LoadBalancer"}}, {"spec": {"type": "ClusterIP"}}),
    "ingress_https": ({"spec": {}}, {"spec": {"tls": [{"secretName": "t"}]}}),
    "helm_pinned": ({"version": "2.x"}, {"version": "2.17.2"}),
    "helm_from_safe_source": (
        {"repositoryOpts": {"repo": "http://charts.example.com"}},
        {"repositoryOpts": {"repo": "https://charts.example.com"}},
    ),
    "scaled_object_without_secrets": (
        {"spec": {"triggers": [{"metadata": {"password": "hunter2"}}]}},
        {"spec": {"triggers": [{"metadata": {"passwordFromEnv": "REDIS_PASSWORD"}}]}},
    ),
    "priority_class_chosen": ({"globalDefault": True}, {"globalDefault": False}),
    "cost_pods_bounded": ({"spec": {"maxReplicas": 500}}, {"spec": {"maxReplicas": 10}}),
}
