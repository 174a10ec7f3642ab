"""Whether ours and the peers find the same chat lines in a file."""

from pathlib import Path

import pandas as pd
import polars as pl
from polars.testing import assert_frame_equal
from pyarrow import csv

from benchmarks.daily import CHAT_HEADINGS
from exports.cells.masking import MASK
from exports.reading import read_file
from sample_data.chat_files import SENDER_WORDS


def assert_same_lines(file: Path) -> None:
    """Every line's buyer, agent, sender, time and text; a masked text cannot be compared."""
    (reading,) = read_file(file.name, file.read_bytes())
    assert reading.rejected.is_empty()
    names = ["buyer", "agent", "sender", "sent_at", "text"]
    ours = reading.rows.select(names)
    unmasked = ~ours["text"].str.contains(MASK, literal=True)
    table = csv.read_csv(file, read_options=csv.ReadOptions(encoding="gb18030"))
    parsed = pl.from_arrow(table), pl.from_pandas(pd.read_csv(file, encoding="gb18030"))
    senders = {word: sender for sender, word in SENDER_WORDS.items()}
    for theirs in parsed:
        assert isinstance(theirs, pl.DataFrame)
        at = pl.col("sent_at")
        if theirs.schema["发送时间"] == pl.String:
            at = at.str.to_datetime("%Y-%m-%d %H:%M:%S")
        lines = theirs.rename(CHAT_HEADINGS)
        lines = lines.select(
            "buyer",
            pl.col("agent").fill_null(""),
            pl.col("sender").replace_strict(senders),
            at.cast(pl.Datetime("us")),
            pl.col("text").fill_null(""),
        )
        assert_frame_equal(ours.drop("text"), lines.drop("text"))
        assert_frame_equal(ours.filter(unmasked), lines.filter(unmasked))
