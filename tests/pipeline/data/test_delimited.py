"""CSV files as people have them, and what is said of broken ones."""

import csv
import io

import pytest

from pipeline.data import tables
from pipeline.errors import InputError


def read(tmp_path, content, name="films.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tables.read(path)


def refused(tmp_path, content):
    with pytest.raises(InputError) as refusal:
        read(tmp_path, content)
    message = str(refusal.value)
    assert message.startswith(f"{tmp_path}/films.csv: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_spreadsheets_write_is_read(tmp_path, delimiter, end, mark):
    rows = [["review", "mood"], ['He said "no,\nnever"; I left\tearly', "bad"], ["Grüße 🎬", "good"], ["fine", ""]]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator=end).writerows(rows)
    table = read(tmp_path, mark + buffer.getvalue().encode()).table
    assert table.to_pydict() == {
        "review": [row[0] for row in rows[1:]],
        "mood": ["bad", "good", None],  # an empty cell holds nothing
    }


def test_numbers_and_words_that_look_like_none_stay_as_they_are_written(tmp_path):
    table = read(tmp_path, "a,b\n1.50,NA\n007,null\nnan,None\n").table
    assert table.to_pydict() == {"a": ["1.50", "007", "nan"], "b": ["NA", "null", "None"]}


def test_the_column_without_a_name_that_pandas_writes_is_left_out(tmp_path):
    assert read(tmp_path, ",review\n0,fine\n1,dull\n").table.to_pydict() == {"review": ["fine", "dull"]}


def test_texts_longer_than_the_csv_module_allows_are_read(tmp_path):
    long = "word " * 100_000
    assert read(tmp_path, f'review,mood\n"{long}",good\n').table["review"].to_pylist() == [long]


@pytest.mark.parametrize("blank", ["\n", "\r\n", "\n\n \n", ";;\n", "\t\n"])
def test_a_header_may_stand_behind_blank_lines(tmp_path, blank):
    content = f"{blank}review;mood;n\nfine, or so;good;1\n\ndull;bad;2\n"
    source = read(tmp_path, content)
    assert source.table.to_pydict() == {"review": ["fine, or so", "dull"], "mood": ["good", "bad"], "n": ["1", "2"]}
    header = blank.count("\n") + 1
    assert source.rows.name(1) == f"row {header + 3} (the header is row {header})"
    assert content.splitlines()[header + 3 - 1] == "dull;bad;2"
    said = refused(tmp_path, content + '"x"y;1;2\n')
    assert f"row {header + 4} (the header is row {header}): not CSV" in said
    assert f"row {header + 4} (the header is row {header}): 1 cells" in refused(tmp_path, content + "x\n")
    broken = refused(tmp_path, content.encode() + b"\xe9;1;2\n")
    assert f"row {header + 4} (the header is row {header}), column 'review': not UTF-8" in broken


def test_a_delimiter_within_quotes_is_none(tmp_path):
    header = ["a, b, c and d", "two\nlines, or more, or many, or none", "mood"]
    content = ";".join(f'"{name}"' for name in header) + "\n1;2;good\n"
    assert read(tmp_path, content).table.to_pydict() == dict(zip(header, [["1"], ["2"], ["good"]], strict=True))
    content = '"a; ""b; c"";",mood\n1,good\n'
    assert read(tmp_path, content).table.column_names == ['a; "b; c";', "mood"]
    content = 'mood; "a, b, c and d"; x\ngood;1;2\n'
    assert read(tmp_path, content).table.column_names == ["mood", ' "a, b, c and d"', " x"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_quote_within_a_cell_of_the_header_opens_nothing(tmp_path, delimiter):
    header = ['height "', "label", 'a "b" c', "x"]
    content = delimiter.join(header) + "\n" + delimiter.join("1234") + "\n"
    assert read(tmp_path, content).table.column_names == header


@pytest.mark.parametrize("blank", ['""\n', '" "\r\n""\n', '"\n"\n', '"";"";\n', '\n"";" "\n \n'])
def test_quoted_blank_lines_are_no_header(tmp_path, blank):
    assert read(tmp_path, f"{blank}review;mood;n\nfine, or so;good;1\n").table.column_names == ["review", "mood", "n"]


@pytest.mark.parametrize("content", ['""""\nx\n', '"""", \nx,1\n'])
def test_a_header_may_be_a_quote(tmp_path, content):
    assert read(tmp_path, content).table.column_names[0] == '"'


def test_rows_are_counted_as_a_spreadsheet_and_an_editor_count_them(tmp_path):
    content = 'review,mood\nfine,good\n"two\nlines",bad\n\n,\nlast,good\n\n'
    source = read(tmp_path, content)
    assert source.table["review"].to_pylist() == ["fine", "two\nlines", "last"]
    assert [source.rows.name(row) for row in range(3)] == [
        "row 2 (the header is row 1)",
        "row 3 (the header is row 1)",
        "row 6 (the header is row 1; line 7 of the file)",
    ]
    assert content.splitlines()[7 - 1] == "last,good"
    assert source.rows.names([0, 2]) == "row 2, 6 (the header is row 1)"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no rows"),
        (b"\n , \n\n", "no rows"),
        (b"a,b,a\n1,2,3\n", "the header names 'a' twice"),
        (b"a,b\n1,2\n1,2,3\n", "row 3 (the header is row 1): 3 cells, but the header has 2; put texts that hold the"),
        (b"a,b\n1\n", "row 2 (the header is row 1): 1 cells, but the header has 2"),
        (b'a,b\n1,2\n3,"open\n4,5\n', "row 3 (the header is row 1): not CSV (unexpected end of data)"),
        (b'a,b\n1,2\n"x"y,2\n', "row 3 (the header is row 1): not CSV (',' expected after '\"')"),
        (
            b"a,b\n1,2\n3,\xff4\n",
            "row 3 (the header is row 1), column 'b': not UTF-8 (byte 11 of the file, 0xff); save the file as UTF-8",
        ),
        (b"\xef\xbb\xbfa,b\n\xe9,2\n", "row 2 (the header is row 1), column 'a': not UTF-8 (byte 8 of the file, 0xe9)"),
        (
            b'a,b\n1,"2\n2"\n1,"\n\xe9"\n',
            "row 3 (the header is row 1; line 4 of the file), column 'b': not UTF-8 (byte 17 of the file, 0xe9)",
        ),
        (b"a,b\n1,2,\xe9\n3,\xff4\n", "row 2 (the header is row 1): not UTF-8 (byte 9 of the file, 0xe9)"),
        (b'a,b\n"x"y,2\n\xe9,2\n', "line 3: not UTF-8 (byte 12 of the file, 0xe9)"),  # not CSV before that
        (b"a,\xe9\n1,\xe9\n", "line 1: not UTF-8 (byte 3 of the file, 0xe9)"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1: not UTF-8 (byte 1 of the file, 0xff)"),
    ],
)
def test_a_broken_file_is_told_by_its_row(tmp_path, content, said):
    assert said in refused(tmp_path, content)
