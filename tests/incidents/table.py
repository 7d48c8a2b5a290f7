"""
Twenty-seven times that provisioning went wrong for somebody, and what stops each here.

The facts come from public reports; the words are ours. A row says what happened,
how it is played here, and what must stop it: the scenarios in this folder assert
just that, and that a naive reconciler does the harm that is said. The page
`docs/incidents.md` is written from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Stop:
    """How the command ends, and what it names as the reason."""

    code: int
    names: tuple[str, ...]
    """With exit code 5 guards that block, with 3 codes of complaints, else words of the message."""

    @property
    def words(self) -> str:
        """The stop as the documentation says it."""
        mark = "`" if self.code in (3, 5) else '"'
        return f"exit {self.code}: {', '.join(f'{mark}{name}{mark}' for name in self.names)}"


@dataclass(frozen=True)
class Incident:
    """One row."""

    number: int
    title: str
    where: str
    """Whom it happened to, and where that can be read."""
    played: str
    """What happens in the scenario."""
    rules: str
    """What it would have needed, in words."""
    named: str
    """The same by the names of the catalogue of invariants, guards and faults."""
    stops: tuple[Stop, ...]
    """What stops each of its scenarios, in their order."""
    harm: str
    """What the naive reconciler does in the first of them."""


def _guards(*names: str) -> Stop:
    return Stop(5, names)


def _source(*codes: str) -> Stop:
    return Stop(3, codes)


INCIDENTS: Final = (
    Incident(
        1,
        "A group was changed, and nobody was in scope",
        "1Password SCIM bridge, a report of April 2026",
        "the assignment names a new group, in which nobody is yet",
        "no absence as evidence, nobody wanted is suspicious, disables are limited",
        "INV-2, INV-4, G01, G02, G04, G11, G26",
        (_guards("accidental_deletions", "protected", "min_admins"),),
        "8 accounts disabled, 32 memberships lost",
    ),
    Incident(
        2,
        "A run saw neither people nor groups",
        "awslabs/ssosync, issue 194",
        "both exports have a header and no rows",
        "an empty source is suspicious, disable before delete",
        "INV-1, INV-4, INV-35, G01",
        (_source("no-rows"),),
        "8 accounts lost, 5 groups lost",
    ),
    Incident(
        3,
        "The directory answered 503, and the groups were missing",
        "awslabs/ssosync, issue 234",
        "the export of the groups holds the error message of the directory",
        "a read is complete or it is nothing, deletes of groups are limited",
        "INV-1, G06",
        (_source("bad-json"),),
        "8 accounts lost, 5 groups lost",
    ),
    Incident(
        4,
        "One 503, and two people were deleted",
        "awslabs/ssosync, issue 278",
        "two lines of the export hold the error of their look-up; two are within every limit",
        "a read is complete or it is nothing: no limit would have helped",
        "INV-1, INV-2",
        (_source("missing-anchor"),),
        "2 accounts lost",
    ),
    Incident(
        5,
        "One run took many people out of many groups",
        "awslabs/ssosync, issue 236",
        "the export of the groups lost most members of two groups",
        "removals are limited, in all and in each group",
        "INV-1, G07, G08, G16",
        (_guards("remove_members", "group_members"),),
        "8 memberships lost",
    ),
    Incident(
        6,
        "Two ways of starting it had two default filters",
        "awslabs/ssosync, issue 159",
        "another file with filters that fit nobody; there are no filters but those of the file",
        "no hidden defaults, disables and deletes are limited",
        "INV-6, G04, G15",
        (_guards("accidental_deletions", "delete_users", "delete_groups"),),
        "8 accounts lost",
    ),
    Incident(
        7,
        "Groups were deleted that it had never made",
        "awslabs/ssosync, issue 88",
        "somebody made groups on the service by hand, and leaving deletes",
        "what is not ours is left alone",
        "INV-10, G06",
        (Stop(0, ("Nothing to do",)),),
        "2 groups lost",
    ),
    Incident(
        8,
        "An LDAP server that could not be reached looked like an empty list",
        "opnsense/core, issue 10128: 43 users, a full VPN outage",
        "the export is an empty file",
        "a read is complete or it is nothing",
        "INV-1, INV-3",
        (_source("empty-file"),),
        "8 accounts disabled, 32 memberships lost",
    ),
    Incident(
        9,
        "A failed bind gave nothing, and nothing meant nobody",
        "zulip/zulip, issue 13130",
        "the export is the JSON text `null`",
        "a read is complete or it is nothing, what is unknown is refused",
        "INV-1, INV-34",
        (_source("bad-json"),),
        "8 accounts disabled, 32 memberships lost",
    ),
    Incident(
        10,
        "The error of a search was taken for its result",
        "glpi-project/glpi, issue 984: 512 users",
        "the export holds the words of the error",
        "a read is complete or it is nothing, disables are limited",
        "INV-1, G04",
        (_source("missing-column"),),
        "8 accounts disabled, 32 memberships lost",
    ),
    Incident(
        11,
        "Everybody was deactivated, more than once",
        "go-gitea/gitea, issues 3815 and 7949; the fix covers the list that is exactly empty",
        "the export holds one person of eight, and then none",
        "an empty source is suspicious, and so is one that is nearly empty",
        "INV-4, G26",
        (_guards("source_shrinks", "accidental_deletions"), _source("no-rows")),
        "7 accounts disabled, 28 memberships lost",
    ),
    Incident(
        12,
        "A reader without permission got success and no entries",
        "h44z/wg-portal, issue 744",
        "the export is an empty list; and the service lists nobody",
        "an empty source is suspicious, and so is an empty service that was not empty",
        "INV-4, INV-5",
        (_source("no-rows"), Stop(9, ("the listing of users shows nobody",))),
        "8 accounts disabled, 32 memberships lost",
    ),
    Incident(
        13,
        "A query that found nothing removed the person from all",
        "keycloak/keycloak, issue 24669",
        "the export for one person is empty; and where one row is missing, the account is "
        "disabled, and comes back as it was",
        "no absence as evidence, disable before delete",
        "INV-2, INV-35",
        (_source("no-rows"), Stop(0, ("disable",))),
        "8 accounts lost, 5 groups lost",
    ),
    Incident(
        14,
        "The password of the reader had changed, and its people were deleted",
        "keycloak/keycloak, issue 20177: they came back with new ids and without groups",
        "the export holds the refusal of the directory; and the service refuses our token",
        "a refused credential ends everything",
        "INV-2, F15",
        (_source("bad-json"), Stop(4, ("401 to GET /Users",))),
        "8 accounts lost",
    ),
    Incident(
        15,
        "A redirect to a page to sign in counted as no accounts",
        "SailPoint community, topic 200651",
        "the service answers its listing of users with 302",
        "a list is a list or an error, no redirect is followed",
        "INV-3, S08",
        (Stop(9, ("redirect (302)", "never followed")),),
        "32 memberships lost",
    ),
    Incident(
        16,
        "Two filters were combined, and fitted nobody",
        "AD Connect 2015, noobient.com: 44 of 44, and the limit was 500",
        "one filter has two clauses that cannot both hold; an administrator is protected",
        "a limit for small companies, administrators and protected accounts",
        "G04, G10, G11, G26",
        (_guards("accidental_deletions", "protected", "min_admins", "half_gone"),),
        "8 accounts disabled, 32 memberships lost",
    ),
    Incident(
        17,
        "A broken extraction sent 1,600 notices, all but four wrong",
        "University of Calgary 2002, The Gauntlet",
        "the column that the filter reads is empty for seven of eight",
        "an export that lost a column is suspicious",
        "G02, G18",
        (_guards("source_shrinks", "accidental_deletions"),),
        "7 accounts disabled, 28 memberships lost",
    ),
    Incident(
        18,
        "The table of people was read while it was being rebuilt",
        "Smith College 2018",
        "the export ends in the middle of a row; and at the end of one",
        "a read is complete or it is nothing, a source that shrank is suspicious",
        "INV-1, G02",
        (_source("ragged-row"), _guards("source_shrinks")),
        "5 accounts disabled, 20 memberships lost",
    ),
    Incident(
        19,
        "An old configuration emptied teams",
        "kubernetes/org, issue 4365",
        "three of five groups have lost everybody in the file",
        "removals are limited, and so are groups that lose everybody",
        "G07, G08, G16",
        (_guards("empty_groups", "remove_members"),),
        "18 memberships lost",
    ),
    Incident(
        20,
        "Every team was deleted by accident",
        "conda-forge, issue 84",
        "the lines that assign four of five groups are gone, and leaving deletes",
        "to plan is not to do, deletes of groups are limited",
        "G06",
        (_guards("delete_groups", "accidental_deletions"),),
        "4 groups lost",
    ),
    Incident(
        21,
        "An upgrade began to own who is in a group",
        "okta/terraform-provider-okta, issues 539, 1094 and 1516",
        "members are kept on the service and not mapped; and then they are mapped",
        "members are ours only by a line of the file, removals are limited",
        "INV-10, G15",
        (Stop(0, ("Nothing to do",)), _guards("remove_members", "empty_groups")),
        "24 memberships lost",
    ),
    Incident(
        22,
        "A group was put, the answer was 200, and no members were stored",
        "gravitational/teleport, issue 67372",
        "a PUT of a group stores no members; two groups are to get somebody",
        "done is what a read shows: the run ends at the first group, and names it",
        "INV-14, F31",
        (Stop(7, ("took more than it was asked to", "lost members")),),
        "12 memberships lost",
    ),
    Incident(
        23,
        "Adding a member removed the others",
        "fleetdm/fleet, issue 50724",
        "a PATCH of a group keeps only whom it names; two groups are to get somebody",
        "done is what a read shows: the run ends at the first group, and names it",
        "F31, F47",
        (Stop(7, ("took more than it was asked to", "lost members")),),
        "12 memberships lost",
    ),
    Incident(
        24,
        "Pages overlapped, and totals were wrong",
        "wso2, issues 7320, 9957, 13752 and 27973; infisical, 6554; snipe-it, 18014",
        "pages begin one too early; the total is the page's; the total is doubled; rows are lost",
        "a listing is proved complete, or nothing is concluded from it",
        "INV-1",
        (
            Stop(9, ("repeats a resource",)),
            Stop(9, ("goes on after the 2 that were stated",)),
            Stop(9, ("where 16 were stated",)),
            Stop(9, ("where 8 were stated",)),
        ),
        "4 memberships lost",
    ),
    Incident(
        25,
        "The right script was given the wrong ids",
        "Atlassian, April 2022: 883 sites, up to 14 days",
        "the ids in a plan are those of others; in the file alone, and with digests that fit",
        "what is applied is what was reviewed; each resource is looked at before it goes",
        "INV-17, INV-35, G05, G18",
        (
            Stop(6, ("the plan was altered",)),
            Stop(7, ("was changed since the plan was made",)),
        ),
        "2 accounts lost",
    ),
    Incident(
        26,
        "A policy for one person was given to all",
        "KPMG 2020, The Register: the chats of 145,000 people",
        "the last day of one person's access is written at the group's line, and leaving deletes",
        "deletes are limited, and no exception is for all of them",
        "G16, G18",
        (_guards("accidental_deletions", "delete_users"),),
        "8 accounts lost",
    ),
    Incident(
        27,
        "Another e-mail address was another person",
        "ssoready/ssoready, issue 164",
        "one person has another name, and keeps the account; and then everybody has",
        "a person is known by the anchor, renames are limited",
        "INV-14, F43, G22",
        (Stop(0, ("update",)), _guards("rename_users")),
        "1 accounts lost",
    ),
)
"""All of them, in the order of the catalogue."""

OURS: Final = {
    "G01": "`no-rows`, `empty-file` and `empty-list`, which are errors",
    "G02": "`source_shrinks`",
    "G04": "`accidental_deletions`",
    "G05": "`delete_users`",
    "G06": "`delete_groups`",
    "G07": "`group_members` and `empty_groups`",
    "G08": "`remove_members`",
    "G10": "`min_admins`",
    "G11": "`protected`",
    "G15": "`plan --policy`, and no settings but those of the file",
    "G16": "`single_cause`",
    "G18": "the limits, and a run that ends at the first write that does more",
    "G22": "`rename_users`",
    "G26": "`half_gone`",
}
"""What a guard of the catalogue is here."""
