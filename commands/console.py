"""Frames as the command line prints them."""

import polars as pl


def printed(frame: pl.DataFrame, style: str) -> str:
    """A frame as text: ``table`` for people, ``csv`` and ``json`` for programs.

    CSV has an empty cell and JSON a null where there is no number; days are ISO dates.
    """
    match style:
        case "csv":
            return frame.write_csv().rstrip("\n")
        case "json":
            days = pl.selectors.date()
            return frame.with_columns(days.dt.to_string()).write_json()
        case _:
            with pl.Config(
                tbl_rows=-1,
                tbl_cols=-1,
                tbl_hide_dataframe_shape=True,
                tbl_hide_column_data_types=True,
                tbl_width_chars=400,
                fmt_str_lengths=60,
                thousands_separator=False,
                float_precision=4,
            ):
                return str(frame)
