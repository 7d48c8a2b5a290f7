import pytest

from reconciler.scope import RegisteredDomains

REGISTERED = RegisteredDomains(("contoso.example", "Contoso.CO.uk", "bücher.example"))


@pytest.mark.parametrize(
    "user_name",
    [
        "ada@contoso.example",
        "ADA@CONTOSO.EXAMPLE",
        "zoë@contoso.co.uk",
        "ada@bücher.example",
        "ada@xn--bcher-kva.example",
        "ada@XN--BCHER-KVA.example",
        "a'b+c.d-e@contoso.example",
    ],
)
def test_a_user_name_in_a_registered_domain_is_fine(user_name: str) -> None:
    assert REGISTERED.problem(user_name) is None


@pytest.mark.parametrize(
    "user_name",
    [
        pytest.param("ada@contoso.example.evil.com", id="suffix trick"),
        pytest.param("ada@evilcontoso.example", id="prefix trick"),
        pytest.param("ada@mail.contoso.example", id="sub-domain"),
        pytest.param("ada@example", id="parent"),
        pytest.param("ada@contoso.example.", id="trailing dot"),
        pytest.param("ada@.contoso.example", id="leading dot"),
        pytest.param("ada@contoso..example", id="empty label"),
        pytest.param("ada@contoso\uff0eexample", id="full-width dot"),
        pytest.param("ada@contoso\u3002example", id="ideographic dot"),
        pytest.param("ada\uff20contoso.example", id="full-width at"),
        pytest.param("ada@contos\u043e.example", id="Cyrillic o"),
        pytest.param("ada@\uff43ontoso.example", id="full-width letter"),
        pytest.param("ada@contoso\u200b.example", id="zero width space"),
        pytest.param("ada@conto\u00adso.example", id="soft hyphen"),
        pytest.param("ada@bu\u0308cher.example", id="not composed"),
        pytest.param("ada@BÜCHER.example", id="capital beyond ASCII"),
        pytest.param("ada@xn--contoso-.example", id="no A-label"),
        pytest.param("ada@evil.example@contoso.example", id="two at signs"),
        pytest.param("ada@contoso.example@evil.example", id="two at signs, turned round"),
        pytest.param("@contoso.example", id="no name"),
        pytest.param("ada@", id="no domain"),
        pytest.param("contoso.example", id="no at sign"),
        pytest.param("", id="nothing"),
        pytest.param("ada@contoso.example ", id="a blank at the end"),
        pytest.param("ada@contoso.example\n", id="a line break at the end"),
        pytest.param("ada@127.0.0.1", id="an address"),
        pytest.param("ada@" + "a" * 64 + ".example", id="a label too long"),
        pytest.param("ada@" + "a." * 200 + "example", id="a name too long"),
    ],
)
def test_any_other_user_name_is_refused(user_name: str) -> None:
    assert REGISTERED.problem(user_name)


def test_sharp_s_is_not_double_s() -> None:
    assert RegisteredDomains(("fass.example",)).problem("ada@faß.example")
    assert RegisteredDomains(("faß.example",)).problem("ada@fass.example")


def test_without_registered_domains_any_user_name_is_fine() -> None:
    assert RegisteredDomains(None).problem("not an address") is None


@pytest.mark.parametrize(
    ("user_name", "sentence"),
    [
        (
            "ada@partner.example",
            'the domain "partner.example" is not registered; registered are '
            "contoso.example, Contoso.CO.uk, bücher.example",
        ),
        ("ada", '"ada" is not a name, one @ and a domain'),
        (
            "ada@contoso.example.",
            'the domain "contoso.example." cannot be registered: '
            "write the domain without a dot at the end",
        ),
    ],
)
def test_the_sentence_says_what_was_found_and_what_was_expected(
    user_name: str, sentence: str
) -> None:
    assert REGISTERED.problem(user_name) == sentence


def test_a_long_list_of_domains_is_cut() -> None:
    domains = tuple(f"d{number}.example" for number in range(7))

    problem = RegisteredDomains(domains).problem("ada@contoso.example")

    assert problem is not None
    assert problem.endswith(
        "registered are d0.example, d1.example, d2.example, d3.example, d4.example, …"
    )
