// Starts the Python of a page: in a reader's browser, and in Node for the tests.

export const isPackage = (file) => file.endsWith(".whl");

// What many pages first import in a later cell, which would wait a second and a half for it: it comes while nothing runs.
export const LATER = ["matplotlib.pyplot", "scipy.optimize"];

// `files` are those of the folder, `read` gives the bytes of one of them, `kernel` is what kernel.json says.
export async function start(folder, files, read, kernel) {
  const loader = files.find((file) => file.endsWith("/pyodide.mjs"));
  const { loadPyodide } = await import(new URL(loader, import.meta.url));
  const python = await loadPyodide({
    indexURL: folder + loader.replace("pyodide.mjs", ""),
    env: { HOME: "/home/pyodide", TQDM_DISABLE: "1" },
    stdout: () => {}, // cells print into what they return
  });
  // Packages are only unpacked.  Pyodide's loadPackage would also start all that is compiled in them, a hundred libraries,
  // of which a page imports a third: each of those is started by its import.
  const place = python.runPython("import site; site.getsitepackages()[0]");
  for (const file of files.filter(isPackage)) python.unpackArchive(await read(file), "wheel", { extractDir: place });
  python.FS.mkdir("/kernel");
  for (const [name, text] of Object.entries(kernel)) python.FS.writeFile(`/kernel/${name}`, text);
  python.runPython("import importlib, sys; importlib.invalidate_caches(); sys.path.append('/kernel')");
  python.runPython("import cells; cells.start()");
  return python;
}
