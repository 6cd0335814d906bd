"""Words and their places on texts chosen for their difficulties, and what holds for any text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.data.words import PADDING, UNKNOWN, Vocabulary, most_frequent, normal, spans


def words(text):
    return [text[start:stop] for start, stop in spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t ", []),
        ("...?!", []),
        ("A film.", ["A", "film"]),
        ("one<br />two<br/>three<br>four<BR />five<br   />six", ["one", "two", "three", "four", "five", "six"]),
        ("<br /><br />end", ["end"]),
        ("x < br", ["x", "br"]),  # not a line break: the bracket stands alone
        ("don't rock’n’roll", ["don't", "rock’n’roll"]),
        ("'tis the dogs' 'quoted' it''s", ["tis", "the", "dogs", "quoted", "it", "s"]),
        ("good😀bad 😀😀", ["good", "😀", "bad", "😀", "😀"]),
        ("cafe\u0301 naïve", ["cafe\u0301", "naïve"]),
        ("10/10 in 1999, 3.5 stars", ["10", "10", "in", "1999", "3", "5", "stars"]),
        ("Это кино हिन्दी فيلم 電影", ["Это", "кино", "हिन्दी", "فيلم", "電影"]),
        ("well-made snake_case", ["well", "made", "snake", "case"]),
    ],
)
def test_words_of(text, expected):
    assert words(text) == expected


def test_places_are_those_in_the_text_as_given():
    assert spans("Hm,<br />it's 😀!") == [(0, 2), (9, 13), (14, 15)]


def test_an_emoji_with_its_variation_selector_is_one_word():
    assert len(spans("I \u2764\ufe0f it")) == 3  # the second character only asks for a picture in colour


def test_a_line_break_is_white_space_and_not_a_word_break_alone():
    assert words("gre<br />at") == ["gre", "at"]
    assert "br" not in words("a<br />b <BR> c")


texts = st.text(max_size=60) | st.text(alphabet="ab'’ <br/>\n1é\u0301😀", max_size=60)


@given(texts)
def test_places_lie_within_the_text_in_order_without_overlap_or_white_space(text):
    end = 0
    for start, stop in spans(text):
        assert end <= start < stop <= len(text)
        assert not any(character.isspace() for character in text[start:stop])
        end = stop


@given(texts)
def test_all_letters_and_digits_outside_line_breaks_belong_to_a_word(text):
    text = text.replace("<", "")
    covered = {place for span in spans(text) for place in range(*span)}
    # of the categories, L* and N* are letters and numbers
    expected = {place for place, character in enumerate(text) if unicodedata.category(character)[0] in "LN"}
    assert expected <= covered


@given(texts, texts)
def test_a_word_depends_on_nothing_around_it(one, other):
    between = " . "
    shift = len(one) + len(between)
    assert spans(one + between + other) == spans(one) + [(start + shift, stop + shift) for start, stop in spans(other)]


def test_the_normal_form_is_lower_case_with_straight_apostrophes():
    assert normal("DON’T") == normal("don't") == "don't"
    assert normal("ÉTÉ") == "été"


def test_encoding_knows_words_in_any_spelling_and_gives_all_others_one_number():
    vocabulary = Vocabulary(("the", "don't", "film"))
    assert vocabulary.encode(["Film", "DON’T", "nothing", "THE", "don"]).tolist() == [4, 3, UNKNOWN, 2, UNKNOWN]
    assert vocabulary.encode([]).tolist() == []
    assert vocabulary.size == 5
    assert sorted({PADDING, UNKNOWN, *vocabulary.ids.values()}) == [0, 1, 2, 3, 4]


def test_the_most_frequent_words_merge_spellings_and_break_ties_by_alphabet():
    texts = [["b", "The", "don’t", "a"], ["the", "THE", "Don't", "c"], ["c", "b"]]
    # the 3; b, c, don't 2; a 1
    assert most_frequent(texts, 10).words == ("the", "b", "c", "don't", "a")
    assert most_frequent(texts, 3).words == ("the", "b", "c")
    assert most_frequent(reversed(texts), 10).words == most_frequent(texts, 10).words


def test_the_most_frequent_words_of_nothing_are_none():
    assert most_frequent([], 5).words == ()
    assert most_frequent([[]], 5).size == 2
