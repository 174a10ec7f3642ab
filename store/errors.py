"""What the store says when it cannot do what was asked."""

from told.mark import mark as _

NEWER_STORE = _(
    "The store {store} was written by a newer version of Store Health"
    " (format {found}; this version reads up to {known}). Update the program and try again."
)
BUSY = _(
    "Another import is still writing to the store {store} after {seconds} seconds."
    " Try again when it is done."
)
NO_FOLDER = _("{store} is a file; a store is a folder. Name a folder, or one that is to be made.")
UNWRITABLE = _(
    "The store {store} cannot be written ({reason}). Nothing was written; name a folder you may"
    " write to."
)
NO_SUCH_UPLOAD = _("The store has no upload {upload_id}; it may have been withdrawn already.")
CONTESTED = _(
    "Other imports kept changing the store {store} at the same moment ({attempts} attempts)."
    " Nothing was written; try again."
)
OTHER_BUYER_KEY = _(
    "Another import gave the store {store} its key for buyers' addresses while this file was read."
    " Nothing was written; import the file again."
)
UNREADABLE_NOTE = _(
    "What {by} wrote on {at} UTC (“{kind}”) cannot be read ({reason}). A newer version of Store"
    " Health may have written it: update the program and try again."
)


class StoreError(ValueError):
    """Error raised when the store cannot be read or written as asked.

    Args:
        message: A message id with {named} fields.
        params: The values of those fields.
    """

    def __init__(self, message: str, **params: object) -> None:
        self.message = message
        self.params = params
        super().__init__(message.format(**params))


class NewerStoreError(StoreError):
    """Error raised when a newer program wrote the store."""


class StoreBusyError(StoreError):
    """Error raised when other writers hold the store for too long."""


class NoSuchUploadError(StoreError):
    """Error raised when an upload is named that the store does not hold."""
