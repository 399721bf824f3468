// One question to asked.mjs, named on the command line: its settings come and its answer goes as JSON.

import { text } from "node:stream/consumers";

import * as asked from "./asked.mjs";

process.stdout.write(JSON.stringify(asked[process.argv[2]](JSON.parse(await text(process.stdin)))));
