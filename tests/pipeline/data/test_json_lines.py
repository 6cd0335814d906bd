"""JSON Lines files, and what is said of broken ones."""

import pytest

from pipeline.data import tables
from pipeline.errors import InputError


def read(tmp_path, content):
    (tmp_path / "films.jsonl").write_bytes(content.encode() if isinstance(content, str) else content)
    return tables.read(tmp_path / "films.jsonl")


def test_objects_are_rows_and_keys_are_columns_in_order_of_appearance(tmp_path):
    source = read(tmp_path, '{"b": "x", "a": 1}\n\n{"c": [[1, 2], [3, 4.5]], "a": 2}\n')
    assert source.table.to_pydict() == {"b": ["x", None], "a": [1, 2], "c": [None, [[1, 2], [3, 4.5]]]}
    assert [source.rows.name(row) for row in range(2)] == ["line 1", "line 3"]


def test_separators_within_strings_end_no_line(tmp_path):
    source = read(tmp_path, '{"a": "one\u2028two\x85three"}\r\n{"a": "four"}\n')
    assert source.table["a"].to_pylist() == ["one\u2028two\x85three", "four"]


def test_values_of_several_kinds_in_one_column_become_text(tmp_path):
    table = read(tmp_path, '{"a": 1}\n{"a": "two"}\n{"a": null}\n{"a": true}\n{"a": 100000000000000000000}\n').table
    assert table["a"].to_pylist() == ["1", "two", None, "true", "100000000000000000000"]


def test_characters_spelled_by_both_halves_are_read(tmp_path):
    assert read(tmp_path, '{"a": "\\ud83c\\udfac", "b": 1}\n{"a": "🎬"}\n').table["a"].to_pylist() == ["🎬", "🎬"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"a": 1}\n{"a": }\n', "line 2: not JSON (Expecting value, column 7); write one object a line"),
        ('[{"a": 1},\n{"a": 2}]\n', "line 1: not JSON ("),
        ('{"a": 1}\n[1, 2]\n', "line 2: list, not an object"),
        ("[" * 100_000, "line 1: not JSON that can be read ("),
        ('{"a": ' + "1" * 5000 + "}", "line 1: not JSON that can be read ("),
        (b'{"a": 1}\n{"b": "x", "a": "\xe9"}\n', "line 2, column 'a': not UTF-8 (byte 27 of the file, 0xe9)"),
        (b'{"a": 1}\n{"b": ["x", {"c": "\xff"}]}\n', "line 2, column 'b': not UTF-8 (byte 29 of the file, 0xff)"),
        (b'{"a": 1}\n{"a": "\xe9}\n', "line 2: not UTF-8 (byte 17 of the file, 0xe9)"),  # not JSON either
        (b'\xef\xbb\xbf{"a": "\xe9"}\n', "line 1, column 'a': not UTF-8 (byte 11 of the file, 0xe9)"),
        ('{"a": "fine"}\n\n{"b": "", "a": "no \\ud83d"}\n', "line 3, column 'a': half of a surrogate pair, no char"),
        ('{"a": "fine"}\n{"a": "\\udfac"}\n', "line 2, column 'a': half of a surrogate pair"),
        ('{"a": 1}\n{"a": "\\ud83d"}\n', "line 2, column 'a': half of a surrogate pair"),  # of several kinds
        ('{"a": ["x"]}\n{"a": ["\\ud83d"]}\n', "line 2, column 'a': half of a surrogate pair"),
        ('{"a": 1}\n{"\\ud83d": 1}\n', "line 2, column '\\ud83d': half of a surrogate pair"),
    ],
)
def test_a_broken_file_is_told_by_its_line(tmp_path, content, said):
    with pytest.raises(InputError) as refusal:
        read(tmp_path, content)
    assert str(refusal.value).startswith(f"{tmp_path}/films.jsonl: {said}")
