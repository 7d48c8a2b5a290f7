"""Whom --user, --group and explain mean."""

import pytest

from reconciler.diagnostics import ConfigError
from reconciler.directory import Directory
from reconciler.workflow.selection import find_subject, selected
from tests.worlds import directory, group, in_a_crowd, person


@pytest.fixture(params=["held", "laid aside"])
def people(request: pytest.FixtureRequest) -> Directory:
    twin = {"userPrincipalName": "Twin@contoso.example"}
    known = directory(
        [
            person("ada"),
            person("one", **twin),
            person("two", **twin),
            person("nameless", userPrincipalName=""),
            person("guest", userPrincipalName="grace_home.example#EXT#@contoso.example"),
        ],
        [group("g-1", "Sales", "ada"), group("g-2", "Club"), group("g-3", "Club")],
    )
    return in_a_crowd(known) if request.param == "laid aside" else known


@pytest.mark.parametrize("name", ["ada", "ada@contoso.example", "ADA@Contoso.Example"])
def test_a_person_is_named_by_object_id_or_name_in_any_case(name: str, people: Directory) -> None:
    assert find_subject(people, name).anchor == "ada"


@pytest.mark.parametrize(
    "name", ["grace_home.example#EXT#@contoso.example", "Grace@home.example", "guest"]
)
def test_a_guest_is_named_as_the_source_has_it_and_as_a_plan_shows_it(
    name: str, people: Directory
) -> None:
    assert find_subject(people, name).anchor == "guest"


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("adda@contoso.example", "unknown-user", 'did you mean "ada@contoso.example"?'),
        ("zzz", "unknown-user", "by userPrincipalName or objectId"),
        ("", "unknown-user", "by userPrincipalName or objectId"),
        ("twin@contoso.example", "ambiguous-user", "name an objectId"),
    ],
)
def test_whoever_is_not_one_person_is_an_error(
    name: str, code: str, words: str, people: Directory
) -> None:
    with pytest.raises(ConfigError) as caught:
        find_subject(people, name)

    [problem] = caught.value.diagnostics
    assert problem.code == code
    assert words in str(problem.hint)


def test_without_names_everybody_is_meant(people: Directory) -> None:
    assert selected(people, (), ()) is None


def test_people_and_groups_are_meant_together(people: Directory) -> None:
    assert selected(people, ["ada", "one"], ["Sales"]) == frozenset({"ada", "one", "g-1"})
    assert selected(people, [], ["g-2"]) == frozenset({"g-2"})


@pytest.mark.parametrize(
    ("name", "code"), [("sales", "unknown-group"), ("Club", "ambiguous-group")]
)
def test_a_group_that_is_not_one_group_is_an_error(name: str, code: str, people: Directory) -> None:
    with pytest.raises(ConfigError) as caught:
        selected(people, [], [name])

    assert [problem.code for problem in caught.value.diagnostics] == [code]
