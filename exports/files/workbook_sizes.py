"""How large an XLSX becomes when it is read, told from its parts before it is.

calamine makes room for every cell from the first to the last of a sheet, and ends the whole
process where there is not so much memory; so the places of the cells themselves are looked at,
never what a sheet or the archive says of sizes.
"""

import copy
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from exports.errors import (
    BrokenFileError,
    EncryptedFileError,
    ExportError,
    TooLongError,
    UnusualWorkbookError,
)
from exports.files import limits

_PART = 4 * limits.MEGABYTE
#: Bytes of a cell's text: three for each Chinese character, and the tags around it.
_CELL_BYTES = 4 * limits.MAX_LENGTH
#: What ends a text of the list, or is an empty one.
_TEXT_END = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])")
_PREFIXED_CELL = re.compile(rb"<\w+:c(?=[\s/>])")
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s/>])")
#: Cells that do not say their place are counted row by row, which is slow: no more bytes of them.
_MOST_PLACELESS = 64 * limits.MEGABYTE
#: A place is at most XFD1048576; one more of each tells that it is no place of a sheet.
_LETTERS, _DIGITS = 4, 8
#: Room behind the end of a block, to look ahead without leaving it.
_MARGIN = b" " * 16

Block = npt.NDArray[np.uint8]
Places = npt.NDArray[np.signedinteger[Any]]


@dataclass
class _Reach:
    """How far the cells of one sheet reach."""

    row: int = 0
    column: int = 0
    #: Of rows and cells that do not say their place, and bytes looked at since the first of them.
    more_rows: int = 0
    more_columns: int = 0
    here: int = 0
    placeless_bytes: int = 0

    @property
    def rows(self) -> int:
        return self.row + self.more_rows

    @property
    def columns(self) -> int:
        return self.column + self.more_columns


def check_workbook(file: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse an XLSX that would take more memory than ``exports.files.limits`` allow.

    Every part is unpacked once, a piece at a time, and thrown away.

    Raises:
        TooLargeError, TooManyColumnsError, TooManyCellsError, TooLongError: If it would.
        UnusualWorkbookError: If that cannot be told.
        EncryptedFileError, BrokenFileError: If a part cannot be unpacked.
    """
    unpacked, cells, repeated = 0, 0, 0
    texts: Places = np.zeros(0, np.int64)
    # The list of texts first: the cells point into it.
    for entry in sorted(entries, key=lambda one: not _is_texts(one)):
        pieces = _Pieces(file, archive, entry, unpacked)
        if _is_texts(entry):
            texts = _text_lengths(file, pieces)
        elif entry.filename.lower().endswith(".xml"):
            reach = _Reach()
            for block in _blocks(file, pieces, reach):
                _extend(file, reach, block)
                repeated += _repeated(block, texts)
                limits.check_columns(file, reach.rows, reach.columns)
                limits.check_cells(file, reach.rows, reach.columns, limits.MAX_SHEET_CELLS - cells)
                limits.check_size(file, repeated, limits.MAX_REPEATED)
            cells += reach.rows * reach.columns
        else:
            for _piece in pieces:
                pass
        unpacked = pieces.unpacked


def _is_texts(entry: zipfile.ZipInfo) -> bool:
    return "sharedstrings" in entry.filename.lower()


class _Pieces:
    """One part of an archive, unpacked piece by piece to its true end."""

    def __init__(
        self, file: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, before: int
    ) -> None:
        self._file, self._archive, self._entry = file, archive, entry
        #: Bytes of this part and those before it.
        self.unpacked = before

    def __iter__(self) -> Iterator[bytes]:
        if self._entry.flag_bits & 1:
            raise EncryptedFileError(file=self._file)
        # zipfile ends where the list of files says, calamine where the packed bytes do.
        unbounded = copy.copy(self._entry)
        unbounded.file_size = limits.MAX_WORKBOOK_BYTES + 1
        try:
            with self._archive.open(unbounded) as stream:
                while piece := stream.read(_PART):
                    self.unpacked += len(piece)
                    limits.check_size(self._file, self.unpacked, limits.MAX_WORKBOOK_BYTES)
                    yield piece
        except ExportError:
            raise
        except Exception as error:  # zlib, lzma, bz2 and struct each raise their own
            raise BrokenFileError(file=self._file) from error


def _text_lengths(file: str, pieces: _Pieces) -> Places:
    """Bytes of every text of the list, with its tags."""
    lengths: list[Places] = []
    left = b""
    for piece in pieces:
        left += piece
        ends = np.array([0, *(end.end() for end in _TEXT_END.finditer(left))], np.int64)
        lengths.append(np.diff(ends))
        left = left[ends[-1] :]
        if max(len(left), lengths[-1].max(initial=0)) > _CELL_BYTES:
            raise TooLongError(file=file, row="—", limit=limits.MAX_LENGTH)
    return np.concatenate([np.zeros(0, np.int64), *lengths])


def _blocks(file: str, pieces: _Pieces, reach: _Reach) -> Iterator[bytes]:
    """The text of a part in blocks of whole cells."""
    left = b""
    for piece in pieces:
        left += piece
        end = left.rfind(b"<")
        cell = max(left.rfind(b"<c", 0, end + 1), left.rfind(b":c", 0, end + 1))
        cut = left.rfind(b"<", 0, cell + 1) if cell >= 0 else -1
        if cut > 0:
            yield left[:cut]
            left = left[cut:]
        if len(left) > _CELL_BYTES + _PART:
            raise TooLongError(file=file, row=max(reach.rows, 1), limit=limits.MAX_LENGTH)
    yield left


def _extend(file: str, reach: _Reach, block: bytes) -> None:
    """Have a sheet reach as far as the cells of one more block."""
    signs = np.frombuffer(block + _MARGIN, np.uint8)
    rows, columns = _places(signs)
    reach.row = max(reach.row, int(rows.max(initial=0)))
    reach.column = max(reach.column, int(columns.max(initial=0)))
    placeless = _cells(block, signs) > int((columns > 0).sum())
    if not placeless and not reach.placeless_bytes:
        return
    reach.placeless_bytes += len(block)
    if reach.placeless_bytes > _MOST_PLACELESS:
        raise UnusualWorkbookError(file=file)
    first, *following = _ROW.split(block)
    counts = [reach.here + len(_CELL.findall(first))]
    counts += [len(_CELL.findall(row)) for row in following]
    reach.here = counts[-1]
    reach.more_columns = max(reach.more_columns, *counts)
    reach.more_rows += len(following)


def _places(signs: Block) -> tuple[Places, Places]:
    """Rows and columns, from 1, of all that says ``r="AB12"``; column 0 where only a row is."""
    at = np.flatnonzero(signs[: -len(_MARGIN)] == ord("="))
    at = at[at > 1]
    before = signs[at - 2]
    at = at[
        (signs[at - 1] == ord("r"))
        & ((before <= ord(" ")) | (before == ord('"')) | (before == ord("'")))
        & ((signs[at + 1] == ord('"')) | (signs[at + 1] == ord("'")))
    ]
    at = at + 2
    columns = np.zeros(len(at), np.int32)
    for _place in range(_LETTERS):
        letter = (signs[at] & 0xDF).astype(np.int32) - ord("A") + 1
        is_letter = (letter >= 1) & (letter <= 26)
        columns = np.where(is_letter, columns * 26 + letter, columns)
        at = at + is_letter
    return _number(signs, at), columns


def _number(signs: Block, at: Places) -> Places:
    """The numbers that begin at these places; 0 where none does."""
    found = np.zeros(len(at), np.int32)
    going = np.ones(len(at), bool)
    for place in range(_DIGITS):
        digit = signs[np.minimum(at + place, len(signs) - 1)].astype(np.int32) - ord("0")
        going &= (digit >= 0) & (digit <= 9)
        if not going.any():
            break
        found = np.where(going, found * 10 + digit, found)
    return found


def _cells(block: bytes, signs: Block) -> int:
    """How many tags of cells a block has."""
    at = np.flatnonzero(signs[: -len(_MARGIN)] == ord("c"))
    at = at[at > 0]
    after = signs[at + 1]
    ends = (after <= ord(" ")) | (after == ord(">")) | (after == ord("/"))
    plain = int((ends & (signs[at - 1] == ord("<"))).sum())
    prefixed = bool((ends & (signs[at - 1] == ord(":"))).any())
    return plain + (len(_PREFIXED_CELL.findall(block)) if prefixed else 0)


def _repeated(block: bytes, texts: Places) -> int:
    """Bytes of the texts that the cells of a block point at.

    A number that is no pointer is taken for one, a value that is written unusually for a pointer
    at the longest text: rather too much than too little.
    """
    if not len(texts):
        return 0
    signs = np.frombuffer(block + _MARGIN, np.uint8)
    at = np.flatnonzero(signs[: -len(_MARGIN)] == ord("v"))
    at = at[at > 0]
    before, after = signs[at - 1], signs[at + 1]
    opening = (before == ord("<")) & (after == ord(">"))
    closing = (before == ord("/")) & ((after == ord(">")) | (after <= ord(" ")))
    prefixed = (before == ord(":")) & ((after == ord(">")) | (after <= ord(" ")))
    pointers = _number(signs, at[opening] + 2)
    pointers = pointers[pointers < len(texts)]
    unusual = max(int(closing.sum() + prefixed.sum() - opening.sum()), 0)
    return int(texts[pointers].sum()) + unusual * int(texts.max())
