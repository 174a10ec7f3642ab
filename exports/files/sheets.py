"""From the bytes of a file to tables of text cells.

The kind of a file is told by its content, never by its name (sellers rename ``.xls`` to ``.csv``
and back). Nothing is interpreted here: every cell stays the text it was.
"""

import codecs
import re
import zipfile
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO

import polars as pl

from exports.errors import (
    ArchiveError,
    BrokenFileError,
    EmptyFileError,
    EncryptedFileError,
    ExportError,
    LockFileError,
    NotATableError,
    TooManyFilesError,
    UnusualWorkbookError,
)
from exports.files import limits
from exports.files.old_workbook_sizes import check_old_workbook
from exports.files.text_tables import decoded, plain_bytes, text_cells
from exports.files.workbook_sizes import check_workbook
from exports.files.workbooks import workbook_cells

#: So many file heads may stand in the bytes of an archive, those of workbooks in it included;
#: Python makes an object of each before it can be asked how many there are.
_MOST_HEADS = 20_000
_FILE_HEAD = b"PK\1\2"
#: What is looked at of a large text to tell which export it is.
_BEGINNING_BYTES = 256 * 1024

#: What opening an archive raises; NotImplementedError where its zip version is past Python's.
_UNOPENED = (zipfile.BadZipFile, ValueError, NotImplementedError, OSError)
#: An archive with one of these inside is itself a workbook, XLSX or XLSB.
_XLSX, _XLSB = "xl/workbook.xml", "xl/workbook.bin"
_BLANK = b"\x00\r\n\t \xef\xbb\xbf"
_LOOK_BYTES = 4096
#: What the first lines of a text are told from.
_HEAD_BYTES = 64 * 1024
#: Signs that no text has; of its first bytes some may have strayed in.
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_STRAY = 0.02
_OTHER_KINDS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
}


@dataclass(frozen=True)
class Sheet:
    """One table of text cells as the file holds it, the header not applied."""

    #: The name as uploaded; ``a.zip/b.csv`` for the member of an archive.
    file_name: str
    #: "" for text files.
    sheet: str
    #: String columns only; row ``i`` is spreadsheet row ``i + 1``; an empty cell is null.
    cells: pl.DataFrame


@dataclass(frozen=True)
class Member:
    """One file, as uploaded or out of an archive, and what kind its content is."""

    file_name: str
    content: bytes
    #: "text" or "workbook".
    kind: str
    #: How many bytes that say nothing were left out of a text.
    nul_bytes: int = 0

    def text(self) -> str:
        """The content of a text file, decoded; raises EncodingError."""
        return decoded(self.file_name, self.content)

    def beginning(self) -> "Member | None":
        """The first lines of a large text as a file of its own; None of anything else."""
        if self.kind != "text" or len(self.content) <= _BEGINNING_BYTES:
            return None
        end = self.content.rfind(b"\n", 0, _BEGINNING_BYTES) + 1
        return replace(self, content=self.content[:end]) if end else None

    def first_text(self) -> str | None:
        """The beginning of a text file, or None if it is in no known encoding."""
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return codecs.getincrementaldecoder(encoding)().decode(self.content[:_HEAD_BYTES])
            except UnicodeDecodeError:
                continue
        return None

    def sheets(self) -> list[Sheet]:
        """Every non-empty table of the file; it is parsed once, however often it is asked for."""
        return self._sheets

    @cached_property
    def _sheets(self) -> list[Sheet]:
        if self.kind == "text":
            found = [("", text_cells(self.file_name, self.content))]
        else:
            found = workbook_cells(self.file_name, self.content)
        sheets = [Sheet(self.file_name, name, cells) for name, cells in found if cells.height]
        if not sheets:
            raise EmptyFileError(file=self.file_name)
        return sheets


def read_sheets(name: str, content: bytes) -> list[Sheet]:
    """Every table of a file, archives unpacked.

    Raises:
        ExportError: If the file holds no table that can be read; the subclass says why.
    """
    found, unread = members(name, content)
    sheets = []
    for member in found:
        try:
            sheets += member.sheets()
        except ExportError as error:
            unread.append(error)
    if not sheets:
        raise unread[0]
    return sheets


def members(name: str, content: bytes) -> tuple[list[Member], list[ExportError]]:
    """The file itself, or the files of an archive, each with its kind.

    Returns:
        What can be read, and of an archive's other files why they cannot.

    Raises:
        ExportError: If nothing can be read: the content is empty, locked, damaged or of another
            kind.
    """
    if name.rsplit("/", 1)[-1].startswith("~$"):
        raise LockFileError(file=name)
    # A look at the start first: stripping copies, and files may be large.
    if not content[:_LOOK_BYTES].strip(_BLANK) and not content.strip(_BLANK):
        raise EmptyFileError(file=name)
    if content.startswith(b"PK"):
        return _zip_members(name, content)
    limits.check_size(name, len(content))
    kind = _kind(name, content)
    if kind == "workbook":
        check_old_workbook(name, content)
        return [Member(name, content, kind)], []
    content = plain_bytes(name, content)
    if nul_bytes := content.count(b"\x00"):
        content = content.replace(b"\x00", b"")
    if content[:_LOOK_BYTES].lstrip(_BLANK).startswith(b"{"):
        limits.check_size(name, len(content), limits.MAX_JSON_BYTES)
    else:
        limits.check_lines(name, content)
    return [Member(name, content, kind, nul_bytes)], []


def _kind(name: str, content: bytes) -> str:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise EncryptedFileError(file=name)
        return "workbook"
    for magic, kind in _OTHER_KINDS.items():
        if content.startswith(magic):
            raise NotATableError(file=name, kind=kind)
    head = content[:2048].lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<?xml", b"<table", b"<head", b"<meta")):
        raise NotATableError(file=name, kind="a web page")
    nothing = head.count(b"\x00") + len(_CONTROL.findall(head))
    if nothing > _STRAY * len(head) and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotATableError(file=name, kind="binary content")
    return "text"


def _zip_members(name: str, content: bytes) -> tuple[list[Member], list[ExportError]]:
    if (heads := content.count(_FILE_HEAD)) > _MOST_HEADS:
        raise TooManyFilesError(file=name, found=heads, limit=limits.MAX_MEMBERS)
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except _UNOPENED as error:
        raise BrokenFileError(file=name) from error
    with archive:
        if len(entries) > limits.MAX_MEMBERS:
            raise TooManyFilesError(file=name, found=len(entries), limit=limits.MAX_MEMBERS)
        stated = sum(entry.file_size for entry in entries)
        names = {entry.filename for entry in entries}
        if _XLSB in names:
            # Its sheets are no text, so their cells cannot be counted before they are read.
            raise UnusualWorkbookError(file=name)
        if _XLSX in names:
            limits.check_size(name, stated, limits.MAX_WORKBOOK_BYTES)
            check_workbook(name, archive, entries)
            return [Member(name, content, "workbook")], []
        limits.check_size(name, stated)
        found: list[Member] = []
        unread: list[ExportError] = []
        for entry in entries:
            if _litter(entry.filename):
                continue
            try:
                found += _unpacked(name, archive, entry)
            except ExportError as error:
                unread.append(error)
    if not found:
        raise unread[0] if unread else EmptyFileError(file=name)
    return found, unread


def _litter(filename: str) -> bool:
    """Files that systems leave in archives: resource forks, folder settings, lock files."""
    last = filename.rsplit("/", 1)[-1]
    return filename.startswith("__MACOSX/") or last.startswith((".", "~$"))


def _unpacked(name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> list[Member]:
    """The one file of an entry; none where it is empty."""
    full_name = f"{name}/{_member_name(entry)}"
    if entry.flag_bits & 1:
        raise EncryptedFileError(file=full_name)
    try:
        with archive.open(entry) as stream:
            # The stated size is the archive's word only; one byte more shows that it lies.
            content = stream.read(entry.file_size + 1)
    except Exception as error:  # zlib, lzma, bz2 and struct each raise their own
        raise BrokenFileError(file=full_name) from error
    if len(content) > entry.file_size:
        raise ArchiveError(file=full_name, reason="a file larger than stated")
    if not content:
        return []
    if _is_archive(content):
        raise ArchiveError(file=full_name, reason="an archive inside the archive")
    found, _unread = members(full_name, content)
    return found


def _is_archive(content: bytes) -> bool:
    if not content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return not {_XLSX, _XLSB} & set(archive.namelist())
    except _UNOPENED:
        return False


def _member_name(entry: zipfile.ZipInfo) -> str:
    """The member's name; archives made on Chinese Windows name files in GBK without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return entry.filename.encode("cp437").decode(encoding)
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return entry.filename


__all__ = ["ExportError", "Member", "Sheet", "members", "read_sheets"]
