'use strict';

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const { test } = require('node:test');

const { setCaching } = require('../preload/static.cjs');

/** Answers as Flowise does: a file, or the page of the UI for everything it does not know. */
const server = http.createServer((request, response) => {
  setCaching(request, response);
  response.setHeader('Cache-Control', 'public, max-age=0');
  const known = request.url === '/assets/index-BIqxr1vN.js';
  response.setHeader('Content-Type', known ? 'text/javascript' : 'text/html; charset=UTF-8');
  response.writeHead(request.headers['if-none-match'] ? 304 : 200);
  response.end();
});

/** @param {string} path @param {Record<string, string>} [headers] @returns {Promise<string | null>} */
async function cacheControl(path, headers) {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).headers.get('cache-control');
}

test('files of the bundle are kept, the page in place of a missing one never is', async (context) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const forever = 'public, max-age=31536000, immutable';
  assert.equal(await cacheControl('/assets/index-BIqxr1vN.js'), forever);
  assert.equal(await cacheControl('/assets/index-BIqxr1vN.js', { 'If-None-Match': '"1"' }), forever);
  assert.equal(await cacheControl('/assets/index-gone.js'), 'no-store');
  assert.equal(await cacheControl('/canvas'), 'public, max-age=0');
});
