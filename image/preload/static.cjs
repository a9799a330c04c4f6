'use strict';

const BUNDLE = '/assets/';
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * Says how long the files of the UI may be kept. Their names hold a hash of their content, yet Flowise sends them with
 * `max-age=0`, and for a file that does not exist it sends the page of the UI with status 200: that page must never be
 * kept under the name of a file.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
function setCaching(request, response) {
  if (!request.url?.startsWith(BUNDLE)) return;
  const writeHead = response.writeHead;
  /** @this {import('node:http').ServerResponse} @param {any[]} args */
  response.writeHead = function (...args) {
    const isPage = String(this.getHeader('content-type') ?? '').startsWith('text/html');
    const isFile = !isPage && [200, 206, 304].includes(args[0]);
    this.setHeader('Cache-Control', isFile ? FOREVER : 'no-store');
    return writeHead.apply(this, /** @type {any} */ (args));
  };
}

module.exports = { setCaching };
