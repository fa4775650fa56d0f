// Runs the code of a recipe as its reader would, and tells what came of it.
//
// Standard input is a JSON array of steps, each with the `code` to run and the `environment` to
// run it in; standard output is a JSON array with, for each, what it `printed`, or else how it
// `failed`. The code finds its packages from the current directory.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const LOOPBACK = ["127.0.0.1", "::1", "localhost"];

// Nothing that a client does on its own (telemetry, update checks) may leave the machine.
const outside = [];
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...args) {
  const { host } = [args[0]].flat()[0] ?? {};
  if (host !== undefined && !LOOPBACK.includes(host)) {
    outside.push(host);
    throw new Error(`a connection to ${host}`);
  }
  return connect.apply(this, args);
};

const write = process.stdout.write.bind(process.stdout);
let printed;
process.stdout.write = (chunk) => {
  printed += chunk;
  return true;
};

async function outcome({ code, environment }, file) {
  Object.assign(process.env, environment);
  printed = "";
  try {
    await writeFile(file, code);
    await import(pathToFileURL(file));
  } catch (error) {
    return {
      failed: kinds(error),
      message: error.message,
      fields: Object.fromEntries(Object.entries(error).map(([name, value]) => [name, `${value}`])),
      trace: error.stack,
    };
  }
  return { printed };
}

/** The names of the error and of the classes that it is one of. */
function kinds(error) {
  const names = [error.name];
  for (let is = error; is; is = Object.getPrototypeOf(is)) {
    names.push(is.constructor?.name);
  }
  return names;
}

const steps = JSON.parse(await text(process.stdin));
const folder = await mkdtemp(join(process.cwd(), "recipe-"));
const outcomes = [];
for (const [number, step] of steps.entries()) {
  outcomes.push(await outcome(step, join(folder, `${number}.mjs`)));
}
await rm(folder, { recursive: true });
write(JSON.stringify({ outcomes, outside }));
