"""What the store keeps besides the tables of the exports: uploads, rows set aside, settings, notes.

Times that people's doings bear are UTC; shop time is for what happens in the shop.
"""

import dataframely as dy


class Uploads(dy.Schema):
    """One row per upload and table it fed."""

    upload_id = dy.String(primary_key=True)
    table = dy.String(primary_key=True)
    shop = dy.String()
    #: Rises by one with every upload; of two rows with one key the higher wins.
    sequence = dy.Int64(min=1)
    file_name = dy.String()
    sha256 = dy.String()
    layout = dy.String()
    rows_accepted = dy.Int64(min=0)
    rows_rejected = dy.Int64(min=0)
    #: Shop days the file covers, from its rows' event times.
    first_day = dy.Date(nullable=True)
    last_day = dy.Date(nullable=True)
    #: Last day the rows tell anything of, such as a payment after the last order; never whole.
    seen_until = dy.Date(nullable=True)
    #: UTC.
    uploaded_at = dy.Datetime(time_unit="us")
    uploaded_by = dy.String()


class Rejected(dy.Schema):
    """One row per row set aside, and one per cell emptied in a row that was taken."""

    upload_id = dy.String(primary_key=True)
    sheet = dy.String(primary_key=True)
    #: Row number as a spreadsheet shows it: the first line of the file is 1.
    source_row = dy.Int64(primary_key=True, min=1)
    shop = dy.String()
    file_name = dy.String()
    table = dy.String(primary_key=True)
    #: The column's heading in the file; "" where the row as a whole is at fault.
    column = dy.String(primary_key=True)
    value = dy.String()
    #: A code of ``exports.reasons``.
    reason = dy.String()
    #: The raw cells as a JSON object, without the personal columns.
    cells = dy.String()


class Settings(dy.Schema):
    """One row per saving of a shop's settings; the newest counts."""

    shop = dy.String(primary_key=True)
    #: UTC.
    saved_at = dy.Datetime(primary_key=True, time_unit="us")
    saved_by = dy.String()
    #: ``store.settings.ShopSettings`` as JSON.
    settings = dy.String()


class BuyerKeys(dy.Schema):
    """The one row that holds the key of the buyers' pseudonyms (``store.buyer_key``)."""

    #: UTC.
    saved_at = dy.Datetime(primary_key=True, time_unit="us")
    saved_by = dy.String()
    #: 32 random bytes in hex.
    key = dy.String()


class Notes(dy.Schema):
    """What the team wrote or ticked; of one subject the newest row counts."""

    shop = dy.String(primary_key=True)
    #: What is noted, such as "contacted", "work", "handover", "case", "action", "week".
    kind = dy.String(primary_key=True)
    #: What it is about: an order id, a buyer-day, a week.
    subject = dy.String(primary_key=True)
    #: UTC.
    saved_at = dy.Datetime(primary_key=True, time_unit="us")
    saved_by = dy.String()
    done = dy.Bool()
    text = dy.String()
    #: More fields as a JSON object, such as a case's tags or an action's owner and due day.
    fields = dy.String()
