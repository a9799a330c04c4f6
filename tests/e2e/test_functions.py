"""The modules that functions of flows may load, as docs/functions.md says, in the sandbox of the installed Flowise."""

import json
import re
import subprocess

import pytest

from analysis.stackfiles import ROOT
from tests.e2e.conftest import LocalEnvironment
from tests.local.rig import NODE_BIN

STACKS = {"dev"}
SCRIPT = """
const { executeJavaScriptCode } = require('./node_modules/flowise-components/dist/src/utils.js');
const run = (code) => executeJavaScriptCode(code, {}).then((result) => result, (error) => error.message);
(async () => {
  const answers = {};
  for (const code of JSON.parse(process.argv[1])) answers[code] = await run(code);
  console.log(JSON.stringify(answers));
  process.exit();
})();
"""


def rows() -> dict[str, tuple[str, str]]:
    """Each module of the table, with what the page says of it without and with the variable."""
    page = (ROOT / "docs" / "functions.md").read_text()
    found: dict[str, tuple[str, str]] = {}
    for modules, plain, named in re.findall(r"^\| (`.+?`) \| (yes|no) \| (yes|no) \|", page, re.MULTILINE):
        found |= dict.fromkeys(re.findall(r"`([^`]+)`", modules), (plain, named))
    return found


def run(local_env: LocalEnvironment, codes: list[str], **variables: str) -> dict[str, str]:
    """What each piece of code returns, or the error it ends with."""
    done = subprocess.run(
        [NODE_BIN / "node", "-e", SCRIPT, json.dumps(codes)],
        cwd=local_env.image,
        env={"PATH": "/usr/bin:/bin", "NODE_ENV": "production", **variables},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("named", [False, True], ids=["plain", "named"])
def test_the_table_is_what_the_sandbox_does(local_env: LocalEnvironment, *, named: bool) -> None:
    table = rows()
    assert {"axios", "moment", "lodash", "child_process"} <= set(table)
    codes = {name: f"return typeof require('{name}')" for name in table}
    variables = {"TOOL_FUNCTION_EXTERNAL_DEP": ",".join(table)} if named else {}
    said = run(local_env, list(codes.values()), **variables)
    works = {name: "yes" if said[code] in {"function", "object"} else "no" for name, code in codes.items()}
    assert works == {name: answer[named] for name, answer in table.items()}
    refused = {said[code] for name, code in codes.items() if works[name] == "no"}
    assert all("Cannot find module" in message for message in refused), refused


def test_what_the_page_says_beside_the_table(local_env: LocalEnvironment) -> None:
    codes = {
        "return Object.keys(require('axios')).sort().join()": "delete,get,patch,post,put",
        "return typeof fetch": "undefined",
        "return typeof URL": "undefined",
        "return typeof require('url').URL": "function",
        "return typeof TextEncoder": "undefined",
        "return typeof structuredClone": "undefined",
        "return typeof Intl": "object",
        "return typeof require('crypto').randomUUID": "function",
    }
    assert run(local_env, list(codes)) == codes


def test_axios_refuses_a_private_address(local_env: LocalEnvironment) -> None:
    code = "return (await require('axios').get('http://127.0.0.1:9/')).status"
    assert "denied by policy" in run(local_env, [code])[code]
