// The Python of a page: loads it from the folder that this file lies in, and runs cells one after another.
// What was fetched once is kept by the browser under its digest, for the next page and the next visit.

import { isPackage, LATER, start } from "./python.mjs";

const base = new URL("./", import.meta.url);
const get = self.fetch.bind(self);
let files = {};
let store;
let fetched = 0;

const nameOf = (file) => new URL(`${file}?${files[file].sha256.slice(0, 16)}`, base).href;
const digestOf = (file) => "sha256-" + btoa(String.fromCharCode(...files[file].sha256.match(/../g).map((byte) => parseInt(byte, 16))));
const tell = (bytes) => postMessage({ fetched: (fetched += bytes) });

// Counts what comes, so that a reader sees it come.
function counted(answer) {
  const count = new TransformStream({
    transform(chunk, stream) {
      tell(chunk.byteLength);
      stream.enqueue(chunk);
    },
  });
  return new Response(answer.body.pipeThrough(count), { status: answer.status, headers: answer.headers });
}

async function bring(file) {
  const kept = await store?.match(nameOf(file));
  if (kept) {
    tell(files[file].bytes);
    return kept;
  }
  const answer = await get(nameOf(file), { integrity: digestOf(file) }); // not what an older site had by this name
  if (!answer.ok) return answer;
  store?.put(nameOf(file), answer.clone()).catch(() => {}); // no room: it is fetched again
  return counted(answer);
}

const coming = new Map();
self.fetch = async (what, options) => {
  const { pathname } = new URL(what.url ?? what, base);
  const file = decodeURI(pathname.startsWith(base.pathname) ? pathname.slice(base.pathname.length) : "");
  if (coming.has(file)) return coming.get(file);
  const answer = await get(files[file] ? nameOf(file) : what, options);
  if (files[file]) tell(files[file].bytes);
  return answer;
};

async function open() {
  try {
    store = await caches.open("browser-python");
  } catch {
    // a browser that keeps nothing, or a page that is not secure
  }
  files = (await (await get(new URL("files.json", base), { cache: "no-cache" })).json()).files;
  for (const old of (await store?.keys()) ?? [])
    if (old.url.startsWith(base.href) && !Object.keys(files).some((file) => nameOf(file) === old.url)) store.delete(old);
  // All packages at once, while the interpreter is still being compiled.  That comes by the browser's own way, which may
  // keep it compiled.
  for (const file of Object.keys(files)) if (isPackage(file) || file.endsWith(".zip")) coming.set(file, bring(file));
}

const python = (async () => {
  const kernel = get(new URL("kernel.json", base), { cache: "no-cache" }).then((answer) => answer.json());
  await open();
  const bytes = async (file) => (await coming.get(file)).arrayBuffer();
  const started = await start(base.href, Object.keys(files), bytes, await kernel);
  postMessage({ ready: true });
  return started;
})();
python.catch((error) => postMessage({ failed: String(error) }));

let rest;
async function prepare() {
  const next = LATER.shift();
  if (!next) return;
  try {
    (await python).runPython(`import ${next}`);
  } catch {
    // whoever needs it is told why it does not come
  }
  rest = setTimeout(prepare, 300);
}

onmessage = async ({ data: { number, cell, source, hidden } }) => {
  clearTimeout(rest);
  try {
    const run = (await python).globals.get("cells").run;
    postMessage({ number, result: JSON.parse(run(cell, source, hidden)) });
    rest = setTimeout(prepare, 300);
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
