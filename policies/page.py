"""docs/policies.md: every rule, from the rules themselves."""

from policies.model import Rule
from policies.rules import RULES, THEMES

_HEADER = """# Policies

What every stack must keep. This page is made from the rules (`policies/rules`) by `make docs`; a rule's id is the name of its function.

| where | how the rules are asked |
| --- | --- |
| `make policy`, `make policy STACK=prod` | offline, on the recorded stacks and on bootstrap (`STACK=account`, its exceptions under `flowise-bootstrap:policy_exceptions`); ends with 1 when a mandatory rule is broken |
| `make plan` | the same, after the plan |
| `make test` | both stacks pass; every rule has a sample that breaks it and one that passes; every security property that is turned off is caught ([policy-mutations.md](policy-mutations.md)) |
| `pulumi preview --policy-pack policies` | Pulumi's analyzer, also during `pulumi up`; a broken mandatory rule stops the update |

The offline ways see what the remote components (`awsx.ec2.Vpc`, `eks.Cluster`) make, as the analyzer does.

## What a preview cannot know

A value that is not known yet refuses nothing, for every rule alike (`policies/unknown.py`):

| unknown is | what a rule does |
| --- | --- |
| one value | a rule that has to compare it, or look into it, says nothing more about that resource; what it found in known values remains |
| a whole resource, such as every Kubernetes object while there is no cluster | no rule evaluates it |
| what a resource belongs to, when a rule looks for one (a bucket's versioning, a namespace's default deny) | it counts as the one that is looked for, unless it is known to belong to another |
| what an exception is for | the exception counts as needed |

The update evaluates all of it with the values, a rule over single resources before each is made, a rule that needs the whole stack at the end.
`tests/policies/test_unknown.py` takes the samples of every rule, hides each value in turn and all of them, and both stacks as the engine hands
them in their first preview.

## Exceptions

A stack lives with a finding for a reason and for a time. The stack file says so:

<!-- settings: {stacks: [dev], also: {cluster.public_access_cidrs: [203.0.113.0/24]}} -->
```yaml
  flowise:policy_exceptions:
    - rule: eks_endpoint_private
      resource: cluster-eksCluster # logical name as `make policy` shows it; * stands for any letters
      reason: People deploy dev from the office, whose network alone is admitted
      expires: "2027-06-30" # at most a year ahead
```

Without a reason or a date the program refuses the file. An exception past its date excepts nothing and is a finding itself
(`exception_current`); so is one for a rule that does not exist (`exception_known`), and one that excepts nothing any more
(`exception_needed`).

Rules marked *protected* apply to stacks with `flowise:protected: true`; a stack without it needs an exception from `stack_protected`.
*Advice* is shown and stops nothing.

## Controls

`AWS` is a control of AWS Security Hub (most are in Foundational Security Best Practices, FSBP), `CIS-AWS` the CIS AWS Foundations Benchmark
6.0.0, `CIS-EKS` the CIS Amazon EKS Benchmark 1.6.0, `CIS-K8S` the CIS Kubernetes Benchmark 1.8. A rule without a control is ours.
"""  # noqa: E501  # lines of a page


def page() -> str:
    """The page as Markdown."""
    lines = [_HEADER]
    for theme in THEMES:
        name = theme.__name__.rpartition(".")[2]
        lines += [f"## {' '.join((theme.__doc__ or '').split()).rstrip('.')}", "", f"`policies/rules/{name}.py`", ""]
        lines += ["| rule | why | to fix it | control |", "| --- | --- | --- | --- |"]
        lines += [_row(rule) for rule in RULES if rule.theme == name]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _row(rule: Rule) -> str:
    marks = [mark for mark, on in (("advice", rule.severity == "advisory"), ("protected", rule.protected_only)) if on]
    cells = [
        f"`{rule.id}`" + "".join(f" *{mark}*" for mark in marks),
        rule.reason,
        rule.fix,
        ", ".join(rule.controls) or "none",
    ]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
