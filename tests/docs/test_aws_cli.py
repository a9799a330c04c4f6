"""What `aws_cli` says of commands that the AWS CLI would refuse."""

import pytest

from tests.docs import aws_cli


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("s3api no-such-command", "has no command"),
        ("no-such-service describe", "there is no service"),
        ("rds describe-db-instances --no-such-option", "has no option --no-such-option"),
        ("rds describe-db-instances --query DBInstances[0].NoSuchField", "finds nothing"),
        ("rds describe-db-instances --query DBInstances[].[DBInstanceStatus,NoSuchField]", "finds nothing"),
        ("rds wait no-such-state", "there is nothing to wait for"),
        ("kms describe-key", "needs --key-id"),
    ],
)
def test_mistakes_in_commands_of_the_aws_cli_are_found(words: str, says: str) -> None:
    assert says in "".join(aws_cli.mistakes(words.split()))
