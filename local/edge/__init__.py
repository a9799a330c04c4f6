"""CloudFront, its firewall and the load balancer: one Caddy that follows the rendered resources."""

from local.edge.rendered import EdgeRoutes, RenderedEdge
from local.edge.server import Edge

__all__ = ["Edge", "EdgeRoutes", "RenderedEdge"]
