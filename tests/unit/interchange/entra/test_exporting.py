"""An application as a schema: made from nothing but YAML, and after somebody has edited it."""

import json
import re
from collections.abc import Callable
from typing import Any

from reconciler.config import Application
from reconciler.interchange.entra import Exported, export_schema, schema_text
from tests.entra import (
    GROUP,
    USER,
    Json,
    application_in,
    clause,
    copied,
    fixture,
    function,
    imported,
    object_mapping,
    row,
    schema,
    scope,
    there_and_back,
)

BY_HAND: Json = {
    "display_name": "Contoso CRM",
    "target": {"tenant_url": "https://crm.example", "secret_token": {"env": "CRM"}},
    "scope": "all",
    "mappings": {
        "users": [
            {"target": "userName", "source": "userPrincipalName", "match": 1},
            {"target": "active", "expression": "Not([IsSoftDeleted])"},
            {"target": "title", "source": "jobTitle", "default": "Employee"},
            {"target": "preferredLanguage", "constant": "en-US", "apply": "on_create"},
            {"target": f"{USER}:manager", "source": "manager"},
        ],
        "groups": [
            {"target": "displayName", "source": "displayName", "match": 1},
            {"target": "members", "source": "members"},
        ],
    },
    "scoping_filters": {
        "users": [
            {
                "title": "Staff",
                "clauses": [
                    {"attribute": "employeeType", "operator": "EQUALS", "value": "Employee"},
                    {"attribute": "level", "operator": "Greater_Than", "value": 3},
                    {"attribute": "mail", "operator": "IS NOT NULL"},
                ],
            }
        ]
    },
    "lifecycle": {"actions": ["delete", "create", "update"]},
}


def application(**keys: Any) -> Application:
    return Application.model_validate_json(json.dumps({**BY_HAND, **keys}))


def exported(**keys: Any) -> Exported:
    return export_schema("crm", application(**keys))


def mapping(made: Json, index: int = 0) -> Json:
    found: Json = made["synchronizationRules"][0]["objectMappings"][index]
    return found


def rows(made: Json, index: int = 0) -> dict[str, Json]:
    return {one["targetAttributeName"]: one for one in mapping(made, index)["attributeMappings"]}


def declared(made: Json, directory: int, named: str) -> dict[str, Json]:
    (found,) = (one for one in made["directories"][directory]["objects"] if one["name"] == named)
    return {one["name"]: one for one in found["attributes"]}


def test_a_mapping_has_every_key_of_graph() -> None:
    assert rows(exported().schema)["title"] == row(
        "title", copied("jobTitle"), defaultValue="Employee"
    )


def test_a_constant_for_new_accounts_is_added_only() -> None:
    made = rows(exported().schema)["preferredLanguage"]

    assert made["flowType"] == "ObjectAddOnly"
    assert made["source"]["type"] == "Constant"


def test_object_mappings_are_those_of_entra() -> None:
    users, groups = exported().schema["synchronizationRules"][0]["objectMappings"]

    assert (users["sourceObjectName"], users["targetObjectName"]) == ("User", USER)
    assert (groups["sourceObjectName"], groups["targetObjectName"]) == ("Group", GROUP)
    assert users["flowTypes"] == groups["flowTypes"] == "Add, Update, Delete"
    assert users["enabled"] is True
    assert {"key": "IsCustomerDefined", "value": "false"} in users["metadata"]


def test_filters_are_the_groups_of_the_scope() -> None:
    users, groups = exported().schema["synchronizationRules"][0]["objectMappings"]

    assert groups["scope"] is None
    assert set(users["scope"]) == {"groups", "inputFilterGroups", "categoryFilterGroups"}
    (one,) = users["scope"]["groups"]
    assert [clause["targetOperand"]["values"] for clause in one["clauses"]] == [
        ["Employee"],
        ["3"],
        [],
    ]


def test_directories_declare_what_is_used_with_its_type() -> None:
    made = exported().schema

    source, target = declared(made, 0, "User"), declared(made, 1, USER)
    assert {"objectId", "userPrincipalName", "IsSoftDeleted", "employeeType"} <= set(source)
    assert source["objectId"]["anchor"] is True
    assert target["active"]["type"] == "Boolean"
    assert target["userName"]["required"] is True
    assert target[f"{USER}:manager"]["type"] == "Reference"
    assert target[f"{USER}:manager"]["referencedObjects"] == [
        {"referencedObjectName": USER, "referencedProperty": None}
    ]
    members = declared(made, 1, GROUP)["members"]
    assert members["multivalued"] is True
    assert [one["referencedObjectName"] for one in members["referencedObjects"]] == [USER, GROUP]
    assert declared(made, 0, "Group")["members"]["type"] == "Reference"


def test_rules_name_the_directories() -> None:
    made = exported().schema

    (rule,) = made["synchronizationRules"]
    assert [one["name"] for one in made["directories"]] == [
        rule["sourceDirectoryName"],
        rule["targetDirectoryName"],
    ]
    for identity in (rule["id"], *(one["id"] for one in made["directories"])):
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identity)


def test_without_groups_there_is_no_mapping_of_groups() -> None:
    users_only = {"users": BY_HAND["mappings"]["users"]}

    (one,) = exported(mappings=users_only).schema["synchronizationRules"][0]["objectMappings"]

    assert one["sourceObjectName"] == "User"


def test_the_same_file_gives_the_same_bytes() -> None:
    assert schema_text(exported().schema) == schema_text(exported().schema)


def test_a_file_of_our_own_comes_back_as_it_was() -> None:
    made = exported().schema

    assert there_and_back(made) == made


def test_what_a_schema_cannot_say_is_told() -> None:
    told = exported(
        roles=[{"name": "User", "value": "user"}],
        assignments=[{"user": "p-1", "role": "User"}],
        registered_domains=["contoso.example"],
        lifecycle={"leaves_scope": "keep"},
        mappings={
            "users": [
                *BY_HAND["mappings"]["users"][:2],
                {"target": "nickName", "source": "x", "clear": True},
                {"target": "title", "expression": '[a] & "x"'},
            ],
            "groups": [
                *BY_HAND["mappings"]["groups"][:1],
                {"target": "members", "source": "members", "nested": "expand"},
            ],
        },
    ).notes

    assert [note.partition(" is not part of")[0] for note in told] == [
        "`clear: true`",
        "`&`",
        "`nested: expand`",
        "`leaves_scope: keep`",
        "`scope: all`",
        "`assignments`",
        "`roles`",
        "`registered_domains`",
    ]
    assert exported(lifecycle={"leaves_scope": "delete"}).notes[0].startswith("`leaves_scope: del")


def test_text_shows_itself_and_hides_nothing() -> None:
    text = schema_text({"a": "Zoë\u202e", "b": "\U000e0001"})

    assert text == '{\n  "a": "Zoë\\u202e",\n  "b": "\\udb40\\udc01"\n}\n'
    assert json.loads(text) == {"a": "Zoë\u202e", "b": "\U000e0001"}


# after an import


def edited(value: Json, edit: Callable[[Json], None]) -> Exported:
    """Import *value*, edit the application, and export it."""
    data = application_in(imported(value).text).model_dump(mode="json", exclude_unset=True)
    edit(data)
    return export_schema("crm", Application.model_validate_json(json.dumps(data)))


def kept(made: Exported) -> list[str]:
    """Return the notes about entries that do not fit any more."""
    return [note for note in made.notes if "the YAML says otherwise" in note]


def test_an_edited_mapping_is_exported_and_keeps_what_only_entra_says() -> None:
    value = schema(object_mapping(row("title", copied("a"), flowBehavior="FlowAlways", x=[1.5])))

    made = edited(value, lambda data: data["mappings"]["users"][2].update(source="b"))

    assert rows(made.schema)["title"] == row(
        "title", copied("b"), flowBehavior="FlowAlways", x=[1.5]
    )
    assert kept(made) == []


def test_an_edited_expression_does_not_keep_the_parameters_of_another() -> None:
    full = function("ToLower([a])", {"key": "source", "value": copied("a")})
    value = schema(object_mapping(row("title", full)))

    made = edited(
        value, lambda data: data["mappings"]["users"][2].update(expression="ToLower([b])")
    )

    assert rows(made.schema)["title"]["source"] == function("ToLower([b])")
    assert kept(made) == [
        "the YAML says otherwise by now, so this is left out: "
        "mappings.users title source: expression, parameters"
    ]


def test_a_mapping_that_was_removed_is_not_exported() -> None:
    value = schema(object_mapping(row("title", copied("a"), flowBehavior="FlowAlways")))

    made = edited(value, lambda data: data["mappings"]["users"].pop())

    assert set(rows(made.schema)) == {"userName", "active"}
    assert len(kept(made)) == 1


def test_a_mapping_that_was_added_is_declared_in_the_directories() -> None:
    value = fixture("default-scim")
    line = {"target": "nickName", "source": "extension_1_nick"}

    made = edited(value, lambda data: data["mappings"]["users"].append(line))

    users = made.schema["directories"][1]["objects"][1]["attributes"]
    assert rows(made.schema, 1)["nickName"] == row("nickName", copied("extension_1_nick"))
    assert [one["name"] for one in users].count("nickName") == 1
    assert "extension_1_nick" in declared(made.schema, 0, "User")


def test_what_was_used_without_being_declared_stays_so() -> None:
    value = schema(object_mapping(row("title", copied("a"))))
    value["directories"] = [{"name": "crm", "objects": [{"name": USER, "attributes": []}]}]

    line = {"target": "nickName", "source": "b"}
    made = edited(value, lambda data: data["mappings"]["users"].append(line))

    assert set(declared(made.schema, 0, USER)) == {"nickName"}
    assert there_and_back(value) == value


def test_a_filter_that_was_added_is_exported() -> None:
    one = {"title": "F", "clauses": [{"attribute": "a", "operator": "IS NULL"}]}

    made = edited(schema(), lambda data: data.update(scoping_filters={"users": [one]}))

    assert [group["name"] for group in mapping(made.schema)["scope"]["groups"]] == ["F"]


def test_groups_that_were_added_get_a_mapping_of_their_own() -> None:
    groups = [{"target": "displayName", "source": "displayName", "match": 1}]

    made = edited(schema(), lambda data: data["mappings"].update(groups=groups))

    assert mapping(made.schema, 1)["targetObjectName"] == GROUP
    assert set(rows(made.schema, 1)) == {"displayName"}


def test_groups_that_were_added_take_the_mapping_that_was_switched_off() -> None:
    off = object_mapping(name="Ours", sourceObjectName="Group", enabled=False)
    groups = [{"target": "displayName", "source": "displayName", "match": 1}]

    made = edited(
        schema(object_mapping(), off), lambda data: data["mappings"].update(groups=groups)
    )

    assert mapping(made.schema, 1)["name"] == "Ours"
    assert mapping(made.schema, 1)["enabled"] is True
    assert set(rows(made.schema, 1)) == {"displayName"}


def test_groups_that_were_removed_are_not_exported() -> None:
    made = edited(fixture("default-scim"), lambda data: data["mappings"].pop("groups"))

    (one,) = made.schema["synchronizationRules"][0]["objectMappings"]
    assert one["sourceObjectName"] == "User"


def test_what_has_no_rule_to_stand_in_is_told() -> None:
    value: Json = {"synchronizationRules": []}

    made = edited(value, lambda data: data["mappings"]["users"].pop(1))

    assert made.schema == value
    assert any("users: there is no rule" in note for note in made.notes)


WEIRD = {"name": "Weird", "clauses": [clause("Present", "mail")]}
STAFF = {"name": "Staff", "clauses": [clause("IS NOT NULL", "department")]}


def scopes(made: Exported) -> list[str]:
    """Return the names of the filters of users."""
    return [group["name"] for group in (mapping(made.schema)["scope"] or {}).get("groups", ())]


def test_a_filter_that_only_entra_says_stays_as_long_as_the_others_do() -> None:
    """Filters are alternatives: alone, it would keep out everybody else."""
    value = schema(object_mapping(scope=scope(STAFF, WEIRD)))

    untouched = edited(value, lambda data: None)
    without = edited(value, lambda data: data.pop("scoping_filters"))

    assert scopes(untouched) == ["Staff", "Weird"]
    assert scopes(without) == []
    assert kept(without) == [
        "the YAML says otherwise by now, so this is left out: scoping_filters.users"
    ]


def test_what_is_kept_beside_the_yaml_is_told() -> None:
    value = schema(object_mapping(row("Alias", copied("a")), scope=scope(WEIRD), enabled=False))

    (told,) = [note for note in edited(value, lambda data: None).notes if "kept from" in note]

    assert told == (
        "kept from the imported file, and not in the YAML: mappings.users Alias; "
        "that the mapping of users is switched off; scoping_filters.users"
    )


def test_nothing_is_told_of_what_the_yaml_says() -> None:
    value = schema(object_mapping(row("title", copied("a"), flowBehavior="FlowAlways")))

    assert not [note for note in edited(value, lambda data: None).notes if "kept from" in note]
