"""What people do with a stack in a month: the part of the bill that no resource tells."""

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import ConfigDict, Field, ValidationError

from components.common.documented import Documented

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class UsageError(Exception):
    """A file with another use cannot be read; the message says what is allowed."""


class Usage(Documented):
    """One team: some 100,000 predictions a month. Every figure is an assumption; write your own into a file."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    requests_millions: Amount = 1
    """HTTP requests that reach the edge, in millions."""
    edge_out_gb: Amount = 20
    """GB that CloudFront sends to people."""
    load_balancer_lcu: Amount = 0.5
    """Load balancer capacity units, on average."""
    dns_queries_millions: Amount = 10
    """DNS queries of the whole VPC, in millions: about four a second. Pods ask again and again, and for every name with
    each ending of their search list."""
    nat_gb: Amount = 50
    """GB through the NAT gateways: models, images."""
    endpoint_gb: Amount = 10
    """GB through each interface endpoint."""
    zone_crossing_gb: Amount = 50
    """GB between zones: pods, database, queue."""
    log_gb: Amount = 2
    """GB that each log group of AWS's services takes in."""
    container_log_gb: Amount = 5
    """GB of container logs that Fluentd sends to CloudWatch."""
    metric_log_gb: Amount = 1
    """GB of log events that CloudWatch makes the Collector's metrics from."""
    custom_metrics: Amount = 24
    """Metrics of the Collector: each name for each value of its dimensions (docs/observability.md)."""
    traces_millions: Amount = 0.02
    """Traces that are kept in X-Ray, in millions: a tenth of the predictions, errors and slow ones."""
    observations_millions: Amount = 100
    """Observations of Container Insights, in millions: about 2,300 a minute, for a cluster, 6 nodes and 20 pods."""
    log_kept_gb: Amount = 2
    """GB that each log group keeps, compressed."""
    files_gb: Amount = 20
    """GB of files with their old versions, in every bucket that holds files."""
    log_files_gb: Amount = 5
    """GB in every bucket that holds logs."""
    s3_writes_millions: Amount = 0.1
    """S3 writes and listings, in millions."""
    s3_reads_millions: Amount = 1
    """S3 reads, in millions."""
    kms_requests_millions: Amount = 0.1
    """Requests to KMS, in millions."""
    queue_snapshots_gb: Amount = 1
    """GB of snapshots of the queue."""
    database_backup_gb: Amount = 40
    """GB of database recovery points, in every vault."""
    files_backup_gb: Amount = 25
    """GB of file recovery points, in every vault."""
    recovery_copied_gb: Amount = 10
    """GB copied to the recovery region."""
    runner_minutes: Amount = 600
    """Minutes of the runner's machines: 20 deployments of 20 minutes, and drift detection of 7 every night."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a YAML file that sets some of the fields. Raises `UsageError`."""
        try:
            return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from error
        except yaml.YAMLError as error:
            raise UsageError(f"{path} is not valid YAML: {error}") from error
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors())
            raise UsageError(f"{path}: {wrong}. Allowed keys: {', '.join(cls.model_fields)}") from error
