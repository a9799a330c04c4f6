'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const path = require('node:path');
const { describe, test } = require('node:test');

const { firstOutput } = require('./children.cjs');

const PRELOAD = path.join(__dirname, '..', 'preload.cjs');

/** Stands for Flowise: ping, an echo of what it sees, a slow answer, and its way of handling SIGTERM. */
const SERVER = `
  const server = require('node:http').createServer((request, response) => {
    if (request.url === '/api/v1/ping') return response.end('pong');
    if (request.url === '/slow') return setTimeout(() => response.end('whole answer'), 400);
    if (request.url === '/never') return;
    const proto = request.headers['x-forwarded-proto'] ?? null;
    response.end(JSON.stringify({ proto, keepAlive: server.keepAliveTimeout, headers: server.headersTimeout }));
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.on('SIGTERM', () => { console.log('flowise stops'); process.exit(0); });
`;

/**
 * @param {string} source
 * @param {Record<string, string>} [env]
 */
function start(source, env = {}) {
  const child = spawn(process.execPath, ['--require', PRELOAD, '--eval', source], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { text: '' };
  child.stdout.on('data', (chunk) => (output.text += chunk));
  child.stderr.on('data', (chunk) => (output.text += chunk));
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  return { child, exited, output };
}

/**
 * @param {import('node:test').TestContext} context
 * @param {Record<string, string>} [env]
 */
async function startServer(context, env) {
  const server = start(SERVER, env);
  context.after(() => server.child.kill('SIGKILL'));
  const port = await firstOutput(server.child);
  return { ...server, url: `http://127.0.0.1:${port.trim()}` };
}

/**
 * @param {string} url
 * @param {http.Agent} [agent] keeps its connection
 * @returns {Promise<{ status: number | undefined, text: string, connection: string | undefined }>}
 */
function get(url, agent) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text, connection: response.headers.connection }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

describe('HTTP', () => {
  test('idle connections outlive the load balancer, and readiness is answered by Flowise', async (context) => {
    const { url } = await startServer(context);
    assert.deepEqual(JSON.parse((await get(`${url}/`)).text), { proto: null, keepAlive: 75_000, headers: 80_000 });
    const ready = await get(`${url}/readyz`);
    assert.deepEqual([ready.status, ready.text], [200, 'pong']);
  });

  test('settings come from the environment', async (context) => {
    const { url } = await startServer(context, { FLOWISE_KEEP_ALIVE_SECONDS: '120', FLOWISE_EDGE_PROTO: 'https' });
    assert.deepEqual(JSON.parse((await get(`${url}/`)).text), { proto: 'https', keepAlive: 120_000, headers: 125_000 });
  });

  test('nonsense in a setting stops the process and says which', async () => {
    const { exited, output } = start('', { FLOWISE_DRAIN_SECONDS: '2m' });
    assert.equal((await exited).code, 1);
    assert.match(output.text, /FLOWISE_DRAIN_SECONDS is "2m"/);
  });
});

describe('SIGTERM', () => {
  test('a request in flight is answered before Flowise stops', async (context) => {
    const { child, exited, output, url } = await startServer(context);
    const answer = get(`${url}/slow`);
    await get(`${url}/`); // the slow one has arrived before this one
    child.kill('SIGTERM');
    assert.equal((await answer).text, 'whole answer');
    assert.deepEqual(await exited, { code: 0, signal: null });
    assert.match(output.text, /waiting for 1 request.*flowise stops/s);
  });

  test('no new connection is accepted, and a kept one is told that the pod is not ready', async (context) => {
    const { child, url } = await startServer(context);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    context.after(() => agent.destroy());
    const slow = get(`${url}/slow`, agent);
    const ready = get(`${url}/readyz`, agent); // queued behind the slow one, on its connection
    await get(`${url}/`);
    child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await assert.rejects(get(`${url}/`), { code: 'ECONNREFUSED' });
    await slow;
    const { status, connection } = await ready.catch(() => ({ status: undefined, connection: 'close' }));
    assert.notEqual(status, 200);
    assert.equal(connection, 'close');
  });

  test('the drain is bounded', async (context) => {
    const { child, exited, output, url } = await startServer(context, { FLOWISE_DRAIN_SECONDS: '1' });
    get(`${url}/never`).catch(() => undefined);
    await get(`${url}/`);
    child.kill('SIGTERM');
    assert.equal((await exited).code, 0);
    assert.match(output.text, /time is up: cutting 1 request/);
  });

  test('a process without a handler of its own still dies of the signal', async () => {
    const { child, exited } = start('console.log("up"); setInterval(() => {}, 1000)');
    await firstOutput(child);
    child.kill('SIGTERM');
    assert.equal((await exited).signal, 'SIGTERM');
  });
});

describe('Redis', () => {
  test('a lost connection that nobody reconnects ends the process, though Flowise swallows exceptions', async () => {
    const { exited, output } = start(`
      process.on('uncaughtException', () => {});
      setInterval(() => {}, 1000);
      setTimeout(() => { throw new Error('Socket closed unexpectedly'); }, 10);
    `);
    assert.equal((await exited).code, 1);
    assert.match(output.text, /does not reconnect/);
  });

  test('other exceptions are left to Flowise', async () => {
    const { exited } = start(`
      process.on('uncaughtException', () => process.exit(7));
      setTimeout(() => { throw new Error('something else'); }, 10);
    `);
    assert.equal((await exited).code, 7);
  });

  test('every client gets an error listener, so that an error does not throw', () => {
    const { EventEmitter } = require('node:events');
    const { listenForErrors } = require('../preload/redis.cjs');
    const redis = { createClient: () => new EventEmitter() };
    listenForErrors(redis);
    assert.ok(redis.createClient().emit('error', new Error('read ECONNRESET')));
  });
});
