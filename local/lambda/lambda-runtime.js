// Stands for the Node.js runtime of AWS Lambda, for one invocation in a process of its own.
//
//   node lambda-runtime.js <code folder> <file.export>
//
// Reads { event, context, timeout } as one line from standard input and writes { errorType, errorMessage } or {} to
// file descriptor 3. Standard input stays open: when it ends, the runner is gone and so is this process.
'use strict';

const { existsSync, writeSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { syncBuiltinESMExports } = require('node:module');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const { pathToFileURL } = require('node:url');

const [folder, handlerName] = process.argv.slice(2);

class RuntimeError extends Error {
  constructor(type, message) {
    super(message);
    this.name = type;
  }
}

async function loadHandler() {
  const dot = handlerName.lastIndexOf('.');
  const path = join(folder, handlerName.slice(0, dot));
  const file = ['', '.js', '.mjs', '.cjs'].map(extension => path + extension).find(candidate => existsSync(candidate));
  if (file === undefined) {
    throw new RuntimeError('Runtime.ImportModuleError', `cannot find module '${handlerName.slice(0, dot)}'`);
  }
  const module = await import(pathToFileURL(file).href);
  const name = handlerName.slice(dot + 1);
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== 'function') {
    throw new RuntimeError('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  }
  return handler;
}

// Where CloudFormation waits for an answer is always HTTPS, on its usual port, and many handlers take that for granted. Here it is HTTP, on another one.
function answerOverHttp({ ResponseURL }) {
  if (!String(ResponseURL).startsWith('http:')) return;
  const { hostname, port } = new URL(ResponseURL);
  const { request } = https;
  https.request = (target, ...rest) => target?.hostname !== hostname || target instanceof URL ? request(target, ...rest)
    : http.request({ ...target, protocol: 'http:', port, agent: undefined }, ...rest);
  syncBuiltinESMExports();
}

function finish(error) {
  const outcome = error === undefined || error === null ? {}
    : { errorType: error.name ?? 'Error', errorMessage: String(error.message ?? error) };
  if (outcome.errorType) {
    console.error(error);
  }
  writeSync(3, JSON.stringify(outcome));
  process.exit(0); // the real runtime freezes the function here, with whatever it left running
}

function invoke(handler, { event, context, timeout }) {
  const deadline = Date.now() + timeout * 1000;
  setTimeout(() => finish(new RuntimeError('Sandbox.Timedout', `Task timed out after ${timeout} seconds`)), timeout * 1000).unref();
  const callback = error => finish(error);
  const result = handler(event, {
    ...context,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: callback,
    fail: error => finish(error ?? new Error('context.fail()')),
    succeed: () => finish(),
  }, callback);
  if (typeof result?.then === 'function') {
    result.then(() => finish(), finish);
  } else {
    process.once('beforeExit', () => finish());
  }
}

process.on('uncaughtException', finish);
process.on('unhandledRejection', finish);

const input = createInterface({ input: process.stdin });
input.once('line', line => {
  process.stdin.unref(); // must not keep a handler without promise alive
  const invocation = JSON.parse(line);
  answerOverHttp(invocation.event ?? {});
  loadHandler().then(handler => invoke(handler, invocation)).catch(finish);
});
input.once('close', () => process.exit(1));
