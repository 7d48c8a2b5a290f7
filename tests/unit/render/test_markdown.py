from collections.abc import Iterator
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.plan.document import Plan, Skipped, Verdict
from reconciler.plan.operation import Action
from reconciler.render import to_markdown
from reconciler.render.markdown import CHARACTERS, cell, code, marker, prose
from reconciler.states import ResourceType
from tests.plans import BLOCKED, full_plan, hostile_plan, make_operation, make_plan

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")

OURS = {
    "<details>",
    "<details open>",
    "</details>",
}


def tokens(text: str) -> Iterator[Token]:
    """Yield every token of a comment, as a host of repositories would see it."""
    for block in PARSER.parse(text):
        yield block
        yield from block.children or ()


def spans(text: str) -> list[str]:
    """Return what stands in code spans."""
    return [token.content for token in tokens(text) if token.type == "code_inline"]


HOSTILE = [
    pytest.param("`", id="a backtick"),
    pytest.param("`` ` ``` ````", id="runs of backticks"),
    pytest.param("`x` <img src=x onerror=alert(1)>", id="backticks and a picture"),
    pytest.param("a|b|c", id="pipes"),
    pytest.param("\\", id="a backslash"),
    pytest.param("\\|", id="a backslash and a pipe"),
    pytest.param("a\n\n# heading\n- item", id="newlines"),
    pytest.param("a\r\n</details>", id="carriage return"),
    pytest.param("</details>", id="the end of details"),
    pytest.param("<!-- reconciler plan: crm -->", id="a forged marker"),
    pytest.param("-->", id="the end of a comment"),
    pytest.param("@everyone", id="a mention"),
    pytest.param("fixes #123", id="an issue"),
    pytest.param("![x](https://evil.example/x.png)", id="a picture"),
    pytest.param("[x](javascript:alert(1))", id="a link"),
    pytest.param("https://evil.example", id="a bare link"),
    pytest.param("www.evil.example", id="a barer link"),
    pytest.param(":tada: ::warning::x", id="emoji and command"),
    pytest.param("*b* _i_ ~~s~~ **B**", id="emphasis"),
    pytest.param("\x1b[31m\u202e", id="escape and direction"),
    pytest.param(" leading and trailing ", id="spaces"),
    pytest.param("", id="nothing"),
    pytest.param("{{ 7 * 7 }}", id="a template"),
]


def shape(text: str) -> list[str]:
    """Return the structure of a comment: every token that is neither text nor a code span."""
    loose = {"text", "code_inline", "inline", "softbreak"}
    return [token.type for token in tokens(text) if token.type not in loose]


@pytest.mark.parametrize("value", HOSTILE)
def test_s22_no_value_changes_the_structure_of_a_comment(value: str) -> None:
    expected = shape(to_markdown(hostile_plan("harmless value"), stored="harmless"))

    text = to_markdown(hostile_plan(value), stored=value)

    assert shape(text) == expected
    html = [
        t.content.split("\n")[0] for t in tokens(text) if t.type in {"html_block", "html_inline"}
    ]
    assert set(html) <= OURS | {"<!-- reconciler plan: crm -->"}


@pytest.mark.parametrize("value", HOSTILE)
def test_s22_what_means_something_stands_in_code_spans_alone(value: str) -> None:
    text = to_markdown(hostile_plan(value), stored=value)

    loose = "".join(t.content for t in tokens(text) if t.type == "text")
    for meaning in ("@", "#", "|", "`", "<", "![", "http", "www.", "::", "{{", ":tada:"):
        assert meaning not in loose


@pytest.mark.parametrize("value", ["a|b", "\\|", "``", "x` `y", "@everyone", "#123", " @x "])
def test_a_value_is_shown_as_it_is(value: str) -> None:
    plan = make_plan([make_operation(key=value)], guards=[Verdict("g", 1, 1, 1, False, value)])

    shown = spans(to_markdown(plan))

    assert f"User {value}".strip() in [span.strip() for span in shown]
    assert value.strip() in [span.strip() for span in shown]


def test_a_sentence_of_harmless_characters_is_not_code() -> None:
    assert prose("assigned User by group Sales") == "assigned User by group Sales"
    assert prose("3 of 10 delete_users (30%); 1 allowed") == "3 of 10 delete_users (30%); 1 allowed"


@pytest.mark.parametrize(
    "text", ["a_b_ c", "_a", "a@b", "x|y", "http://x", "wWw.x", "a ::b", ":x:"]
)
def test_a_sentence_with_a_meaning_is_code(text: str) -> None:
    assert prose(text) == f"`{text}`"


def test_a_pipe_stays_in_its_cell() -> None:
    assert cell("a|b") == "`a\\|b`"


def test_a_tag_is_spelled_out_even_in_code() -> None:
    assert code("<b></b>a < b") == r"`\u{3c}b>\u{3c}/b>a < b`"


def test_the_first_line_is_the_marker_of_the_application() -> None:
    first = to_markdown(full_plan()).split("\n")[0]

    assert first == "<!-- reconciler plan: ipass-smartconnect -->" == marker(full_plan())


@pytest.mark.parametrize("name", ["x--><script>", "a\nb", "--"])
def test_no_application_breaks_out_of_the_marker(name: str) -> None:
    written = marker(make_plan(application=name))

    assert written.count("-->") == 1
    assert "\n" not in written


def test_what_takes_away_lies_open() -> None:
    text = to_markdown(full_plan())

    assert "<details open>\n<summary>Wave 12: delete users (1)</summary>" in text
    assert "<details>\n<summary>Wave 2: create users (1)</summary>" in text


def many(count: int, **parts: Any) -> Plan:
    long = [(f"attribute{n}", None, "v" * 200) for n in range(15)]
    operations = [
        make_operation(key=f"u{n}@contoso.example", changes=long, number=n) for n in range(count)
    ]
    return make_plan([*operations, make_operation(Action.DELETE, "zed@contoso.example")], **parts)


@pytest.mark.parametrize("count", [10, 30, 100, 1000])
def test_s22_a_comment_fits_and_says_what_it_leaves_out(count: int) -> None:
    text = to_markdown(many(count, guards=[BLOCKED]))

    assert len(text) <= CHARACTERS
    named = text.count("`User u")
    hidden = count + 1 - named - text.count("`User zed")
    said = f"**Shortened to fit:** {hidden} operations are not shown here"
    assert (said in text) is (hidden > 0)
    assert f"Wave 2: create users ({count})" in text
    assert "24 of 200 active users of ours would be disabled or deleted" in text
    assert "Blocked by accidental_deletions" in text


def test_a_wave_too_long_for_any_comment_is_cut_with_a_word() -> None:
    skipped = [
        Skipped("k" * 200, "a", ResourceType.USER, f"Code{n}", "d" * 500) for n in range(2000)
    ]
    text = to_markdown(make_plan(skipped=skipped, guards=[BLOCKED]))

    assert len(text) <= CHARACTERS
    assert text.endswith("</details>\n\n**Cut to fit.** The stored plan has everything.\n")
    assert "24 of 200 active users" in text


def test_the_same_plan_gives_the_same_comment() -> None:
    assert to_markdown(full_plan()) == to_markdown(full_plan())


@pytest.mark.parametrize(("population", "mark"), [(0, "➖"), (9, "✅")])
def test_a_guard_that_judged_nothing_has_no_tick(population: int, mark: str) -> None:
    passed = Verdict("a_guard", 0, population, 0, False, "a sentence")

    assert f"\n| {mark} | " in to_markdown(make_plan(guards=[passed]))
