"""What previews and the nightly drift detection may do in the cluster."""

import pulumi
import pulumi_kubernetes as k8s

PREVIEW_GROUP = "flowise-preview"
"""Kubernetes group of the roles in `cluster.preview_role_arns`."""

_READ = ["get", "list", "watch"]
_DRY_RUN = ["create", "patch"]
_CORE = [
    "configmaps", "endpoints", "events", "limitranges", "namespaces", "nodes", "persistentvolumeclaims",
    "persistentvolumes", "pods", "replicationcontrollers", "resourcequotas", "serviceaccounts", "services",
]  # fmt: skip
"""The core group without `secrets`, and without subresources: `pods/log` and `pods/exec` show what pods know."""
_READ_OTHERS = {
    "admissionregistration.k8s.io": [
        "mutatingwebhookconfigurations", "validatingadmissionpolicies", "validatingadmissionpolicybindings",
        "validatingwebhookconfigurations",
    ],
    "apiextensions.k8s.io": ["customresourcedefinitions"],
    "apps": ["controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"],
    "autoscaling": ["horizontalpodautoscalers"],
    "batch": ["cronjobs", "jobs"],
    "discovery.k8s.io": ["endpointslices"],
    "eks.amazonaws.com": ["cninodes", "ingressclassparams", "nodeclasses", "nodediagnostics", "targetgroupbindings"],
    "karpenter.sh": ["nodeclaims", "nodepools"],
    "keda.sh": ["clustertriggerauthentications", "scaledjobs", "scaledobjects", "triggerauthentications"],
    "metrics.k8s.io": ["nodes", "pods"],
    "networking.k8s.aws": ["policyendpoints"],
    "networking.k8s.io": ["ingressclasses", "ingresses", "networkpolicies"],
    "policy": ["poddisruptionbudgets"],
    "rbac.authorization.k8s.io": ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
    "scheduling.k8s.io": ["priorityclasses"],
    "storage.k8s.io": ["csidrivers", "csinodes", "storageclasses", "volumeattachments"],
}  # fmt: skip
"""Other groups by kind: a wildcard would cover what is installed next year, and the pack refuses it."""
_WRITTEN_CORE = ["configmaps", "namespaces", "serviceaccounts", "services"]
_WRITTEN = {
    "apps": ["daemonsets", "deployments", "statefulsets"],
    "autoscaling": ["horizontalpodautoscalers"],
    "batch": ["cronjobs", "jobs"],
    "eks.amazonaws.com": ["ingressclassparams", "nodeclasses", "targetgroupbindings"],
    "karpenter.sh": ["nodepools"],
    "keda.sh": ["clustertriggerauthentications", "scaledjobs", "scaledobjects", "triggerauthentications"],
    "networking.k8s.io": ["ingresses", "networkpolicies"],
    "policy": ["poddisruptionbudgets"],
    "scheduling.k8s.io": ["priorityclasses"],
}
"""What the program makes through the provider that previews by dry runs. No Secrets, because the answer to each call
would show them, and no roles, because nobody may make rights that they lack (`ClusterAccess.private_provider`)."""


def grant_preview_read_access(resource_name: str, *, opts: pulumi.ResourceOptions) -> None:
    """Let `PREVIEW_GROUP` read everything but Secrets and logs, and ask what a change would do.

    Pulumi's preview sends each change to the API as a dry run, for which Kubernetes wants the right to make it in
    earnest; a preview without that right fails for new objects. So a rule of the API server refuses whatever this
    group sends that is not a dry run. Without it a pod could be made that mounts a Secret and sends it away. The rule
    refuses tokens of service accounts too, should another policy ever allow them: a dry run gives a valid one.
    """
    rules: list[k8s.rbac.v1.PolicyRuleArgsDict] = [
        {"api_groups": [""], "resources": _CORE, "verbs": _READ},
        *({"api_groups": [group], "resources": kinds, "verbs": _READ} for group, kinds in _READ_OTHERS.items()),
        {"api_groups": [""], "resources": _WRITTEN_CORE, "verbs": _DRY_RUN},
        *({"api_groups": [group], "resources": kinds, "verbs": _DRY_RUN} for group, kinds in _WRITTEN.items()),
    ]
    only_dry_runs = k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
        f"{resource_name}-preview",
        metadata={"name": PREVIEW_GROUP},
        spec={
            "failure_policy": "Fail",
            "match_constraints": {
                "resource_rules": [
                    {
                        "api_groups": ["*"],
                        "api_versions": ["*"],
                        "resources": ["*/*"],  # with subresources
                        "operations": ["CREATE", "UPDATE", "DELETE", "CONNECT"],
                    }
                ]
            },
            "match_conditions": [
                {"name": "from-a-preview", "expression": f"'{PREVIEW_GROUP}' in request.userInfo.groups"}
            ],
            "validations": [
                {
                    "expression": "has(request.dryRun) && request.dryRun",
                    "message": "the role of previews changes nothing: only dry runs are allowed",
                    "reason": "Forbidden",
                },
                {
                    # Most requests have no `subResource` at all.
                    "expression": "request.resource.resource != 'serviceaccounts' || !has(request.subResource)"
                    " || request.subResource != 'token'",
                    "message": "the role of previews gets no token of a service account: even a dry run gives one",
                    "reason": "Forbidden",
                },
            ],
        },
        opts=opts,
    )
    enforced = k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
        f"{resource_name}-preview",
        metadata={"name": PREVIEW_GROUP},
        spec={"policy_name": only_dry_runs.metadata["name"], "validation_actions": ["Deny"]},
        opts=opts,
    )
    role = k8s.rbac.v1.ClusterRole(f"{resource_name}-preview", metadata={"name": PREVIEW_GROUP}, rules=rules, opts=opts)
    k8s.rbac.v1.ClusterRoleBinding(
        f"{resource_name}-preview",
        metadata={"name": PREVIEW_GROUP},
        role_ref={"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role.metadata["name"]},
        subjects=[{"api_group": "rbac.authorization.k8s.io", "kind": "Group", "name": PREVIEW_GROUP}],
        # The rights come last. The API server takes a moment to compile the rule and enforces it only then: for that
        # moment (0.58 s were measured), once in the life of a cluster, the group could write in earnest.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[enforced])),
    )
