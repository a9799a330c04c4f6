"""Everything is lost and comes back, by the runbooks' own commands; then the database's password is changed."""

from collections.abc import Iterator

import psycopg
import pytest

from analysis.stackfiles import ROOT
from ops.drill.checkout import STACK, copy_program
from ops.drill.exercise import Exercise
from tests.e2e.drills import Drill
from tests.e2e.environment import LocalEnvironment


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exercise]:
    """The drill of `python -m ops drill`, on prod's settings; its environment stays up for the tests."""
    checkout = copy_program(ROOT, tmp_path_factory.mktemp("drill") / "program", stack="prod")
    found = Exercise(checkout=checkout, show=print)
    try:
        found.run()
        yield found
    finally:
        checkout.local("down", STACK, may_fail=True)
        checkout.local("clean", STACK, "--yes", may_fail=True)


@pytest.fixture
def local_env(exercise: Exercise) -> LocalEnvironment:
    """The same environment, to look into."""
    return LocalEnvironment(stack=STACK, port=exercise.checkout.port, checkout=exercise.checkout.directory)


def test_nothing_is_lost_up_to_the_recovery_point(exercise: Exercise) -> None:
    for phase in exercise.phases:
        print(f"{phase.seconds:7.1f} s  {phase.name}")
    assert {each.kind: each.made - each.right for each in exercise.compared} == dict.fromkeys(
        (
            "flows",
            "answers of a flow",
            "credentials, decrypted",
            "chat messages",
            "files, downloaded",
            "objects of the bucket",
        ),
        0,
    )
    assert all(each.made for each in exercise.compared)


def test_flowise_uses_the_restored_database(exercise: Exercise, local_env: LocalEnvironment) -> None:
    server = Drill(local_env=local_env, flow=exercise.work.flow).servers[0]
    assert int(server.environment["DATABASE_PORT"]) == local_env.endpoints()["database-g2"]
    lost = f"host=localhost port={local_env.endpoints()['database']} user=flowise dbname=flowise password=x"
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(lost)


def test_a_new_password_of_the_role_is_the_only_one(exercise: Exercise, local_env: LocalEnvironment) -> None:
    drill = Drill(local_env=local_env, flow=exercise.work.flow)
    names = {"flowise": "DATABASE_PASSWORD", "flowise_vectors": "POSTGRES_VECTORSTORE_PASSWORD"}
    old = drill.servers[0].environment
    assert local_env.down().returncode == 0
    changed = local_env.up("--set", "database.password_generation=2")
    assert changed.returncode == 0, changed.stdout + changed.stderr
    new = drill.servers[0].environment
    assert drill.answers(local_env.url) == ""
    port = local_env.endpoints()["database-g2"]
    for role, name in names.items():
        place = f"host=localhost port={port} user={role} dbname={role} sslmode=require"
        psycopg.connect(f"{place} password={new[name]}").close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"{place} password={old[name]}")
    with local_env.login() as api:
        assert {api.read_credential(each)["basicAuthUsername"] for each in exercise.work.credentials} == set(
            exercise.work.credentials.values()
        )
