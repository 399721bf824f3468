// Makes packages quick to start in the browser: `node tools/thin_packages.mjs FOLDER NAME...` writes NAME.thin beside each.
//
// Their Python is compiled by the very Python that will run it, which saves a reader's browser a third of the wait, and
// what no page imports is left out: tests, headers, other programs' fonts. Licences stay. One without a licence of its own
// is Python's own library, which stays in its archive.

import { loadPyodide } from "pyodide";

const [folder, ...names] = process.argv.slice(2);
const python = await loadPyodide();
python.FS.mkdir("/packages");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/packages");
python.globals.set("names", python.toPy(names));
python.runPython(`
import re, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc
from importlib.util import source_hash

UNUSED = re.compile(
    r"(^|/)(tests?|sample_data)/|dist-info/RECORD$|[.](pyi|pxd|pyx|h|hpp|c|cpp|f90|f|afm)$"
    r"|mpl-data/(images|fonts/pdfcorefonts|fonts/ttf/(cm|STIX|DejaVuSerif|DejaVuSansMono|DejaVuSansDisplay))"
    r"|matplotlib/backends/(web_backend|qt_editor)/"
)
#: Numpy's own tools for testing are part of its public names.
USED = re.compile(r"numpy/testing/|LICEN|COPYING")

for name in names:
    with (
        zipfile.ZipFile(f"/packages/{name}") as given,
        zipfile.ZipFile(f"/packages/{name}.part", "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made,
    ):
        installed = any(".dist-info/" in path for path in given.namelist())
        folder = "/lib/python3.14/site-packages" if installed else "/lib/python314.zip"
        for path in given.namelist():
            if path.endswith("/") or (UNUSED.search(path) and not USED.search(path)):
                continue
            data = given.read(path)
            if path.endswith(".py"):
                code = compile(data, f"{folder}/{path}", "exec", dont_inherit=True)
                data = bytes(_code_to_hash_pyc(code, source_hash(data), False))
                path += "c"
            made.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
`);
const { renameSync } = await import("node:fs");
for (const name of names) renameSync(`${folder}/${name}.part`, `${folder}/${name}.thin`);
