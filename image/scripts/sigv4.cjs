'use strict';

/**
 * Signs a request to AWS (Signature Version 4), for the one call that the image makes without an SDK of its service:
 * the image has the clients that Flowise brings, and CloudWatch's is not among them.
 */
const { createHash, createHmac } = require('node:crypto');

/** @param {string} text */
const hash = (text) => createHash('sha256').update(text, 'utf8').digest('hex');

/**
 * @param {string | Buffer} key
 * @param {string} text
 */
const hmac = (key, text) => createHmac('sha256', key).update(text, 'utf8').digest();

/**
 * Headers of a signed POST to `/` without a query.
 *
 * @param {object} request
 * @param {string} request.host
 * @param {string} request.service
 * @param {string} request.region
 * @param {string} request.body
 * @param {Record<string, string>} [request.headers] more headers, in lower case; they are signed too
 * @param {{ accessKeyId: string, secretAccessKey: string, sessionToken?: string }} credentials
 * @param {Date} [now]
 * @returns {Record<string, string>}
 */
function signedHeaders({ host, service, region, body, headers = {} }, credentials, now = new Date()) {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  /** @type {Record<string, string>} */
  const all = { ...headers, host, 'x-amz-date': time };
  if (credentials.sessionToken) all['x-amz-security-token'] = credentials.sessionToken;
  const names = Object.keys(all).sort();
  const canonical = ['POST', '/', '', ...names.map((name) => `${name}:${all[name].trim()}`), '', names.join(';'), hash(body)];
  const text = ['AWS4-HMAC-SHA256', time, scope, hash(canonical.join('\n'))].join('\n');
  const key = scope.split('/').reduce((/** @type {string | Buffer} */ last, part) => hmac(last, part), `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, text).toString('hex');
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const { host: _, ...sent } = all;
  return { ...sent, authorization };
}

module.exports = { signedHeaders };
