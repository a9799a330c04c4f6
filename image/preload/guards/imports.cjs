'use strict';

const { isId } = require('../access.cjs');

/**
 * Import of assistants: their ids become part of a statement of SQL as they are. Only ids pass.
 *
 * Tested by image/test/tree/guards.test.cjs on the installed code.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'imports',
  closes: ['raw SQL in the import of assistants'],
  why: 'Variables and tools are checked before they are imported, assistants are not.',
  files: {
    'flowise/dist/services/assistants/index.js': {
      sha256: '9f2275959c57ee09c77931cda5b5c37671b08768431ff42f42d5e4e4112f5563',
      patch: ({ default: service }) => {
        const { importAssistants } = service;
        service.importAssistants = async (/** @type {{ id?: unknown }[]} */ assistants, /** @type {any[]} */ ...rest) => {
          const wrong = assistants.some(({ id }) => id !== undefined && !isId(id));
          if (wrong) throw new Error('importAssistants: an id is no UUID');
          return importAssistants(assistants, ...rest);
        };
      },
    },
  },
};
