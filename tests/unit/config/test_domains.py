import pytest

from reconciler.config.domains import registered_domain


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("contoso.example", "contoso.example"),
        ("Contoso.EXAMPLE", "contoso.example"),
        ("contoso.co.uk", "contoso.co.uk"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
        ("corp", "corp"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
    ],
)
def test_a_domain_is_compared_in_its_ascii_form(text: str, domain: str) -> None:
    assert registered_domain(text) == domain


def test_strict_idna_keeps_the_sharp_s() -> None:
    assert registered_domain("faß.example") == "xn--fa-hia.example"
    assert registered_domain("faß.example") != registered_domain("fass.example")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("*.contoso.example", id="a wildcard"),
        pytest.param("con*so.example", id="a wildcard inside"),
        pytest.param("@contoso.example", id="an at sign"),
        pytest.param("ada@contoso.example", id="an address"),
        pytest.param("contoso.example.", id="a dot at the end"),
        pytest.param(".contoso.example", id="a dot at the start"),
        pytest.param("contoso..example", id="two dots"),
        pytest.param("con_toso.example", id="an underscore"),
        pytest.param("con toso.example", id="a blank"),
        pytest.param(" contoso.example", id="a blank in front"),
        pytest.param("contoso.example\n", id="a line break"),
        pytest.param("-contoso.example", id="a hyphen in front"),
        pytest.param("ab--cd.example", id="reserved hyphens"),
        pytest.param("xn--zzzz.example", id="an A-label that is none"),
        pytest.param("corp。example", id="an ideographic full stop"),
        pytest.param("ⓔxample.example", id="a letter in a circle"),
        pytest.param("ＣＯＲＰ.example", id="full-width letters"),
        pytest.param("İstanbul.example", id="an upper-case letter beyond ASCII"),
        pytest.param("127.0.0.1", id="an IPv4 address"),
        pytest.param("[::1]", id="an IPv6 address"),
        pytest.param("a" * 64 + ".example", id="a label too long"),
        pytest.param(".".join(["a" * 60] * 5), id="a name too long"),
        pytest.param("con\u00adtoso.example", id="a soft hyphen"),
        pytest.param("con\u200dtoso.example", id="a joiner out of place"),
    ],
)
def test_what_is_no_domain_of_idna_2008_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z]"):
        registered_domain(text)
