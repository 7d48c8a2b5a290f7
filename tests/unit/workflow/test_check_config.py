"""``validate``: what a file says wrong is said together with what it says of the source."""

from pathlib import Path

import pytest

from reconciler.workflow.check_config import everything_wrong
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
