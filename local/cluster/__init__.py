"""The local cluster: Kubernetes objects as the program renders them, pods as processes.

`store` holds the objects, `workloads` runs Jobs and Deployments, `pod` and `container` do what a kubelet does,
`environment`, `volumes` and `rewrite` turn a container's spec into a process's, `platform` lists what the platform
adds to it.
"""
