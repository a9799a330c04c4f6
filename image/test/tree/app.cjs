'use strict';

const { once } = require('node:events');
const path = require('node:path');

const guards = require('../../preload/guards.cjs');

/** `node_modules` of the image, installed from its lock. */
const ROOT = process.env.FLOWISE_TREE ?? '';
if (!ROOT) throw new Error('FLOWISE_TREE is not set: the node_modules of the image (tests/e2e/test_guards.py sets it)');

/** `FLOWISE_GUARDS=none` leaves Flowise as it is: every test of the guards must fail then. */
guards.install(process.env.FLOWISE_GUARDS === 'none' ? [] : guards.wantedGuards());

/** @param {string} name @returns {any} a file of the tree */
const tree = (name) => require(path.join(ROOT, name));

const WORKSPACE = '11111111-1111-4111-8111-111111111111';
const PUBLIC = '22222222-2222-4222-8222-222222222222';
const PRIVATE = '33333333-3333-4333-8333-333333333333';
const UNKNOWN = '44444444-4444-4444-8444-444444444444';

/** Rows by entity and id. @type {Record<string, Record<string, any>>} */
const rows = {
  ChatFlow: {
    [PUBLIC]: { id: PUBLIC, isPublic: true, workspaceId: WORKSPACE, type: 'AGENTFLOW', flowData: '{}' },
    [PRIVATE]: { id: PRIVATE, isPublic: false, workspaceId: WORKSPACE, type: 'AGENTFLOW', flowData: '{}' },
  },
  Credential: {},
};

/** What was looked up, as `Entity`. @type {string[]} */
const asked = [];

/** @param {any} entity */
function getRepository(entity) {
  const found = (/** @type {any} */ where) => {
    asked.push(entity.name);
    const row = rows[entity.name]?.[where?.id];
    const fits = row && (where.workspaceId === undefined || where.workspaceId === row.workspaceId);
    return Promise.resolve(fits ? row : null);
  };
  return {
    findOne: (/** @type {any} */ { where }) => found(where),
    findOneBy: found,
    find: () => found(undefined).then(() => []),
    create: (/** @type {any} */ row) => row,
    update: (/** @type {string} */ id, /** @type {any} */ changes) => {
      asked.push(`update ${entity.name}`);
      return Promise.resolve(Object.assign(rows[entity.name][id], changes));
    },
    save: (/** @type {any} */ row) => {
      asked.push(`save ${entity.name}`);
      return Promise.resolve(row);
    },
  };
}

/**
 * Flowise's own routes on loopback, with tables that live here. `x-test-login` stands for a session.
 *
 */
async function start() {
  const server = tree('flowise/dist/index.js');
  const pool = { add: () => {}, remove: () => {}, abort: () => {} };
  const sseStreamer = { streamTTSAbortEvent() {} };
  const running = { AppDataSource: { getRepository }, abortControllerPool: pool, nodesPool: { componentNodes: {} }, sseStreamer, telemetry: {} };
  server.getInstance = () => running;
  const express = tree('express');
  const app = express();
  app.use(express.json(), tree('cookie-parser')());
  app.use((/** @type {any} */ request, /** @type {any} */ _, /** @type {any} */ next) => {
    if (request.headers['x-test-login']) {
      request.user = { id: UNKNOWN, activeWorkspaceId: request.headers['x-test-login'], activeOrganizationId: UNKNOWN };
      const rights = request.headers['x-test-rights']; // those of an API key; without them, an administrator
      Object.assign(request.user, rights ? { permissions: rights.split(',') } : { isOrganizationAdmin: true });
    }
    next();
  });
  app.use('/api/v1', tree('flowise/dist/routes/index.js').default);
  app.use(tree('flowise/dist/middlewares/errors/index.js').default);
  const listening = app.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (listening.address());
  const url = `http://127.0.0.1:${port}`;
  return { close: () => listening.close(), url, ask: asking(`${url}/api/v1`) };
}

/** @param {string} base */
function asking(base) {
  /**
   * @param {string} method
   * @param {string} where
   * @param {{ body?: unknown, headers?: Record<string, string> }} [options]
   */
  return async (method, where, { body, headers = {} } = {}) => {
    asked.length = 0;
    const response = await fetch(base + where, {
      method,
      signal: AbortSignal.timeout(10_000),
      redirect: 'manual',
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      body: body ? JSON.stringify(body) : undefined,
    });
    return { status: response.status, text: await response.text(), headers: response.headers, asked: [...asked] };
  };
}

module.exports = { PRIVATE, PUBLIC, ROOT, UNKNOWN, WORKSPACE, rows, start, tree };
