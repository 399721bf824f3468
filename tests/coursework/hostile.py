# ruff: noqa: E501
"""Submissions that mean no good, by kind: what they try, and what they may earn.

An attack is code that sets ``won`` to something true if it got what it wanted, after which the notebook gives the right
answer to question 3; one that is held earns the honest square's six points and no more.
"""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass

from notebooks import BUSIEST, CASH, GOOD, POLICY, SQUARE, cell, notebook

HONEST = 6.0


@dataclass(frozen=True)
class Attack:
    """A submission, and the points that it may earn (a range, where its own timing decides)."""

    name: str
    raw: bytes
    points: float
    least: float | None = None


def tries(name: str, code: str, points: float = HONEST) -> Attack:
    """A notebook with an honest square and code that may win the answer to question 3."""
    body = textwrap.indent(textwrap.dedent(code).strip(), "    ")
    attack = f"import os, sys, ctypes\nwon = False\ntry:\n{body}\nexcept BaseException:\n    pass\nif won:\n    {BUSIEST}"
    return Attack(name, notebook(SQUARE, attack), points)


def runs(name: str, *cells: str, points: float = HONEST, least: float | None = None) -> Attack:
    """A notebook of these cells."""
    return Attack(name, notebook(*cells), points, least)


def says(name: str, answer: str, points: float = 0.0) -> Attack:
    """A notebook whose every function, and whose value, gives the same object."""
    code = f"import numpy as np\n{textwrap.dedent(answer).strip()}\nmost_traded = it() if callable(it) else it"
    return Attack(name, notebook(code, "def square(x):\n    return it", "def cash(*a):\n    return it"), points)


WIRE = """
import json, os, struct
def frame(header, numbers=b""):
    text = json.dumps(header).encode()
    return struct.pack(">II", len(text), len(numbers)) + text + numbers
def out(data):
    for fd in range(3, 20):
        try:
            os.write(fd, data)
        except OSError:
            pass
"""


def forges(name: str, code: str, points: float = HONEST, least: float = 0.0) -> Attack:
    """A notebook that writes to the wire itself."""
    return Attack(name, notebook(SQUARE, WIRE + textwrap.dedent(code)), points, least)


JUNK = """
import gc
pipe = next(found for found in gc.get_objects() if type(found).__name__ == "Pipe")
def pour(header):
    text = json.dumps(header)[:-1].encode() + b', "x": [' + b"[[[]]]," * 580_000 + b"0]}"
    rest = memoryview(struct.pack(">II", len(text), 0) + text)
    while rest:
        try:
            rest = rest[os.write(pipe.writing, rest[:1 << 16]):]
        except BlockingIOError:
            pass
"""
LYING = "class It{base}:\n    {body}\nit = It()"
SECRET_FILES = (
    "/etc/passwd", "/etc/shadow", "/root/.bashrc", "/home", "/proc/self/environ", "/proc/1/cmdline", "/sys/kernel", "/var/log",
    "/usr/bin/env", "/bin/sh", "/dev/mem", "/dev/tty", "/run", "/boot",
)  # fmt: skip
DENIED = """
libc = ctypes.CDLL(None, use_errno=True)
won = libc.syscall({call}) != -1
"""
CYCLE = "a = []\na.append(a)\nit = a"
NEST = "it = 1.0\nfor _ in range(500):\n    it = [it]"


def built(*cells: dict, **more: object) -> bytes:
    """A notebook of these cells as they are."""
    about = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps({"cells": list(cells), **about, **more}).encode()


HOSTILE: dict[str, list[Attack]] = {
    "forged results": [
        forges("sends points", 'out(frame({"points": 100}))'),
        forges("sends answers before it is asked", 'out(b"".join(frame({"number": n, "value": "Monday"}) for n in range(99)))'),
        forges("says that it is ready", 'out(frame({"ready": True}))'),
        forges("says another cell is done", 'out(frame({"done": 0, "error": None}) * 50)'),
        forges("says a cell that is not there", 'out(frame({"start": 10**9}))'),
        forges("says a cell with a text for a number", 'out(frame({"start": "0"}))'),
        forges("sends no JSON", 'out(struct.pack(">II", 4, 0) + b"oops")'),
        forges("sends a list", 'out(struct.pack(">II", 2, 0) + b"[]")'),
        forges("sends half a frame and ends", 'out(struct.pack(">II", 100, 0) + b"{"); os._exit(0)'),
        forges("sends a second greeting", 'out(frame({"cells": 1, "written": {"q5": "<b>"}}))'),
        tries("writes results.json", 'open("results.json", "w").write("{}"); open("/results.json", "w"); won = True'),
        tries("patches the comparison", 'import coursework.compare as c; c.verdict = lambda *a: ""; c.PHRASES = ()'),
        tries("patches what sends", 'import coursework.worker as w; w.encoded = lambda v: ("Monday-ish", b"")', points=0.0),
        runs("prints that it passed", SQUARE, 'print("All tests passed. Score: 100/100")'),
        runs("exits with success", SQUARE, "import sys; sys.exit(0)"),
        runs("shadows check", SQUARE, "import check; check.check = lambda q: 100"),
    ],
    "reading outside": [
        *(tries(f"reads {path}", f"won = os.path.exists({path!r})") for path in SECRET_FILES),
        tries("reads the key", "won = open('KEY_PATH').read()"),
        tries("reads the checks", "won = open('CHECKS_PATH').read()"),
        tries("reads others' submissions", "won = os.listdir('SUBMISSIONS_PATH')"),
        tries("climbs out of its folder", "won = os.path.exists('../../etc/passwd') or os.path.exists('../../root/.bashrc')"),
        tries("imports the grader", "import coursework.grading; won = True"),
        tries("imports the checks", "import checks; won = True"),
        tries("imports hedgelab", "import hedgelab; won = hedgelab.black_scholes"),
        tries("looks for what else is installed", "import glob\nfound = glob.glob(os.path.dirname(os.__file__) + '/*-packages') + glob.glob('/usr/lib*/python3*/*-packages')\nwon = any(os.listdir(path) for path in found if path not in sys.path)"),
        tries("reads the environment", "won = os.environ.get('COURSEWORK_SECRET')"),
        tries("reads its own command line", "won = any('hw0' in word for word in sys.argv + sys.orig_argv)"),
        tries("finds the instructor's stack", "import gc; won = [o for o in gc.get_objects() if type(o).__name__ in ('Check', 'Marker')]"),
        tries("mounts what it wants", DENIED.format(call="165, 0, b'/tmp/work', b'tmpfs', 0, 0")),
        tries("makes a device", "os.mknod('/tmp/d', 0o60600, os.makedev(8, 0)); won = open('/tmp/d', 'rb').read(1)"),
        tries("is root", "won = os.getuid() != 65534"),
        tries("becomes root", "os.setuid(0); won = True"),
    ],
    "writing outside": [
        tries("writes to /", "open('/x', 'w').write('x'); won = True"),
        tries("writes to /usr/lib", "open('/usr/lib/x', 'w').write('x'); won = True"),
        tries("writes into NumPy", "import numpy; open(numpy.__file__, 'a').write('#'); won = True"),
        tries("writes into Python", "open(os.__file__, 'a').write('#'); won = True"),
        tries("writes into the worker", "open('/libraries/coursework/worker.py', 'a').write('#'); won = True"),
        tries("writes into the data", "open('data/trades.csv', 'a').write('x'); won = True"),
        tries("puts a module beside the data", "open('data/csv.py', 'w').write('x'); won = True"),
        tries("removes the data", "os.remove('data/trades.csv'); won = True"),
        tries("links to the outside and writes there", "os.symlink('/etc/hosts', 'h'); open('h', 'a'); won = True"),
        tries("mounts the root anew", DENIED.format(call="165, 0, b'/', 0, 4128, 0")),
    ],
    "network": [
        tries("opens a socket", "import socket; won = socket.socket()"),
        tries("connects to this machine", "import socket; won = socket.create_connection(('127.0.0.1', 22), 1)"),
        tries("connects to the world", "import socket; won = socket.create_connection(('1.1.1.1', 53), 1)"),
        tries("asks for a name", "import socket; won = socket.gethostbyname('example.com')"),
        tries("fetches a page", "import urllib.request as u; won = u.urlopen('http://example.com', timeout=1)"),
        tries("opens a raw socket", "import socket; won = socket.socket(17, 3, 3)"),
        tries("opens a virtual machine's socket", "import socket; won = socket.socket(40, 1)"),
        tries("talks to the kernel", "import socket; won = socket.socket(16, 3)"),
        tries("opens a local socket", "import socket; s = socket.socket(socket.AF_UNIX); won = True"),
        tries("makes sockets by another number", DENIED.format(call="0x40000029, 2, 1, 0")),
        tries("makes a ring of requests", DENIED.format(call="425, 1, ctypes.create_string_buffer(120)")),
    ],
    "children": [
        tries("forks", "child = os.fork()\nif child == 0:\n    os._exit(0)\nwon = True"),
        tries("forks by number", "child = ctypes.CDLL(None).syscall(57)\nif child == 0:\n    os._exit(0)\nwon = child > 0"),
        tries("forks by vfork", DENIED.format(call="56, 17, 0, 0, 0, 0")),
        tries("clones by the new call", DENIED.format(call="435, ctypes.create_string_buffer(88), 88")),
        tries("starts a program", "import subprocess; won = subprocess.run([sys.executable, '-c', ''])"),
        tries("starts a shell", "won = os.system('true') == 0"),
        tries("starts a pool", "import multiprocessing as m; won = m.Process(target=print).start() is None"),
        tries("spawns", "won = os.posix_spawn(sys.executable, [sys.executable, '-c', ''], {})"),
        tries("forks a bomb", "while True:\n    os.fork(); won = True"),
        tries("kills its keeper", "os.kill(1, 9); os.kill(os.getppid(), 9)"),
        tries("does not want to die with its keeper", "import signal\nfor number in range(1, 65):\n    try:\n        signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError):\n        pass\nctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\nos.setsid()"),
        runs("leaves threads behind its main one", SQUARE, "import threading, time, ctypes\nthreading.Thread(target=time.sleep, args=(1000,)).start()\nctypes.CDLL(None).syscall(60, 0)"),
        tries("sees another process", "won = os.getsid(VICTIM)"),
        tries("kills all it can", "import signal; signal.signal(15, signal.SIG_IGN); os.kill(-1, 15)"),
        runs("becomes another program", SQUARE, "import os, sys; os.execv(sys.executable, [sys.executable, '-c', ''])"),
        tries("looks into another process", DENIED.format(call="101, 0, 0, 0, 0")),
        tries("makes namespaces", DENIED.format(call="272, 0x10000000")),
        tries("starts two hundred threads of little stack", "import threading, time\nthreading.stack_size(1 << 15)\nfor _ in range(200):\n    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\ntime.sleep(0.15)\nwon = True"),
        runs("starts threads without end", SQUARE, "import threading, time\nfor _ in range(5000):\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()", least=0.0),
    ],
    "each other": [
        tries("leases the worker", "import fcntl, signal; signal.signal(signal.SIGIO, signal.SIG_IGN)\nfd = os.open('/libraries/coursework/worker.py', os.O_RDONLY)\nwon = fcntl.fcntl(fd, 1024, 0) == 0"),
        tries("leases what Python reads", "import fcntl\nwon = fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), 1024, 0) == 0"),
        tries("is told of a folder", "import fcntl\nwon = fcntl.fcntl(os.open(os.path.dirname(os.__file__), os.O_RDONLY), 1026, 1) == 0"),
        tries("watches files", "won = ctypes.CDLL(None).inotify_init1(0) >= 0"),
        tries("locks a file that others read", "import fcntl\none, two = open(os.__file__), open(os.__file__)\nfcntl.flock(one, fcntl.LOCK_EX)\ntry:\n    fcntl.flock(two, fcntl.LOCK_EX | fcntl.LOCK_NB)\nexcept OSError:\n    won = True"),
        tries("locks a part of it", "import fcntl, struct\none, two = open('/tmp/a', 'w+'), open('/tmp/a', 'r+')\nlock = struct.pack('hhqqi', 1, 0, 0, 0, 0)\nfcntl.fcntl(one, 37, lock)\ntry:\n    fcntl.fcntl(two, 37, lock)\nexcept OSError:\n    won = True"),
        tries("sets a time", "open('/tmp/b', 'w').close()\nos.utime('/tmp/b', (1, 1))\nwon = os.stat('/tmp/b').st_mtime == 1"),
        tries("sets a mode", "open('/tmp/c', 'w').close()\nos.chmod('/tmp/c', 0o7)\nwon = os.stat('/tmp/c').st_mode & 0o777 == 0o7"),
    ],
    "memory": [
        tries("takes two gigabytes", "won = bytearray(2 << 30)"),
        tries("takes them for NumPy", "import numpy as np; won = np.ones(1 << 28).sum()"),
        tries("takes them shared", "import mmap; won = mmap.mmap(-1, 2 << 30)"),
        tries("takes them in pieces", "it = []\nwhile len(it) < 40:\n    it.append(bytearray(50 << 20))\nwon = True"),
        tries("makes memory that is a file", "won = os.memfd_create('m')"),
        tries("makes shared memory", DENIED.format(call="29, 0, 1 << 20, 0o1600")),
        tries("makes a queue of messages", DENIED.format(call="68, 0, 0o1600")),
        tries("locks memory", "libc = ctypes.CDLL(None)\nb = ctypes.create_string_buffer(1 << 20)\nwon = libc.mlock(b, 1 << 20) == 0"),
        tries("takes the kernel's by timers", "libc = ctypes.CDLL(None)\nit = ctypes.c_int()\nwon = sum(libc.syscall(222, 0, 0, ctypes.byref(it)) == 0 for _ in range(5000)) > 300"),
        tries("takes the kernel's by pipes", "import fcntl\npipes = [os.pipe()[1] for _ in range(60)]\nwon = sum(fcntl.fcntl(one, 1031, 1 << 20) for one in pipes if one) > 80 << 20"),
        tries("calls itself without end", "def f():\n    f()\nsys.setrecursionlimit(3000)\nf()\nwon = True"),
        tries("makes a number without end", "won = len(str(10 ** 10 ** 5)) and 0 or (1 << (1 << 34))"),
    ],
    "disk": [
        tries("fills a file", "f = open('x', 'wb')\nfor _ in range(40):\n    f.write(bytes(1 << 20))\nf.flush()\nwon = True"),
        tries("fills many files", "for n in range(8):\n    open(f'x{n}', 'wb').write(bytes(20 << 20))\nwon = True"),
        tries("fills the root", "open('/libraries/x', 'wb').write(bytes(1 << 20)); won = True"),
        tries("stretches a file", "f = open('x', 'wb'); os.truncate('x', 1 << 40); won = True"),
        tries("fills /dev", "open('/dev/x', 'wb').write(bytes(1 << 20)); won = True"),
        tries("raises its own limits", "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (1 << 40, 1 << 40)); won = True"),
        runs("leaves a million empty files", SQUARE, "for n in range(10**6):\n    open(f'{n}', 'w').close()"),
    ],
    "descriptors": [
        tries("opens thousands of files", "it = [open('/dev/null') for _ in range(500)]; won = True"),
        tries("makes pipes", "it = [os.pipe() for _ in range(200)]; won = True"),
        tries("reads what the grader has open", "won = os.pread(77, 10, 0)"),
        tries("finds more than its wire", "n = 0\nfor fd in range(3, 200):\n    try:\n        os.fstat(fd); n += 1\n    except OSError:\n        pass\nwon = n > 2"),
        runs("closes the wire", SQUARE, "import os\nos.closerange(0, 100)"),
        runs("reads the wire empty", SQUARE, "import os\nos.set_blocking(3, True)\nos.read(3, 1 << 20)"),
        runs("makes the wire a file", SQUARE, "import os\nfor fd in range(3, 10):\n    try:\n        os.dup2(0, fd)\n    except OSError:\n        pass"),
    ],
    "time": [
        runs("never ends", SQUARE, "while True:\n    pass"),
        runs("sleeps", SQUARE, "import time; time.sleep(1000)"),
        runs("catches everything for ever", SQUARE, "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"),
        runs("never answers", SQUARE, "def cash(*a):\n    while True:\n        pass"),
        runs("never ends in C", SQUARE, "sum(iter(int, 1))"),
        runs("stops itself", SQUARE, "import os; os.kill(os.getpid(), 19)"),
        runs("waits for a key", SQUARE, "input()"),
        runs("never comes to be", SQUARE, "class Policy:\n    def __init__(self):\n        while True:\n            pass"),
        runs("ends in a call", SQUARE, "import os\ndef cash(*a):\n    os._exit(0)"),
        runs("crashes the interpreter", SQUARE, "import ctypes; ctypes.string_at(0)"),
        runs("never awaits", SQUARE, "import asyncio\nawait asyncio.Event().wait()"),
        runs("two cells that never end", SQUARE, "while True: pass", "while True: pass"),
        runs("turns the clock off", SQUARE, "import time\ntime.monotonic = lambda: 0.0\nwhile True: pass"),
    ],
    "output floods": [
        runs("prints without end", SQUARE, "import time\nend = time.time() + .3\nwhile time.time() < end:\n    print('x' * 10**6)"),
        runs("writes to the descriptors", SQUARE, "import os\nfor _ in range(99):\n    os.write(1, b'x' * 10**6); os.write(2, b'x' * 10**6)"),
        runs("prints in C", SQUARE, "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.puts(b'x' * 10**6); libc.fflush(None)"),
        forges("sends frames without end", "while True: out(frame({'start': 1}))"),
        forges("sends a frame without end", "out(struct.pack('>II', 4 << 20, 60 << 20))\nwhile True: out(b'x' * 10**5)"),
        forges("says it sends four gigabytes", "out(struct.pack('>II', 2**32 - 1, 2**32 - 1))"),
        forges("sends a byte a second", "import time\nout(struct.pack('>II', 100, 0))\nwhile True: time.sleep(.5); out(b' ')"),
        forges("sends JSON a million deep", "out(struct.pack('>II', 10**6, 0) + b'[' * 10**6)"),
        forges("says four megabytes of brackets, and again", JUNK + "for _ in range(3): pour({'start': 1})", least=HONEST),
        forges("says them before it is ready", JUNK + "pour({'ready': True})", least=HONEST),
        forges("sends a number of a million digits", "out(struct.pack('>II', 10**6, 0) + b'9' * 10**6)"),
        runs("raises an error of a gigabyte", SQUARE, "raise ValueError('x' * 10**8)"),
        says("answers with a list without end", "it = lambda: iter(int, 1)\nit = iter(int, 1)"),
        says("answers with a long text", "it = 'x' * 10**8"),
        says("answers with numbers of one hash", "import coursework.worker as w\nw.encoded = lambda v: ({'dict': [[n * ((1 << 61) - 1), 0] for n in range(100_000)]}, b'')\nit = 1.0"),
        says("answers with truths that are made complex", "import coursework.worker as w\nn = 100_000\nw.encoded = lambda v: ([{'array': ['c', [n], 0]}, *({'array': ['b', [n], 16 * n + n * i]} for i in range(600))], bytes(616 * n))\nit = 1.0"),
        Attack("starts and ends of two thousand cells without end", notebook(SQUARE, WIRE + "while True: out(frame({'start': 1}) + frame({'done': 1, 'error': ['E', 'x' * 300, 1]}))", *["x = 1"] * 1990), HONEST, 0.0),
        says("answers with a large array", "it = np.broadcast_to(1.0, (10**5, 10**5))"),
    ],
    "lying objects": [
        says("equals everything", LYING.format(base="", body="__eq__ = lambda *a: True")),
        says("is every class", LYING.format(base="", body="__class__ = property(lambda s: float)")),
        says("is a number that hangs", "import time\n" + LYING.format(base="", body="__float__ = lambda s: time.sleep(99)")),
        says("is a number that ends", "import os\n" + LYING.format(base="", body="__float__ = lambda s: os._exit(0)")),
        says("is a float that is none", LYING.format(base="(float)", body="__eq__ = lambda *a: True; __float__ = lambda s: 'x'")),
        says("is a text that equals all", LYING.format(base="(str)", body="__eq__ = lambda *a: True; __hash__ = str.__hash__")),
        says("is a list of itself", CYCLE),
        says("is five hundred deep", NEST),
        says("is an array of lies", LYING.format(base="(np.ndarray)", body="__new__ = lambda c: np.zeros(5).view(c); __abs__ = lambda s: 0.0; __sub__ = lambda *a: 0.0")),
        says("is an array of objects", "it = np.array([object()] * 5)"),
        says("is not a number", "it = float('nan')"),
        says("is infinite", "it = float('inf')"),
        says("is true", "it = True"),
        says("is nothing", "it = None"),
        says("is a dict of itself", "it = {}\nit['it'] = it"),
        says("is an error", "it = ValueError('Monday')"),
        says("has a name of code", "it = type('<script>', (), {})()"),
        says("is a number of a million digits", "it = 10 ** 10**6"),
        says("is a class that says what it was told", "class it:\n    def __init__(self, *a): raise KeyError(a)"),
        says("pickles to a command", LYING.format(base="", body="__reduce__ = lambda s: (__import__('os').system, ('true',))")),
        runs("raises an error whose message hangs", SQUARE, "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E"),
        runs("raises an error without a name", SQUARE, "class M(type):\n    __name__ = property(lambda c: 1/0)\nclass E(Exception, metaclass=M): pass\nraise E"),
    ],
    "echo of hidden inputs": [
        runs("raises what it was asked", "def square(x):\n    raise ValueError(f'asked {x!r}')", points=0.0),
        runs("gives back what it was asked", "def square(x):\n    return [x, 'asked', x]", points=0.0),
        runs("names an error after it", "def square(x):\n    raise type(f'E{x!r}', (Exception,), {})", points=0.0),
        runs("keeps it and says it later", "seen = []\ndef square(x):\n    seen.append(x)\n    if x not in (2.0, -3.0):\n        raise ValueError(seen)\n    return x * x", "def cash(*a):\n    raise ValueError(seen)", points=2.0),
        runs("writes it down for the next run", "import os\ndef square(x):\n    open('/tmp/seen', 'a').write(repr(x))\n    os._exit(0)", "raise ValueError(open('/tmp/seen').read())", points=0.0),
        runs("prints it", "def square(x):\n    print(x)\n    return x * x", points=6.0),
        runs("ends differently by it", "import os\ndef square(x):\n    if x > 5: os._exit(int(x * 10))\n    raise ValueError", points=0.0),
    ],
    "patched libraries": [
        tries("patches NumPy's comparison", "import numpy as np; np.isclose = np.allclose = np.all = lambda *a, **k: True"),
        tries("patches abs", "import builtins; builtins.abs = lambda x: 0; builtins.all = lambda x: True"),
        runs("patches json", SQUARE, "import json; json.dumps = lambda *a, **k: '{\"points\": 100}'", least=0.0),
        runs("patches struct", SQUARE, "import struct; struct.pack = lambda *a: b'x' * 8", least=0.0),
        runs("patches write", SQUARE, "import os; os.write = lambda fd, data: len(data)", least=0.0),
        runs("patches select", SQUARE, "import select; select.select = lambda *a: 1/0", least=0.0),
        tries("patches randomness", "import numpy as np; np.random.default_rng = lambda *a: None; import random; random.seed(0)"),
        tries("forges a session of its own", "import gc, coursework.worker as w\nw.Notebook.answer = lambda self, asked, numbers: ({'value': 'Sunday', 'points': 100, 'status': 'ok'}, b'')", points=0.0),
        runs("replaces what it is", SQUARE, "import sys\nsys.modules['__main__'] = sys.modules['coursework.worker']\nsys.modules['coursework.worker'].main = None"),
        runs("traces everything", SQUARE, "import sys; sys.settrace(lambda *a: 1/0); sys.setprofile(lambda *a: 1/0)", least=0.0),
        runs("deletes the modules", SQUARE, "import sys; sys.modules.clear()", least=0.0),
        runs("deletes the builtins", SQUARE, "import builtins\nfor n in dir(builtins):\n    if not n.startswith('__'): delattr(builtins, n)", least=0.0),
        runs("hooks the import", SQUARE, "import sys, builtins\nbuiltins.__import__ = lambda *a, **k: 1/0", least=0.0),
        runs("hooks the exit", SQUARE, "import atexit, time; atexit.register(time.sleep, 1000)"),
        runs("hooks errors", SQUARE, "import sys; sys.excepthook = sys.unraisablehook = lambda *a: 1/0", "1/0"),
    ],
    "injection": [
        runs("a page's script", SQUARE, "raise ValueError('<script>alert(1)</script>')"),
        runs("an image with an event", SQUARE, "raise ValueError('\"><img src=x onerror=alert(1)>')"),
        runs("a template", SQUARE, "raise ValueError('{{ 7*7 }}{% raw %}')"),
        runs("commands of a terminal", SQUARE, r"raise ValueError('\x1b]0;owned\x07\x1b[2J')"),
        runs("letters that turn the line round", SQUARE, r"raise ValueError('\u202egnp.exe\u2066')"),
        runs("half a letter", SQUARE, r"raise ValueError('\ud800')"),
        runs("a formula", SQUARE, "raise ValueError('=cmd|\\'/C calc\\'!A0')"),
        runs("lines of a table", SQUARE, r"raise ValueError('\r\nann,ann,100,100,100\r\n')"),
        Attack("a script in words", notebook(SQUARE, cell("<script>alert(1)</script>", "markdown", question="q5")), HONEST),
        Attack("a kernel with a script for a name", notebook(SQUARE, language="<script>alert(1)</script>"), HONEST),
        runs("a name that is a path", SQUARE, "raise type('../../x', (Exception,), {})('/etc/passwd')"),
    ],
    "malformed notebooks": [
        Attack("nothing", b"", 0.0),
        Attack("spaces", b"  \n", 0.0),
        Attack("no JSON", b"print('hello')", 0.0),
        Attack("half a notebook", notebook(SQUARE)[:80], 0.0),
        Attack("a list", b"[]", 0.0),
        Attack("a number", b"1", 0.0),
        Attack("an archive", b"PK\x03\x04" + bytes(100), 0.0),
        Attack("bytes", bytes(range(256)) * 40, 0.0),
        Attack("a hundred thousand brackets", b"[" * 100_000, 0.0),
        Attack("a million cells", b'{"cells": [' + b"{}," * 999_999 + b"{}]}", 0.0),
        Attack("cells that are numbers", built(1, None, "x", [], cell(SQUARE)), HONEST),
        Attack("a cell without source", built({"cell_type": "code"}, cell(SQUARE)), HONEST),
        Attack("a source of numbers", built(cell(SQUARE), {"cell_type": "code", "source": [1, {}, None]}), HONEST),
        Attack("a source of lines", built({"cell_type": "code", "source": SQUARE.splitlines(True)}), HONEST),
        Attack("no metadata", built({"cell_type": "code", "source": SQUARE}), HONEST),
        Attack("metadata that is text", built({**cell(SQUARE), "metadata": "x"}, metadata="y"), HONEST),
        Attack("cells that are a table", built(cells={"0": cell(SQUARE)}), 0.0),
        Attack("version 3", json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": SQUARE}]}], "nbformat": 3}).encode(), HONEST),
        Attack("version 99", built(cell(SQUARE), nbformat=99), HONEST),
        Attack("UTF-16", notebook(SQUARE).decode().encode("utf-16"), HONEST),
        Attack("a byte order mark", b"\xef\xbb\xbf" + notebook(SQUARE), HONEST),
        Attack("letters of another code", notebook("# \u00fc", SQUARE).replace(b"\\u00fc", b"\xfc"), HONEST),
        Attack("every cell twice", notebook(*GOOD, *GOOD), 16.0),
        Attack("work in a cell of checks", notebook(*[cell(f'{code}\ncheck("q1")', tags=["check"]) for code in GOOD]), 16.0),
        Attack("cells in reverse order", notebook(*GOOD[::-1]), 16.0),
        Attack("cells in another order", notebook(POLICY, "y = square(2)", BUSIEST, CASH, SQUARE), 16.0),
        Attack("another kernel", notebook("x <- 1", SQUARE, language="R"), HONEST),
        Attack("magics", notebook("%matplotlib inline\n!pip install x\nimport os\nfiles = !ls\nos?", "%%time\n" + SQUARE, "%%bash\nrm -rf /", "%time square(2)"), HONEST),
        Attack("get_ipython", notebook("get_ipython().run_line_magic('matplotlib', 'inline')\ndisplay(1)\n" + SQUARE), HONEST),
        Attack("a null in the code", notebook("x = '\0'\n", SQUARE), HONEST),
        Attack("tabs and spaces", notebook("if 1:\n\tx = 1\n        y = 2", SQUARE), HONEST),
        Attack("a hundred thousand brackets of Python", notebook("(" * 100_000, SQUARE), HONEST),
        Attack("await at the top", notebook("import asyncio\nawait asyncio.sleep(0)\n" + SQUARE), HONEST),
        Attack("an answer that is later overwritten", notebook(SQUARE, "square = 4.0"), HONEST),
    ],
}  # fmt: skip
