"""The beginnings of texts: whole words, no halves of markup, and a sign where more follows."""

from hypothesis import given
from hypothesis import strategies as st

from viewer.data.snippets import characters, snippet

WORDS = st.lists(st.sampled_from(["film", "a", "<br />", "<br>", "<BR/>", "<b>", "\n", "good,"])).map(" ".join)


def test_breaks_are_blanks_and_other_markup_is_text() -> None:
    assert snippet("One.<br /><br />Two <b>three</b>\nfour", 40) == "One. Two <b>three</b> four"


def test_a_break_at_the_cut_leaves_nothing_of_itself() -> None:
    text = "x" * 10 + " the Corps.<br /><br />And then more words follow here"
    for most in range(21, 45):
        assert "<br" not in snippet(text, most)
        assert snippet(text, most).endswith(" …")


def test_nothing_is_nothing() -> None:
    assert snippet(None, 10) == ""
    assert snippet("", 10) == ""


@given(WORDS, st.integers(6, 60))
def test_the_beginning_that_is_asked_of_the_store_says_the_same_as_the_whole(text: str, most: int) -> None:
    said = snippet(text[: characters(most)], most)
    assert len(said) <= most + 2
    line = " ".join(text.replace("<br />", " ").replace("<br>", " ").replace("<BR/>", " ").split())
    if said.endswith(" …"):
        assert line.startswith(said.removesuffix(" …"))
    else:
        assert said == line
