import sys
import unicodedata

import pytest

from reconciler.diff.lookalikes import flaw, is_plain, skeleton, spelling

ALIKE = [
    pytest.param("аdmin", "admin", id="a Cyrillic letter"),
    pytest.param("раураӏ", "paypal", id="Cyrillic letters only"),
    pytest.param("НЕТ", "HET", id="Cyrillic capitals"),
    pytest.param("ΖΗΤΑ", "ZHTA", id="Greek capitals"),
    pytest.param("straße", "STRASSE", id="sharp s and two s"),
    pytest.param("ﬁona", "fiona", id="a ligature"),
    pytest.param("ſam", "sam", id="the long s"),
    pytest.param("ａｄｍｉｎ", "admin", id="fullwidth letters"),
    pytest.param("joe＠corp.example", "joe@corp.example", id="a fullwidth sign"),
    pytest.param("𝐚𝐝𝐚", "ada", id="mathematical letters"),
    pytest.param("ad\u200bmin", "admin", id="a space without width"),
    pytest.param("ad\u00admin", "admin", id="a soft hyphen"),
    pytest.param("\u202eadmin", "admin", id="a change of direction"),
    pytest.param("ad\x00min", "admin", id="a control"),
    pytest.param("DİLARA", "dilara", id="dotted capital I"),
    pytest.param("dılara", "dilara", id="dotless small i"),
    pytest.param("ş", "ș", id="cedilla and comma"),
    pytest.param("all\u00a0staff", "all staff", id="a space that does not break"),
    pytest.param("σοφια", "ΣΟΦΙΑ\u200b", id="Greek in two cases"),
    pytest.param("b0b", "bоb", id="a zero and a Cyrillic letter"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_s26_names_that_look_alike_have_one_skeleton_and_two_spellings(
    one: str, other: str
) -> None:
    assert skeleton(one) == skeleton(other)
    assert spelling(one) != spelling(other)


def test_s27_all_forms_of_the_turkish_i_have_one_skeleton() -> None:
    assert {skeleton(text) for text in ("İ", "ı", "i", "I", "i\u0307")} == {skeleton("i")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("marna", "mama", id="rn and m"),
        pytest.param("b0b", "BOB", id="0 and O"),
        pytest.param("paul1", "paull", id="1 and l"),
        pytest.param("müller1", "müllerl", id="within ASCII, beside a letter that is not"),
        pytest.param("é", "E\u0301", id="case and composition"),
        pytest.param("ЖАННА", "жанна", id="case of Cyrillic"),
    ],
)
def test_differences_that_nobody_is_stopped_for_are_no_differences_of_spelling(
    one: str, other: str
) -> None:
    assert (skeleton(one), spelling(one)) == (skeleton(other), spelling(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("müller", "muller"),
        ("åsa", "asa"),
        ("jörg", "joerg"),
        ("søren", "soren"),
        ("łukasz", "lukasz"),
        ("þóra", "póra"),
        ("иван", "ivan"),
        ("田中", "中田"),
        ("ada", "adb"),
    ],
)
def test_names_that_look_different_have_different_skeletons(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_the_skeleton_of_a_skeleton_is_itself_for_every_character() -> None:
    characters = (chr(n) for n in range(sys.maxunicode + 1))
    letters = (c for c in characters if unicodedata.category(c)[0] in "LMNPS")
    skeletons = {skeleton(letter) for letter in letters}

    assert [ascii(text) for text in skeletons if skeleton(text) != text] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("ad\u200bmin", "cannot be seen, U+200B", id="a space without width"),
        pytest.param("ad\u00admin", "cannot be seen, U+00AD", id="a soft hyphen"),
        pytest.param("\u202eadmin", "cannot be seen, U+202E", id="a change of direction"),
        pytest.param("ada\ufe0f", "cannot be seen, U+FE0F", id="a variation selector"),
        pytest.param("\U000e0061da", "cannot be seen, U+E0061", id="a tag"),
        pytest.param("\u3164", "cannot be seen, U+3164", id="a filler"),
        pytest.param("ada\t", "cannot be seen, U+0009", id="a tabulator, which is ASCII"),
        pytest.param("ada\u00a0b", "cannot be seen, U+00A0", id="a space that does not break"),
        pytest.param("ada\ud800", "cannot be seen, U+D800", id="half a character"),
        pytest.param("аdmin", "mixes Latin and Cyrillic", id="Latin and Cyrillic"),
        pytest.param("αdmin", "mixes Latin and Greek", id="Latin and Greek"),
        pytest.param("αж", "mixes Greek and Cyrillic", id="Greek and Cyrillic"),
        pytest.param("ada@cоrp.example", "mixes Latin and Cyrillic", id="in the domain"),
        pytest.param("x.аdmin.y", "mixes Latin and Cyrillic", id="in one part of several"),
        pytest.param("а\u0301dmin", "mixes Latin and Cyrillic", id="with an accent between"),
        pytest.param("ａж", "mixes Latin and Cyrillic", id="fullwidth Latin"),
    ],
)
def test_s26_a_flawed_name_and_why(name: str, words: str) -> None:
    assert words in str(flaw(name))


@pytest.mark.parametrize(
    "name",
    [
        "ada.lovelace-2@contoso.example",
        "O'Brien (Sales), #1",
        "José",
        "jose\u0301",
        "Łukasz Żółć",
        "İpek Yılmaz",
        "Straße",
        "иван.петров",
        "νίκος",
        "иван@contoso.example",
        "IT-отдел",
        "Отдел IT",
        "田中さんABC部",
        "営業\u3000部",
        "김민준",
        "محمد",
        "דוד",
        "สมชาย",
        "राम",
        "50 µm",
        "🦊 Team",
    ],
)
def test_names_in_one_script_are_not_flawed(name: str) -> None:
    assert flaw(name) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Ada L. 1", True), ("", True), ("é", False), ("\t", False), ("\x7f", False)],
)
def test_what_is_plain(text: str, plain: bool) -> None:
    assert is_plain(text) is plain
