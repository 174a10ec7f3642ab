"""Readers of files that are no plain table: chats as text, the three-block DSR workbook, JSON.

A layout names its reader (``reader = "…"``); the table reader asks these when no plain layout
fits a file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from exports.chats.readers import (
    claimed_text,
    claimed_workbook,
    read_claimed_text,
    read_text,
    read_workbook,
)
from exports.files.sheets import Member
from exports.refused_files import claimed_refused, refuse
from exports.result import Reading
from exports.scores.readers import claimed_ratings, read_ratings


@dataclass(frozen=True)
class SpecialReader:
    """One way to read a whole file.

    ``claims`` looks at a file and answers the id of the layout it is of, or None;
    ``read`` reads it as that layout, on the day given by the user if any.
    """

    name: str
    claims: Callable[[Member], str | None]
    read: Callable[[Member, str, date | None], list[Reading]]
    #: Whether it reads lines rather than tables; it is not asked for a file that is a table.
    of_lines: bool = False
    #: How a file is read that was only claimed, where more is asked of it than of one that
    #: somebody said is of this layout.
    read_claimed: Callable[[Member, str, date | None], list[Reading]] | None = None

    def take(self, member: Member, layout: str, day: date | None) -> list[Reading]:
        """Read a file that was claimed."""
        return (self.read_claimed or self.read)(member, layout, day)


#: Asked in this order.
SPECIAL_READERS: tuple[SpecialReader, ...] = (
    SpecialReader(
        "chat_text", claimed_text, read_text, of_lines=True, read_claimed=read_claimed_text
    ),
    SpecialReader("chat_workbook", claimed_workbook, read_workbook),
    SpecialReader("rating_file", claimed_ratings, read_ratings),
    SpecialReader("refused", claimed_refused, refuse),
)
