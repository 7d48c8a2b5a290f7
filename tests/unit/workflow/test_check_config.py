"""``validate``: what a file says wrong is said together with what it says of the source."""

from pathlib import Path

import pytest

from reconciler.workflow.check_config import check_config, everything_wrong
from reconciler.workflow.project import Unusable, open_project
from reconciler.workflow.start import start_project
from reconciler.workflow.wiring import Wiring
from tests.worlds import AS_OF

CLAUSE = "{attribute: employeeType, operator: EQUALS, value: Employee}"


@pytest.mark.parametrize(
    ("clause", "code"),
    [
        ("{attribute: objectId, operator: Greater_Than, value: abc}", "bad-operand"),
        ("{attribute: objectId, operator: REGEX MATCH, value: '(?=x)'}", "bad-pattern"),
        ("{attribute: objectId, operator: NOT REGEX MATCH, value: '(('}", "bad-pattern"),
        ("{attribute: manager, operator: EQUALS, value: x}", "unsupported-filter-attribute"),
    ],
    ids=["an operand", "a pattern", "a parenthesis", "an attribute"],
)
def test_ruling_1_a_filter_that_cannot_be_used_hides_no_other_problem(
    clause: str, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "provisioning.yaml"
    start_project(path)
    text = path.read_text("utf-8")
    path.write_text(text.replace(CLAUSE, clause).replace("group: Staff", "group: Stuff"), "utf-8")
    with pytest.raises(Unusable) as caught:
        open_project(path)

    wrong = everything_wrong(caught.value, path, Wiring(), AS_OF)

    assert {one.code for one in wrong.diagnostics} >= {code, "unknown-group"}


TWO_APPLICATIONS = """
version: 1
source: {kind: files, users: people.csv, groups: groups.yaml}
defaults:
  default_access: include
  assignments: [{group: GROUP}]
  mappings:
    users:
      - {target: userName, source: userPrincipalName, match: 1}
      - {target: active, expression: 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'}
      - {target: title, source: COLUMN}
applications:
  one: {target: {tenant_url: 'http://127.0.0.1:1/v2', secret_token: {env: ONE}}}
  two: {target: {tenant_url: 'http://127.0.0.1:2/v2', secret_token: {env: TWO}}}
"""


def shared_by_two(folder: Path, group: str, column: str) -> Path:
    path = folder / "provisioning.yaml"
    start_project(path)
    text = TWO_APPLICATIONS.replace("GROUP", group).replace("COLUMN", column)
    path.write_text(text, "utf-8")
    return path


def test_a_mistake_in_the_defaults_of_two_applications_is_said_once(tmp_path: Path) -> None:
    project = open_project(shared_by_two(tmp_path, "Stuff", "jobTitle"))

    with pytest.raises(Unusable) as caught:
        check_config(project, Wiring(), AS_OF)

    assert [one.code for one in caught.value.diagnostics] == ["unknown-group"]


def test_a_warning_about_the_defaults_of_two_applications_is_said_once(tmp_path: Path) -> None:
    project = open_project(shared_by_two(tmp_path, "Staff", "nowhere"))

    warnings = check_config(project, Wiring(), AS_OF)

    assert [one.code for one in warnings] == ["unknown-attribute"]
