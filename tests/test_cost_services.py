"""What a service costs is one file, found by its place; prices that are wrong, unused or written twice are refused."""

import ast
import importlib
import json
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

import analysis.cost
from analysis.cost.prices import SOURCES
from analysis.cost.service import Figure, Price, Source, Usage
from analysis.cost.services import PRICES
from analysis.cost.services.network import NetworkUsage
from analysis.cost.usage import assumed
from analysis.recorder import Recording
from analysis.stackfiles import ROOT
from local.__main__ import make_app

SERVICES = Path("analysis", "cost", "services")
NEW = """
from collections.abc import Iterator
from typing import Final

from analysis.cost.service import Amount, Figure, Price, Resource, Service, Usage


class MessagesUsage(Usage):
    \"""What is sent.\"""

    {figure}: Figure = 2
    \"""Messages, in millions.\"""


def _topic(resource: Resource) -> Iterator[Amount]:
    sent = resource.usage.of(MessagesUsage).{figure}
    yield Amount(what="messages", price="{price}", quantity=sent, part="use")


SERVICE: Final = Service(
    usage=MessagesUsage,
    prices={{"{price}": Price(0.50, "M messages", "known")}},
    rules={{"{type}": _topic}},
)
"""
OWN = {"figure": "messages_millions", "price": "sns.messages", "type": "aws:sns/topic:Topic"}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the estimate."""
    place = tmp_path_factory.mktemp("program")
    shutil.copytree(ROOT / "analysis" / "cost", place / "analysis" / "cost")
    return place


@pytest.fixture
def copy(copied: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, to which a file can be added, and which is imported in place of the estimate itself."""
    monkeypatch.setattr(analysis, "__path__", [str(copied / "analysis"), *analysis.__path__])
    monkeypatch.setattr(analysis, "cost", analysis.cost)  # comes back with its modules
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # of a file that the next test writes in the same second
    original = estimate_modules()
    for name in original:
        del sys.modules[name]
    yield copied
    for name in estimate_modules():
        del sys.modules[name]
    sys.modules.update(original)
    (copied / SERVICES / "messages.py").unlink()


def estimate_modules() -> Mapping[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if f"{name}.".startswith("analysis.cost.")}


def drop_in(copy: Path, text: str) -> None:
    (copy / SERVICES / "messages.py").write_text(text, encoding="utf-8")
    importlib.invalidate_caches()


def test_a_file_that_is_dropped_in_is_counted_with_its_use_and_its_price(copy: Path, dev: Recording) -> None:
    drop_in(copy, NEW.format(**OWN))
    (copy / "mine.yaml").write_text("messages_millions: 7", encoding="utf-8")
    asked = ["dev", "--json", "--usage", str(copy / "mine.yaml")]
    done = CliRunner().invoke(make_app("cost"), ["cost", *asked], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    (item,) = (item for item in json.loads(done.stdout)["items"] if item["what"] == "messages")
    sent = 7 * len(dev.of_type("aws:sns/topic:Topic"))
    assert (item["quantity"], item["unit"], item["month"]) == (sent, "M messages", sent * 0.50)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"price": "waf.acl"}, "{0}/edge.py and {0}/messages.py both have the price waf.acl"),
        ({"figure": "nat_gb"}, "{0}/messages.py and {0}/network.py both have the usage figure nat_gb"),
        (
            {"type": "aws:s3/bucket:Bucket"},
            "{0}/messages.py and {0}/storage.py both have the rule for aws:s3/bucket:Bucket",
        ),
    ],
)
def test_what_two_files_have_is_refused_with_both_names(copy: Path, other: dict[str, str], says: str) -> None:
    drop_in(copy, NEW.format(**{**OWN, **other}))
    with pytest.raises(Exception, match=re.escape(f"{says.format(SERVICES)}: leave it in one of them")):
        importlib.import_module("analysis.cost.services")


@pytest.mark.parametrize("text", ["", "SERVICE = {}"])
def test_a_file_without_a_service_is_refused(copy: Path, text: str) -> None:
    drop_in(copy, text)
    with pytest.raises(Exception, match=f"{SERVICES}/messages.py has no SERVICE"):
        importlib.import_module("analysis.cost.services")


def test_figures_that_no_service_names_cannot_be_read() -> None:
    class MessagesUsage(Usage):
        messages_millions: Figure = 2

    assert assumed({"nat_gb": 3}).of(NetworkUsage).nat_gb == 3
    with pytest.raises(TypeError, match="no `SERVICE` of analysis/cost/services says `usage=MessagesUsage`"):
        assumed().of(MessagesUsage)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"price": 0}, "greater than 0"),
        ({"price": float("inf")}, "finite"),
        ({"price": "much"}, "valid number"),
        ({"source": "rumour"}, "'quoted', 'infracost'"),
        ({"at": ""}, "infracost takes `at`"),
        ({"source": "known"}, "known takes no `at`"),
        ({"currency": "EUR"}, "currency"),
    ],
)
def test_a_price_that_is_wrong_is_refused(wrong: dict[str, Any], says: str) -> None:
    right: dict[str, Any] = {"price": 0.5, "unit": "GB", "source": "infracost", "at": "s3_bucket_test"}
    assert Price(**right).price == 0.5
    with pytest.raises(ValueError, match=re.escape(says)):
        Price(**{**right, **wrong})


def test_every_source_says_what_it_is() -> None:
    assert set(get_args(Source)) == SOURCES.keys()
    assert sum(price.source == "known" for price in PRICES.values()) < 10, "few rest on general knowledge"


def test_every_price_is_one_that_some_rule_names() -> None:
    assert unnamed(PRICES) == []
    assert unnamed(["waf.captcha", "rds.db.m9g.large.single", "waf.acl", "codebuilt.large"]) == [
        "waf.captcha",
        "codebuilt.large",
    ]


def test_every_price_is_a_line_so_that_all_can_be_listed() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / SERVICES).glob("*.py"))
    assert sorted(re.findall(r'^ +"([^"]+)": Price\(.+\),', text, re.MULTILINE)) == sorted(PRICES)


def unnamed(prices: Iterable[str]) -> list[str]:
    """Prices that no text of the estimate stands for, other than their own keys."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "analysis" / "cost").rglob("*.py")]
    named = re.compile("|".join({text for tree in trees for text in texts(tree)}))
    return [price for price in prices if not named.fullmatch(price)]


def texts(tree: ast.Module) -> Iterator[str]:
    """Patterns of all texts, but for keys: of f"rds.{size}.{zones}" it is rds[.].+[.].+ (without the brackets)."""
    keys = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(tree):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        match parts[0]:
            case ast.Constant(value=str(start)) if "." in start and id(node) not in keys:
                yield "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".+" for p in parts)
            case _:
                pass
