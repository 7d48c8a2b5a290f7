"""
The company of the bench: any number of people, their accounts, groups, and the file for them.

Person *n* is a pure function of *n*, so a server and a source that are made in two
processes agree. An account is what the mappings below come to, with its keys in
another order, as a service sends them. Who is *changed* has another title and
department there; who, is a function of *n* as well.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

SEED: Final = 20_261_130
CORE: Final = "urn:ietf:params:scim:schemas:core:2.0"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TOKEN_NAME, TOKEN = "BENCH_TOKEN", "a-token-for-the-bench"

GIVEN = ("Ada", "Bram", "Chloé", "Dmitri", "Elif", "Fatima", "Gwen", "Hiro", "Inés", "Jan", "Kofi")
SURNAMES = ("Lovelace", "de Vries", "Ōkubo", "Sørensen", "Null", "Okafor", "Núñez", "Ivanova", "Li")
CITIES = (("Oslo", "NO"), ("Zürich", "CH"), ("Lyon", "FR"), ("Kraków", "PL"), ("Porto", "PT"))
DEPARTMENTS = ("Sales", "Engineering", "Finance", "Customer Support", "Legal", "Operations")
JOBS = ("Clerk", "Engineer", "Accountant", "Head of Team", "Analyst", "Buyer", "Counsel")

EXPRESSIONS: Final = {
    "active": 'Switch([IsSoftDeleted], , "False", "True", "True", "False")',
    "displayName": 'Join(" ", [givenName], [surname])',
    "name.formatted": 'Join(", ", [surname], [givenName])',
    "nickName": "Mid([mailNickname], 1, 12)",
    "title": "Trim([jobTitle])",
    "userType": 'Switch([employeeType], "Other", "employee", "Internal", "contractor", "External")',
    'emails[type eq "work"].value': "ToLower([mail])",
    'phoneNumbers[type eq "work"].value': 'Replace([telephoneNumber], " ", , , "-", , )',
    "preferredLanguage": 'Coalesce([preferredLanguage], "en-US")',
    'addresses[type eq "work"].formatted': 'Append([city], ", Europe")',
    f"{ENTERPRISE}:department": 'IIF([department]="Legal", "Law", [department])',
    f"{ENTERPRISE}:costCenter": 'Join("-", [country], [costCenter])',
}
"""The twelve expressions of T5, by their targets."""

COPIED: Final = {
    "name.givenName": "givenName",
    "name.familyName": "surname",
    'addresses[type eq "work"].streetAddress': "streetAddress",
    'addresses[type eq "work"].locality': "city",
    'addresses[type eq "work"].postalCode': "postalCode",
    'addresses[type eq "work"].country': "country",
    f"{ENTERPRISE}:employeeNumber": "employeeId",
    f"{ENTERPRISE}:organization": "companyName",
}
USER_MAPPINGS: Final[list[dict[str, Any]]] = [
    {"target": "userName", "source": "userPrincipalName", "match": 1},
    {"target": "externalId", "source": "objectId", "match": 2},
    *({"target": target, "expression": words} for target, words in EXPRESSIONS.items()),
    *({"target": target, "source": source} for target, source in COPIED.items()),
]
GROUP_MAPPINGS: Final = [
    {"target": "displayName", "source": "displayName", "match": 1},
    {"target": "externalId", "source": "objectId"},
    {"target": "members", "source": "members"},
]


def row(n: int) -> dict[str, str]:
    """Return what the source says of person *n*."""
    k = n + SEED
    city, country = CITIES[k % 5]
    return {
        "objectId": f"{k * 2_654_435_761 % 2**32:08x}-0000-4000-8000-{n:012x}",
        "userPrincipalName": f"p{n:07}@contoso.example",
        "accountEnabled": "true",
        "givenName": GIVEN[k * 7 % 11],
        "surname": SURNAMES[k * 5 % 9],
        "mail": f"P{n:07}@Contoso.example",
        "mailNickname": f"p{n:07}.contoso",
        "jobTitle": f"{JOBS[k % 7]} ",
        "employeeType": "contractor" if k % 13 == 0 else "employee",
        "telephoneNumber": f"+47 22 {n % 100:02} {k % 97:02} {k % 89:02}",
        "preferredLanguage": "" if k % 3 else "nb-NO",
        "streetAddress": f"{n % 400 + 1} Long Street",
        "city": city,
        "postalCode": f"{k % 9000 + 1000}",
        "country": country,
        "department": DEPARTMENTS[k // 7 % 6],
        "costCenter": f"{k % 300:04}",
        "employeeId": f"{n:07}",
        "companyName": "Contoso",
    }


def is_changed(n: int, percent: int) -> bool:
    """Say whether the account of person *n* differs, so that *percent* of all do."""
    return n * 37 % 100 < percent


def changed_of(people: int, percent: int) -> int:
    """Return how many of so many people are changed."""
    return sum(is_changed(n, percent) for n in range(people))


def wanted(n: int) -> dict[str, Any]:
    """Return the account of person *n* as the mappings have it, without an id."""
    cells = row(n)
    given, surname, city = cells["givenName"], cells["surname"], cells["city"]
    department, kind = cells["department"], cells["employeeType"]
    return {
        ENTERPRISE: {
            "organization": cells["companyName"],
            "costCenter": f"{cells['country']}-{cells['costCenter']}",
            "department": "Law" if department == "Legal" else department,
            "employeeNumber": cells["employeeId"],
        },
        "userName": cells["userPrincipalName"],
        "active": True,
        "title": cells["jobTitle"].strip(),
        "emails": [{"value": cells["mail"].lower(), "type": "work"}],
        "addresses": [
            {
                "type": "work",
                "country": cells["country"],
                "postalCode": cells["postalCode"],
                "locality": city,
                "streetAddress": cells["streetAddress"],
                "formatted": f"{city}, Europe",
            }
        ],
        "phoneNumbers": [{"type": "work", "value": cells["telephoneNumber"].replace(" ", "-")}],
        "displayName": f"{given} {surname}",
        "name": {
            "formatted": f"{surname}, {given}",
            "familyName": surname,
            "givenName": given,
        },
        "nickName": cells["mailNickname"][:12],
        "userType": {"employee": "Internal", "contractor": "External"}[kind],
        "preferredLanguage": cells["preferredLanguage"] or "en-US",
        "externalId": cells["objectId"],
    }


def account(n: int, percent: int = 0) -> dict[str, Any]:
    """Return the account of person *n* as the service has it, when *percent* are changed."""
    held = wanted(n)
    if is_changed(n, percent):
        held["title"] = f"Former {held['title']}"
        held[ENTERPRISE]["department"] = "Elsewhere"
    return {
        "schemas": [f"{CORE}:User", ENTERPRISE],
        "id": user_id(n),
        **held,
        "meta": {
            "resourceType": "User",
            "created": "2026-01-01T00:00:00Z",
            "lastModified": "2026-11-01T00:00:00Z",
            "location": f"/Users/{user_id(n)}",
        },
    }


def user_id(n: int) -> str:
    """Return the id of the account of person *n*."""
    return f"u{n:08x}"


def members_of(group: int, size: int, people: int) -> list[int]:
    """Return the numbers of the people in one group."""
    first = group * 7919
    return sorted({(first + step) % people for step in range(min(size, people))})


def group_row(group: int, size: int, people: int) -> dict[str, Any]:
    """Return what the source says of one group of *size* people."""
    members = [row(n)["objectId"] for n in members_of(group, size, people)]
    return {"objectId": f"g{group:07}", "displayName": f"Group {group:07}", "members": members}


def group_account(group: int, size: int, people: int) -> dict[str, Any]:
    """Return the same group as the service has it."""
    members = [{"value": user_id(n)} for n in members_of(group, size, people)]
    return {
        "schemas": [f"{CORE}:Group"],
        "id": f"g{group:07}",
        "externalId": f"g{group:07}",
        "displayName": f"Group {group:07}",
        "members": members,
    }


def write_people(path: Path, people: Iterable[int]) -> None:
    """Write the source file of some people."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row(0)))
        writer.writeheader()
        writer.writerows(map(row, people))


def write_groups(path: Path, groups: int, size: int, people: int) -> None:
    """Write the source file of some groups."""
    rows = (json.dumps(group_row(group, size, people)) for group in range(groups))
    path.write_text("".join(f"{line}\n" for line in rows), "utf-8")


def write_live(path: Path, people: int, percent: int) -> None:
    """Write what ``plan --save-live`` would, for ``--offline-live``; a person a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"capabilities": {"ResourceTypes": null, "Schemas": null, ')
        file.write(f'"ServiceProviderConfig": {json.dumps(service())}}},\n')
        file.write('"format_version": 1,\n"groups": null,\n"users": {"complete": true, ')
        file.write(f'"problem": null, "total_results": {people}, "resources": [\n')
        for n in range(people):
            file.write(json.dumps(account(n, percent), ensure_ascii=False))
            file.write(",\n" if n + 1 < people else "\n")
        file.write("]}}\n")


def service(page: int = 1_000, *, bulk: bool = False) -> dict[str, Any]:
    """Return the ServiceProviderConfig of the bench's service."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": bulk, "maxOperations": 100, "maxPayloadSize": 10_485_760},
        "filter": {"supported": True, "maxResults": page},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": False},
        "authenticationSchemes": [],
    }


def write_configuration(
    folder: Path, urls: Mapping[str, str], target: Mapping[str, Any], *, groups: bool = False
) -> Path:
    """
    Write `provisioning.yaml` for one application per URL.

    Everything of the service is ours (`ownership: all`), so that no journal is needed first.
    """
    mappings = {"users": USER_MAPPINGS, **({"groups": GROUP_MAPPINGS} if groups else {})}
    source = {"kind": "files", "users": "people.csv"}
    applications = {name: {"target": _target(url, target)} for name, url in urls.items()}
    text = {
        "version": 1,
        "source": {**source, **({"groups": "groups.jsonl"} if groups else {})},
        "defaults": {"scope": "all", "ownership": "all", "mappings": mappings},
        "applications": applications,
    }
    path = folder / "provisioning.yaml"
    path.write_text(yaml.safe_dump(text, sort_keys=False, allow_unicode=True), "utf-8")
    return path


def _target(url: str, more: Mapping[str, Any]) -> dict[str, Any]:
    known = {"tenant_url": url, "secret_token": {"env": TOKEN_NAME}, "rate_limit": 0}
    return {**known, **more}


def accounts(people: int, percent: int) -> Iterator[bytes]:
    """Yield all accounts as the service sends them."""
    for n in range(people):
        yield json.dumps(account(n, percent), ensure_ascii=False).encode()
