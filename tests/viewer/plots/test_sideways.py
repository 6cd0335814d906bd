"""A table that scrolls sideways. Where its fade is seen, a browser tells: see tests/browser/test_training.py."""

from tests.viewer.plots.test_training import Cells
from viewer.plots.sideways import sideways


def test_the_table_is_whole_in_a_place_that_scrolls() -> None:
    table = "<table><tr><td title='a'>one</td><td>two</td></tr></table>"
    html = sideways(table, "all of <it>'s", "across")
    assert table in html
    assert html.startswith("<div class='sideways across' role='group' aria-label='all of &lt;it&gt;&#x27;s'>")
    assert [text for text, _ in Cells(html).cells] == ["one", "two"]
