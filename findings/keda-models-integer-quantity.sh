#!/usr/bin/env bash
# cloudcoil's KEDA models fail on a quantity that is a number, as YAML has it, and not with an error of validation.
#
# What: in a ScaledJob the pod template may say `cpu: 1`. KEDA's CRD calls a quantity an integer or a string with a
#   pattern (`x-kubernetes-int-or-string`), so the API server takes it. The model made from that CRD puts the pattern
#   on the number as well, and pydantic raises TypeError, which is no ValidationError: code that collects mistakes
#   does not catch it. Even a quantity given as a string fails when it consists of digits alone, because the integer
#   is tried first.
# Versions: cloudcoil-models-keda 2.16.1.0 with cloudcoil 0.6.0 and pydantic 2.14.3.
# Why it matters: whoever reads manifests of others with these models meets `cpu: 1` at once; it is the usual way to
#   write a whole core.
# Here: tests/components/test_scaling.py holds the KEDA objects that this project renders against these models. They
#   are a ScaledObject and a ClusterTriggerAuthentication, which hold no quantities; a ScaledJob would need units in
#   each.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
  cloudcoil-models-keda==2.16.1.0 cloudcoil==0.6.0 pydantic==2.14.3

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
from cloudcoil.models.keda.v1alpha1 import ScaledJob


def outcome(cpu: object) -> str:
    container = {"name": "worker", "image": "example", "resources": {"limits": {"cpu": cpu}}}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    trigger = {"type": "redis", "metadata": {"address": "cache:6379", "listName": "jobs", "listLength": "5"}}
    spec = {"jobTargetRef": {"template": template}, "triggers": [trigger]}
    manifest = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledJob", "metadata": {"name": "worker"}, "spec": spec}
    try:
        ScaledJob.model_validate(manifest)
    except Exception as error:
        return type(error).__name__
    return "valid"


print(f"500m: {outcome('500m')}; 1: {outcome(1)}; '1': {outcome('1')}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(cloudcoil.*|pydantic)==' | tr '\n' ' ')"
echo "behaviour: a quantity of digits alone raises TypeError, one with a unit is valid"
echo "seen: $seen"
expected="500m: valid; 1: TypeError; '1': TypeError"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
