"""Small files, built by hand: CSV in any encoding, XLSX, XLS, ZIP."""

import csv
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import xlwt

Row = Sequence[Any]


def csv_file(*rows: Row, encoding: str = "utf-8", separator: str = ",") -> bytes:
    """Rows as quoted text where they need it, lines ended as on Windows."""
    text = StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_file(sheets: Mapping[str, Sequence[Row]]) -> bytes:
    """One workbook, one sheet per name; Python values keep their type."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return _saved(book)


def xls_file(*rows: Row) -> bytes:
    """One real BIFF workbook with one sheet."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    dated = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS")
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, date | datetime):
                sheet.write(at, place, value, dated)
            elif value is not None:
                sheet.write(at, place, value)
    return _saved(book)


def zip_file(files: Mapping[str, bytes]) -> bytes:
    """An archive of files by name."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def repacked(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The same archive with a text replaced in the parts whose name ends in ``part``."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, text in parts.items():
        if name.endswith(part):
            assert old in text
            parts[name] = text.replace(old, new)
    return zip_file(parts)


def _saved(book: Any) -> bytes:
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()
