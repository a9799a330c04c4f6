'use strict';

const { ASKED, credentialOnly, flowOnly } = require('../access.cjs');

/**
 * Speech from text. A request without a flow names provider and credential itself: it needs a login to a workspace that
 * has the credential. With a flow, the flow is public or the login is to its workspace.
 *
 * Tested by image/test/tree/guards.test.cjs on the installed code, and by tests/e2e/test_guards.py.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'speech',
  closes: ['CVE-2026-73603', 'CVE-2026-41279'],
  why: 'A request without a flow used any stored credential, without a login.',
  decides: ['/api/v1/text-to-speech/generate'],
  files: {
    ...ASKED,
    'flowise/dist/controllers/text-to-speech/index.js': {
      sha256: 'c5a952103a534cd3fc0a5d5ef7afe0d3fa48c5dbd4ed37919d8f78749c5085f9',
      patch: ({ default: controller }, tree) => {
        const { abortTextToSpeech, generateTextToSpeech, getVoices } = controller;
        const flowOf = (/** @type {any} */ request) => request.body?.chatflowId;
        const ofFlow = flowOnly(tree, generateTextToSpeech, flowOf);
        const ofCredential = credentialOnly(tree, generateTextToSpeech, (request) => request.body?.credentialId);
        Object.assign(controller, {
          abortTextToSpeech: flowOnly(tree, abortTextToSpeech, flowOf),
          generateTextToSpeech: (/** @type {any} */ request, /** @type {any} */ response, /** @type {any} */ next) =>
            (flowOf(request) ? ofFlow : ofCredential)(request, response, next),
          getVoices: credentialOnly(tree, getVoices, (request) => request.query?.credentialId),
        });
      },
    },
  },
};
