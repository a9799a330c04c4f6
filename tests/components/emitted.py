"""Metrics that AWS, its agents and Flowise's own parts really send."""

from components.common.metrics import NAMESPACE

_RDS = "RDS user guide: rds-metrics.html, dimension in dimensions.html; DBLoad: USER_PerfInsights.Cloudwatch.html"
_CACHE = "ElastiCache user guide: CacheMetrics.Redis.html, CacheMetrics.HostLevel.html, CloudWatchMetrics.html"
_ALB = "Application Load Balancers guide: load-balancer-cloudwatch-metrics.html"
_CLOUDFRONT = "CloudFront developer guide: programming-cloudwatch-metrics.html"
_WAF = "WAF developer guide: waf-metrics.html (no dimension Region for CloudFront)"
_ACM = "ACM user guide: cloudwatch-metrics.html"
_AGENT = "aws/amazon-cloudwatch-agent: translator/translate/otel/exporter/awsemf/kubernetes.go"
_OWN = "components/common/metrics.py"

_EC2 = "EC2 user guide: viewing_metrics_with_cloudwatch.html, status check metrics, dimension InstanceId"
_NAT = "VPC user guide: metrics-dimensions-nat-gateway.html"
_S3 = "S3 user guide: metrics-dimensions.html, repl-metrics.html"
_SEARCH = (
    "OpenSearch Service developer guide: managedomains-cloudwatchmetrics.html, cloudwatch-alarms.html; dimensions in "
    "the CloudWatch user guide, SupportedMetricsForResourceTagsForTelemetry.html, AWS::OpenSearchService::Domain"
)
_DNS = "Route 53 developer guide: monitoring-resolver-dns-firewall-with-cloudwatch.html"
_SCAN = "GuardDuty user guide: monitor-cloudwatch-metrics-s3-malware-protection.html"
EMITTED: dict[tuple[str, tuple[str, ...]], tuple[str, set[str]]] = {
    ("AWS/EC2", ("InstanceId",)): (_EC2, {"StatusCheckFailed"}),
    ("AWS/NATGateway", ("NatGatewayId",)): (_NAT, {"ErrorPortAllocation"}),
    ("AWS/S3", ("DestinationBucket", "RuleId", "SourceBucket")): (_S3, {"OperationsFailedReplication"}),
    ("AWS/RDS", ("DBInstanceIdentifier",)): (
        _RDS,
        {
            "CPUCreditBalance",
            "CPUUtilization",
            "DBLoad",
            "DatabaseConnections",
            "EBSByteBalance%",
            "EBSIOBalance%",
            "FreeStorageSpace",
            "FreeableMemory",
            "MaximumUsedTransactionIDs",
            "ReadLatency",
            "WriteLatency",
        },
    ),
    ("AWS/ElastiCache", ("CacheClusterId",)): (
        _CACHE,
        {
            "CPUCreditBalance",
            "CurrConnections",
            "DatabaseMemoryUsagePercentage",
            "EngineCPUUtilization",
            "Evictions",
            "IsMaster",
            "NetworkBandwidthInAllowanceExceeded",
            "NetworkBandwidthOutAllowanceExceeded",
            "ReplicationLag",
        },
    ),
    ("AWS/ApplicationELB", ("LoadBalancer", "TargetGroup")): (
        _ALB,
        {"HTTPCode_Target_5XX_Count", "HealthyHostCount", "RequestCount", "TargetResponseTime", "UnHealthyHostCount"},
    ),
    ("AWS/ApplicationELB", ("LoadBalancer",)): (_ALB, {"HTTPCode_ELB_5XX_Count"}),
    ("AWS/CloudFront", ("DistributionId", "Region")): (_CLOUDFRONT, {"5xxErrorRate", "OriginLatency"}),
    ("AWS/WAFV2", ("Rule", "WebACL")): (_WAF, {"BlockedRequests"}),
    ("AWS/ES", ("ClientId", "DomainName")): (
        _SEARCH,
        {
            "AutomatedSnapshotFailure",
            "CPUUtilization",
            "ClusterIndexWritesBlocked",
            "ClusterStatus.red",
            "ClusterStatus.yellow",
            "FreeStorageSpace",
            "JVMMemoryPressure",
            "KMSKeyError",
            "KMSKeyInaccessible",
            "KNNCircuitBreakerTriggered",
        },
    ),
    ("AWS/Route53Resolver", ("FirewallDomainListId", "FirewallRuleGroupId")): (_DNS, {"FirewallRuleQueryVolume"}),
    ("AWS/GuardDuty/MalwareProtection", ("Malware Protection Plan Id", "Resource Name")): (
        _SCAN,
        {"FailedScanCount", "InfectedScanCount"},
    ),
    ("AWS/GuardDuty/MalwareProtection", ("Malware Protection Plan Id", "Resource Name", "Skipped Reason")): (
        _SCAN,
        {"SkippedScanCount"},
    ),
    ("AWS/CertificateManager", ("CertificateArn",)): (_ACM, {"DaysToExpiry"}),
    ("ContainerInsights", ("ClusterName", "Namespace", "PodName")): (
        _AGENT,
        {
            "pod_container_status_terminated_reason_oom_killed",
            "pod_container_status_waiting_reason_crash_loop_back_off",
            "pod_number_of_container_restarts",
            "pod_status_pending",
        },
    ),
    ("ContainerInsights", ("ClusterName",)): (_AGENT, {"cluster_failed_node_count"}),
    (NAMESPACE, ("queue", "stack")): (_OWN, {"queue_backlog"}),
    (NAMESPACE, ("stack",)): (_OWN, {"canary_failed"}),
}
"""What is really sent, by namespace and names of the dimensions: where that is said, and the metrics."""
