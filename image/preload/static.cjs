'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { BROTLI, BUNDLE, ROOT, TEXT_TYPES } = require('./tree.cjs');

const ADDRESS = '/assets/';
const FOREVER = 'public, max-age=31536000, immutable';

/** Names of the files with a Brotli form, by the image's root. @type {Map<string, Set<string>>} */
const compressed = new Map();

/**
 * @param {string} root of the image
 * @returns {Set<string>} read once: nothing is ever written there
 */
function compressedOf(root) {
  let names = compressed.get(root);
  if (!names) {
    const directory = path.join(root, BUNDLE);
    const files = fs.existsSync(directory) ? fs.readdirSync(directory) : [];
    names = new Set(files.filter((name) => name.endsWith(BROTLI)).map((name) => name.slice(0, -BROTLI.length)));
    compressed.set(root, names);
  }
  return names;
}

/**
 * Whether `Accept-Encoding` names Brotli and does not refuse it (RFC 9110, 12.5.3). `*` is not taken for it.
 *
 * @param {string | string[] | undefined} header
 * @returns {boolean}
 */
function acceptsBrotli(header) {
  return String(header ?? '')
    .split(',')
    .map((each) => each.split(';').map((part) => part.trim().toLowerCase()))
    .some(([name, weight = 'q=1']) => name === 'br' && Number(weight.replace(/^q=/, '')) > 0);
}

/**
 * Says how long the files of the UI may be kept, and sends their Brotli form to whoever takes it. Their names hold a hash
 * of their content, yet Flowise sends them with `max-age=0`, and for a file that does not exist it sends the page of the UI
 * with status 200: that page must never be kept under the name of a file.
 *
 * Express sends the Brotli form as it sends every file, under another path: with a length, an ETag, ranges and answers to
 * HEAD and `If-None-Match` that are those of the form that is sent.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} [root] of the image
 */
function setCaching(request, response, root = ROOT) {
  if (!request.url?.startsWith(ADDRESS)) return;
  const [address, ...query] = request.url.split('?');
  const hasBoth = compressedOf(root).has(address.slice(ADDRESS.length));
  const isBrotli = hasBoth && acceptsBrotli(request.headers['accept-encoding']);
  if (isBrotli) request.url = [address + BROTLI, ...query].join('?');
  const writeHead = response.writeHead;
  /** @this {import('node:http').ServerResponse} @param {any[]} args */
  response.writeHead = function (...args) {
    const isPage = String(this.getHeader('content-type') ?? '').startsWith('text/html');
    const isFile = !isPage && [200, 206, 304].includes(args[0]);
    this.setHeader('Cache-Control', isFile ? FOREVER : 'no-store');
    if (hasBoth) this.appendHeader('Vary', 'Accept-Encoding');
    if (isBrotli && isFile && args[0] !== 304) {
      this.setHeader('Content-Encoding', 'br');
      this.setHeader('Content-Type', TEXT_TYPES[path.extname(address)]);
    }
    return writeHead.apply(this, /** @type {any} */ (args));
  };
}

module.exports = { setCaching };
