'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');

const PRELOAD = path.join(__dirname, '..', 'preload.cjs');

/**
 * How Flowise and its libraries make requests, with nothing but Node: the global agents, agents of a
 * library's own (AWS SDK), by `new`, by a call and by a subclass, an agent that pins the address that Flowise's check has
 * looked up, and `fetch`. Each prints what was answered; an ES module takes its names from the same place.
 */
const CLIENT = `
const [, url] = process.argv;
const name = url.startsWith('https:') ? 'node:https' : 'node:http';
const http = require(name);
const get = (options) => new Promise((done) => http.get(url, options, (answer) => {
  let text = '';
  answer.on('data', (chunk) => (text += chunk)).on('end', () => done(text));
}).on('error', (error) => done(error.code)));
const lookup = (host, options, callback) => callback(new Error('the proxy is not to be looked up by this'));
class Own extends http.Agent {}
(async () => {
  const { Agent } = await import(name);
  const ways = {
    global: () => get({}),
    own: () => get({ agent: new http.Agent({ keepAlive: true }) }),
    called: () => get({ agent: http.Agent() }),
    subclass: () => get({ agent: new Own() }),
    imported: () => get({ agent: new Agent() }),
    none: () => get({ agent: false }),
    pinned: () => get({ agent: new http.Agent(url.includes('.test') ? { lookup } : {}) }),
    fetch: () => fetch(url).then((answer) => answer.text(), (error) => error.cause.code),
  };
  const said = {};
  for (const [name, way] of Object.entries(ways)) said[name] = await way();
  console.log(JSON.stringify(said));
  process.exit();
})();
`;
const WAYS = ['global', 'own', 'called', 'subclass', 'imported', 'none', 'pinned', 'fetch'];

/** @type {http.Server} */
let proxy;
/** @type {http.Server} */
let target;
/** @type {string[]} what the proxy was asked for, and by whom */
let asked;

/** @param {http.Server} server */
const portOf = (server) => /** @type {net.AddressInfo} */ (server.address()).port;

before(async () => {
  target = http.createServer((_, response) => response.end('straight'));
  proxy = http.createServer((request, response) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
    response.end('by the proxy');
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
    if (request.url?.endsWith(':443')) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nby the proxy'));
  });
  for (const server of [proxy, target]) await once(server.listen(0, '127.0.0.1'), 'listening');
});
after(() => {
  for (const server of [proxy, target]) server.close();
});

/**
 * @param {string} url
 * @param {Record<string, string>} env
 */
async function answers(url, env) {
  asked = [];
  const child = spawn(process.execPath, ['--require', PRELOAD, '--eval', CLIENT, url], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  await once(child, 'close');
  return JSON.parse(text);
}

/** @param {string} answer */
const all = (answer) => Object.fromEntries(WAYS.map((way) => [way, answer]));
const told = (noProxy = '') => ({
  FLOWISE_PROXY_URL: `http://us%40er:p%3Aw@127.0.0.1:${portOf(proxy)}`,
  FLOWISE_NO_PROXY: noProxy,
});

describe('a proxy', () => {
  test('takes every request, with its user and password, and asks for the host by its name', async () => {
    assert.deepEqual(await answers('http://models.example.test/x', told('localhost')), all('by the proxy'));
    assert.equal(asked.length, WAYS.length);
    const credentials = `Basic ${Buffer.from('us@er:p:w').toString('base64')}`;
    for (const line of asked) {
      assert.ok(line.includes('models.example.test'), line);
      assert.ok(line.endsWith(credentials), line);
    }
  });

  test('is asked for a tunnel where the host speaks TLS, and gets no request in plain text', async () => {
    const found = await answers('https://models.example.test/x', told());
    assert.ok(!Object.values(found).includes('by the proxy'));
    assert.deepEqual(new Set(asked.map((line) => line.split(' ')[0])), new Set(['models.example.test:443']));
    assert.equal(asked.length, WAYS.length);
  });

  for (const [what, noProxy] of Object.entries({
    'an address': '127.0.0.1',
    'a range of addresses': '10.0.0.0-10.255.255.255,127.0.0.0-127.255.255.255',
    'everything': '*',
  })) {
    test(`is not asked for ${what} that goes straight`, async () => {
      const url = `http://127.0.0.1:${portOf(target)}/`;
      assert.deepEqual(await answers(url, told(noProxy)), all('straight'));
      assert.deepEqual(asked, []);
    });
  }

  test('is not asked for a name that goes straight, nor for those below a suffix', async () => {
    const url = `http://localhost:${portOf(target)}/`;
    assert.deepEqual(await answers(url, told('localhost')), all('straight'));
    const below = await answers(`http://a.b.localhost:${portOf(target)}/`, told('.b.localhost'));
    assert.ok(!Object.values(below).includes('by the proxy'));
    assert.deepEqual(asked, []);
  });

  test('is asked for an address that no range holds', async () => {
    const found = await answers(`http://127.0.0.1:${portOf(target)}/`, told('10.0.0.0-10.255.255.255'));
    assert.deepEqual(found, all('by the proxy'));
  });

  test('is nobody without the variable', async () => {
    assert.deepEqual(await answers(`http://127.0.0.1:${portOf(target)}/`, {}), all('straight'));
  });
});
