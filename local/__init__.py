"""The whole environment on one machine: no AWS account, no Docker, no Pulumi CLI.

`environment` starts and stops everything, `backends` are the services that AWS runs (PostgreSQL, Valkey, moto), `aws`
makes the recorded resources in moto, `cluster` runs the pods as processes, `edge` is CloudFront and the load balancer.
The program itself is read by `analysis`.
"""
