"""Ends of standard support, from AWS's release calendars; after them AWS charges more, or stops fixing."""

from datetime import date

KUBERNETES = {
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}
"""EKS: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html."""

POSTGRESQL = {
    "14": date(2027, 2, 28),
    "15": date(2028, 2, 29),
    "16": date(2029, 2, 28),
    "17": date(2030, 2, 28),
    "18": date(2031, 2, 28),
}
"""RDS: https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html."""

VALKEY = {
    "7.2": date(2029, 4, 16),
    "8.0": date(2027, 9, 15),
    "8.1": date(2030, 3, 31),
    "8.2": date(2030, 3, 31),
    "9.0": date(2028, 10, 21),
}
"""End of security fixes by the project: https://valkey.io/topics/releases/. ElastiCache publishes no calendar of its
own; its 8.2 is 8.1 with vector search."""
