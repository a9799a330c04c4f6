"""Says whether the control plane, or with `provider` also Pulumi's provider, is built; leaves with 1 if not."""

import sys

from engine.kubernetes import built, provider_built

if not built():
    print("Kubernetes is not built here: its tests are left to the nightly workflow (`make kubernetes` builds it)")
    sys.exit(1)
if sys.argv[1:] == ["provider"] and not provider_built():
    print(
        "Pulumi's Kubernetes provider is not built here: its tests are left to the nightly workflow "
        "(`make engine-kubernetes` builds it)"
    )
    sys.exit(1)
