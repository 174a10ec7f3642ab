"""The table of recognised files is what the layouts say."""

from exports.layout_table import layout_table
from exports.layouts import load_layouts


def test_every_file_has_one_row_of_what_it_needs_and_drops() -> None:
    rows = [line.split(" | ") for line in layout_table().splitlines()[2:]]
    known = [layout for layout in load_layouts() if not layout.companion_only]
    assert [row[0].split("`")[1] for row in rows] == [layout.id for layout in known]
    assert {len(row) for row in rows} == {7}
    etsy = next(row for row in rows if "`etsy_orders`" in row[0])
    assert etsy[1:3] == ["orders", "Order ID, Sale Date, Order Total"]
    assert "Full Name, First Name, Last Name, Street 1" in etsy[3]
    assert (*etsy[4:6], etsy[6].strip(" |")) == ("Currency", "Sale Date", "the shop's, mdy")
