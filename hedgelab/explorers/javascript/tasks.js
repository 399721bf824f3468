// What takes too long for a page that a hand is on: generators that pause now and then, and return an answer.

import { errors } from "./errors.js";

export const TASKS = { errors };
