import pytest

from reconciler.config.show import format_all, mask
from reconciler.diagnostics import Diagnostic, Position


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("  secret_token: {env: CRM_TOKEN}", "  secret_token: {env: CRM_TOKEN}"),
        ("  secret_token: {file: /run/secrets/crm}", "  secret_token: {file: /run/secrets/crm}"),
        ("  secret_token:", "  secret_token:"),
        ("  secret_token: abc", "  secret_token: ***"),
        ("  secret_token: 'abc'  # mine", "  secret_token: ***"),
        ("  secret_token: {env: a-b}", "  secret_token: ***"),
        ("  secret_token: {value: abc}", "  secret_token: ***"),
        ("{tenant_url: x, secret_token: abc, profile: y}", "{tenant_url: x, secret_token: ***"),
        ('  "Secret-Token" : abc', '  "Secret-Token" : ***'),
        ("  api_key: abc", "  api_key: ***"),
        ("  password: abc", "  password: ***"),
        ("  bearer: abc", "  bearer: ***"),
        ("  tenant_url: https://u:p@crm.example/", "  tenant_url: https://***@crm.example/"),
        ("  tenant_url: https://crm.example/?k=abc", "  tenant_url: https://crm.example/?***"),
        ("  value: '.*(?=@contoso)'", "  value: '.*(?=@contoso)'"),
        ("  user: ada@contoso.example", "  user: ada@contoso.example"),
    ],
)
def test_ruling_18_what_could_be_a_secret_is_not_shown(row: str, shown: str) -> None:
    assert mask([row], 0) == shown


@pytest.mark.parametrize(
    ("above", "row", "shown"),
    [
        ("  secret_token:", "    abc", "***"),
        ("  secret_token: |", "    abc", "***"),
        ("  secret_token: >-  # mine", "    abc", "***"),
        ("  secret_token:", "    env: CRM_TOKEN", "    env: CRM_TOKEN"),
        ("  tenant_url:", "    abc", "    abc"),
    ],
)
def test_ruling_18_nor_is_the_line_below_its_key(above: str, row: str, shown: str) -> None:
    assert mask([above, row], 1) == shown


@pytest.mark.parametrize("code", ["literal-secret", "bad-reference", "password-target"])
def test_complaints_about_a_secret_show_no_line(code: str) -> None:
    one = Diagnostic(code, "no", Position("f.yaml", 1, 1), "write a reference")

    assert format_all([one], {"f.yaml": "abc"}) == (
        f"f.yaml:1:1: error[{code}]: no\n      = hint: write a reference"
    )


def test_the_line_is_shown_with_its_number_and_a_caret() -> None:
    one = Diagnostic("unknown-role", "no such role", Position("f.yaml", 2, 3), severity="warning")

    assert format_all([one, one], {"f.yaml": "a: b\nc: d\n"}) == "\n".join(
        ["f.yaml:2:3: warning[unknown-role]: no such role", "    2 | c: d", "      |   ^"] * 2
    )


def test_files_without_a_text_and_complaints_without_a_place_are_shown_without_a_line() -> None:
    elsewhere = Diagnostic("empty-cell", "no value", Position("people.csv", 2, 3))
    nowhere = Diagnostic("no-source", "no source")

    assert format_all([elsewhere, nowhere], {"f.yaml": "a: b"}) == (
        "people.csv:2:3: error[empty-cell]: no value\nerror[no-source]: no source"
    )


def test_hiding_takes_linear_time() -> None:
    hostile = ["token" * 100_000, "://" * 100_000, "secret" + "-" * 500_000, "x" * 500_000]

    assert [mask([row], 0) for row in hostile] == hostile
