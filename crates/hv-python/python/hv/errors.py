"""What can go wrong with a memory. Each error carries its parts as attributes, as the docstrings name them."""

from __future__ import annotations

from typing import Any


class StoreError(Exception):
    """A memory could not do what was asked. Nothing acknowledged before is lost."""

    def __init__(self, text: str, **parts: Any) -> None:
        super().__init__(text)
        self.__dict__.update(parts)


class ClosedError(StoreError, ValueError):
    """The memory was closed."""


class DamagedError(StoreError):
    """Bytes of the store are not what was written: path, what."""


class ForkedError(StoreError):
    """The memory belongs to the process that opened it, and this is a fork of that process: owner, path."""


class FullError(StoreError):
    """There is no room on the disk: action, path, needed (bytes, or None)."""


class InUseError(StoreError):
    """Another handle has the store open: path, process (or None), reading."""


class InvalidLabelError(StoreError, ValueError):
    """A key, a source or a tag cannot be stored: index, what."""


class InvalidPolicyError(StoreError, ValueError):
    """A setting of a policy is out of range: setting, value, expected."""


class InvalidQueryError(StoreError, ValueError):
    """A query cannot be answered: what."""


class InvalidValenceError(StoreError, ValueError):
    """A valence is not from -1 to 1: index, value."""


class IoError(StoreError, OSError):
    """The system refused: action, path."""


class MalformedError(StoreError, ValueError):
    """A file to import is not one: path, line (or None), what."""


class MetadataTooLargeError(StoreError, ValueError):
    """Metadata are over the limit: bytes, max."""


class NewerVersionError(StoreError):
    """The store was written by a later version: path, found, supported."""


class NoMoreIdsError(StoreError):
    """All ids are given out: next_id, max."""


class NotAFolderError(StoreError, NotADirectoryError):
    """The path is a file: path."""


class NotAStoreError(StoreError):
    """The folder holds something else: path, found."""


class NotEmptyError(StoreError):
    """What is imported into must be empty: next_id, rows."""


class NotFoundError(StoreError, FileNotFoundError):
    """There is no store: path."""


class OlderVersionError(StoreError):
    """The store was written by an earlier version, which only writing makes a new one: path, found, supported."""


class OtherWidthError(StoreError):
    """The store's vectors have another width: path, width."""


class OutOfMemoryError(StoreError, MemoryError):
    """There is no memory for vectors: bytes."""


class PayloadTooLargeError(StoreError, ValueError):
    """A payload is over the limit: index, bytes, max."""


class ReadOnlyError(StoreError):
    """The store was opened for reading: path."""


class RowTooLargeError(StoreError, ValueError):
    """A row is over the limit: part, bytes, max."""


class SearchError(StoreError):
    """A search that was given failed."""


class StaleSnapshotError(StoreError):
    """The rows of a snapshot are gone, since the store was rewritten: path."""


class WrongSearchError(StoreError, ValueError):
    """A search that was given is over other vectors: expected, found."""
