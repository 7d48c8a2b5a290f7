"""What is said about one person; the parts that need no target."""

import pytest

from reconciler.workflow.explain import Explanation, explain
from reconciler.workflow.project import open_project
from reconciler.workflow.wiring import Wiring
from tests.e2e.company import ENTERPRISE, USER_MAPPINGS, Company
from tests.worlds import FrozenClock


def told(company: Company, user: str) -> Explanation:
    company.write()
    clock = FrozenClock()
    project = open_project(company.file)
    return explain(project, "app", user, Wiring(clock), clock.now(), offline=True)


def lines(explanation: Explanation, title: str) -> tuple[str, ...]:
    return next(s.lines for s in explanation.sections if s.title.strip().endswith(title))


def test_everything_that_the_source_says_is_shown(company: Company) -> None:
    company.people["ada"]["department"] = "Growth"

    assert "department = Growth" in lines(told(company, "ada"), "Import")


@pytest.mark.parametrize(
    ("line", "mapping"),
    [
        ("title <- [jobTitle] = nothing", None),
        (
            "preferredLanguage <- 'en-US' = 'en-US'",
            {"target": "preferredLanguage", "constant": "en-US"},
        ),
        (
            "nickName <- Left([displayName], [length]) = cannot be worked out:",
            {"target": "nickName", "expression": "Left([displayName], [length])"},
        ),
        (f"{ENTERPRISE}:manager <- [manager] = whoever has objectId bob", None),
    ],
    ids=["nothing", "a constant", "a failing expression", "a reference"],
)
def test_every_mapping_is_shown_with_what_it_yields(
    line: str, mapping: dict[str, str] | None, company: Company
) -> None:
    company.people["ada"]["manager"] = "bob"
    more = [mapping] if mapping else []
    company.application = {"mappings": {"users": [*USER_MAPPINGS, *more]}}

    shown = lines(told(company, "ada"), "Mappings")

    assert [one for one in shown if one.startswith(line)]


def test_the_decision_comes_with_its_reason(company: Company) -> None:
    assert lines(told(company, "ada"), "Scope")[-1] == "=> wanted: assigned User by group Staff"
