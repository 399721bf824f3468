"""The wall around a submission: bubblewrap, else Podman or Docker, else nothing is run.

Inside there is a Python, the packages it may import, the assignment's data and a small folder to write to; no
network, no other process, nothing of the instructor's.  Each function below stops one thing and says which.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from coursework import seccomp
from coursework.assignment import Assignment

SHORTEST_KEY = 16  # letters

HERE = Path(__file__).parent
INSIDE = ("worker.py", "wire.py", "compare.py")
ANSWERS = ("hedgelab", "coursework")  # what may be installed beside NumPy, and holds answers
START = "import sys; sys.path += sys.argv[1:]; from coursework.worker import main; main()"
VARIABLES = {
    **dict.fromkeys(("HOME", "TMPDIR"), "/tmp"),
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "PYTHONDONTWRITEBYTECODE"), "1"),
    **{"PYTHONHASHSEED": "0", "JOBLIB_MULTIPROCESSING": "0", "MPLBACKEND": "agg", "LANG": "C.UTF-8"},
}
ROOM, MOST_THREADS = 64 << 20, 80
#: Where the kernel, if built to, lists the children of a process.
CHILDREN = "/proc/{0}/task/{0}/children"


class Refused(Exception):
    """Why nothing was run, for the instructor."""


@dataclass(frozen=True)
class Inmate:
    """A process behind a wall: its two pipes, and how it ends."""

    process: subprocess.Popen[bytes]
    ending: tuple[str, ...] = ()
    folder: str = ""

    def crowded(self) -> bool:
        """Stops threads from taking all numbers of processes, where no limit of the kernel binds it, as root's."""
        count, seen, below = 0, [str(self.process.pid)], children()
        for pid in seen:
            with contextlib.suppress(OSError):
                count += len(os.listdir(f"/proc/{pid}/task"))
                seen += below(pid)
        return count > MOST_THREADS

    def end(self) -> str:
        """Stops anything from outliving its submission; what the wall itself had to say, if it said anything."""
        if self.ending:
            subprocess.run(self.ending, capture_output=True, check=False)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        _, said = self.process.communicate()
        shutil.rmtree(self.folder or "/nonexistent", ignore_errors=True)
        return said.decode("utf-8", "replace")[:500].strip()


def children() -> Callable[[str], list[str]]:
    """What tells a process's children: the kernel's lists or, where it keeps none, everybody's parents."""
    if os.path.exists(CHILDREN.format(os.getpid())):
        return lambda pid: Path(CHILDREN.format(pid)).read_text().split()
    found = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            found[stat.read_bytes().rpartition(b")")[2].split()[1].decode()].append(stat.parent.name)
    return lambda pid: found[pid]


def packages() -> list[Path]:
    """The folders that NumPy and its like are installed in."""
    found = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(Path(np.__file__).parents[1])]
    return list(dict.fromkeys(Path(folder).resolve() for folder in found))


def libraries(names: Iterable[str]) -> dict[str, Path]:
    """Where the packages of these names are."""
    found = {name: importlib.util.find_spec(name) for name in names}
    return {name: Path(str(spec.origin)).resolve().parent for name, spec in found.items() if spec}


def interpreter() -> Path:
    """The Python itself, not a virtual environment's name for it."""
    return Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))


def own_namespaces() -> list[str]:
    """Stops the network, and the sight of other processes: the submission is alone in namespaces of its own."""
    return ["--unshare-user", "--unshare-all", *(["--disable-userns"] if "--disable-userns" in usage() else [])]


def nobody() -> list[str]:
    """Stops the use of rights: it is nobody, can do nothing that root can, and has no terminal."""
    return ["--uid", "65534", "--gid", "65534", "--cap-drop", "ALL", "--new-session", "--hostname", "sandbox"]


def dies_with_us() -> list[str]:
    """Stops it from going on where the grader is killed."""
    return ["--die-with-parent"]


def environment() -> dict[str, str]:
    """Stops the sight of the instructor's environment: the process begins with these variables and no others."""
    return dict(VARIABLES)


def little_room() -> list[str]:
    """Stops the filling of memory through files: all that it can write is a folder of 64 MB."""
    return [*(["--size", str(ROOM)] if "--size " in usage() else []), "--tmpfs", "/tmp", "--dir", "/tmp/work"]


def what_python_needs() -> list[str]:
    """Stops the sight of anything else, no home, no /etc, no /proc, no programs, and writing to any of it."""
    python, base = interpreter(), Path(sys.base_prefix)
    words = ["--dev-bind", "/dev/null", "/dev/null", "--dev-bind", "/dev/urandom", "/dev/urandom"]
    for folder in map(Path, ("/lib", "/lib64")):
        if folder.is_symlink():
            words += ["--symlink", os.readlink(folder).lstrip("/"), str(folder)]
        elif folder.is_dir():
            words += bind(folder)
    needed = [*map(Path, ("/usr/lib", "/usr/lib64", "/etc/ld.so.cache")), base / "lib", python, *packages()]
    return words + [word for path in dict.fromkeys(needed) if path.exists() for word in bind(path)]


def no_other_packages() -> list[str]:
    """Stops the reading of what else is installed: in the Python of a virtual environment, in the system's."""
    folders = [
        folder
        for lib in (Path("/usr/lib"), Path("/usr/lib64"), Path(sys.base_prefix) / "lib")
        for folder in sorted(lib.glob("python3*/*-packages"))
        if folder.is_dir() and not any(own.is_relative_to(folder.resolve()) for own in packages())
    ]
    return [word for folder in dict.fromkeys(folders) for word in empty(folder)]


def no_answers(assignment: Assignment) -> list[str]:
    """Stops the import of an installed library that holds the answers, unless the assignment lists it."""
    hidden = [folder / name for folder in packages() for name in ANSWERS if (folder / name).is_dir()]
    words = [word for folder in hidden for word in empty(folder)]
    for name, folder in libraries(assignment.libraries).items():
        words += bind(folder, Path("/libraries") / name)
    return words


def what_it_runs(assignment: Assignment) -> list[str]:
    """Stops the reading of checks: of this package three files go in, of the assignment its data."""
    words = [word for name in INSIDE for word in bind(HERE / name, Path("/libraries/coursework") / name)]
    data = assignment.folder / "data"
    return words + (bind(data, Path("/tmp/work/data")) if assignment.folder.name and data.is_dir() else [])


def read_only_root() -> list[str]:
    """Stops the filling of what is not mounted: the root is a file system in memory."""
    return ["--remount-ro", "/"]


def bind(folder: Path, to: Path | None = None) -> list[str]:
    """Mount a folder to be read."""
    return ["--ro-bind-try", str(folder), str(to or folder)]


def empty(folder: Path) -> list[str]:
    """Mount nothing over a folder."""
    return ["--tmpfs", str(folder), "--remount-ro", str(folder)]


def bubblewrap(assignment: Assignment) -> list[str]:
    """All that bubblewrap is told; what is mounted later may lie below what is mounted first."""
    alone, room = (
        [*own_namespaces(), *nobody(), *dies_with_us()],
        [*little_room(), *what_python_needs(), *no_other_packages()],
    )
    inside = [*no_answers(assignment), *what_it_runs(assignment), "--chdir", "/tmp/work"]
    return [*alone, *room, *inside, *read_only_root()]


def container(engine: str, name: str, assignment: Assignment) -> list[str]:
    """The same wall by Docker or Podman: their own filter of system calls, one container a submission."""
    inside = [*(word for folder in packages() for word in bind(folder)), *no_answers(assignment)]
    inside += what_it_runs(assignment)
    return [
        *(engine, "run", "--rm", "-i", "--name", name, "--network=none", "--read-only", "--cap-drop=ALL"),
        *("--security-opt=no-new-privileges", "--pids-limit=64", "--memory=2g", "--memory-swap=2g", "--cpus=1"),
        *("--user=65534:65534", "--tmpfs=/tmp", f"--tmpfs=/tmp/work:mode=1777,size={ROOM}", "--workdir=/tmp/work"),
        *(f"--volume={inside[at + 1]}:{inside[at + 2]}:ro" for at in places(inside, "--ro-bind-try")),
        *(f"--tmpfs={inside[at + 1]}:ro" for at in places(inside, "--tmpfs")),
        *(f"--env={key}={value}" for key, value in VARIABLES.items()),
        os.environ.get("COURSEWORK_IMAGE", f"python:{sys.version_info[0]}.{sys.version_info[1]}-slim"),
    ]


def places(words: list[str], word: str) -> list[int]:
    """Where a word stands."""
    return [at for at, found in enumerate(words) if found == word]


def start(wall: str, assignment: Assignment) -> Inmate:
    """A worker behind a wall: "bubblewrap", "podman", "docker" or, for one's own code, "none"."""
    python = ["-I", "-S", "-c", START, "/libraries", *map(str, packages())]
    if wall == "bubblewrap":
        told = "\0".join(bubblewrap(assignment)).encode()  # not in the command, which the list of processes shows
        with sealed(told) as words, sealed(seccomp.program() or b"") as calls:
            given = ["--args", str(words.fileno()), "--seccomp", str(calls.fileno()), "--", str(interpreter())]
            command = [shutil.which("bwrap") or "bwrap", *given, *python]
            return Inmate(opened(command, environment(), (words, calls)))
    if wall in ("podman", "docker"):
        name = "coursework-" + secrets.token_hex(8)
        command = [*container(wall, name, assignment), "python", *python]
        return Inmate(opened(command, dict(os.environ)), ending=(wall, "rm", "--force", name))
    folder = tempfile.mkdtemp(prefix="coursework-")
    if (assignment.folder / "data").is_dir():
        shutil.copytree(assignment.folder / "data", Path(folder) / "data")
    command = [str(interpreter()), *python[:4], str(HERE.parent), *python[5:]]
    return Inmate(opened(command, environment(), folder=folder), folder=folder)


def sealed(data: bytes) -> IO[bytes]:
    """A file without a name that holds these bytes."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(data)
    file.seek(0)
    return file


def opened(
    command: list[str], environment: dict[str, str], files: Iterable[IO[bytes]] = (), folder: str | None = None
) -> subprocess.Popen[bytes]:
    """Stops the use of what the grader has open: the program inherits its pipes and these files, nothing else."""
    kept, pipe = [file.fileno() for file in files], subprocess.PIPE
    about = {"stdin": pipe, "stdout": pipe, "stderr": pipe, "env": environment, "cwd": folder, "bufsize": 0}
    return subprocess.Popen(command, **about, close_fds=True, pass_fds=kept, start_new_session=True)  # type: ignore[call-overload,no-any-return]


@functools.cache
def usage() -> str:
    """What this bubblewrap can be told."""
    return subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False).stdout


def best() -> str:
    """The first wall that works here, found by running Python behind it."""
    said = ""
    nothing = Assignment("nothing", "", "", (0, 0), [])
    if sys.platform == "linux" and shutil.which("bwrap") and seccomp.program():
        command = ["bwrap", *bubblewrap(nothing), "--", str(interpreter()), "-I", "-S", "-c", "pass"]
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            return "bubblewrap"
        said = "bubblewrap said: " + tried.stderr.strip()
    for engine in filter(shutil.which, ("podman", "docker")):
        if subprocess.run([engine, "info"], capture_output=True, check=False).returncode == 0:
            return engine
    raise Refused((HERE / "pages" / "no_sandbox.txt").read_text(encoding="utf-8") + said)


def key(path: Path) -> bytes:
    """Stops hidden inputs from being guessed: a class's key, if it is one; the same however its line ends."""
    if not path.is_file():
        raise Refused(f"no key in {path}: make one with  python -m coursework key {path}")
    if len(found := path.read_bytes().strip()) < SHORTEST_KEY:
        raise Refused(
            f"a key has {SHORTEST_KEY} letters or more, {path} has {len(found)}: "
            "make one with  python -m coursework key"
        )
    return found + b"\n"


def keep_apart(assignment: Assignment, paths: Iterable[Path]) -> None:
    """Stops the instructor's own files from lying in a folder that submissions can read."""
    words = [*what_python_needs(), *no_answers(assignment), *what_it_runs(assignment)]
    read = [Path(words[at + 1]).resolve() for at in places(words, "--ro-bind-try")]
    for path in paths:
        below = next((folder for folder in read if path.resolve().is_relative_to(folder)), None)
        if below:
            raise Refused(f"{path} lies in {below}, which submissions can read: move it")


def arguments(parser: argparse.ArgumentParser, about_key: str, out: Path | None, about_out: str) -> None:
    """What every command is told that runs submissions."""
    parser.add_argument(
        "submissions", type=Path, help="a folder, a zip, or what a learning system gives to download"
    )
    parser.add_argument("--key", type=Path, required=True, help=about_key)
    parser.add_argument("--out", type=Path, default=out, help=about_out)
    parser.add_argument(
        "--jobs", type=several, default=os.cpu_count() or 1, help="how many at a time (one a core)"
    )
    parser.add_argument("--unsafe", action="store_true", help="without a sandbox: for your own notebooks only")


def several(text: str) -> int:
    """One or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"1 or more at a time, got {text}")
    return int(text)


def chosen(options: argparse.Namespace, assignment: Assignment) -> str:
    """The wall for these options; what must not be read lies outside of it, and what is written not among them."""
    if options.unsafe:
        print("UNSAFE: submissions run as you, and can do whatever you can.", file=sys.stderr)
    wall, folder = "none" if options.unsafe else best(), [assignment.folder] if assignment.folder.name else []
    if options.submissions.is_dir() and options.out.resolve().is_relative_to(options.submissions.resolve()):
        raise Refused(
            f"{options.out} lies in {options.submissions}, and would be taken for a student's: give another --out"
        )
    if not options.unsafe:
        keep_apart(assignment, [options.key, options.submissions, options.out, *folder])
    return wall
