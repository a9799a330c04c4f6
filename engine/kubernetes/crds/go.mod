module engine/kubernetes/crds

go 1.26.0

require (
	github.com/kedacore/keda/v2 v2.20.2
	sigs.k8s.io/karpenter v1.15.0
)
