"""The local cluster: Kubernetes objects as the program renders them, pods as processes.

`store` holds the objects, `workloads` runs Jobs and `deployment` Deployments, `pod` and `container` do what a kubelet
does, `environment`, `volumes` and `rewrite` turn a spec into a process, and `platform` lists what the platform
adds to it.
"""
