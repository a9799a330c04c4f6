#!/usr/bin/env bash
# In moto an alarm that has just been made is OK; in CloudWatch it is INSUFFICIENT_DATA.
#
# What: PutMetricAlarm on a metric that nobody has sent makes an alarm in the state OK in moto. AWS's API model says
#   of the same call that the state of a new alarm is INSUFFICIENT_DATA at once, and that only alarms on PromQL
#   queries begin with OK. The first change of state, from INSUFFICIENT_DATA, also starts the alarm's actions.
# Versions: moto 5.2.5 with boto3 1.43.106.
# Why it matters: a check after a deployment that asks whether all alarms are OK passes against moto and fails on AWS
#   for the first minutes; one that waits for INSUFFICIENT_DATA to end is never exercised; and the message that every
#   new alarm sends when it first becomes OK comes as a surprise.
# Here: the alarms of this project say what they do without data (`treat_missing_data`, docs/alarms.md), and what the
#   tests evaluate is the definition of an alarm, by pages/alarms.py, and not moto's state of it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check 'moto[cloudwatch]==5.2.5' boto3==1.43.106

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import boto3
from moto import mock_aws

with mock_aws():
    cloudwatch = boto3.client("cloudwatch", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    cloudwatch.put_metric_alarm(
        AlarmName="example",
        Namespace="Example",
        MetricName="NobodySendsThis",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=1,
    )
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["example"])["MetricAlarms"]
    model = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").documentation
    print(f"state: {alarm['StateValue']}; INSUFFICIENT_DATA is in AWS's model of the call: {'INSUFFICIENT_DATA' in model}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(moto|boto3)==' | tr '\n' ' ')"
echo "behaviour: a new alarm without any data is OK"
echo "seen: $seen"
expected="state: OK; INSUFFICIENT_DATA is in AWS's model of the call: True"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
