"""
Every measurement of the bench, at its smallest: it measures what it says, and has not rotted.

Nothing is asserted of any time.
"""

import json
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.bench import growth, large
from tests.bench.__main__ import TARGETS
from tests.bench.child import ROOT, served
from tests.bench.figure import Bench
from tests.bench.people import changed_of, write_configuration, write_people
from tests.bench.work import Office, operations_of

PEOPLE = 30


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(PEOPLE, tmp_path / "bench")


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_is_measured(name: str, bench: Bench) -> None:
    figures = list(TARGETS[name](bench))

    assert figures
    assert [(each.work, each.note) for each in figures if each.measured is None] == []
    assert not list(bench.data.glob("*"))


def test_a_row_of_the_matrix_is_measured(bench: Bench) -> None:
    (row,) = islice(growth.matrix(bench), 1)

    assert row.keys() == {"page", "delay", "changed", "seconds", "cpu", "peak"}


def test_of_a_large_group_only_what_changes_is_sent(bench: Bench) -> None:
    plan, apply = islice(large.large(bench), 2)

    assert (plan["work"], apply["work"]) == (
        "plan a group of 198: 2 leave, 2 join",
        "apply a group of 198: 2 leave, 2 join",
    )
    assert 0 < apply["sent"] < 1_000


def test_a_few_of_all_people_are_planned_and_applied(bench: Bench) -> None:
    *_, before, everybody, apply, after = large.large(bench)

    assert [each["work"] for each in (before, everybody, apply, after)] == [
        "plan for one of 30 people",
        "plan all 30 people",
        "apply 1 updates of 30 people",
        "plan for one of 30 people, the same again",
    ]
    assert [each["sent"] > 0 for each in (before, everybody, apply, after)] == [0, 0, 1, 0]


@pytest.mark.parametrize("name", growth.KINDS)
def test_a_size_of_a_curve_is_measured(name: str, bench: Bench) -> None:
    assert growth.KINDS[name](bench, 3).cpu > 0


def test_the_command_prints_a_table_and_leaves_a_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.bench", "--people", "30", "--results", str(tmp_path)]

    ran = subprocess.run([*command, "T10"], cwd=ROOT, capture_output=True, text=True, check=True)

    written = json.loads((tmp_path / "T10.json").read_text("utf-8"))
    assert [each["unit"] for each in written["figures"]] == ["requests", "requests"]
    assert len(ran.stdout.splitlines()) == 3


def test_a_plan_changes_whoever_is_changed_and_applies(tmp_path: Path) -> None:
    write_people(tmp_path / "people.csv", range(PEOPLE))
    with served(people=PEOPLE, changed=10) as service:
        write_configuration(tmp_path, {"bench": f"{service.url}/v2"}, {})
        office = Office(tmp_path, service)
        office.plan(changes=changed_of(PEOPLE, 10))
        office.apply()
        office.plan(changes=0)
        seen = service.seen()

    assert seen["methods"]["PATCH"] == changed_of(PEOPLE, 10) > 0
    assert operations_of(office.newest()) == 0


def test_an_unknown_target_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.bench", "--results", str(tmp_path), "T99"]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 2
    assert "there is no T99" in ran.stderr
