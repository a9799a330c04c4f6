'use strict';

const assert = require('node:assert/strict');
const { createServer } = require('node:http');
const { describe, test } = require('node:test');

const { ask, login, metrics } = require('../scripts/canary.cjs');
const { signedHeaders } = require('../scripts/sigv4.cjs');

const FLOW = '7c0a1f6e-3a55-4d0c-9f0e-2f1f0a9f5b11';

/**
 * Asks a server that answers with `handler`.
 *
 * @param {import('node:http').RequestListener} handler
 * @param {number} [seconds]
 */
async function asked(handler, seconds = 5) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  try {
    return await ask(`http://127.0.0.1:${port}/`, FLOW, 'ping', seconds);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/**
 * Logs in to a server that answers with `status` and `headers`; returns what is wrong, and what the server was told.
 *
 * @param {number} status
 * @param {import('node:http').OutgoingHttpHeaders} headers
 */
async function loggedIn(status, headers) {
  /** @type {string[]} */
  const seen = [];
  const server = createServer((request, response) => {
    request.on('data', (part) => seen.push(String(request.url), String(part)));
    request.on('end', () => response.writeHead(status, headers).end('{"token":"a-session"}'));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const problem = await login(`http://127.0.0.1:${port}`, 'canary@example.com', 'a-password', 5);
  server.closeAllConnections();
  server.close();
  return { problem, seen };
}

describe('the login', () => {
  test('is that of a user', async () => {
    const { problem, seen } = await loggedIn(200, { 'Set-Cookie': ['token=a-session; HttpOnly'] });
    assert.equal(problem, undefined);
    assert.deepEqual(seen, ['/api/v1/auth/login', '{"email":"canary@example.com","password":"a-password"}']);
  });

  for (const [name, status, headers, wanted] of /** @type {[string, number, Record<string, string>, string][]} */ ([
    ['is refused with a wrong password', 401, {}, 'login: HTTP 401'],
    ['is refused by the firewall', 403, {}, 'login: HTTP 403'],
    ['ends at a sign-in page', 302, { Location: '/sign-in' }, 'login: HTTP 302'],
    ['gives no session', 200, {}, 'login: no session'],
  ])) {
    test(name, async () => {
      const { problem } = await loggedIn(status, headers);
      assert.equal(problem, wanted);
      assert.doesNotMatch(String(problem), /a-password|a-session/);
    });
  }

  test('says why nobody answers', async () => {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await login(`http://127.0.0.1:${port}`, 'a@b.c', 'a-password', 5), 'login: ECONNREFUSED');
  });
});

describe('the canary', () => {
  test('asks the flow its question', async () => {
    /** @type {string[]} */
    const seen = [];
    const result = await asked((request, response) => {
      request.on('data', (part) => seen.push(String(request.method), String(request.url), String(part)));
      request.on('end', () => response.end('{"text":"pong"}'));
    });
    assert.equal(result.problem, undefined);
    assert.deepEqual(seen, ['POST', `/api/v1/prediction/${FLOW}`, '{"question":"ping"}']);
  });

  for (const [name, status, text, problem] of /** @type {[string, number, string, string | undefined][]} */ ([
    ['takes a structured answer', 200, '{"json":{}}', undefined],
    ['is not content with an empty text', 200, '{"text":""}', 'the answer holds no text'],
    ['is not content with null', 200, 'null', 'the answer holds no text'],
    ['is not content with the page of the UI', 200, '<!doctype html>', 'the answer is not JSON'],
    ['is not content with a redirect to a sign-in page', 302, '', 'HTTP 302'],
    ['sees a refusal of the firewall', 403, '', 'HTTP 403'],
    ['sees an error', 500, '{"message":"sk-secret"}', 'HTTP 500'],
  ])) {
    test(name, async () => {
      const result = await asked((_, response) => response.writeHead(status, { location: '/sign-in' }).end(text));
      assert.equal(result.problem, problem);
    });
  }

  test('waits no longer than it is told', async () => {
    const result = await asked(() => undefined, 0.05);
    assert.equal(result.problem, 'no answer within 0.05 s');
  });

  test('waits no longer for the rest of an answer', async () => {
    const result = await asked((_, response) => response.write('{'), 0.05);
    assert.equal(result.problem, 'no answer within 0.05 s');
  });

  test('says that nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    await new Promise((resolve) => server.close(() => resolve(undefined)));
    assert.equal((await ask(`http://127.0.0.1:${port}`, FLOW, 'ping', 5)).problem, 'ECONNREFUSED');
  });

  test('counts failures under the names that the alarm watches', () => {
    const failed = new URLSearchParams(metrics('prod', { problem: 'HTTP 500', seconds: 1.5 }));
    assert.equal(failed.get('Action'), 'PutMetricData');
    assert.equal(failed.get('Namespace'), 'Flowise');
    assert.equal(failed.get('MetricData.member.1.MetricName'), 'canary_failed');
    assert.equal(failed.get('MetricData.member.1.Value'), '1.000');
    assert.equal(failed.get('MetricData.member.1.Dimensions.member.1.Name'), 'stack');
    assert.equal(failed.get('MetricData.member.1.Dimensions.member.1.Value'), 'prod');
    assert.equal(failed.get('MetricData.member.2.Value'), '1.500');
    const well = new URLSearchParams(metrics('prod', { problem: undefined, seconds: 1 }));
    assert.equal(well.get('MetricData.member.1.Value'), '0.000');
  });
});

describe('signature', () => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const now = new Date('2015-08-30T12:36:00Z');
  const request = { host: 'example.amazonaws.com', service: 'service', region: 'us-east-1' };

  test("matches AWS's test suite (post-x-www-form-urlencoded)", () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const signed = signedHeaders({ ...request, body: 'Param1=value1', headers }, credentials, now);
    assert.equal(
      signed.authorization,
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-date, ' +
        'Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    );
  });

  test("matches AWS's test suite (post-vanilla)", () => {
    const signed = signedHeaders({ ...request, body: '' }, credentials, now);
    assert.match(signed.authorization, /Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b$/);
  });

  test('covers the session token of Pod Identity', () => {
    const signed = signedHeaders({ ...request, body: '' }, { ...credentials, sessionToken: 'token' }, now);
    assert.equal(signed['x-amz-security-token'], 'token');
    assert.match(signed.authorization, /SignedHeaders=host;x-amz-date;x-amz-security-token,/);
  });
});
