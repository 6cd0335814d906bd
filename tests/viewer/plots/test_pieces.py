"""Texts in pieces, aligned and changed, against texts put together by hand."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.viewer.readings import SOUP, reading
from viewer.plots.pieces import Piece, aligned, pieces, replaced, with_missing, without


def kinds(text, **more):
    return [(piece.kind, piece.text) for piece in pieces(reading(text, **more))[0]]


def test_a_review_in_pieces():
    assert kinds("Good,<br /><br>very bad!") == [
        ("word", "Good"), ("gap", ","), ("break", "<br />"), ("break", "<br>"), ("word", "very"), ("gap", " "),
        ("word", "bad"), ("gap", "!"),
    ]  # fmt: skip
    assert kinds("") == []
    assert kinds(" ?! ") == [("gap", " ?! ")]


def test_what_is_not_read():
    assert kinds("one two,<br />three four.", cut=2) == [
        ("word", "one"), ("gap", " "), ("word", "two"), ("gap", ","), ("break", "<br />"), ("unread", "three four."),
    ]  # fmt: skip
    parts, left_out = pieces(reading("a b c d e.", cut=2), most_unread=2)
    assert [piece.text for piece in parts if piece.kind == "unread"] == ["c d"]
    assert left_out == 1
    assert pieces(reading("a b", cut=1), most_unread=0) == ([Piece("word", "a")], 1)


@given(SOUP, st.integers(0, 8), st.integers(0, 3))
def test_pieces_joined_are_the_text(text, cut, most_unread):
    given_ = reading(text, cut=cut)
    parts, left_out = pieces(given_, most_unread)
    joined = "".join(piece.text for piece in parts)
    assert text.startswith(joined)
    if not left_out:
        assert joined == text
    words = [piece.text for piece in parts if piece.kind == "word"]
    assert words == [given_.spelled(t) for t in range(1, len(given_.words) + 1)]
    breaks = [piece.text for piece in parts if piece.kind == "break"]
    assert all(re.fullmatch(r"<br\s*/?>", tag, re.IGNORECASE) for tag in breaks)
    assert left_out == max(0, len(given_.unread) - most_unread)


def test_alignment_by_hand():
    first, second = reading("This movie is boring"), reading("this film is not boring at all")
    found = aligned(first, second)
    assert found.first == (1, 2, 3, 5)
    assert found.second == (1, 2, 3, 4, 5, 6, 7)  # movie and film stand for each other
    assert found.slots == 7
    assert found.named(first, second) == ["This", "movie", "is", "not", "boring", "at", "all"]
    assert aligned(reading("a b c"), reading("a x")).first == (1, 2, 3)
    assert aligned(reading("a b c"), reading("a x")).second == (1, 4)  # two words for one: each for itself
    assert aligned(reading(""), reading("")).slots == 0


@given(SOUP, SOUP)
def test_slots_rise_and_leave_no_gap(one, other):
    first, second = reading(one), reading(other)
    found = aligned(first, second)
    for slots, words in ((found.first, first.words), (found.second, second.words)):
        assert len(slots) == len(words)
        assert list(slots) == sorted(set(slots))
    assert {*found.first, *found.second} == set(range(1, found.slots + 1))
    assert len(found.named(first, second)) == found.slots
    assert aligned(first, first).first == aligned(first, first).second == tuple(range(1, len(first.words) + 1))


@given(SOUP, SOUP)
def test_every_slot_has_its_room_in_both_texts(one, other):
    first, second = reading(one), reading(other)
    found = aligned(first, second)
    for own, own_slots, rest, rest_slots in (
        (first, found.first, second, found.second), (second, found.second, first, found.first),
    ):  # fmt: skip
        spelled = [rest.spelled(t) for t in range(1, len(rest.words) + 1)]
        roomy = with_missing(pieces(own)[0], own_slots, rest_slots, spelled)
        assert [piece for piece in roomy if piece.kind != "missing"] == pieces(own)[0]
        missing = [word for slot, word in zip(rest_slots, spelled, strict=True) if slot not in own_slots]
        assert [piece.text for piece in roomy if piece.kind == "missing"] == missing
        assert sum(piece.kind in ("word", "missing") for piece in roomy) == found.slots


def test_room_stands_where_the_word_would_be():
    first, second = reading("is boring!"), reading("is not boring at all!")
    found = aligned(first, second)
    roomy = with_missing(pieces(first)[0], found.first, found.second, ["is", "not", "boring", "at", "all"])
    assert [piece.text for piece in roomy] == ["is", " ", "not", "boring", "at", "all", "!"]


def test_leaving_out_and_replacing():
    text = reading("This movie is not boring!")
    assert without(text, 5) == "This movie is not!"
    assert without(text, 4) == "This movie is boring!"
    assert without(text, 1) == "movie is not boring!"
    assert without(reading("boring"), 1) == ""
    assert without(reading("far-away"), 2) == "far-"
    assert replaced(text, 5, "<b>dull</b>") == "This movie is not <b>dull</b>!"


@given(SOUP, st.data())
def test_one_word_less(text, data):
    given_ = reading(text)
    if not given_.words:
        return
    position = data.draw(st.integers(1, len(given_.words)))
    word = given_.words[position - 1]
    shorter = without(given_, position)
    assert 0 <= len(text) - len(shorter) - (word.stop - word.start) <= 1  # the word, and at most one space
    assert replaced(given_, position, given_.spelled(position)) == text
