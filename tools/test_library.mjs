// Runs the library's tests in the browser's Python, under Node: `node tools/test_library.mjs [files]`; without a file all of
// them, with the examples in hedgelab itself, in half an hour.
//
// It is the Python of the site in _build/html (or in SITE), with the hedgelab of this folder.  Pytest comes from the book's
// own environment, where it is plain Python; Hypothesis is partly compiled, and its wheel for Pyodide is fetched once.
//
// The last line of its output is JSON: for each file its seconds and how many tests passed, and what failed and why.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.join(process.env.SITE ?? path.join(root, "_build/html"), "_static/run/");
const program = process.env.PYTHON ?? path.join(root, ".venv/bin/python");

// How it ends where Hypothesis is neither here nor to be had; pytest's own codes are small.
const NOT_FETCHED = 75;

const EVERYTHING = ["tests/hedgelab", "hedgelab"];

// What cannot run there, and why: a test, or a file with all its tests.
const PARALLEL = "tests/hedgelab/test_parallel.py::test_";
const NOT_THERE = {
  "tests/hedgelab/test_import.py": "starts a process",
  "tests/hedgelab/test_introductions.py::test_importing_the_library_leaves_matplotlib_alone": "starts a process",
  [`${PARALLEL}joblibs_multiprocessing_gives_the_same_numbers`]: "starts processes",
  [`${PARALLEL}runs_in_threads_leave_the_warning_filters_alone`]: "starts threads",
  [`${PARALLEL}an_interrupted_run_leaves_nothing_behind`]: "starts processes",
  [`${PARALLEL}a_long_run_shows_a_bar_and_a_quick_one_does_not`]: "a page's Python draws no bars",
  "hedgelab/desk/clock.py::hedgelab.desk.clock.Real": "starts an event loop, where the browser's runs already",
};

// What the tests import that is plain Python.
const TESTERS = ["_pytest", "iniconfig", "mpmath", "pluggy", "py.py", "pygments", "pytest", "sortedcontainers", "tzdata"];
const DESK = ["markdown_it", "mdurl", "rich", "websockets"];
const PLAIN = [...TESTERS, ...DESK];

const RUN = `
import json, os, sys, time, warnings

sys.dont_write_bytecode = True
os.environ |= {"CI": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "MPLBACKEND": "agg"}
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = "/tmp/hypothesis"  # /book is the folder on this machine
sys.path[:0] = ["/book"]
sys.path.append("/plain")
os.chdir("/book")

import pytest


class Told:
    """How it went, by file."""

    def __init__(self):
        self.files = {}
        self.failed = {}

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.partition("::")[0]
        if self.files and name not in self.files:
            self.say()
        file = self.files.setdefault(name, {"passed": 0, "skipped": 0, "seconds": 0.0})
        file["seconds"] += report.duration
        if report.failed:
            self.failed[report.nodeid] = str(report.longrepr)[-1500:]
            print(f"{report.nodeid} failed")
        elif report.skipped or report.when == "call":
            file["skipped" if report.skipped else "passed"] += 1

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed[report.nodeid] = str(report.longrepr)[-1500:]

    def say(self):
        name, told = list(self.files.items())[-1]
        print(f"{name}: {told['passed']} passed, {told['skipped']} skipped, {told['seconds']:.1f} s")


told = Told()
given = ["--continue-on-collection-errors", "-p", "_hypothesis_pytestplugin"]
given += [f"-pno:{name}" for name in ("cacheprovider", "faulthandler", "terminal")]
given += [f"--deselect={each}" if "::" in each else f"--ignore={each}" for each in left_out]
code = pytest.main([*given, *files], plugins=[told])
if told.files:
    told.say()
json.dumps({"code": int(code), "files": told.files, "failed": told.failed})
`;

// Hypothesis as the environment has it, compiled for the Python of the site.
function hypothesis() {
  const place = path.join(root, ".cache/browser_python");
  mkdirSync(place, { recursive: true });
  const version = spawnSync(program, ["-c", "import hypothesis; print(hypothesis.__version__)"], { encoding: "utf8" }).stdout.trim();
  const platform = json(laid.find((file) => file.endsWith("/pyodide-lock.json"))).info;
  const abi = `cp${platform.python.split(".").slice(0, 2).join("")}`;
  const machine = `pyemscripten_${platform.abi_version}_wasm32`;
  const isIt = (name) => name.startsWith(`hypothesis-${version}-`) && name.endsWith(`-${abi}-${machine}.whl`);
  if (!readdirSync(place).some(isIt)) {
    const compiled = ["--implementation=cp", `--python-version=${platform.python}`, `--abi=${abi}`, `--platform=${machine}`];
    const patience = ["--retries=1", "--timeout=15"];
    const given = ["-m", "pip", "download", `hypothesis==${version}`, "--quiet", "--no-deps", "--only-binary=:all:", ...patience, ...compiled, `--dest=${place}`];
    const done = spawnSync(program, given, { encoding: "utf8" });
    if (done.status !== 0 || !readdirSync(place).some(isIt)) {
      console.error(`Hypothesis ${version} for Pyodide cannot be fetched: put its wheel for ${abi}-${machine} into ${place}.\n${done.stderr}`);
      process.exit(NOT_FETCHED);
    }
  }
  return new Uint8Array(readFileSync(path.join(place, readdirSync(place).find(isIt))));
}

const read = (file) => new Uint8Array(readFileSync(path.join(folder, file)));
const json = (file) => JSON.parse(readFileSync(path.join(folder, file), "utf8"));
const laid = Object.keys(json("files.json").files);
const { start } = await import(pathToFileURL(path.join(folder, "python.mjs")));
const wheel = hypothesis();
const python = await start(folder, laid, read, json("kernel.json"));
python.setStdout({ batched: (line) => console.log(line) });
python.unpackArchive(wheel, "wheel", { extractDir: python.runPython("import site; site.getsitepackages()[0]") });

const packages = spawnSync(program, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], { encoding: "utf8" }).stdout.trim();
for (const [there, here] of Object.entries({ "/book": root, "/packages": packages })) {
  python.FS.mkdir(there);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: here }, there);
}
python.FS.mkdir("/plain");
for (const name of PLAIN) python.FS.symlink(`/packages/${name}`, `/plain/${name}`);

const files = process.argv.slice(2);
python.globals.set("files", python.toPy(files.length ? files : EVERYTHING));
python.globals.set("left_out", python.toPy(Object.keys(NOT_THERE)));
const told = JSON.parse(await python.runPythonAsync(RUN));
console.log(JSON.stringify({ ...told, left_out: NOT_THERE }));
process.exitCode = told.code;
