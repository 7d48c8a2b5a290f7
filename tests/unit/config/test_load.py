from collections.abc import Callable

import pytest

from reconciler.config import Loaded, SourceText, format_all, includes_of, load_config
from reconciler.diagnostics import ConfigError, Diagnostic

Load = Callable[[str], Loaded]
Edit = Callable[..., str]
Codes = Callable[..., list[str]]

WIKI = """\
applications:
  wiki:
    target: {tenant_url: https://wiki.example/scim, secret_token: {env: WIKI}}
    scope: all
    mappings:
      users:
        - {target: userName, source: mail, match: 1}
        - {target: active, expression: 'Not([IsSoftDeleted])'}
"""


def refused(*texts: SourceText) -> tuple[Diagnostic, ...]:
    """Return what is said when loading *texts* fails."""
    with pytest.raises(ConfigError) as caught:
        load_config(texts[0], texts[1:])
    return caught.value.diagnostics


def test_what_is_right_loads(load: Load, right: str) -> None:
    loaded = load(right)

    assert [*loaded.config.applications] == ["crm"]
    assert loaded.warnings == ()


# Defaults


def test_an_application_starts_from_the_defaults(load: Load, edited: Edit) -> None:
    defaults = "defaults: {target: {rate_limit: 5, concurrency: 2}, ownership: all}\n"
    text = edited(
        ("applications:", f"{defaults}applications:"),
        ("{env: CRM_TOKEN}", "{env: CRM_TOKEN}\n      rate_limit: 7"),
    )

    crm = load(text).config.applications["crm"]

    assert (crm.target.rate_limit, crm.target.concurrency, crm.ownership) == (7, 2, "all")


def test_a_list_of_the_application_replaces_that_of_the_defaults(load: Load, edited: Edit) -> None:
    defaults = "defaults: {roles: [{name: Guest, value: guest}], registered_domains: [a.example]}\n"

    crm = load(edited(("applications:", f"{defaults}applications:"))).config.applications["crm"]

    assert [role.name for role in crm.roles] == ["Reader"]
    assert crm.registered_domains == ("a.example",)


def test_required_parts_may_come_from_the_defaults(load: Load, edited: Edit) -> None:
    defaults = "defaults: {target: {tenant_url: https://all.example, secret_token: {env: ALL}}}\n"
    text = edited(
        ("applications:", f"{defaults}applications:"),
        (
            "      tenant_url: https://crm.example/scim/v2\n      secret_token: {env: CRM_TOKEN}",
            "      rate_limit: 0",
        ),
    )

    assert load(text).config.applications["crm"].target.tenant_url == "https://all.example"


@pytest.mark.parametrize(
    ("defaults", "own", "limit"),
    [
        pytest.param("", "", (10, 1), id="nothing given"),
        pytest.param("", "{at_most: 5}", (5, 1), id="half of it"),
        pytest.param("", "{percent: 9}", (10, 9), id="the other half"),
        pytest.param("{percent: 7}", "{at_most: 5}", (5, 7), id="half from the defaults"),
        pytest.param("{at_most: 3, percent: 7}", "", (3, 7), id="all from the defaults"),
        pytest.param("{at_most: 3}", "{at_most: 0}", (0, 1), id="zero is a value"),
    ],
)
def test_a_limit_given_in_part_keeps_the_other_half(
    load: Load, edited: Edit, defaults: str, own: str, limit: tuple[int, int]
) -> None:
    shared = f"defaults: {{safety: {{delete_users: {defaults}}}}}\n" if defaults else ""
    end = f"    safety: {{delete_users: {own}}}\n" if own else ""
    text = edited(("applications:", f"{shared}applications:"), end=end)

    found = load(text).config.applications["crm"].safety.delete_users

    assert (found.at_most, found.percent) == limit


def test_a_mistake_in_the_defaults_is_said_once_and_where_it_stands(edited: Edit) -> None:
    defaults = "defaults: {safety: {min_admin: 2}}\n"
    text = edited(("applications:", f"{defaults}applications:")) + WIKI.removeprefix(
        "applications:\n"
    )

    (problem,) = refused(SourceText("f.yaml", text))

    assert (problem.code, str(problem.position)) == ("unknown-key", "f.yaml:3:21")


def test_a_default_that_the_application_replaces_is_not_looked_at(load: Load, edited: Edit) -> None:
    text = edited(("applications:", "defaults: {roles: 7}\napplications:"))

    assert load(text).config.applications["crm"].roles[0].name == "Reader"


# Included files


def test_included_files_bring_applications(right: str) -> None:
    loaded = load_config(SourceText("f.yaml", right), [SourceText("wiki.yaml", WIKI)])

    assert [*loaded.config.applications] == ["crm", "wiki"]
    assert [document.file for document in loaded.documents] == ["f.yaml", "wiki.yaml"]


def test_the_main_file_may_leave_all_applications_to_others() -> None:
    main = SourceText("f.yaml", "version: 1\nsource: {users: people.csv}\ninclude: ['*.yaml']\n")

    assert [*load_config(main, [SourceText("wiki.yaml", WIKI)]).config.applications] == ["wiki"]


def test_defaults_hold_for_included_applications_too(edited: Edit) -> None:
    main = edited(("applications:", "defaults: {ownership: all}\napplications:"))

    loaded = load_config(SourceText("f.yaml", main), [SourceText("wiki.yaml", WIKI)])

    assert loaded.config.applications["wiki"].ownership == "all"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("version: 1\n" + WIKI, "unknown-key", id="a key of the main file"),
        pytest.param(WIKI.replace("wiki:", "crm:"), "repeated-application", id="a name twice"),
        pytest.param("[]", "wrong-type", id="a list"),
        pytest.param("applications: []", "wrong-type", id="a list of applications"),
        pytest.param("applications: {wiki: 7}", "wrong-type", id="an application that is none"),
        pytest.param("", "empty-file", id="nothing"),
        pytest.param("a: b: c", "not-yaml", id="no YAML"),
    ],
)
def test_what_else_an_included_file_holds_is_refused(right: str, text: str, code: str) -> None:
    (problem,) = refused(SourceText("f.yaml", right), SourceText("wiki.yaml", text))

    assert problem.code == code
    assert problem.position is not None
    assert problem.position.file == "wiki.yaml"


def test_an_included_file_that_cannot_be_read_hides_no_other_problem(edited: Edit) -> None:
    text = edited(("role: Reader", "role: Writer"))

    found = refused(SourceText("f.yaml", text), SourceText("wiki.yaml", "["))

    assert [one.code for one in found] == ["unknown-role", "not-yaml"]


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("include: [a/*.yaml, b.yaml]", ("a/*.yaml", "b.yaml")),
        ("include: ['**/*.yaml']", ("**/*.yaml",)),
        ("include: [/etc/passwd, ../x, a/../../x, ~/x, '~', 'C:/x', 'a\\b', 'file:///x', '']", ()),
        ("include: [good.yaml, /bad.yaml, 7, [x], null]", ("good.yaml",)),
        ("include: x", ()),
        ("include:", ()),
        ("version: 1", ()),
        ("[include]", ()),
        ("include: [a", ()),
        ("", ()),
    ],
)
def test_only_patterns_below_the_folder_are_handed_out(
    text: str, patterns: tuple[str, ...]
) -> None:
    assert includes_of(SourceText("f.yaml", text)) == patterns


# All at once


def test_ruling_1_mistakes_of_every_kind_are_found_in_one_reading(edited: Edit) -> None:
    text = edited(
        ("version: 1", "version: 2\nversion: 1"),
        ("users: people.csv", "users: people.csv, kind: file"),
        ("    roles:", "    scope: assignd\n    roles:"),
        ("role: Reader", "role: Writer"),
        ("match: 1}", "match: 1, sorce: x}\n        - {target: id, source: objectId}"),
        ("'Not([IsSoftDeleted])'", "'Not([IsSoftDeleted]'"),
        end="    safety: {min_admins: -1}\n",
    )

    assert [one.code for one in refused(SourceText("f.yaml", text))] == [
        "not-allowed-value",
        "repeated-key",
        "not-allowed-value",
        "not-allowed-value",
        "unknown-role",
        "unknown-key",
        "read-only-target",
        "bad-expression",
        "out-of-range",
    ]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        pytest.param(", match: 1", ", matches: 1", "unknown-key", id="match"),
        pytest.param("expression: 'Not([IsS", "expresion: 'Not([IsS", "unknown-key", id="disable"),
        pytest.param("name: Reader", "nam: Reader", "unknown-key", id="role"),
        pytest.param("    assignments:", "    assignment:", "unknown-key", id="assignments"),
        pytest.param("    roles:", "    rols:", "unknown-key", id="roles"),
        pytest.param("group: Everyone", "grup: Everyone", "unknown-key", id="assignment"),
    ],
)
def test_a_misspelt_key_is_not_taken_for_something_missing(
    codes: Codes, edited: Edit, before: str, after: str, code: str
) -> None:
    assert codes(edited((before, after))) == [code]


def test_a_part_that_is_missing_hides_no_mistake_in_the_others(codes: Codes, edited: Edit) -> None:
    text = edited(("    target:\n", "    targets:\n"), ("role: Reader", "role: Writer"))

    assert codes(text) == ["unknown-key", "unknown-role"]


def test_problems_come_in_the_order_of_the_files(edited: Edit) -> None:
    main = edited(("role: Reader", "role: Writer"), ("version: 1", "version: 3"))
    wiki = WIKI.replace("scope: all", "scope: everybody")

    found = refused(SourceText("z.yaml", main), SourceText("a.yaml", wiki))

    assert [str(one.position) for one in found] == ["z.yaml:1:10", "z.yaml:11:33", "a.yaml:4:12"]


def test_warnings_do_not_stop_anybody(load: Load, edited: Edit) -> None:
    line = "      - {group: Everyone, role: Reader}\n"

    loaded = load(edited((line, line + line)))

    assert [one.code for one in loaded.warnings] == ["repeated-assignment"]


@pytest.mark.parametrize("text", ["[]", "text", "7", "- a\n- b", "true"])
def test_a_file_that_is_no_mapping_is_refused(codes: Codes, text: str) -> None:
    assert codes(text) == ["wrong-type"]


# Secrets


@pytest.mark.parametrize(
    "written",
    [
        "{secret}",
        "'{secret}'",
        "{{value: {secret}}}",
        "{{env: [{secret}]}}",
        "{{env: '{secret}!'}}",
        "{{file: {{x: {secret}}}}}",
        "{{{secret}}}",
        "{{{secret}: x}}",
        "[{secret}]",
        "{{env: A, file: {secret}}}",
        "*{secret}",
        "!{secret} x",
        "&{secret} x",
        "{{env: A, {secret}: x}}",
        "{{env: A, env: {secret}}}",
        "|\n        {secret}",
        ">-\n\n        {secret}",
        "{secret}: x",
        "[{secret}",
    ],
)
def test_ruling_18_a_literal_secret_is_refused_and_never_repeated(
    edited: Edit, written: str
) -> None:
    secret = "c4n4ry-t0k3n"
    text = edited(("{env: CRM_TOKEN}", written.format(secret=secret)))

    found = refused(SourceText("f.yaml", text))

    assert secret not in format_all(found, {"f.yaml": text})
    assert secret not in "".join(repr(one) for one in found)


# What is handed out


def test_the_digest_covers_every_text_and_no_name(right: str) -> None:
    one, other = SourceText("a.yaml", WIKI), SourceText("b.yaml", WIKI.replace("wiki", "blog"))
    main = SourceText("f.yaml", right)

    digest = load_config(main, [one, other]).sha256

    assert digest == load_config(SourceText("elsewhere/g.yaml", right), [other, one]).sha256
    assert digest != load_config(main, [one]).sha256
    assert digest != load_config(SourceText("f.yaml", right + "# more\n"), [one, other]).sha256
    assert len(digest) == 64


def test_every_value_of_what_was_loaded_can_be_located(edited: Edit) -> None:
    main = edited(("applications:", "defaults: {ownership: all}\napplications:"))
    loaded = load_config(SourceText("f.yaml", main), [SourceText("wiki.yaml", WIKI)])

    assert str(loaded.locate("source", "users")) == "f.yaml:2:17"
    assert str(loaded.locate("applications", "crm", "assignments", 0, "group")) == "f.yaml:12:17"
    assert str(loaded.locate("applications", "crm", "ownership")) == "f.yaml:3:23"
    assert str(loaded.locate("applications", "wiki", "scope")) == "wiki.yaml:4:12"
    assert str(loaded.locate("applications", "wiki", "safety", "min_admins")) == "wiki.yaml:3:5"
    assert str(loaded.locate("applications", "nobody")) == "f.yaml:5:3"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("      - {user: x, rol: Reader}\n", id="in the models"),
        pytest.param("      - {user: , role: Reader}\n", id="without a value"),
        pytest.param("      - {user: x, role: Writer}\n", id="between two nouns"),
        pytest.param("      - {user: x, user: x}\n", id="as YAML"),
    ],
)
def test_more_problems_than_anybody_reads_end_with_a_word_about_it(edited: Edit, line: str) -> None:
    first = "      - {group: Everyone, role: Reader}\n"

    found = refused(SourceText("f.yaml", edited((first, first + line * 1_000))))

    assert len(found) == 201
    assert found[-1].code == "too-many-problems"
