"""How large an XLS becomes when it is read, tried by a process of its own.

Its parts are woven together so that only reading them tells; and a reader that finds no memory
ends its process, which must not be the server.
"""

import subprocess
import sys

from exports.errors import UnusualWorkbookError
from exports.files import limits

#: Memory and seconds the trial may take; 65,536 rows of 50 columns take a third of either.
_MEMORY = 768 * limits.MEGABYTE
_SECONDS = 10
_TRIAL = f"""
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_DATA, ({_MEMORY}, {_MEMORY}))
except (ImportError, ValueError, OSError):
    pass  # not on every system; without memory the trial still ends alone
import fastexcel
cells = 0
try:
    book = fastexcel.read_excel(sys.stdin.buffer.read())
    for name in book.sheet_names:
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        cells += sheet.height * sheet.width
except BaseException:
    pass  # damaged or locked: whoever reads it says so
print(cells)
"""


def check_old_workbook(file: str, content: bytes) -> None:
    """Refuse an XLS that would take more memory than ``exports.files.limits`` allow.

    Raises:
        UnusualWorkbookError: If the trial ended without a word.
        TooManyCellsError: If the sheets have room for too many cells.
    """
    try:
        trial = subprocess.run(
            [sys.executable, "-c", _TRIAL],
            input=content,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise UnusualWorkbookError(file=file) from error
    limits.check_cells(file, int(trial.stdout), 1, limits.MAX_SHEET_CELLS)
