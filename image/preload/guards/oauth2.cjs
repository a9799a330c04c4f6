'use strict';

const { createHash, createHmac, randomBytes, timingSafeEqual } = require('node:crypto');

const { ASKED, credentialOnly, refuse, repository } = require('../access.cjs');
const { replaceOnce } = require('../edits.cjs');

/** How long a person may take at the provider's page. */
const STATE_SECONDS = 600;

/** How long Flowise's request to itself is good for. */
const REFRESH_SECONDS = 60;

const COOKIE = 'flowise_oauth2';
const CALLBACK = '/api/v1/oauth2-credential/callback';
const HEADER = 'x-flowise-refresh';

/** States that have come back to this process. Those of other servers end with the credential that they change. */
const used = new Set();

/** @param {string} text */
const hash = (text) => createHash('sha256').update(text).digest('base64url');

/**
 * @param {string} purpose
 * @param {string[]} parts without a dot in any
 * @returns {string} the parts and a signature that every server and worker of the instance knows
 */
function sign(purpose, parts) {
  const key = process.env.EXPRESS_SESSION_SECRET;
  if (!key) throw new Error('EXPRESS_SESSION_SECRET is not set'); // keys.cjs lets no Flowise start without it
  const text = parts.join('.');
  return `${text}.${createHmac('sha256', key).update(`${purpose}:${text}`).digest('base64url')}`;
}

/**
 * @param {string} purpose
 * @param {unknown} signed
 * @returns {string[] | undefined} the parts, when the signature is right and their first one, a time, has not passed
 */
function verify(purpose, signed) {
  if (typeof signed !== 'string') return undefined;
  const parts = signed.split('.').slice(0, -1);
  const [wanted, found] = [sign(purpose, parts), signed].map((text) => Buffer.from(text));
  if (wanted.length !== found.length || !timingSafeEqual(wanted, found)) return undefined;
  return Number(parts[0]) > Date.now() ? parts : undefined;
}

/** @param {number} seconds */
const until = (seconds) => String(Date.now() + seconds * 1000);

/**
 * What of a credential changes with every authorization, so that its state is good for one.
 *
 * @param {import('../access.cjs').Tree} tree
 * @param {string} id
 * @returns {Promise<string>}
 */
async function fingerprint(tree, id) {
  const credential = await repository(tree, 'database/entities/Credential.js', 'Credential').findOneBy({ id });
  return credential ? hash(credential.encryptedData) : '';
}

/**
 * Gives the state that the provider hands back: random, for ten minutes, this credential, and the browser that asked.
 *
 * @param {import('../access.cjs').Tree} tree
 * @param {import('../access.cjs').Handler} handler
 * @returns {import('../access.cjs').Handler}
 */
function authorize(tree, handler) {
  return (request, response, next) => {
    const answer = response.json.bind(response);
    response.json = (/** @type {any} */ body) => {
      if (!body?.authorizationUrl) return answer(body);
      const id = String(request.params.credentialId);
      return fingerprint(tree, id).then((print) => {
        const browser = randomBytes(32).toString('base64url');
        const url = new URL(body.authorizationUrl);
        url.searchParams.set('state', sign('state', [until(STATE_SECONDS), id, print, hash(browser)]));
        response.cookie(COOKIE, browser, {
          httpOnly: true,
          maxAge: STATE_SECONDS * 1000,
          path: CALLBACK,
          sameSite: 'lax', // the provider sends the browser back by a link
          secure: process.env.NODE_ENV === 'production',
        });
        return answer({ ...body, authorizationUrl: url.toString() });
      }, next);
    };
    return handler(request, response, next);
  };
}

/**
 * @param {import('../access.cjs').Tree} tree
 * @param {import('../access.cjs').Handler} handler
 * @returns {import('../access.cjs').Handler}
 */
function callback(tree, handler) {
  return async (request, response, next) => {
    try {
      const { state } = request.query;
      const [, id, print, browser] = verify('state', state) ?? [];
      const isTheirs = id && browser === hash(String(request.cookies?.[COOKIE]));
      if (!isTheirs || used.has(state)) return refuse(response);
      used.add(state);
      setTimeout(() => used.delete(state), STATE_SECONDS * 1000).unref();
      response.clearCookie(COOKIE, { path: CALLBACK });
      if ((await fingerprint(tree, id)) !== print) return refuse(response);
      request.query.state = id; // what Flowise takes for the credential
      return await handler(request, response, next);
    } catch (error) {
      return next(error);
    }
  };
}

/**
 * @param {import('../access.cjs').Tree} tree
 * @param {import('../access.cjs').Handler} handler
 * @returns {import('../access.cjs').Handler}
 */
function refresh(tree, handler) {
  const byPeople = credentialOnly(tree, handler, (request) => request.params.credentialId);
  return (request, response, next) => {
    const [, id] = verify('refresh', request.headers[HEADER]) ?? [];
    const isFlowise = id !== undefined && id === request.params.credentialId;
    return (isFlowise ? handler : byPeople)(request, response, next);
  };
}

/** @type {Record<string, (tree: import('../access.cjs').Tree, handler: import('../access.cjs').Handler) => import('../access.cjs').Handler>} */
const GUARDED = {
  '/authorize/:credentialId': authorize,
  '/callback': callback,
  '/refresh/:credentialId': refresh,
};

/**
 * OAuth2 of stored credentials. The state of an authorization is random, expires, works once and in one browser;
 * refreshing a token needs a login to a workspace that has the credential. Nodes refresh by a request of Flowise to
 * itself, which carries a signature for the one credential instead.
 *
 * Tested by image/test/tree/guards.test.cjs on the installed code, and by tests/e2e/test_guards.py.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'oauth2',
  closes: ['CVE-2026-70636', 'OAuth2 callback whose state is the id of the credential'],
  why: 'Whoever knew the id of a credential refreshed it, or put tokens of their own into it, without a login.',
  decides: ['/api/v1/oauth2-credential/refresh'],
  files: {
    ...ASKED,
    'flowise/dist/routes/oauth2/index.js': {
      sha256: '4c53cf741d7ef2b5d8c17cf902cc2feaae63e45d92bffa403e2d395d8787e59d',
      patch: ({ default: router }, tree) => {
        for (const [route, guard] of Object.entries(GUARDED)) {
          const layer = router.stack.find((/** @type {any} */ each) => each.route?.path === route);
          const [step] = layer.route.stack;
          step.handle = guard(tree, step.handle);
        }
      },
    },
    'flowise-components/dist/src/utils.js': {
      sha256: 'e72bb516655fcc99182e26e10b1bea6cee36af0c10a5368cd103a5a9c4b0de99',
      edit: (source) =>
        replaceOnce(
          source,
          "/api/v1/oauth2-credential/refresh/${credentialId}`, {\n                    method: 'POST',\n                    headers: {",
          "/api/v1/oauth2-credential/refresh/${credentialId}`, {\n                    method: 'POST',\n                    headers: {\n                        ...exports.signRefresh(credentialId),",
        ),
      patch: (exports) => {
        exports.signRefresh = (/** @type {string} */ id) => ({
          [HEADER]: sign('refresh', [until(REFRESH_SECONDS), id]),
        });
      },
    },
  },
};
