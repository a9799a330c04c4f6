'use strict';

const { ASKED, flowOnly, isId, repository } = require('../access.cjs');

const DIST = 'flowise/dist';

/**
 * Puts `flowOnly` before methods of a controller.
 *
 * @param {Record<string, (request: any) => unknown>} flows method to the flow that a request is about
 * @param {boolean} [publicPasses]
 * @returns {(exports: any, tree: import('../access.cjs').Tree) => void}
 */
function guarded(flows, publicPasses = true) {
  return ({ default: controller }, tree) => {
    for (const [method, idOf] of Object.entries(flows)) {
      controller[method] = flowOnly(tree, controller[method], idOf, publicPasses);
    }
  };
}

const byParameter = (/** @type {any} */ request) => request.params?.id;

/**
 * Paths without a login that show, change or hold something of the flow that they name: only for public flows. Flowise
 * asks on none of them whose flow it is, and told unknown flows from private ones.
 *
 * Tested by image/test/tree/guards.test.cjs on the installed code, and by tests/e2e/test_guards.py.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'flows',
  closes: ['CVE-2026-71962', 'private flows and their files reached without a login'],
  why: 'Whoever knew the id of a private flow got its settings, its prompts and its files, and wrote to it.',
  decides: ['/api/v1/openai-assistants-file/download'],
  files: {
    ...ASKED,
    [`${DIST}/controllers/chatflows/index.js`]: {
      sha256: '0092f6ec2a03cf5a071bb67aa855289f016ed3592d1a87b198d10395e67489e3',
      patch: guarded({
        checkIfChatflowIsValidForStreaming: byParameter,
        checkIfChatflowIsValidForUploads: byParameter,
        getSinglePublicChatbotConfig: byParameter,
        getSinglePublicChatflow: byParameter,
      }),
    },
    [`${DIST}/controllers/leads/index.js`]: {
      sha256: '98da4a523d27bd7addea6cc3b0f55d772f81795f9ead3222b20548c2cdc94de7',
      patch: (exports, tree) => {
        guarded({ createLeadInChatflow: (request) => request.body?.chatflowid })(exports, tree);
        guarded({ getAllLeadsForChatflow: byParameter }, false)(exports, tree);
      },
    },
    [`${DIST}/controllers/openai-assistants/index.js`]: {
      sha256: '15e156b5eb00bdcfc88a30af58a699f8dbc77cb279849e35685d7e0179fcf735',
      patch: guarded({ getFileFromAssistant: (request) => request.body?.chatflowId }),
    },
    [`${DIST}/controllers/get-upload-file/index.js`]: {
      sha256: 'c7ee30c9498174d847085dcc7f66d8ca29789e5011357b8b000ced08f9b938a8',
      patch: guarded({ streamUploadedFile: (request) => request.query?.chatflowId }),
    },
    [`${DIST}/controllers/chat-messages/index.js`]: {
      sha256: 'eb4521c5474b95d640b4839117d2b4b69dee29e76e1e454d99769b14f74295fa',
      patch: guarded({ abortChatMessage: (request) => request.params?.chatflowid }),
    },
    [`${DIST}/controllers/feedback/index.js`]: {
      sha256: '4c0bcf27ed284cf5626b0eaaceda40cf7af13b87a51cd7dbc5ecb103d3edbb9d',
      patch: (exports, tree) => {
        const ofFeedback = async (/** @type {any} */ request) => {
          if (!isId(request.params?.id)) return undefined;
          const stored = repository(tree, 'database/entities/ChatMessageFeedback.js', 'ChatMessageFeedback');
          return (await stored.findOneBy({ id: request.params.id }))?.chatflowid;
        };
        guarded({ getAllChatMessageFeedback: byParameter }, false)(exports, tree);
        guarded({
          createChatMessageFeedbackForChatflow: (request) => {
            delete request.body?.id; // a new one: with the id of another one it would be written over
            return request.body?.chatflowid;
          },
          updateChatMessageFeedbackForChatflow: ofFeedback,
        })(exports, tree);
      },
    },
    [`${DIST}/routes/attachments/index.js`]: {
      sha256: 'c7e479753a0cdbed3141472d57bc755de727b66e545494bca49b4640afe9925d',
      // Before the route's own first step, which stores the files.
      patch: ({ default: router }, tree) => {
        const [first] = router.stack[0].route.stack;
        first.handle = flowOnly(tree, first.handle, (request) => request.params?.chatflowId);
      },
    },
  },
};
