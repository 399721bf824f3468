"""Which system calls a submission may make: a filter that the kernel applies to it and that it cannot take off."""

from __future__ import annotations

import platform
import struct
from collections.abc import Iterable, Mapping

#: By machine: what the kernel calls it, and the numbers of the calls that make threads and processes.
MACHINES = {
    "x86_64": (0xC000003E, {"clone": 56, "clone3": 435}),
    "aarch64": (0xC00000B7, {"clone": 220, "clone3": 435}),
}
#: Calls that coursework does not need: their numbers on x86_64 and on aarch64, which lacks some.
CHILDREN = {"fork": (57, None), "vfork": (58, None)}
NETWORK = {"socket": (41, 198), "io_uring_setup": (425, 425)}
MEMORY = {  # that no limit of the process counts
    "shmget": (29, 194), "memfd_create": (319, 279), "memfd_secret": (447, 447), "msgget": (68, 186),
    "semget": (64, 190), "mq_open": (240, 180),
}  # fmt: skip
KERNEL = {  # the ways by which others have got out, or looked into another process
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "open_by_handle_at": (304, 265), "keyctl": (250, 219), "add_key": (248, 217),
    "request_key": (249, 218), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "personality": (135, 92),
}  # fmt: skip
WATCHED = {  # news and leases of files that other sandboxes read as well
    "inotify_init": (253, None), "inotify_init1": (294, 26), "fanotify_init": (300, 262),
}  # fmt: skip
MARKS = {  # what one could leave on a file that others see, or that is the machine's: locks, modes, owners, times
    "flock": (73, 32), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
}  # fmt: skip
FCNTL = (72, 25)
#: Commands of fcntl: locks of a part of a file, and those that lease a file or watch a folder.
LOCKS, LEASES = (5, 6, 7, 36, 37, 38), (1024, 1026)
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, FORBIDDEN, UNKNOWN, DONE = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026, 0x00050000
CLONE_THREAD = 0x10000


def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One step of a filter."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def one_process(clone: int, clone3: int) -> bytes:
    """Stops children: a thread may be made, a process not.  So the limits of one process bound the sandbox."""
    return b"".join([
        step(EQUAL, clone3, 0, 1), step(RETURN, UNKNOWN),  # the C library falls back to clone, whose flags show
        step(EQUAL, clone, 0, 3), step(LOAD, 16), step(ANY_BIT, CLONE_THREAD, 1, 0), step(RETURN, FORBIDDEN),
        step(LOAD, 0),
    ])  # fmt: skip


def answered(numbers: Iterable[int], answer: int) -> bytes:
    """What is equal to one of these numbers gets this answer."""
    return b"".join(step(EQUAL, number, 0, 1) + step(RETURN, answer) for number in numbers)


def denied(numbers: list[int]) -> bytes:
    """Stops the calls of these numbers: they fail as if without permission."""
    return answered(numbers, FORBIDDEN)


def unmarked(numbers: list[int], fcntl: int) -> bytes:
    """Stops messages to other sandboxes by marks on shared files: they seem to be made, for libraries make them.

    A lease, which makes everybody else wait who opens the file, is refused.
    """
    command = step(LOAD, 24) + answered(LOCKS, DONE) + answered(LEASES, FORBIDDEN) + step(RETURN, ALLOW)
    return answered(numbers, DONE) + step(EQUAL, fcntl, 0, len(command) // 8) + command


def program() -> bytes | None:
    """The filter for this machine; None where we know no numbers of its calls."""
    if platform.machine() not in MACHINES:
        return None
    machine, threads = MACHINES[platform.machine()]
    column = list(MACHINES).index(platform.machine())

    def here(*groups: Mapping[str, tuple[int, int | None]]) -> list[int]:
        numbers = (both[column] for calls in groups for both in calls.values())
        return [number for number in numbers if number is not None]

    start = step(LOAD, 4) + step(EQUAL, machine, 1, 0) + step(RETURN, KILL) + step(LOAD, 0)
    start += step(AT_LEAST, 0x40000000, 0, 1) + step(RETURN, FORBIDDEN)  # the same calls by their other numbers
    rules = one_process(**threads) + denied(here(CHILDREN, NETWORK, MEMORY, KERNEL, WATCHED))
    return start + rules + unmarked(here(MARKS), FCNTL[column]) + step(RETURN, ALLOW)
