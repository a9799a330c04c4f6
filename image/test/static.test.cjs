'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const zlib = require('node:zlib');

const { setCaching } = require('../preload/static.cjs');

const IMAGE = path.join(__dirname, '..');
const SCRIPT = '/assets/index-BIqxr1vN.js';
const TEXT = 'export const words = "the same again and again";\n'.repeat(100);
const FOREVER = 'public, max-age=31536000, immutable';

/** An image with a UI of four files, compressed as when it is built. @param {import('node:test').TestContext} context */
function makeRoot(context) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'ui-'));
  context.after(() => fs.rmSync(root, { recursive: true }));
  for (const name of ['preload', 'scripts']) fs.cpSync(path.join(IMAGE, name), path.join(root, name), { recursive: true });
  const assets = path.join(root, 'node_modules', 'flowise-ui', 'build', 'assets');
  fs.mkdirSync(assets, { recursive: true });
  fs.writeFileSync(path.join(assets, 'index-BIqxr1vN.js'), TEXT);
  fs.writeFileSync(path.join(assets, 'style-1.css'), TEXT);
  fs.writeFileSync(path.join(assets, 'small-1.js'), 'export {};');
  fs.writeFileSync(path.join(assets, 'photo-1.png'), TEXT);
  execFileSync(process.execPath, [path.join(root, 'scripts', 'compress.cjs')]);
  return { root, assets };
}

/** Answers as Flowise does: a file, or the page of the UI for everything it does not know. */
async function serve(/** @type {import('node:test').TestContext} */ context) {
  const { root, assets } = makeRoot(context);
  const server = http.createServer((request, response) => {
    response.setHeader('Vary', 'Origin');
    setCaching(request, response, root);
    response.setHeader('Cache-Control', 'public, max-age=0');
    const file = path.join(assets, path.basename(String(request.url).split('?')[0]));
    const content = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.from('page');
    const type = { '.js': 'text/javascript', '.br': 'application/octet-stream' }[path.extname(file)];
    response.setHeader('Content-Type', content.length > 4 && type ? type : 'text/html; charset=UTF-8');
    response.setHeader('Content-Length', content.length);
    response.writeHead(request.headers['if-none-match'] ? 304 : 200);
    response.end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  /** @param {string} address @param {Record<string, string>} [headers] */
  return async (address, headers) => {
    const request = http.get({ port, path: address, headers, agent: false });
    const [response] = await once(request, 'response');
    const body = Buffer.concat(await response.toArray());
    return { headers: response.headers, body };
  };
}

test('files of the bundle are kept, the page in place of a missing one never is', async (context) => {
  const get = await serve(context);
  assert.equal((await get(SCRIPT)).headers['cache-control'], FOREVER);
  assert.equal((await get(SCRIPT, { 'If-None-Match': '"1"' })).headers['cache-control'], FOREVER);
  assert.equal((await get('/assets/index-gone.js')).headers['cache-control'], 'no-store');
  assert.equal((await get('/assets/index-gone.js', { 'Accept-Encoding': 'br' })).headers['content-encoding'], undefined);
  assert.equal((await get('/canvas')).headers['cache-control'], 'public, max-age=0');
});

test('whoever takes Brotli gets it, under the headers of the file', async (context) => {
  const get = await serve(context);
  for (const accepted of ['br', 'gzip, deflate, br, zstd', 'gzip;q=1, BR; q=0.5']) {
    const { headers, body } = await get(`${SCRIPT}?v=1`, { 'Accept-Encoding': accepted });
    assert.equal(headers['content-encoding'], 'br', accepted);
    assert.equal(headers['content-type'], 'text/javascript; charset=UTF-8');
    assert.equal(headers['cache-control'], FOREVER);
    assert.equal(headers.vary, 'Origin, Accept-Encoding');
    assert.equal(Number(headers['content-length']), body.length);
    assert.equal(zlib.brotliDecompressSync(body).toString(), TEXT);
  }
});

test('nobody else gets it, and both answers name what they depend on', async (context) => {
  const get = await serve(context);
  /** @type {(string | undefined)[]} */
  const others = [undefined, '', 'gzip', '*', 'identity', 'br;q=0', 'gzip, br;q=0.000', 'brotli', 'br;q=no'];
  for (const accepted of others) {
    const { headers, body } = await get(SCRIPT, accepted === undefined ? {} : { 'Accept-Encoding': accepted });
    assert.equal(headers['content-encoding'], undefined, accepted);
    assert.equal(headers.vary, 'Origin, Accept-Encoding');
    assert.equal(body.toString(), TEXT);
  }
});

test('an answer without a body says nothing of its form, and what has only one form depends on nothing', async (context) => {
  const get = await serve(context);
  const unchanged = await get(SCRIPT, { 'Accept-Encoding': 'br', 'If-None-Match': '"1"' });
  assert.deepEqual([unchanged.headers['content-encoding'], unchanged.headers.vary], [undefined, 'Origin, Accept-Encoding']);
  for (const name of ['small-1.js', 'photo-1.png', '../assets/index-BIqxr1vN.js']) {
    const { headers } = await get(`/assets/${name}`, { 'Accept-Encoding': 'br' });
    assert.deepEqual([headers['content-encoding'], headers.vary], [undefined, 'Origin'], name);
  }
});

test('compressing again gives the same bytes, and a tree without the UI fails the build', (context) => {
  const { root, assets } = makeRoot(context);
  const made = fs.readdirSync(assets).filter((name) => name.endsWith('.br'));
  assert.deepEqual(made, ['index-BIqxr1vN.js.br', 'style-1.css.br']);
  const first = fs.readFileSync(path.join(assets, made[0]));
  const again = () => spawnSync(process.execPath, [path.join(root, 'scripts', 'compress.cjs')], { encoding: 'utf8' });
  assert.equal(again().status, 0);
  assert.deepEqual(fs.readFileSync(path.join(assets, made[0])), first);
  for (const name of fs.readdirSync(assets)) fs.rmSync(path.join(assets, name));
  assert.match(again().stderr, /holds nothing to compress/);
  assert.equal(again().status, 1);
});
