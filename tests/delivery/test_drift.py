"""What the nightly drift detection leaves out, and why."""

import re

from analysis.rights.evaluator import may
from analysis.stackfiles import ROOT
from tests.bootstrap.account import rights, with_actions
from tests.conftest import recorded

CONTENTS = {
    "aws:secretsmanager/secretVersion:SecretVersion",
    "kubernetes:core/v1:Secret",
    "kubernetes:helm.sh/v3:Release",  # Helm keeps a release in a Secret (helm.sh/docs/topics/advanced)
}
"""Resources that cannot be read without reading a secret."""


def excluded() -> set[str]:
    """Types that `make drift` excludes; the Makefile writes each as the middle of a URN."""
    return set(re.findall(r"--exclude 'urn:pulumi:\*::\*::\*\*(.+?)::\*\*'", (ROOT / "Makefile").read_text()))


def test_what_cannot_be_read_is_left_out_and_nothing_else() -> None:
    assert excluded() == CONTENTS
    assert excluded() <= {record.type for record in recorded("prod").records}


def test_the_page_says_what_is_left_out() -> None:
    page = (ROOT / "docs" / "day-two.md").read_text()
    for words in ("Secrets of the cluster", "Helm releases", "versions of secrets in Secrets Manager"):
        assert words in page


def test_drift_reads_the_sets_of_the_firewall() -> None:
    for action in ("wafv2:GetIPSet", "wafv2:GetRegexPatternSet", "wafv2:GetWebACL"):
        assert may(rights(with_actions())["drift"], action, "*")
