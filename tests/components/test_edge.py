"""The edge: which requests get where, from the rendered behaviours and rules."""

import json
import math
import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest

from analysis.recorder import Recording
from components.common.planes import FLOWISE_PLANES, SIGN_IN_PATHS, UNAUTHENTICATED
from components.edge.capacity import ANONYMOUS_GROUP, MANAGED_GROUPS
from components.edge.paths import public_patterns
from components.edge.settings import EdgeSettings
from tests.components.edge_evaluator import CACHING_DISABLED, Decision, Edge, HttpRequest
from tests.conftest import recorded, recorded_with

OFFICE, OUTSIDER = "198.51.100.7", "203.0.113.9"
MCP_NODE = "^/api/v1/node-load-method/custommcp"  # CVE-2025-59528: code execution through this path before 3.0.6

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
ASSET, PAGE = "/assets/*", "*"

# request, behaviour, kept at the edge?, what the office gets, what an outsider gets (who refuses, or - for through)
TABLE = f"""
GET  /                                                   {PAGE}   no  - AdminPlane
GET  /signin                                             {PAGE}   no  - AdminPlane
GET  /canvas                                             {PAGE}   no  - AdminPlane
GET  /canvas/7c0e                                        {PAGE}   no  - AdminPlane
GET  /agentflows                                         {PAGE}   no  - AdminPlane
GET  /v2/agentcanvas/7c0e                                {PAGE}   no  - AdminPlane
GET  /credentials                                        {PAGE}   no  - AdminPlane
GET  /execution/7c0e                                     {PAGE}   no  - -
GET  /execution                                          {PAGE}   no  - AdminPlane
GET  /executions                                         {PAGE}   no  - AdminPlane
GET  /healthz                                            {PAGE}   no  - AdminPlane
GET  /readyz                                             {PAGE}   no  - AdminPlane
GET  /chatbot/7c0e                                       {PAGE}   no  - -
GET  /chatbot                                            {PAGE}   no  - AdminPlane
GET  /favicon.ico                                        {PAGE}   no  - -
GET  /favicon-32x32.png                                  {PAGE}   no  - -
GET  /logo192.png                                        {PAGE}   no  - -
GET  /manifest.json                                      {PAGE}   no  - -
GET  /assets/index-BIqxr1vN.js                           {ASSET}  yes - -
HEAD /assets/index-BIqxr1vN.js                           {ASSET}  yes - -
GET  /assets/Canvas-CZvDgTBI.css                         {ASSET}  yes - -
GET  /assets/not-there.js                                {ASSET}  yes - -
POST /assets/index-BIqxr1vN.js                           {ASSET}  no  AllowedMethods AllowedMethods
GET  /Assets/index-BIqxr1vN.js                           {PAGE}   no  - AdminPlane
POST /api/v1/prediction/7c0e                             {PAGE}   no  - -
OPTIONS /api/v1/prediction/7c0e                          {PAGE}   no  - -
POST /api/v1/internal-prediction/7c0e                    {PAGE}   no  - AdminPlane
GET  /api/v1/public-chatflows/7c0e                       {PAGE}   no  - -
GET  /api/v1/public-chatbotConfig/7c0e                   {PAGE}   no  - -
GET  /api/v1/public-executions/7c0e                      {PAGE}   no  - -
GET  /api/v1/public-executions                           {PAGE}   no  - AdminPlane
GET  /api/v1/public-executions/                          {PAGE}   no  - AdminPlane
GET  /api/v1/executions/7c0e                             {PAGE}   no  - AdminPlane
GET  /api/v1/chatflows-streaming/7c0e                    {PAGE}   no  - -
GET  /api/v1/chatflows-uploads/7c0e                      {PAGE}   no  - -
PUT  /api/v1/chatmessage/abort/7c0e/1                    {PAGE}   no  - -
GET  /api/v1/chatmessage/7c0e                            {PAGE}   no  - AdminPlane
POST /api/v1/attachments/7c0e/1                          {PAGE}   no  - -
GET  /api/v1/get-upload-file                             {PAGE}   no  - -
POST /api/v1/openai-assistants-file/download             {PAGE}   no  - -
POST /api/v1/feedback/7c0e                               {PAGE}   no  - -
POST /api/v1/leads                                       {PAGE}   no  - -
POST /api/v1/text-to-speech/generate                     {PAGE}   no  - -
POST /api/v1/webhook/7c0e                                {PAGE}   no  - -
POST /api/v1/mcp/7c0e                                    {PAGE}   no  - -
GET  /api/v1/node-icon/startAgentflow                    {PAGE}   no  - -
GET  /api/v1/settings                                    {PAGE}   no  - -
GET  /api/v1/ping                                        {PAGE}   no  - -
GET  /api/v1/version                                     {PAGE}   no  - AdminPlane
GET  /api/v1/ip                                          {PAGE}   no  - AdminPlane
POST /api/v1/auth/login                                  {PAGE}   no  - AdminPlane
POST /api/v1/auth/refreshToken                           {PAGE}   no  - AdminPlane
POST /api/v1/account/register                            {PAGE}   no  - AdminPlane
POST /api/v1/account/forgot-password                     {PAGE}   no  - AdminPlane
GET  /api/v1/azure/callback                              {PAGE}   no  - AdminPlane
GET  /api/v1/chatflows                                   {PAGE}   no  - AdminPlane
GET  /api/v1/chatflows/apikey/secret                     {PAGE}   no  - AdminPlane
POST /api/v1/chatflows                                   {PAGE}   no  - AdminPlane
GET  /api/v1/apikey                                      {PAGE}   no  - AdminPlane
GET  /api/v1/credentials                                 {PAGE}   no  - AdminPlane
GET  /api/v1/variables                                   {PAGE}   no  - AdminPlane
POST /api/v1/vector/upsert/7c0e                          {PAGE}   no  - AdminPlane
GET  /api/v1/metrics                                     {PAGE}   no  - AdminPlane
GET  /api/v1/export-import/export                        {PAGE}   no  - AdminPlane
POST /api/v1/node-custom-function                        {PAGE}   no  - AdminPlane
POST /api/v1/node-load-method/customMCP                  {PAGE}   no  BlockedPaths BlockedPaths
POST /api/v1/node-load-method/%63ustom%4DCP              {PAGE}   no  BlockedPaths BlockedPaths
POST /api/v1/Node-Load-Method/custommcp                  {PAGE}   no  BlockedPaths BlockedPaths
POST /API/V1/prediction/7c0e                             {PAGE}   no  - AdminPlane
GET  /x/api/v1/prediction/7c0e                           {PAGE}   no  - AdminPlane
GET  /api/v1/prediction                                  {PAGE}   no  - AdminPlane
GET  /api/v1/prediction/../chatflows                     {PAGE}   no  OddPaths OddPaths
GET  /api/v1/prediction/%2e%2e/chatflows                 {PAGE}   no  OddPaths OddPaths
GET  /api/v1/prediction/..%2Fchatflows                   {PAGE}   no  OddPaths OddPaths
GET  /api/v1//chatflows                                  {PAGE}   no  OddPaths OddPaths
GET  /api/v1/ping%00                                     {PAGE}   no  OddPaths OddPaths
GET  /assets/..%5c..%5cetc/passwd                        {ASSET}  yes OddPaths OddPaths
GET  /.env                                               {PAGE}   no  - AdminPlane
GET  /wp-login.php                                       {PAGE}   no  - AdminPlane
"""


@cache
def guarded() -> Recording:
    """Prod with an admin network, a virtual patch and without anonymous addresses."""
    edge = {"admin_cidrs": ["198.51.100.0/24"], "blocked_paths": [MCP_NODE], "block_anonymous_addresses": True}
    return recorded_with("prod", {f"edge.{key}": value for key, value in (edge | {"capacity_limit_wcu": 2000}).items()})


@cache
def two_planes() -> Edge:
    """Its edge."""
    return Edge(guarded())


def rows() -> list[list[str]]:
    """The table, a list a request."""
    return [[str(word) for word in line.split()] for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("row", rows(), ids=lambda row: " ".join(row[:2]))
def test_the_path_table(row: list[str]) -> None:
    method, path, behavior, kept, office, outsider = row
    for address, expected in ((OFFICE, office), (OUTSIDER, outsider)):
        decision = two_planes().decide(HttpRequest(method=method, path=path, address=address))
        assert (decision.refused_by or "-") == expected, address
        assert decision.behavior == behavior
        assert decision.cached is (kept == "yes")


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(rows()) >= 60
    assert len({tuple(row[:2]) for row in rows()}) == len(rows())


def test_every_path_that_flowise_leaves_open_lies_in_its_plane() -> None:
    for path, plane in UNAUTHENTICATED.items():
        decision = two_planes().decide(HttpRequest(method="GET", path=f"{path.rstrip('/')}/0", address=OUTSIDER))
        assert (decision.refused_by is None) is (plane == "public"), path


def test_without_admin_networks_everybody_reaches_everything(prod: Recording) -> None:
    edge = Edge(prod)
    for path in ("/", "/canvas", "/api/v1/chatflows", "/api/v1/prediction/x"):
        assert edge.decide(HttpRequest(method="GET", path=path, address=OUTSIDER)).refused_by is None


def test_sign_in_is_counted_tighter_than_the_rest(recording: Recording) -> None:
    edge = Edge(recording)
    for path in SIGN_IN_PATHS:
        assert edge.decide(HttpRequest(method="POST", path=path, address=OUTSIDER)).rates == ("SignInRate", "Rate")
    assert edge.decide(HttpRequest(method="POST", path="/api/v1/leads", address=OUTSIDER)).rates == ("Rate",)
    limits = {r["name"]: r["statement"].get("rateBasedStatement", {}).get("limit") for r in rules(recording)}
    assert limits["SignInRate"] < limits["Rate"]


@pytest.mark.parametrize("limit_mib", [1, 7, 8, 50, 75, 300])
def test_what_a_file_of_the_limit_takes_in_base64_passes_and_no_byte_more(limit_mib: int) -> None:
    pods = {"app.server.memory_mib": 4500, "app.server.heap_mib": 1900}
    edge = Edge(recorded_with("dev", {"app.file_size_limit_mib": limit_mib, **pods}))
    file = limit_mib * 1024 * 1024

    def status(length: int) -> int | None:
        path = "/api/v1/prediction/f00d"
        return edge.decide(HttpRequest(method="POST", path=path, address=OFFICE, content_length=length)).status

    escaped = math.ceil(file * 4 / 3 * 65 / 64)  # each / as \\/, which is one character in 64
    assert [status(file), status(escaped)] == [None, None]
    largest = escaped + 1024 * 1024
    assert [status(largest - 1), status(largest + 1), status(10 * largest), status(1000 * largest)] == [None] + 3 * [
        413
    ]


def rules(recording: Recording) -> list[dict[str, Any]]:
    """Rules of the web ACL."""
    return recording.only("aws:wafv2/webAcl:WebAcl").inputs["rules"]


@pytest.mark.parametrize(
    "make", [partial(recorded, "dev"), partial(recorded, "prod"), guarded], ids=["dev", "prod", "guarded"]
)
def test_whatever_the_edge_refers_to_is_made(make: Callable[[], Recording]) -> None:
    found = make()
    distribution = found.only("aws:cloudfront/distribution:Distribution").inputs
    (origin,) = distribution["origins"]
    vpc_origin = found.only("aws:cloudfront/vpcOrigin:VpcOrigin")
    assert origin["vpcOriginConfig"]["vpcOriginId"] == vpc_origin.id
    assert vpc_origin.inputs["vpcOriginEndpointConfig"]["arn"] == found.only(BALANCER).outputs["arn"]
    policies = {found.only("aws:cloudfront/cachePolicy:CachePolicy").id, CACHING_DISABLED}
    headers = found.only("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").id
    for behavior in (distribution["defaultCacheBehavior"], *distribution["orderedCacheBehaviors"]):
        assert behavior["targetOriginId"] == origin["originId"]
        assert behavior["cachePolicyId"] in policies
        assert behavior["responseHeadersPolicyId"] == headers
    assert distribution["webAclId"] == found.only("aws:wafv2/webAcl:WebAcl").outputs["arn"]
    named = set(re.findall(r"arn:aws:wafv2:[^\"]+", json.dumps(rules(found))))
    sets = ("aws:wafv2/regexPatternSet:RegexPatternSet", "aws:wafv2/ipSet:IpSet")
    assert named == {r.outputs["arn"] for type_ in sets for r in found.of_type(type_)}
    binding = found.only("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding").inputs["spec"]
    assert binding["targetGroupARN"] == found.only("aws:lb/targetGroup:TargetGroup").outputs["arn"]


def test_priorities_are_different_and_every_rule_is_measured(recording: Recording) -> None:
    assert len({rule["priority"] for rule in rules(recording)}) == len(rules(recording))
    for rule in rules(recording):
        assert rule["visibilityConfig"]["cloudwatchMetricsEnabled"]
        assert rule["visibilityConfig"]["sampledRequestsEnabled"]
        assert rule["visibilityConfig"]["metricName"] == rule["name"]


def test_flowises_own_bodies_are_counted_not_blocked(recording: Recording) -> None:
    counted = {
        override["name"]
        for rule in rules(recording)
        for override in rule["statement"].get("managedRuleGroupStatement", {}).get("ruleActionOverrides", [])
        if override["actionToUse"] == {"count": {}}
    }
    assert counted >= {"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "SQLi_BODY"}


def test_managed_groups_follow_the_settings(prod: Recording) -> None:
    names = {rule["name"] for rule in rules(prod)}
    assert set(MANAGED_GROUPS) <= names
    assert ANONYMOUS_GROUP not in names
    assert ANONYMOUS_GROUP in {rule["name"] for rule in rules(guarded())}


def test_patterns_are_within_the_limits_of_a_set(recording: Recording) -> None:
    for pattern_set in recording.of_type("aws:wafv2/regexPatternSet:RegexPatternSet"):
        patterns = [p["regexString"] for p in pattern_set.inputs["regularExpressions"]]
        assert 1 <= len(patterns) <= 10
        assert all(len(pattern) <= 200 for pattern in patterns)
    assert len(public_patterns(FLOWISE_PLANES)) <= 10


def test_ten_stacks_have_room_in_one_account(recording: Recording) -> None:
    """AWS allows ten sets for the CloudFront of an account (AWS WAF quotas), and the edge is what is made last."""
    assert len(recording.of_type("aws:wafv2/regexPatternSet:RegexPatternSet")) <= 1


@pytest.mark.parametrize("blocked", [0, 1, 11])
def test_as_many_sets_are_made_as_are_counted(blocked: int) -> None:
    networks, paths = ["198.51.100.0/24"], [f"^/cve/{n}/" for n in range(blocked)]
    settings = EdgeSettings(admin_cidrs=networks, blocked_paths=paths, capacity_limit_wcu=2000)
    edits = {"edge.admin_cidrs": networks, "edge.blocked_paths": paths, "edge.capacity_limit_wcu": 2000}
    made = recorded_with("prod", edits).of_type("aws:wafv2/regexPatternSet:RegexPatternSet")
    assert len(made) == settings.pattern_sets


def test_every_sign_in_of_a_fork_is_counted() -> None:
    """More paths than one regular expression of AWS WAF holds."""
    paths = [f"/api/v1/{'sign-in-' * 13}{number}" for number in range(5)]
    fork = {"package": "@acme/flowise", "added_paths": paths, "sign_in_paths": paths}
    found = recorded_with("prod", {"app.distribution": fork, "edge.admin_cidrs": []})
    edge = Edge(found)
    for path in (*paths, "/api/v1/auth/login"):
        assert "SignInRate" in edge.decide(HttpRequest(method="POST", path=path, address=OUTSIDER)).rates
    (rate,) = [rule for rule in rules(found) if rule["name"] == "SignInRate"]
    inner = rate["statement"]["rateBasedStatement"]["scopeDownStatement"]["orStatement"]["statements"]
    patterns = [each["regexMatchStatement"]["regexString"] for each in inner]
    assert len(patterns) == 6, "as many as capacity_wcu counts"
    assert all(len(pattern) <= 200 for pattern in patterns)


def test_the_log_keeps_no_proof_of_identity(recording: Recording) -> None:
    log = recording.only("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration").inputs
    assert log["redactedFields"] == [
        {"singleHeader": {"name": "authorization"}},
        {"singleHeader": {"name": "cookie"}},
    ]


def test_streams_are_neither_compressed_nor_cached(recording: Recording) -> None:
    default = recording.only("aws:cloudfront/distribution:Distribution").inputs["defaultCacheBehavior"]
    assert default["compress"] is False
    decision: Decision = Edge(recording).decide(
        HttpRequest(method="POST", path="/api/v1/prediction/x", address=OUTSIDER)
    )
    assert not decision.cached


def test_no_error_page_turns_an_api_error_into_html(recording: Recording) -> None:
    assert "customErrorResponses" not in recording.only("aws:cloudfront/distribution:Distribution").inputs


def test_static_files_are_kept_no_longer_than_the_pod_says(recording: Recording) -> None:
    policy = recording.only("aws:cloudfront/cachePolicy:CachePolicy").inputs
    assert (policy["minTtl"], policy["defaultTtl"]) == (0, 0)
    key = policy["parametersInCacheKeyAndForwardedToOrigin"]
    assert key["enableAcceptEncodingBrotli"]
    assert key["enableAcceptEncodingGzip"]


def test_security_headers_leave_frames_to_flowise(recording: Recording) -> None:
    headers = recording.only("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").inputs
    security = headers["securityHeadersConfig"]
    assert security["strictTransportSecurity"]["accessControlMaxAgeSec"] >= 31_536_000
    assert security["contentTypeOptions"] == {"override": True}
    assert "frameOptions" not in security


def test_timeouts_are_in_order(recording: Recording) -> None:
    """Heartbeat 30 s < CloudFront <= load balancer < pods."""
    origin = recording.only("aws:cloudfront/distribution:Distribution").inputs["origins"][0]
    reads = origin["vpcOriginConfig"]["originReadTimeout"]
    idle = recording.only("aws:lb/loadBalancer:LoadBalancer").inputs["idleTimeout"]
    config = recording.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    assert 30 < reads <= idle < int(config["FLOWISE_KEEP_ALIVE_SECONDS"])


def test_the_capacity_is_what_the_rules_say() -> None:
    plain = EdgeSettings()
    full = EdgeSettings(
        admin_cidrs=["198.51.100.0/24"],
        block_anonymous_addresses=True,
        blocked_paths=[f"^/cve/{n}/" for n in range(11)],
        capacity_limit_wcu=5000,
    )
    assert plain.capacity_wcu < 1500, "above 1,500 WCU every request costs more"
    assert full.capacity_wcu - plain.capacity_wcu == 26 + 50 + math.ceil(11 / 10) * 45


def test_where_admin_networks_are_listed_nobody_arrives_over_ipv6() -> None:
    """The list holds IPv4 networks: over IPv6 the office would not be on it."""
    kind = "aws:cloudfront/distribution:Distribution"
    everybody = recorded_with("prod", {"edge.admin_cidrs": []})
    assert (everybody.only(kind).inputs["isIpv6Enabled"], guarded().only(kind).inputs["isIpv6Enabled"]) == (True, False)
