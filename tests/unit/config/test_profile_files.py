"""From the name of a profile to the profile: chains, layers, and what is wrong with them."""

from collections.abc import Callable

import pytest

from reconciler.config import Loaded, SourceText, load_config, load_profile
from reconciler.config.profile_files import Profiles
from reconciler.config.texts import ReadText
from reconciler.diagnostics import ConfigError, Position
from reconciler.profiles import GENERIC
from reconciler.scim.schema import ENTERPRISE_URN as ENTERPRISE

HERE = Position("f.yaml", 7, 16)
Edit = Callable[..., str]


def folder(**texts: str) -> ReadText:
    """Return a folder with some profiles, each called after its key: ``house.yaml``."""
    files = {f"{name}.yaml": text for name, text in texts.items()}
    return lambda path: SourceText(path, files[path]) if path in files else None


def problems(name: str, read_text: ReadText) -> list[tuple[str, str]]:
    """Return what is wrong with a profile: codes and places."""
    with pytest.raises(ConfigError) as refused:
        load_profile(name, read_text)
    return [(one.code, str(one.position)) for one in refused.value.diagnostics]


def test_what_a_profile_does_not_say_is_generic() -> None:
    profile = load_profile("crm.yaml", folder(crm="paging: {mode: cursor}\n"))

    assert profile.paging.mode == "cursor"
    assert profile.model_copy(update={"paging": GENERIC.paging}).same_service(GENERIC)


def test_a_chain_is_laid_one_on_the_other() -> None:
    texts = {
        "base": "paging: {max: 50, mode: index}\nmembers: {chunk: 20}\n",
        "house": "extends: base.yaml\npaging: {max: 30}\n",
        "crm": "extends: house.yaml\nmembers: {remove: value_list}\n",
    }

    profile = load_profile("crm.yaml", folder(**texts))

    assert (profile.paging.max, profile.paging.mode) == (30, "index")
    assert (profile.members.chunk, profile.members.remove) == (20, "value_list")


def test_lists_replace() -> None:
    texts = {
        "base": "attributes: {unsupported: [title], immutable: [name]}\n"
        "errors: {duplicate: [409, 400]}",
        "crm": "extends: base.yaml\nattributes: {unsupported: []}\nerrors: {duplicate: [500]}",
    }

    profile = load_profile("crm.yaml", folder(**texts))

    assert profile.errors.duplicate == (500,)
    assert (profile.attributes.unsupported, profile.attributes.immutable) == ((), ("name",))


@pytest.mark.parametrize("base", ["tested: crm 4.2\n", "extends: generic\ntested: crm 4.2\n"])
def test_on_what_a_profile_was_tested_is_not_handed_on(base: str) -> None:
    profile = load_profile("crm.yaml", folder(base=base, crm="extends: base.yaml\n"))

    assert (profile.tested, profile.extends) == ("none", "base.yaml")


def test_a_file_extends_a_shipped_profile() -> None:
    profile = load_profile("crm.yaml", folder(crm="extends: keycloak\nmembers: {chunk: 7}\n"))

    assert profile.paging == load_profile("keycloak").paging
    assert profile.members.chunk == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pagin: {max: 50}", ("unknown-key", "crm.yaml:1:1")),
        ("paging: {mode: indx}", ("not-allowed-value", "crm.yaml:1:16")),
        ("paging: {max: 0}", ("out-of-range", "crm.yaml:1:15")),
        ('paging: {max: "50"}', ("wrong-type", "crm.yaml:1:15")),
        ("filter: {calibrate: yes}", ("wrong-type", "crm.yaml:1:21")),
        ("errors: {duplicate: [200]}", ("out-of-range", "crm.yaml:1:22")),
        ("members: {chunk: }", ("empty-value", "crm.yaml:1:18")),
        ("members: {chunk: 1, chunk: 2}", ("repeated-key", "crm.yaml:1:21")),
        ("extends: 7", ("wrong-type", "crm.yaml:1:10")),
        ("extends: nobody", ("unknown-profile", "crm.yaml:1:10")),
        ("extends: ../crm.yaml", ("unsafe-path", "crm.yaml:1:10")),
        ("extends: crm.yaml", ("circular-profile", "crm.yaml:1:10")),
        ("[a, b]", ("wrong-type", "crm.yaml:1:1")),
        ("# nothing\n", ("empty-file", "crm.yaml:1:1")),
        ("a: [", ("not-yaml", "crm.yaml:1:5")),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_where_it_stands(text: str, expected: tuple[str, str]) -> None:
    assert problems("crm.yaml", folder(crm=text)) == [expected]


def test_what_is_wrong_with_a_parent_is_said_in_its_file() -> None:
    texts = {"base": "paging:\n  max: 0\n", "crm": "extends: base.yaml\nwrite: {atomic: 1}\n"}

    assert sorted(problems("crm.yaml", folder(**texts))) == [
        ("out-of-range", "base.yaml:2:8"),
        ("wrong-type", "crm.yaml:2:17"),
    ]


def test_a_misspelt_key_and_a_misspelt_name_get_the_nearest() -> None:
    with pytest.raises(ConfigError, match='did you mean "paging"'):
        load_profile("crm.yaml", folder(crm="pagng: {max: 5}\n"))
    with pytest.raises(ConfigError, match='did you mean "keycloak"'):
        load_profile("keyclok")


@pytest.mark.parametrize("name", ["none", "house.yaml", "profiles/house", "a\\b"])
def test_a_name_that_leads_nowhere_is_said_where_it_stands(name: str) -> None:
    [problem] = Profiles().load(name, HERE)

    assert problem.position == HERE
    assert problem.code == ("unsafe-path" if "\\" in name else "unknown-profile")


def test_a_chain_of_any_length_ends() -> None:
    texts = {f"p{n}": f"extends: p{n + 1}.yaml\n" for n in range(3000)}
    texts["p3000"] = "paging: {max: 5}\n"

    assert load_profile("p0.yaml", folder(**texts)).paging.max == 5


def test_a_file_is_read_once() -> None:
    asked: list[str] = []

    def read_text(path: str) -> SourceText:
        asked.append(path)
        return SourceText(path, "extends: base.yaml\n" if path != "base.yaml" else "bulk: {}\n")

    profiles = Profiles(read_text)
    for name in ("crm.yaml", "wiki.yaml", "crm.yaml"):
        assert profiles.load(name, HERE) == []

    assert asked == ["crm.yaml", "base.yaml", "wiki.yaml"]
    assert sorted(profiles.files) == ["base.yaml", "crm.yaml", "wiki.yaml"]


# in a configuration


@pytest.fixture
def with_profile(edited: Edit) -> Callable[[str, ReadText], Loaded]:
    """Return a function that loads a configuration whose target has a profile."""
    before = "secret_token: {env: CRM_TOKEN}\n"

    def load(profile: str, read_text: ReadText) -> Loaded:
        text = edited((before, f"{before}      profile: {profile}\n"))
        return load_config(SourceText("f.yaml", text), (), read_text)

    return load


def test_a_configuration_has_the_profiles_of_its_targets(
    with_profile: Callable[[str, ReadText], Loaded],
) -> None:
    loaded = with_profile("house.yaml", folder(house="paging: {max: 7}\n"))

    assert {name: profile.paging.max for name, profile in loaded.profiles.items()} == {
        "house.yaml": 7
    }


def test_without_a_profile_a_target_is_generic(load: Callable[[str], Loaded], right: str) -> None:
    [(name, profile)] = load(right).profiles.items()

    assert name == "generic"
    assert profile.same_service(GENERIC)


def test_ruling_1_the_file_and_its_profile_are_complained_of_at_once(
    with_profile: Callable[[str, ReadText], Loaded],
) -> None:
    with pytest.raises(ConfigError) as refused:
        with_profile("house.yaml\n      rate_limit: -1", folder(house="members: {chunk: 0}\n"))

    found = [(one.code, str(one.position)) for one in refused.value.diagnostics]
    assert found == [("out-of-range", "f.yaml:9:19"), ("out-of-range", "house.yaml:1:18")]


def test_ruling_17_the_digest_covers_every_file_of_a_profile(
    with_profile: Callable[[str, ReadText], Loaded],
) -> None:
    house, base = "extends: base.yaml\n", "paging: {max: 5}\n"

    def digest(**texts: str) -> str:
        return with_profile("house.yaml", folder(**texts)).sha256

    assert digest(house=house, base=base) == digest(house=house, base=base, other="bulk: {}")
    assert digest(house=house, base=base) != digest(house=house, base=base + "# more\n")
    assert digest(house=house, base=base) != digest(house=house + "# more\n", base=base)


def test_ruling_17_two_profiles_that_change_places_change_the_digest(edited: Edit) -> None:
    before = "secret_token: {env: CRM_TOKEN}\n"
    text = edited((before, f"{before}      profile: one.yaml\n"))
    wiki = text.partition("applications:\n")[2].replace("crm:", "wiki:").replace("one.", "two.")
    main = SourceText("f.yaml", text + wiki)

    def digest(one: str, two: str) -> str:
        return load_config(main, (), folder(one=one, two=two)).sha256

    fast, slow = "limits: {burst: 9}\n", "limits: {burst: 1}\n"
    assert digest(fast, slow) != digest(slow, fast)


@pytest.mark.parametrize("key", ["unsupported", "immutable"])
@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("titel", "neither a User nor a Group has an attribute `titel`", "did you mean `title`?"),
        ("membrs", "neither a User nor a Group has an attribute `membrs`", "`members`"),
        (
            "department",
            "neither a User nor a Group has an attribute `department`",
            f"write `{ENTERPRISE}:department`",
        ),
        ("badge", "has an attribute `badge`", "attributes of a service's own need a URN"),
        (f"{ENTERPRISE}:departmnt", "has an attribute", "did you mean `department`?"),
        ("name.giveName", "`name` has no sub-attribute `giveName`", "did you mean `givenName`?"),
        ('emails[tpe eq "work"]', "`emails` has no sub-attribute `tpe`", "`type`"),
    ],
)
def test_an_attribute_that_the_standard_does_not_have_is_told_with_what_was_meant(
    key: str, name: str, message: str, hint: str
) -> None:
    """A mapping to it is refused as well, so it could only be without effect."""
    text = f"attributes:\n  {key}: [displayName, '{name}']\n"

    with pytest.raises(ConfigError) as caught:
        load_profile("crm.yaml", folder(crm=text))

    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.severity) == ("unknown-target", "error")
    assert message in problem.message
    assert hint in str(problem.hint)
    assert str(problem.position) == f"crm.yaml:2:{len(key) + 19}"


@pytest.mark.parametrize(
    "name",
    [
        "EMAILS.display",
        "members",
        "externalId",
        'addresses[type eq "home"]',
        " title ",
        ENTERPRISE,
        ENTERPRISE.lower(),
        f"{ENTERPRISE}:manager",
        "urn:acme:params:scim:schemas:2.0:User",
        "urn:acme:params:scim:schemas:2.0:User:badge",
    ],
)
def test_names_of_the_standard_and_of_schemas_that_only_the_service_has_are_taken(
    name: str,
) -> None:
    profile = load_profile("crm.yaml", folder(crm=f"attributes:\n  unsupported: ['{name}']\n"))

    assert profile.attributes.unsupported == (name,)
