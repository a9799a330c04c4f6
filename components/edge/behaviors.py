"""What CloudFront caches, forwards and adds, by path."""

import pulumi
import pulumi_aws as aws

from components.edge.paths import STATIC_PATH

ORIGIN_ID = "load-balancer"
_YEAR_SECONDS = 365 * 24 * 60 * 60

# Managed policies of CloudFront, by the ids that AWS publishes for them.
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
_ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_READ = ["GET", "HEAD", "OPTIONS"]
_ALL = [*_READ, "PUT", "POST", "PATCH", "DELETE"]


class Behaviors:
    """Makes the policies of an edge as children of its component, and the behaviours that use them."""

    def __init__(self, resource_name: str, *, own_name: bool, parent: pulumi.Resource) -> None:
        self._name = resource_name
        self._child = pulumi.ResourceOptions(parent=parent)
        self._headers = self._response_headers()
        # Under our own name the Host header must reach the load balancer: its certificate is checked against it.
        self._forward = _ALL_VIEWER if own_name else _ALL_VIEWER_EXCEPT_HOST

    def default(self) -> aws.cloudfront.DistributionDefaultCacheBehaviorArgsDict:
        """API, pages and streams: nothing is cached, compressed or held back."""
        return {
            "target_origin_id": ORIGIN_ID,
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": _ALL,
            "cached_methods": ["GET", "HEAD"],
            "cache_policy_id": _CACHING_DISABLED,
            "origin_request_policy_id": self._forward,
            "response_headers_policy_id": self._headers,
            "compress": False,
        }

    def static(self) -> aws.cloudfront.DistributionOrderedCacheBehaviorArgsDict:
        """The bundle of the UI: compressed, and kept for as long as the pod says (image/preload/static.cjs).

        With both encodings enabled CloudFront keeps an object for each, and passes on which of them the viewer takes
        (API model, `EnableAcceptEncodingBrotli`). What the pod has compressed it leaves as it is (CloudFront Developer
        Guide, "Serve compressed files").

        The pod says a year for a file and `no-store` for the page that Flowise sends in place of a missing one. With a
        least time of 0 CloudFront never keeps anything longer than that.
        """
        cache_policy = aws.cloudfront.CachePolicy(
            f"{self._name}-static",
            name=f"{pulumi.get_project()}-{pulumi.get_stack()}-static",
            min_ttl=0,
            default_ttl=0,
            max_ttl=_YEAR_SECONDS,
            parameters_in_cache_key_and_forwarded_to_origin={
                "enable_accept_encoding_brotli": True,
                "enable_accept_encoding_gzip": True,
                "cookies_config": {"cookie_behavior": "none"},
                "headers_config": {"header_behavior": "none"},
                "query_strings_config": {"query_string_behavior": "none"},
            },
            opts=self._child,
        )
        return {
            "path_pattern": STATIC_PATH,
            "target_origin_id": ORIGIN_ID,
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": _READ,
            "cached_methods": ["GET", "HEAD"],
            "cache_policy_id": cache_policy.id,
            "origin_request_policy_id": self._forward,
            "response_headers_policy_id": self._headers,
            "compress": True,
        }

    def _response_headers(self) -> pulumi.Output[str]:
        """Security headers. Who may show Flowise in a frame is Flowise's own header, from `app.iframe_origins`."""
        return aws.cloudfront.ResponseHeadersPolicy(
            self._name,
            name=f"{pulumi.get_project()}-{pulumi.get_stack()}",
            security_headers_config={
                "strict_transport_security": {
                    "access_control_max_age_sec": _YEAR_SECONDS,
                    "include_subdomains": True,
                    "override": True,
                },
                "content_type_options": {"override": True},
                "referrer_policy": {"referrer_policy": "strict-origin-when-cross-origin", "override": True},
            },
            remove_headers_config={"items": [{"header": "Server"}]},
            opts=self._child,
        ).id
