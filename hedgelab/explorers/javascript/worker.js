// Computes beside the page: told {name, request}, it answers.

import { TASKS } from "./tasks.js";

onmessage = ({ data: { name, request } }) => {
  const task = TASKS[name](request);
  let step = task.next();
  while (!step.done) step = task.next();
  postMessage(step.value);
};
