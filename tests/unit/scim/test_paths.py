import pytest

from reconciler.scim.paths import AttributePath, PathError, parse_path

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("userName", AttributePath(None, "userName"), id="attribute"),
        pytest.param(
            "name.givenName", AttributePath(None, "name", (), "givenName"), id="sub-attribute"
        ),
        pytest.param("manager", AttributePath(None, "manager"), id="bare manager is not special"),
        pytest.param(
            'emails[type eq "work"].value',
            AttributePath(None, "emails", (("type", "work"),), "value"),
            id="one element of a list",
        ),
        pytest.param(
            'members[value eq "2819"]',
            AttributePath(None, "members", (("value", "2819"),)),
            id="an element whole",
        ),
        pytest.param(
            'roles[primary eq "True"].value',
            AttributePath(None, "roles", (("primary", True),), "value"),
            id="Entra's word for a boolean",
        ),
        pytest.param(
            'emails[type EQ "work" AND primary eq false].value',
            AttributePath(None, "emails", (("type", "work"), ("primary", False)), "value"),
            id="operators in any case",
        ),
        pytest.param(
            'emails[type eq "a] and \\"b"].value',
            AttributePath(None, "emails", (("type", 'a] and "b'),), "value"),
            id="brackets and quotes in a value",
        ),
        pytest.param(
            f"{ENTERPRISE}:department", AttributePath(ENTERPRISE, "department"), id="extension"
        ),
        pytest.param(
            f"{ENTERPRISE}:manager.value",
            AttributePath(ENTERPRISE, "manager", (), "value"),
            id="extension with sub-attribute",
        ),
        pytest.param(
            'urn:a:b:phones[type eq "x:y"].value',
            AttributePath("urn:a:b", "phones", (("type", "x:y"),), "value"),
            id="a colon in a value does not end the URN",
        ),
        pytest.param(
            "urn:ietf:params:scim:schemas:core:2.0:user:userName",
            AttributePath(None, "userName"),
            id="the core URN says nothing",
        ),
    ],
)
def test_a_path_is_read(text: str, expected: AttributePath) -> None:
    assert parse_path(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "userName",
        "name.givenName",
        'emails[type eq "work"].value',
        "roles[primary eq true].value",
        'members[value eq "Zoë \\"x\\""]',
        'emails[type eq "work" and primary eq false].display',
        f"{ENTERPRISE}:manager.value",
    ],
)
def test_a_canonical_path_prints_as_it_was_written(text: str) -> None:
    assert str(parse_path(text)) == text


def test_the_word_true_prints_as_a_boolean() -> None:
    assert str(parse_path('roles[primary eq "True"].value')) == "roles[primary eq true].value"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("", "an attribute name is missing", id="empty"),
        pytest.param(
            "first name", '"first name" is not an attribute name: letters, digits', id="space"
        ),
        pytest.param("a.b.c", '"b.c" is not an attribute name', id="two dots"),
        pytest.param("emails[type", '"[" is not closed', id="open bracket"),
        pytest.param('emails[type eq "work]', '"[" is not closed', id="open quote"),
        pytest.param(
            'emails[type ne "work"]', 'only "eq" can be used in brackets, found "ne"', id="ne"
        ),
        pytest.param('emails[type eq "a" or type eq "b"]', 'expected `name eq "value"`', id="or"),
        pytest.param(
            'emails[type eq "a" and ]', 'expected `name eq "value"`', id="and without more"
        ),
        pytest.param("emails[type eq work]", "expected text in double quotes", id="no quotes"),
        pytest.param("emails[type eq 1]", "expected text in double quotes", id="a number"),
        pytest.param('emails[type eq "a"]value', 'expected "." or the end after "]"', id="no dot"),
        pytest.param(ENTERPRISE, "names a schema", id="a schema alone"),
        pytest.param("urn:x", "names a schema", id="half a URN"),
        pytest.param("a" * 1_001, "at most 1,000 characters", id="endless"),
    ],
)
def test_what_is_no_path_is_refused_with_a_sentence(text: str, complaint: str) -> None:
    with pytest.raises(PathError) as caught:
        parse_path(text)

    assert complaint in str(caught.value)
