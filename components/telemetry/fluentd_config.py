"""Fluentd's configuration: from the files of the container runtime to CloudWatch Logs and, if wanted, Datadog."""

from typing import Final

from components.common.redaction import MASK, SECRETS
from components.telemetry.settings import LogsSettings

STATE_DIRECTORY: Final = "/var/log/fluentd"
"""On the node: where it read to, and what is not sent yet. Both outlive the pod."""
HEALTH_PORT: Final = 9880
CRI_LINE: Final = r"^(?<time>[^ ]+) (?<stream>stdout|stderr) (?<logtag>[FP]) (?<log>.*)$"
"""A line of containerd; `P` is a part of a longer one."""
FIRST_LINE: Final = r"^(?![\s})\]]|Caused by:|During handling of|The above exception)"
"""Begins a message. What follows indented, or closes a bracket, belongs to it: stack traces, printed objects."""
KEY_BEGINS: Final = r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*$"
KEY_ENDS: Final = r"-----END [A-Z ]*PRIVATE KEY-----"
_LONGEST_BYTES: Final = 240_000
"""CloudWatch Logs takes events of 256 KiB (quotas), with what is added to the message."""


def fluentd_config(settings: LogsSettings, *, stack: str, region: str, log_group: str, datadog_site: str | None) -> str:
    """Render the whole configuration.

    Variables that the pod must have: `K8S_NODE_NAME`, and `DATADOG_API_KEY` where Datadog gets the logs.
    """
    stores = [_cloudwatch(settings, region, log_group)]
    if datadog_site:
        stores.append(_datadog(settings, datadog_site, stack))
    return "\n".join([_SYSTEM, _SOURCE, _ASSEMBLY, _redaction(), _metadata(stack), _output(stores)])


_SYSTEM: Final = f"""\
<system>
  log_level info
  suppress_config_dump true # it would print the key for Datadog
  root_dir {STATE_DIRECTORY}
</system>

<source>
  @type monitor_agent
  bind "#{{ENV['POD_IP']}}"
  port {HEALTH_PORT}
</source>
"""

_SOURCE: Final = f"""\
<source>
  @type tail
  @id containers
  @label @PARTS
  path /var/log/containers/*.log
  exclude_path ["/var/log/containers/fluentd-*_logging_*.log"]
  pos_file {STATE_DIRECTORY}/containers.pos
  tag kubernetes.*
  read_from_head true
  follow_inodes true
  refresh_interval 10
  max_line_size 1m
  <parse>
    @type regexp
    expression /{CRI_LINE}/
    time_key time
    time_format %Y-%m-%dT%H:%M:%S.%N%z
  </parse>
</source>
"""

_ASSEMBLY: Final = f"""\
# Long lines, which the runtime cuts into parts of 16 KiB. Each stream by itself, here and below: a line of the other
# one would otherwise end up within a message, and what follows it in a private key would be sent.
<label @PARTS>
  <filter kubernetes.**>
    @type concat
    key log
    stream_identity_key stream
    use_partial_cri_logtag true
    partial_cri_logtag_key logtag
    partial_cri_stream_key none # the plugin deletes this field, and the next filters need `stream`
    separator ""
    flush_interval 5
    timeout_label @KEYS
  </filter>
  <match kubernetes.**>
    @type relabel
    @label @KEYS
  </match>
</label>

# Private keys, so that all lines of one are taken out and not only the first.
<label @KEYS>
  <filter kubernetes.**>
    @type concat
    key log
    stream_identity_key stream
    multiline_start_regexp /{KEY_BEGINS}/
    multiline_end_regexp /{KEY_ENDS}/
    flush_interval 5
    timeout_label @STACKS
  </filter>
  <match kubernetes.**>
    @type relabel
    @label @STACKS
  </match>
</label>

<label @STACKS>
  <filter kubernetes.**>
    @type concat
    key log
    stream_identity_key stream
    multiline_start_regexp /{FIRST_LINE}/
    flush_interval 2
    timeout_label @REDACTION
  </filter>
  <match kubernetes.**>
    @type relabel
    @label @REDACTION
  </match>
</label>
"""


def _redaction() -> str:
    replacements = "\n".join(
        f"""\
    <replace>
      key log
      expression /{_slashes(secret)}/
      replace {MASK}
    </replace>"""
        for secret in SECRETS
    )
    return f"""\
<label @REDACTION>
  <filter kubernetes.**>
    @type record_modifier
    remove_keys logtag
{replacements}
  </filter>
  <match kubernetes.**>
    @type relabel
    @label @METADATA
  </match>
</label>
"""


def _slashes(expression: str) -> str:
    """An expression between Fluentd's slashes."""
    return expression.replace("/", r"\/")


def _metadata(stack: str) -> str:
    return f"""\
<label @METADATA>
  <filter kubernetes.**>
    @type kubernetes_metadata
    skip_container_metadata true
    skip_namespace_metadata true
    skip_master_url true
  </filter>
  <filter kubernetes.**>
    @type record_transformer
    enable_ruby true
    auto_typecast true
    remove_keys docker,kubernetes
    <record>
      stack {stack}
      namespace ${{record.dig("kubernetes", "namespace_name")}}
      pod ${{record.dig("kubernetes", "pod_name")}}
      container ${{record.dig("kubernetes", "container_name")}}
      component ${{record.dig("kubernetes", "labels", "app.kubernetes.io/component")}}
      node "#{{ENV['K8S_NODE_NAME']}}"
      log_stream ${{record["kubernetes"].values_at("namespace_name", "pod_name", "container_name").join("/")}}
    </record>
  </filter>
  <match kubernetes.**>
    @type relabel
    @label @OUTPUT
  </match>
</label>
"""


def _output(stores: list[str]) -> str:
    joined = "\n".join(stores)
    return f"""\
<label @OUTPUT>
  <match kubernetes.**>
    @type copy
{joined}
  </match>
</label>
"""


def _buffer(settings: LogsSettings, name: str) -> str:
    """On the node's disk, bounded. When it is full, reading waits.

    The runtime's files are then the next buffer, for one rotation (10 MiB a container, the kubelet's default): Fluentd
    never opens a file that was rotated away meanwhile.
    """
    return f"""\
      <buffer>
        @type file
        path {STATE_DIRECTORY}/{name}
        flush_mode interval
        flush_interval 5s
        flush_thread_count 2
        chunk_limit_size 1m
        total_limit_size {settings.buffer_mib}m
        overflow_action block
        retry_type exponential_backoff
        retry_max_interval 60s
        retry_forever true
      </buffer>"""


def _cloudwatch(settings: LogsSettings, region: str, log_group: str) -> str:
    return f"""\
    <store>
      @type cloudwatch_logs
      @id cloudwatch
      region {region}
      log_group_name {log_group}
      log_stream_name_key log_stream
      remove_log_stream_name_key true
      auto_create_stream true
      max_message_length {_LONGEST_BYTES}
{_buffer(settings, "cloudwatch")}
    </store>"""


def _datadog(settings: LogsSettings, site: str, stack: str) -> str:
    tags = f"env:{stack}"
    return f"""\
    <store>
      @type http
      @id datadog
      endpoint https://http-intake.logs.{site}/api/v2/logs?ddsource=kubernetes&service=flowise&ddtags={tags}
      headers "{{\\"DD-API-KEY\\":\\"#{{ENV['DATADOG_API_KEY']}}\\"}}"
      json_array true
      open_timeout 10
      retryable_response_codes 408, 429, 500, 502, 503, 504
      <format>
        @type json
      </format>
{_buffer(settings, "datadog")}
    </store>"""
