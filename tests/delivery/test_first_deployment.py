"""docs/first-deployment.md in its order, against the workflows: nothing deploys before a stack is there."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import pytest
import yaml

from analysis.stackfiles import ROOT
from delivery.variables import commands
from pages.site import markdown_pages as pages
from tests.bootstrap.account import with_actions
from tests.docs.shell import commands as shown

PAGE: Final = "docs/first-deployment.md"
STACKS: Final = ("dev", "prod")
_TERM: Final = re.compile(r"vars\.(\w+) (==|!=) '([^']*)'")


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the page: what it makes, tells and merges."""

    title: str
    creates: frozenset[str]
    """Stacks that exist from here on."""
    deploys: tuple[str, ...] | None
    """`make github-variables DEPLOYS=...`; None where the step does not run it."""
    merges: bool


def steps() -> list[Step]:
    """The numbered sections. A stack exists when its section is over: it is the one that runs `pulumi up -s`."""
    found: list[Step] = []
    for section in re.split(r"^## (?=\d+\. )", pages.read(PAGE), flags=re.MULTILINE)[1:]:
        every = [command.words for command in shown(PAGE, section)]
        title = section.splitlines()[0]
        told = [words for words in every if words[:2] == ("make", "github-variables")]
        deploys = [name for words in told for w in words for name in w.partition("DEPLOYS=")[2].split()]
        found.append(
            Step(
                title=title,
                creates=frozenset({words[3] for words in every if words[:3] == ("pulumi", "up", "-s")})
                | frozenset({"prod"} if "The first time as in step 5" in section else ()),
                deploys=tuple(deploys) if told else None,
                merges=any(words[:3] == ("gh", "pr", "merge") for words in every),
            )
        )
    return found


def holds(condition: str, variables: dict[str, str]) -> bool:
    """What a job's `if` of comparisons with variables, joined by &&, says; anything else is an error here."""
    terms = condition.split(" && ")
    matches = [_TERM.fullmatch(term.strip()) for term in terms]
    assert all(matches), condition
    return all(
        (variables.get(match[1], "") == match[3]) is (match[2] == "==") for match in matches if match is not None
    )


@cache
def jobs(workflow: str) -> dict[str, Any]:
    path = ROOT / ".github" / "workflows" / f"{workflow}.yml"
    return cast("dict[str, Any]", yaml.safe_load(Path(path).read_text(encoding="utf-8")))["jobs"]


def told(deploys: tuple[str, ...]) -> dict[str, str]:
    """Variables after the printed commands were run."""
    lines = [line.split() for line in commands(with_actions().exports, deploys)]
    return {line[3]: line[5].strip("'") for line in lines}


@pytest.mark.parametrize("stack", STACKS)
def test_no_merge_deploys_a_stack_before_it_is_there(stack: str) -> None:
    variables: dict[str, str] = {}
    exists: set[str] = set()
    merged_before, runs = 0, False
    for step in steps():
        exists |= step.creates
        if step.deploys is not None:
            variables |= told(step.deploys)
        runs = holds(jobs("deploy")[stack]["if"], variables)
        assert not runs or stack in exists, f"step {step.title}: a merge would deploy {stack}, which is not there"
        merged_before += step.merges and stack not in exists
    assert runs, "after the last step a merge deploys it"
    assert merged_before, "the page merges the image's digest before the stack is there"


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_looks_at_a_stack_on_aws_before_it_is_there(stack: str) -> None:
    definition = jobs("drift")["look"]
    arms = dict(re.findall(r"matrix\.stack == '(\w+)' && vars\.(\w+)", definition["env"]["DEPLOYED"]))
    assert arms == {
        name: f"DEPLOY_{name.upper()}_ROLE_ARN"
        for name in (each["stack"] for each in definition["strategy"]["matrix"]["include"])
    }
    steps_on_aws = [each for each in definition["steps"] if each.get("run") == "make drift" or "aws-" in str(each)]
    assert len(steps_on_aws) == 2
    assert {each["if"] for each in steps_on_aws} == {"env.DEPLOYED != ''"}
    (preview,) = [each for each in jobs("preview").values() if each.get("env", {}).get("STACK") == stack]
    for variable in (arms[stack], f"PREVIEW_{stack.upper()}_ROLE_ARN"):
        assert variable in told((stack,))
        assert variable not in told(())
    assert f"vars.PREVIEW_{stack.upper()}_ROLE_ARN != ''" in preview["if"]


def test_the_steps_are_those_of_the_page() -> None:
    found = steps()
    assert [step.title[0] for step in found] == [
        str(number) for number in range(int(found[0].title[0]), len(found) + int(found[0].title[0]))
    ]
    assert {name for step in found for name in step.creates} == set(STACKS)
