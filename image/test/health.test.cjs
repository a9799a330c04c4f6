'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');

const { firstOutput } = require('./children.cjs');

const PRELOAD = path.join(__dirname, '..', 'preload.cjs');

/** Stand for the packages of Flowise; what they answer depends on the variable `state`. */
const PACKAGES = {
  typeorm: `exports.DataSource = class {
    async initialize() { this.isInitialized = true; return this; }
    query() {
      if (state.database === 'down') return Promise.reject(new Error('connect ECONNREFUSED'));
      return state.database === 'hangs' ? new Promise(() => {}) : Promise.resolve([]);
    }
  };`,
  ioredis: `module.exports = class extends require('node:events') { status = 'ready'; async connect() {} };`,
  bullmq: `exports.Job = class { waitUntilFinished() {} };
    exports.QueueEvents = class extends require('node:events') { async consumeEvents() {} };
  exports.Worker = class {
    running = false;
    run() { this.running = true; return new Promise(() => {}); }
    isRunning() { return this.running; }
    async pause() { await new Promise((done) => setTimeout(done, state.job)); console.log('job done'); }
  };`,
};

/** A server with a database and a queue, whose \`state\` a request to /set?name=value changes. */
const SERVER = `
  const Redis = require('ioredis');
  const queue = new Redis();
  queue.connect();
  new (require('typeorm').DataSource)().initialize();
  require('node:http').createServer((request, response) => {
    const [name, value] = request.url.replace('/set?', '').split('=');
    if (request.url.startsWith('/set')) state[name] = value;
    if (state.queue) queue.status = state.queue;
    response.end(request.url === '/api/v1/ping' ? 'pong' : 'ok');
  }).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('up'));
`;

/** A worker as Flowise's: it takes jobs and listens to nothing. */
const WORKER = `
  const worker = new (require('bullmq').Worker)();
  worker.run();
  process.on('SIGTERM', () => { console.log('flowise stops'); process.exit(0); });
  process.on('SIGUSR2', () => { worker.running = false; });
  console.log('up');
`;

/**
 * @param {import('node:test').TestContext} context
 * @param {string} source
 * @param {Record<string, string | number>} state
 * @param {Record<string, string>} [env]
 */
async function start(context, source, state, env = {}) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'health-'));
  for (const [name, code] of Object.entries(PACKAGES)) {
    fs.mkdirSync(path.join(directory, 'node_modules', name), { recursive: true });
    fs.writeFileSync(path.join(directory, 'node_modules', name, 'index.js'), code);
  }
  const main = path.join(directory, 'main.cjs');
  fs.writeFileSync(main, `globalThis.state = ${JSON.stringify(state)};${source}`);
  const port = await freePort();
  const child = spawn(process.execPath, ['--require', PRELOAD, main], {
    env: { PATH: process.env.PATH, PORT: String(port), HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => {
    child.kill('SIGKILL');
    fs.rmSync(directory, { recursive: true });
  });
  const output = { text: '' };
  child.stdout.on('data', (chunk) => (output.text += chunk));
  child.stderr.on('data', (chunk) => (output.text += chunk));
  const exited = once(child, 'exit').then(([code]) => code);
  await firstOutput(child);
  const get = async (/** @type {string} */ where) => {
    const response = await fetch(`http://127.0.0.1:${port}${where}`, { headers: { connection: 'close' } });
    return [response.status, (await response.text()).trim()];
  };
  return { child, exited, get, output };
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

describe('readiness', () => {
  test('a server is ready while database and queue are there, and alive in any case', async (context) => {
    const { get } = await start(context, SERVER, {});
    assert.deepEqual(await get('/readyz'), [200, 'pong']);
    await get('/set?database=down');
    assert.deepEqual(await get('/readyz'), [503, 'database: connect ECONNREFUSED']);
    assert.deepEqual(await get('/api/v1/ping'), [200, 'pong']);
    await get('/set?database=hangs');
    assert.deepEqual(await get('/readyz'), [503, 'database: no answer within 2 s']);
    await get('/set?queue=reconnecting');
    assert.deepEqual(await get('/readyz'), [503, 'redis: the queue is not connected']);
    assert.deepEqual(await get('/api/v1/ping'), [200, 'pong']);
  });

  test('it comes back with the database', async (context) => {
    const { get } = await start(context, SERVER, { database: 'down' });
    assert.equal((await get('/readyz'))[0], 503);
    await get('/set?database=up');
    assert.deepEqual(await get('/readyz'), [200, 'pong']);
  });

  test('a worker answers once it takes jobs, and is not ready when it takes none', async (context) => {
    const { child, get } = await start(context, WORKER, {});
    while (!(await get('/readyz').catch(() => undefined))) await sleep(10); // as a startup probe does
    assert.deepEqual(await get('/readyz'), [200, 'ok']);
    child.kill('SIGUSR2');
    while ((await get('/readyz'))[0] === 200) await sleep(10);
    assert.deepEqual(await get('/readyz'), [503, 'worker: takes no jobs']);
    assert.equal((await get('/api/v1/ping'))[0], 200);
  });
});

describe('SIGTERM', () => {
  test('a worker finishes its jobs before Flowise stops', async (context) => {
    const { child, exited, output } = await start(context, WORKER, { job: 300 });
    child.kill('SIGTERM');
    assert.equal(await exited, 0);
    assert.match(output.text, /job done\nflowise stops/);
  });

  test('within bounds', async (context) => {
    const { child, exited, output } = await start(context, WORKER, { job: 60_000 }, { FLOWISE_DRAIN_SECONDS: '1' });
    child.kill('SIGTERM');
    assert.equal(await exited, 0);
    assert.match(output.text, /leaving jobs unfinished.*\nflowise stops/);
  });
});
