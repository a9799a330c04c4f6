'use strict';

const { ASKED, credentialOnly } = require('../access.cjs');

const ROUTES = 'flowise/dist/routes';
const CHECK = 'flowise/dist/enterprise/rbac/PermissionCheck.js';
const SEE = 'chatflows:view,agentflows:view,assistants:view';
const CHANGE =
  'chatflows:update,chatflows:delete,agentflows:update,agentflows:delete,assistants:update,assistants:delete';
const LOAD = 'documentStores:upsert-config,documentStores:preview-process,documentStores:update';

/**
 * Puts Flowise's own check of rights before the first step of routes that have none.
 *
 * @param {Record<string, string>} rights `METHOD path` (its last spelling) to rights of which one is needed
 * @returns {(exports: any, tree: import('../access.cjs').Tree) => void}
 */
function needing(rights) {
  return ({ default: router }, tree) => {
    for (const [route, wanted] of Object.entries(rights)) {
      const [method, where] = route.split(' ');
      const layer = router.stack.find((/** @type {any} */ { route: each }) => {
        return each?.methods[method.toLowerCase()] && [each.path].flat().at(-1) === where;
      });
      const [first] = layer.route.stack;
      const { handle } = first;
      const check = tree(CHECK).checkAnyPermission(wanted);
      first.handle = (/** @type {any} */ request, /** @type {any} */ response, /** @type {any} */ next) =>
        check(request, response, () => handle(request, response, next));
    }
  };
}

const byQuery = (/** @type {any} */ request) => request.query?.credential;

/**
 * Routes that ask for a login and for no right: an API key that may only look at flows deleted messages, loaded document
 * stores and fetched links. Credentials that requests about OpenAI assistants name are those of the own workspace.
 *
 * Tested by image/test/tree/guards.test.cjs on the installed code.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'rights',
  closes: ['CVE-2026-67621', 'CVE-2026-67622', 'GHSA-ppmg-4cx6-95hh', 'GHSA-jvx3-mjpw-r4gh'],
  why: 'Every API key of a workspace may do what these routes do.',
  files: {
    ...ASKED,
    [CHECK]: { sha256: 'c72da5a8ddd11df6f183e447acf1e5d634befcefae1841032d15c2d0dd7dc5dc' },
    [`${ROUTES}/chat-messages/index.js`]: {
      sha256: '6ef15a853eff333a57aab7007d152172abefc15c1b708346b4147ff8576a10c3',
      patch: needing({ 'GET /:id': SEE, 'DELETE /:id': CHANGE }),
    },
    [`${ROUTES}/upsert-history/index.js`]: {
      sha256: 'da8bc849d7718a140b9c147680949dcf8f081d36e0314392573e54b153435e5a',
      patch: needing({ 'GET /:id': `${SEE},documentStores:view`, 'PATCH /': `${CHANGE},documentStores:update` }),
    },
    [`${ROUTES}/documentstore/index.js`]: {
      sha256: '102b02dfea7eeb75e1c421da41fdab6af0f05083ba61905c24ea01fa7a7847da',
      patch: needing({ 'POST /upsert/:id': LOAD, 'POST /refresh/:id': LOAD }),
    },
    [`${ROUTES}/fetch-links/index.js`]: {
      sha256: 'ccdbf1021bde2178d6b6e028d0694ee7f5735ced0fd0f7b9c891eb1651ee7699',
      patch: needing({ 'GET /': `${LOAD},documentStores:add-loader,${CHANGE},chatflows:create,agentflows:create` }),
    },
    'flowise/dist/controllers/openai-assistants/index.js': {
      sha256: '15e156b5eb00bdcfc88a30af58a699f8dbc77cb279849e35685d7e0179fcf735',
      patch: ({ default: controller }, tree) => {
        for (const method of ['getAllOpenaiAssistants', 'getSingleOpenaiAssistant', 'uploadAssistantFiles']) {
          controller[method] = credentialOnly(tree, controller[method], byQuery);
        }
      },
    },
  },
};
