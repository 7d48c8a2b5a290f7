"""The canonical text of a tree."""

import pytest

from reconciler.expr import parse


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param(
            'Replace([preferredLanguage],"-",,,"_",, )',
            'Replace([preferredLanguage], "-", , , "_", , )',
            id="the form that parseExpression prints",
        ),
        pytest.param(r'"a\"b\\c\d"', r'"a\"b\\c\\d"', id="escapes"),
        pytest.param('IIF([a]<="b",1,-2.50)', 'IIF([a] <= "b", 1, -2.50)', id="comparison"),
        pytest.param("0.0000000001", "0.0000000001", id="small decimal has no exponent"),
        pytest.param("Append([ a ],vbTextCompare)", "Append([a], vbTextCompare)", id="word"),
        pytest.param('[a]&"b"& &HF&-1', '[a] & "b" & 15 & -1', id="ampersand"),
        pytest.param(
            'IIF([a]&[b]<>ToLower("C"&[d]),1,[e]&"")',
            'IIF([a] & [b] <> ToLower("C" & [d]), 1, [e] & "")',
            id="ampersand in arguments",
        ),
    ],
)
def test_a_tree_prints_canonically(text: str, printed: str) -> None:
    root = parse(text).root

    assert str(root) == printed
    assert parse(printed).root == root
