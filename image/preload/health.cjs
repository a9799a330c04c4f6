'use strict';

const { log } = require('./settings.cjs');

/** Shorter than the readiness probe waits for an answer. */
const DATABASE_MILLISECONDS = 2_000;

/** Clients of @redis/client that lost their connection. @type {Set<object>} */
const lostClients = new Set();

/** Connections of BullMQ. @type {Set<{ status: string, once: (event: string, listener: () => void) => unknown }>} */
const queueConnections = new Set();

/** Databases that were connected. @type {Set<{ isInitialized: boolean, query: (sql: string) => Promise<unknown> }>} */
const databases = new Set();

/** Workers of BullMQ. @type {Set<{ isRunning: () => boolean, pause: () => Promise<void> }>} */
const workers = new Set();

/** One question at a time: while the database hangs, questions must not pile up. @type {Promise<string> | undefined} */
let asking;

/** @returns {Promise<string>} what is wrong with the database, or nothing */
async function databaseProblem() {
  asking ??= Promise.all([...databases].filter((each) => each.isInitialized).map((each) => each.query('SELECT 1')))
    .then(
      () => '',
      (/** @type {Error} */ error) => `database: ${error.message}`,
    )
    .finally(() => (asking = undefined));
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((/** @type {(problem: string) => void} */ resolve) => {
    timer = setTimeout(() => resolve(`database: no answer within ${DATABASE_MILLISECONDS / 1000} s`), DATABASE_MILLISECONDS);
  });
  return Promise.race([asking, late]).finally(() => clearTimeout(timer));
}

/** @returns {Promise<string>} why this process cannot do its work now, or nothing */
async function problem() {
  if (lostClients.size > 0) return 'redis: connection lost';
  for (const { status } of queueConnections) {
    if (status === 'close' || status === 'reconnecting') return 'redis: the queue is not connected';
  }
  for (const worker of workers) if (!worker.isRunning()) return 'worker: takes no jobs';
  return databaseProblem();
}

/** Takes no further jobs; resolves when those that run have ended. @returns {Promise<unknown>} */
function pauseWorkers() {
  return Promise.all([...workers].map((worker) => worker.pause()));
}

/** Answers probes where Flowise does not listen: in a worker, from when it takes jobs. */
function answerProbes() {
  const server = require('node:http').createServer((_, response) => response.end('ok\n'));
  server.on('error', (error) => log(`no answers to probes: ${error.message}`));
  server.listen(Number(process.env.PORT ?? 3000), process.env.HOST);
}

/** @param {{ DataSource: { prototype: any } }} typeorm the module's exports */
function watchDatabases({ DataSource: { prototype } }) {
  const initialize = prototype.initialize;
  prototype.initialize = async function () {
    const source = await initialize.call(this);
    databases.add(this);
    return source;
  };
}

/** @param {{ Worker: { prototype: any } }} bullmq the module's exports */
function watchWorkers({ Worker: { prototype } }) {
  const run = prototype.run;
  prototype.run = function () {
    if (workers.size === 0) answerProbes();
    workers.add(this);
    return run.call(this);
  };
}

/** @param {{ prototype: any }} Redis the module's exports */
function watchConnections({ prototype }) {
  const connect = prototype.connect;
  prototype.connect = function (/** @type {any[]} */ ...args) {
    if (!queueConnections.has(this)) {
      queueConnections.add(this);
      this.once('end', () => queueConnections.delete(this));
    }
    return connect.apply(this, args);
  };
}

/** Finds out what the process depends on, as it starts to use it. */
function install() {
  const { onLoad } = require('./modules.cjs');
  onLoad('typeorm', watchDatabases);
  onLoad('bullmq', watchWorkers);
  onLoad('ioredis', watchConnections);
}

module.exports = { install, lostClients, pauseWorkers, problem };
