"""How the pods speak HTTP: agreed between the load balancer, which asks, and Flowise, which answers."""

from typing import Final

HTTP_PORT: Final = 3000
"""Port of Flowise."""
READINESS_PATH: Final = "/readyz"
"""Answers 200 only while the pod can serve (image/preload)."""
KEEP_ALIVE_MARGIN_SECONDS: Final = 15
"""Pods keep idle connections this much longer than the load balancer, which must be the one to close them."""
