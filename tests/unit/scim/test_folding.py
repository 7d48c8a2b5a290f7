import sys
import unicodedata

import pytest

from reconciler.scim.folding import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Ada", "aDA", id="ASCII"),
        pytest.param("ÄÖÜÉ", "äöüé", id="accented letters"),
        pytest.param("ЖАННА", "жанна", id="Cyrillic"),
        pytest.param("ΝΊΚΟΣ", "νίκος", id="Greek, with a final sigma"),
        pytest.param("é", "e\u0301", id="composed and decomposed"),
        pytest.param("H\u0331", "\u1e96", id="a letter that is composed in lower case only"),
        pytest.param("STRAẞE", "straße", id="the capital sharp s"),
        pytest.param("İ", "i\u0307", id="the dotted capital and what it is made of"),
        pytest.param("\u212a", "k", id="the Kelvin sign, which is a K by Unicode"),
    ],
)
def test_case_and_composition_do_not_count(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("straße", "STRASSE", id="sharp s and two s"),
        pytest.param("ﬁ", "fi", id="a ligature"),
        pytest.param("ſam", "sam", id="the long s"),
        pytest.param("ŉ", "ʼn", id="n with an apostrophe"),
        pytest.param("ΐ", "ϊ", id="an accent"),
        pytest.param("İ", "i", id="dotted capital I"),
        pytest.param("ı", "I", id="dotless small i"),
        pytest.param("DİLARA", "dilara", id="a Turkish name"),
        pytest.param("ａｄｍｉｎ", "admin", id="fullwidth letters"),
        pytest.param("аdmin", "admin", id="a Cyrillic letter"),
        pytest.param("ad\u200bmin", "admin", id="a space without width"),
        pytest.param("é", "e", id="an accent that is missing"),
        pytest.param("Ꭰ", "ꮏ", id="Cherokee letters of different syllables"),
    ],
)
def test_s26_people_who_differ_by_more_than_case_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_no_character_folds_to_another_that_is_not_its_lower_case() -> None:
    """Of every character there is: what it folds to is one letter, the small one, composed."""
    characters = (chr(n) for n in range(sys.maxunicode + 1) if not 0xD800 <= n < 0xE000)

    odd = [
        f"U+{ord(c):04X}"
        for c in characters
        if unicodedata.normalize("NFD", fold(c))
        != unicodedata.normalize("NFD", unicodedata.normalize("NFC", c).lower())
    ]

    assert odd == []


@pytest.mark.parametrize("text", ["Ada", "ÄÖ", "ﬁ", "İ", "Straße", "e\u0301", "ΟΔΟΣ", "H\u0331"])
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
