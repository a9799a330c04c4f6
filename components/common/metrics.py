"""Metrics that the environment publishes itself: agreed between those who publish and the alarms that watch."""

from typing import Final

NAMESPACE: Final = "Flowise"
"""CloudWatch namespace of every metric of our own."""
QUEUE_BACKLOG: Final = "queue_backlog"
"""Jobs of a queue that wait for a worker, as a gauge at least once a minute; dimensions `stack` and `queue`."""
QUEUES: Final = ("prediction", "upsertion", "schedule")
"""Values of the dimension `queue`: the queues that a worker takes jobs from (Flowise 3.1.4, commands/worker.js)."""
CANARY_FAILED: Final = "canary_failed"
"""1 where the canary got no answer to its question, 0 where it did; dimension `stack` (image/scripts/canary.cjs)."""
CANARY_SECONDS: Final = "canary_seconds"
"""How long the answer took; dimension `stack`."""
