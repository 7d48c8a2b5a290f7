"""
What any service must be able to live through: one row for each kind of change.

A row names its person or group, what the source says before and after, the
operations that the plan must have for it, and everything that must differ on the
service afterwards: what is not named must not change.
"""

from __future__ import annotations

from tests.contract.firm import Group, Person

CROWD = tuple(f"m{number:03}" for number in range(101))
"""People who are there to be members; nothing ever happens to them."""

DISABLED = "disabled"
"""Comes back once more, when everything else has happened."""
UNICODE = "İpek Łukasiewicz-Zoë 李小龙 🦊 e\u0301"
QUOTES = 'He said "\\o/" & \'bye\'; 100 %41 <b>, #1 \\" $(x)'

USERS: tuple[Person, ...] = (
    # plain attributes
    Person("plain", {"jobTitle": "Clerk"}, {"jobTitle": "Head"}, ["update"], {"title": "Head"}),
    Person("plain-first", {}, {"jobTitle": "Head"}, ["update"], {"title": "Head"}),
    Person("plain-cleared", {"jobTitle": "Clerk"}, {}, ["update"], {"title": None}),
    # sub-attributes of a complex attribute
    Person(
        "part",
        {"givenName": "Ann", "surname": "Old"},
        {"givenName": "Ann", "surname": "New"},
        ["update"],
        {"name.familyName": "New"},
    ),
    Person(
        "part-first-of-two",
        {"givenName": "Ann"},
        {"givenName": "Ann", "surname": "New"},
        ["update"],
        {"name.familyName": "New"},
    ),
    Person(
        "parts-of-nothing",
        {},
        {"givenName": "Ann", "surname": "New"},
        ["update"],
        {"name.givenName": "Ann", "name.familyName": "New"},
    ),
    Person(
        "part-cleared",
        {"givenName": "Ann", "surname": "Old"},
        {"givenName": "Ann"},
        ["update"],
        {"name.familyName": None},
    ),
    # one element of a multi-valued attribute, by its type
    Person(
        "element",
        {"mail": "old@contoso.example"},
        {"mail": "new@contoso.example"},
        ["update"],
        {"emails[work].value": "new@contoso.example"},
    ),
    Person(
        "element-first",
        {},
        {"mail": "new@contoso.example"},
        ["update"],
        {"emails[work].value": "new@contoso.example", "emails[work].type": "work"},
    ),
    Person(
        "element-cleared",
        {"mail": "old@contoso.example"},
        {},
        ["update"],
        {"emails[work].value": None, "emails[work].type": None},
    ),
    Person(
        "part-of-element",
        {"city": "Oslo"},
        {"city": "Bergen"},
        ["update"],
        {"addresses[work].locality": "Bergen"},
    ),
    Person(
        "part-of-element-first",
        {},
        {"city": "Bergen"},
        ["update"],
        {"addresses[work].locality": "Bergen", "addresses[work].type": "work"},
    ),
    # booleans
    Person(
        "boolean",
        {"mail": "one@contoso.example", "mailIsPrimary": "False"},
        {"mail": "one@contoso.example", "mailIsPrimary": "True"},
        ["update"],
        {"emails[work].primary": True},
    ),
    Person(
        "boolean-first",
        {"mail": "one@contoso.example"},
        {"mail": "one@contoso.example", "mailIsPrimary": "True"},
        ["update"],
        {"emails[work].primary": True},
    ),
    # the enterprise extension, and references
    Person(
        "extension",
        {"department": "Sales"},
        {"department": "Research"},
        ["update"],
        {"department": "Research"},
    ),
    Person(
        "extension-first",
        {},
        {"department": "Research", "employeeId": "0042"},
        ["update"],
        {"department": "Research", "employeeNumber": "0042"},
    ),
    Person(
        "extension-cleared",
        {"department": "Sales", "employeeId": "0042"},
        {"employeeId": "0042"},
        ["update"],
        {"department": None},
    ),
    Person("manager-set", {}, {"manager": "m000"}, ["update"], {"manager.value": "m000"}),
    Person(
        "manager-changed",
        {"manager": "m000"},
        {"manager": "m001"},
        ["update"],
        {"manager.value": "m001"},
    ),
    Person("manager-cleared", {"manager": "m000"}, {}, ["update"], {"manager.value": None}),
    Person("manager-comes-too", {}, {"manager": "comes"}, ["update"], {"manager.value": "comes"}),
    # everything at once, and any text
    Person(
        "several",
        {"jobTitle": "Clerk", "mail": "old@contoso.example", "surname": "Old"},
        {"jobTitle": "Head", "department": "Sales", "surname": "New", "city": "Oslo"},
        ["update"],
        {
            "title": "Head",
            "name.familyName": "New",
            "emails[work].value": None,
            "emails[work].type": None,
            "department": "Sales",
            "addresses[work].locality": "Oslo",
            "addresses[work].type": "work",
        },
    ),
    Person("unicode", {"jobTitle": "Clerk"}, {"jobTitle": UNICODE}, ["update"], {"title": UNICODE}),
    Person("quotes", {"jobTitle": "Clerk"}, {"jobTitle": QUOTES}, ["update"], {"title": QUOTES}),
    Person(
        "quotes-in-element",
        {"mail": "old@contoso.example"},
        {"mail": '"a\\"b]"@contoso.example'},
        ["update"],
        {"emails[work].value": '"a\\"b]"@contoso.example'},
    ),
    # names
    Person(
        "renamed",
        {},
        {"userPrincipalName": "married@contoso.example"},
        ["update"],
        {"userName": "married@contoso.example"},
    ),
    Person(
        "renamed-in-case",
        {"userPrincipalName": "MacLeod@contoso.example"},
        {"userPrincipalName": "macleod@contoso.example"},
        [],
        {},
    ),
    Person(
        "named-in-unicode",
        {"userPrincipalName": "zoë.straße@contoso.example"},
        {"userPrincipalName": "zoë.straße@contoso.example", "jobTitle": "Head"},
        ["update"],
        {"title": "Head"},
    ),
    Person(
        "named-with-quotes",
        {"userPrincipalName": 'o"neill\\x or userName pr@contoso.example'},
        {"userPrincipalName": 'o"hara\\x or userName pr@contoso.example'},
        ["update"],
        {"userName": 'o"hara\\x or userName pr@contoso.example'},
    ),
    # coming and going
    Person(DISABLED, {}, {"accountEnabled": "false"}, ["disable"], {"active": False}),
    Person("deleted", {}, {"isDeleted": "true"}, ["delete"], None),
    Person("leaves", {}, None, ["delete"], None),
    Person(
        "comes",
        None,
        {
            "jobTitle": QUOTES,
            "surname": UNICODE,
            "mail": "comes@contoso.example",
            "department": "Sales",
            "manager": "m000",
        },
        ["create", "update"],
        {
            "externalId": "comes",
            "userName": "comes@contoso.example",
            "displayName": "comes",
            "active": True,
            "title": QUOTES,
            "name.familyName": UNICODE,
            "emails[work].value": "comes@contoso.example",
            "emails[work].type": "work",
            "department": "Sales",
            "manager.value": "m000",
            "roles": ["user"],
        },
    ),
    *(Person(anchor, {}, {}, [], {}) for anchor in CROWD),
)

SINGLE_ROLES: tuple[Person, ...] = (
    Person("stronger", {}, {}, ["update"], {"roles": ["admin"]}, ([], ["Administrator"])),
    Person("weaker", {}, {}, ["revoke"], {"roles": ["user"]}, (["Administrator"], [])),
)
ROLE_LISTS: tuple[Person, ...] = (
    Person("gains", {}, {}, ["update"], {"roles": ["admin", "user"]}, ([], ["Administrator"])),
    Person("loses", {}, {}, ["revoke"], {"roles": ["user"]}, (["Administrator"], [])),
    Person(
        "swaps",
        {},
        {},
        ["update", "revoke"],
        {"roles": ["auditor", "user"]},
        (["Administrator"], ["Auditor"]),
    ),
    Person("keeps", {}, {}, [], {}, (["Auditor"], ["Auditor"])),
)

GROUPS: tuple[Group, ...] = (
    Group("of-nobody", [], [], []),
    Group("of-one", CROWD[:1], CROWD[:1], []),
    Group("of-a-hundred", CROWD[:100], CROWD[:100], []),
    Group("of-a-hundred-and-one", CROWD, CROWD, []),
    Group("gains-its-first", [], CROWD[:1], ["add_members"]),
    Group("gains-the-101st", CROWD[:100], CROWD, ["add_members"]),
    Group("loses-one", CROWD, CROWD[1:], ["remove_members"]),
    Group("loses-its-last", CROWD[:1], [], ["remove_members"]),
    Group("loses-everybody", CROWD, [], ["remove_members"]),
    Group("swaps-one", CROWD[:2], CROWD[1:3], ["add_members", "remove_members"]),
    Group("takes-another-name", CROWD[:2], CROWD[:2], ["update"], ("Old name", "New name")),
    Group("takes-a-name-in-unicode", [], [], ["update"], ("Plain", UNICODE)),
    Group("takes-a-name-with-quotes", CROWD[:1], CROWD[:1], ["update"], ("Also plain", QUOTES)),
    Group("has-a-name-with-quotes", CROWD[:1], CROWD[:2], ["add_members"], (QUOTES + "!",) * 2),
    Group("with-a-group", CROWD[:1], [CROWD[0], "of-one"], ["add_members"]),
    Group("without-the-group", [CROWD[0], "of-one"], CROWD[:1], ["remove_members"]),
    Group("of-who-comes", CROWD[:1], [CROWD[0], "comes"], ["add_members"]),
    Group("of-who-goes", [CROWD[0], "leaves"], CROWD[:1], ["remove_members"]),
    Group("unassigned", CROWD[:2], None, ["delete"]),
)
