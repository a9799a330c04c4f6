#!/usr/bin/env bash
# A dataclass that holds a Pulumi Output cannot be copied: asdict and deepcopy fail, with a message about serialization.
#
# What: the arguments of a component are often a dataclass. With an Output in a field, `dataclasses.asdict`,
#   `copy.copy`, `copy.deepcopy` and pydantic's `model_copy(deep=True)` raise a plain Exception from
#   `Output.__getstate__`, as if the program were being serialized for somebody; `dataclasses.replace`, which takes
#   the field as it is, works.
# Versions: pulumi 3.272.0 (Python 3.11). A search of its documentation and issues found nothing about copies.
# Why it matters: asdict is the usual way to make a resource's arguments out of one's own typed ones, and deepcopy
#   that of a default. Tests with plain strings pass; the first run with a real Output ends with a message that names
#   neither the field nor the copy.
# Here: the arguments of components are frozen dataclasses which nobody copies (CONTRIBUTING.md, "a component");
#   tests/test_contract.py holds their form, and a variant is made with `dataclasses.replace`.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pulumi==3.272.0

seen=$("$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import copy
import dataclasses

import pulumi


@dataclasses.dataclass(frozen=True)
class Args:
    name: str
    vpc_id: pulumi.Output[str]


def outcome(call) -> str:
    try:
        call()
    except Exception as error:
        return f"{type(error).__name__} from {error.args[0].split()[0]}"
    return "works"


async def main() -> None:
    args = Args(name="example", vpc_id=pulumi.Output.from_input("vpc-example"))
    print(
        f"asdict: {outcome(lambda: dataclasses.asdict(args))}; deepcopy: {outcome(lambda: copy.deepcopy(args))}; "
        f"replace: {outcome(lambda: dataclasses.replace(args, name='other'))}"
    )


asyncio.run(main())
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep '^pulumi=='), $(python3 --version)"
echo "behaviour: a dataclass with an Output can be replaced, but not copied"
echo "seen: $seen"
expected="asdict: Exception from __getstate__; deepcopy: Exception from __getstate__; replace: works"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
