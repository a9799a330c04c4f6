#!/usr/bin/env bash
# A pydantic model with a field of the type pulumi.Input cannot be used; one with pulumi.Output can.
#
# What: `pulumi.Input[str]` is the type that Pulumi documents for an argument which is a value or an Output. In a
#   pydantic model, with arbitrary types allowed, it makes a model that is "not fully defined", and every use raises
#   PydanticUserError: the alias holds `Output[T]` as text, which pydantic looks up in the module of the model. There
#   `import pulumi` has put neither of the two names. With both imported from pulumi.output, though nothing else in
#   the module uses them, the same model works.
# Versions: pulumi 3.272.0 with pydantic 2.14.3.
# Why it matters: typed settings by pydantic and typed arguments by Pulumi meet in every program that has both, and
#   the error names a type that stands nowhere in the model.
# Here: settings are pydantic models of plain values alone and arguments are dataclasses (docs/architecture.md,
#   CONTRIBUTING.md), so no model has an Input.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pulumi==3.272.0 pydantic==2.14.3

cat > "$work/model.py" <<'PYTHON'
import pulumi
from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    name: pulumi.Input[str]
PYTHON
sed 's/^import pulumi$/import pulumi\nfrom pulumi.output import Output, T/' "$work/model.py" > "$work/with_names.py"

seen=$(cd "$work" && venv/bin/python -W ignore - <<'PYTHON'
import importlib


def outcome(module: str) -> str:
    try:
        importlib.import_module(module).Settings(name="example")
    except Exception as error:
        return type(error).__name__
    return "works"


print(f"import pulumi: {outcome('model')}; Output and T imported besides: {outcome('with_names')}")
PYTHON
)
echo "version: $("$work/venv/bin/pip" freeze --disable-pip-version-check | grep -E '^(pulumi|pydantic)==' | tr '\n' ' ')"
echo "behaviour: pulumi.Input in a model needs imports that the module does not use"
echo "seen: $seen"
expected="import pulumi: PydanticUserError; Output and T imported besides: works"
[ "$seen" = "$expected" ] || { echo "the behaviour has changed; it was: $expected" >&2; exit 1; }
