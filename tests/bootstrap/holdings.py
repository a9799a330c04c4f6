"""What a stack holds, as IAM sees it."""

from dataclasses import dataclass, field

from analysis.synthetic import ACCOUNT_ID

REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Held:
    """A resource of a stack, as IAM sees it."""

    service: str
    type: str
    """Resource type in the service authorization reference."""
    arn: str
    context: dict[str, str] = field(default_factory=dict[str, str])
    """Condition keys besides the tags of the stack, which are there where the type has them."""
    tagged: bool = True
    """Whether the resource carries the stack's tags at all."""


def connection_arn(stack: str) -> str:
    """Connection to GitHub of a stack's runner; a person made it, so it has no tags."""
    number = sum(stack.encode())
    return f"arn:aws:codeconnections:{REGION}:{ACCOUNT_ID}:connection/01234567-89ab-cdef-0123-{number:012x}"


def of_stack(stack: str) -> dict[str, Held]:
    """Everything that holds data or stands for it, by what it is. Names are those that the program gives."""

    def here(service: str, name: str) -> str:
        return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{name}"

    own, bucket = f"flowise-{stack}", f"arn:aws:s3:::flowise-{stack}--files-1a2b3c4"
    database = here("rds", f"db:{own}-database")
    return {
        "files": Held(service="s3", type="object", arn=f"{bucket}/chats/1.pdf"),
        "bucket": Held(service="s3", type="bucket", arn=bucket),
        "database": Held(service="rds", type="db", arn=database),
        "snapshot": Held(service="rds", type="snapshot", arn=here("rds", f"snapshot:{own}-database-final-1")),
        "automated backup": Held(service="rds", type="auto-backup", arn=here("rds", "auto-backup:ab-1"), tagged=False),
        "queue": Held(service="elasticache", type="replicationgroup", arn=here("elasticache", "replicationgroup:q-1")),
        "queue's snapshot": Held(service="elasticache", type="snapshot", arn=here("elasticache", "snapshot:q-1")),
        "key": Held(service="kms", type="key", arn=here("kms", "key/1234")),
        "keys of Flowise": Held(
            service="secretsmanager", type="Secret", arn=here("secretsmanager", f"secret:flowise/{stack}/keys-AbCdEf")
        ),
        "database's password": Held(
            service="secretsmanager",
            type="Secret",
            arn=here("secretsmanager", "secret:rds!db-1234-AbCdEf"),
            context={"aws:ResourceTag/aws:rds:primaryDBInstanceArn": database},
            tagged=False,
        ),
        "vault": Held(service="backup", type="backupVault", arn=here("backup", f"backup-vault:{own}-backup")),
        "recovery point": Held(service="backup", type="recoveryPoint", arn=here("backup", "recovery-point:1234")),
        "logs": Held(
            service="logs", type="log-group", arn=here("logs", f"log-group:flowise/{stack}/containers:*"), tagged=False
        ),
        "log stream": Held(
            service="logs",
            type="log-stream",
            arn=here("logs", f"log-group:/aws/rds/instance/{own}-database/postgresql:log-stream:1"),
            tagged=False,
        ),
        "firewall's logs": Held(
            service="logs", type="log-group", arn=here("logs", f"log-group:aws-waf-logs-{own}"), tagged=False
        ),
        "log archive": Held(
            service="firehose", type="deliverystream", arn=here("firehose", f"deliverystream/{own}-logs")
        ),
        "cluster": Held(service="eks", type="cluster", arn=here("eks", f"cluster/{own}")),
        "node": Held(
            service="ec2",
            type="instance",
            arn=here("ec2", "instance/i-1"),
            context={"aws:ResourceTag/eks:eks-cluster-name": own},
            tagged=False,
        ),
        "topic": Held(service="sns", type="topic", arn=here("sns", "observability-1a2b3c4")),
        "alarm": Held(service="cloudwatch", type="alarm", arn=here("cloudwatch", f"alarm:{own}-down")),
        "dashboard": Held(
            service="cloudwatch", type="dashboard", arn=f"arn:aws:cloudwatch::{ACCOUNT_ID}:dashboard/{own}"
        ),
        "distribution": Held(
            service="cloudfront", type="distribution", arn=f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/E1"
        ),
        "runner": Held(service="codebuild", type="project", arn=here("codebuild", f"project/{own}-runner")),
        "connection": Held(service="codeconnections", type="Connection", arn=connection_arn(stack), tagged=False),
        "role": Held(service="iam", type="role", arn=f"arn:aws:iam::{ACCOUNT_ID}:role/{own}-flowise-1a2b3c4"),
    }
