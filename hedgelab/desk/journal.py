"""The journal: every event in SQLite before anything acts on it.

What is promised: whatever `append` returned from survives the death of the process, at any point; and where it was
`durable` the loss of power too.  A desk asks for the latter before an order leaves, and where it was commanded,
changed its state or had a fill: what may be lost with the power are the last quotes and what was found wrong with
them, and answers other than fills, which are asked for again at the next start.

Each record carries a checksum of its text and of the checksum before it, so a record that was changed, left out or
moved is named, and what stands before it can be used.  (A chain does not know its own end: records that are gone
from the end of the file are not missed.)
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from hedgelab.desk.codec import decode, encode
from hedgelab.desk.events import Event

_TABLE = "CREATE TABLE IF NOT EXISTS record (number INTEGER PRIMARY KEY, event TEXT NOT NULL, chain TEXT NOT NULL)"
_INSERT = "INSERT INTO record VALUES (?, ?, ?)"
_MARK = 0x4445534B  # "DESK", in the file's head


class JournalError(Exception):
    """The journal cannot be written or read; the message says what happened, and to which record.

    `record` is the number of the first record that is no good, None where that is not the matter.
    """

    def __init__(self, message: str, record: int | None = None) -> None:
        super().__init__(message)
        self.record = record


class Journal:
    """The events of one desk in a file, which no other desk can use meanwhile; where `examined`, left as it is.

    Raises
    ------
    JournalError
        Where the file is another desk's at this moment, is no journal, or cannot be read or written.

    Examples
    --------
    >>> from hedgelab.desk.events import Timer
    >>> with Journal(":memory:") as journal:
    ...     journal.append([Timer(1.0, "beat"), Timer(2.0, "beat")])
    ...     list(journal.read())
    [Timer(time=1.0, name='beat'), Timer(time=2.0, name='beat')]
    """

    def __init__(self, path: str | Path, *, examined: bool = False) -> None:
        self.path, self._examined = str(path), examined
        where = self.path
        if examined:  # what was not yet taken over from the -wal of a desk that was killed stays there
            kept = Path(f"{path}-wal").exists()
            where = f"{Path(path).absolute().as_uri()}?{'mode=ro' if kept else 'immutable=1'}"
        try:
            self._file = sqlite3.connect(where, timeout=0, isolation_level=None, uri=examined)
        except sqlite3.Error as problem:
            raise self._explained(problem) from None
        try:
            self._begin()
        except BaseException as problem:
            self._file.close()  # or its lock would stay
            if isinstance(problem, sqlite3.Error | UnicodeDecodeError):  # the latter from within a damaged file
                raise self._explained(problem) from None
            raise
        self._durable = True
        self.count, self._chain = 0, ""  # how many records have been read or written so far
        self.taken = False  # by a desk

    def _begin(self) -> None:
        """Take the file for oneself, and make a journal of it if it is new; or see that it is one."""
        if not self._examined:
            self._file.execute("PRAGMA locking_mode = EXCLUSIVE")  # before WAL: no other process can open it then
        (mark,) = self._file.execute("PRAGMA application_id").fetchone()
        (tables,) = self._file.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self._blank = not (mark or tables)  # new, or of a desk that was killed before it had made a journal of it
        if mark != _MARK and tables:
            raise JournalError(f"{self.path} is a database, but no journal of a desk")
        if mark == _MARK and not tables:
            raise JournalError(f"{self.path} is a corrupted journal of a desk: its records cannot be found")
        if self._examined:
            return
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.execute("PRAGMA fullfsync = ON")  # on a Mac the disk is not waited for otherwise
        self._file.execute("BEGIN IMMEDIATE")  # takes the lock, and keeps it
        self._file.execute(f"PRAGMA application_id = {_MARK}")
        self._file.execute(_TABLE)
        self._file.execute("COMMIT")
        self._blank = False

    def append(self, events: Sequence[Event], *, durable: bool = True) -> None:
        """Write events in one commit, all or none; `durable` says whether to wait until the disk has them.

        What is written follows what was read: a journal with records in it is read to its end first.
        """
        rows, count, chain = [], self.count, self._chain
        for event in events:
            text = encode(event)
            count, chain = count + 1, _chained(chain, text)
            rows.append((count, text, chain))
        try:
            if durable != self._durable:
                self._file.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            if len(rows) == 1:  # a statement by itself is a commit of its own
                self._file.execute(_INSERT, rows[0])
            else:
                self._file.execute("BEGIN IMMEDIATE")
                self._file.executemany(_INSERT, rows)
                self._file.execute("COMMIT")
        except sqlite3.Error as problem:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            if isinstance(problem, sqlite3.IntegrityError):
                raise JournalError(f"{self.path} holds records that were not read before record {count}") from None
            raise self._explained(problem) from None
        self.count, self._chain = count, chain

    def read(self) -> Iterator[Event]:
        """All events from the first on.

        Raises
        ------
        JournalError
            At the first record that is no good, named by its number; what came before it is good.
        """
        self.count, self._chain = 0, ""
        if self._blank:
            return
        try:
            for number, text, chain in self._file.execute("SELECT * FROM record ORDER BY number"):
                if number != self.count + 1 or _chained(self._chain, text) != chain:
                    raise self._corrupted("its checksum is wrong, or a record before it is gone")
                try:
                    event = decode(text)
                except ValueError as problem:
                    raise self._corrupted(str(problem)) from None
                self.count, self._chain = number, chain
                yield event
        except (sqlite3.Error, UnicodeDecodeError) as problem:
            raise self._corrupted(str(problem)) from None

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def _corrupted(self, why: str) -> JournalError:
        record = self.count + 1
        return JournalError(
            f"record {record} of {self.path} is corrupted ({why}); the {self.count} before it can be used", record
        )

    def _explained(self, problem: Exception) -> JournalError:
        code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
        return JournalError(
            {
                sqlite3.SQLITE_BUSY: f"{self.path} is the journal of a desk that is running",
                sqlite3.SQLITE_FULL: f"no room on the disk for {self.path}: the event was not kept, nor acted on",
                sqlite3.SQLITE_NOTADB: f"{self.path} is no journal of a desk",
            }.get(code, f"{self.path}: {problem}")
        )


def _chained(chain: str, text: str) -> str:
    """The checksum of a record that follows one with the checksum `chain`."""
    return hashlib.blake2b(f"{chain}{text}".encode(), digest_size=8).hexdigest()
