// Runs hedgelab's own tests in the browser's Python, under Node: `node tools/run_tests.mjs [pytest's arguments]`.
//
// pytest and Hypothesis are the environment's; the folder of the project is the one that the tests see.

import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const folder = path.join(root, "_build/browser_python/");
const library = path.join(root, ".venv/lib");
const packages = path.join(library, readdirSync(library).find((name) => name.startsWith("python3")), "site-packages");

const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: folder, packages: ["hedgelab"], env: { HOME: "/home/pyodide", TQDM_DISABLE: "1", CI: "1" } });
for (const [place, there] of Object.entries({ "/repo": root, "/packages": packages })) {
  python.FS.mkdir(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: there }, place);
}
python.globals.set("given", python.toPy(process.argv.slice(2)));
const code = python.runPython(`
import os, sys, warnings
os.chdir("/repo")
sys.dont_write_bytecode = True
sys.path += ["/packages"]  # last: what was compiled for the browser comes first
import pytest
usual = ["-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:anyio"]
int(pytest.main([*usual, *(given or ["tests/hedgelab"])]))
`);
process.exit(code);
