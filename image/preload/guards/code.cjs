'use strict';

const { createHash } = require('node:crypto');

const OFF = 'Code execution is off on this instance (app.code_execution in its stack file).';

/** Nodes that are nothing but code of whoever builds the flow: not offered. In a stored flow they say why they stop. */
const NODES = [
  'codeInterpreterE2B',
  'customDocumentLoader',
  'customFunction',
  'customFunctionAgentflow',
  'customTool',
  'ifElseFunction',
  'seqCustomFunction',
];

/**
 * Code that Flowise itself brings and runs in its sandbox, by its SHA-256: the request of a flow that calls another flow
 * (ChatflowTool, AgentAsTool, ExecuteFlow of sequential agents), and that of the OpenAPI toolkit. What it asks for comes
 * as data.
 */
const FLOWISES_OWN = new Set([
  'e2b45a78cf8b90ddb4b2dd5a0c3cc0098a4f59203936e3251a51c364046912b1', // ChatflowTool, AgentAsTool
  'fc3d387e4f9b5d3b128ea8ada4f2b41597be3cbeceee2f7a0d09cd82025935a0', // ExecuteFlow of sequential agents
  '8b63e764fc3fcea3db0b30d5df5a8f6f04a49dc36bce0b431e5b324df5332c62', // OpenAPI toolkit
]);

/** @param {unknown} code */
const isFlowises = (code) => FLOWISES_OWN.has(createHash('sha256').update(String(code)).digest('hex'));

/**
 * `app.code_execution: off`. Everything that evaluates code of a flow, a tool or a request goes through one function of
 * Flowise (`executeJavaScriptCode`), whichever node asks and in whichever sandbox; it refuses all code but Flowise's own.
 * The API that runs a custom function answers 403 before it looks at the function. The node of E2B, which runs Python
 * elsewhere, refuses to be made. Nodes that are nothing but code are not offered.
 *
 * Tested by image/test/tree/code.test.cjs on the installed code, and by tests/e2e/test_without_code.py.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'code',
  closes: ['CVE-2026-46442', 'code out of the sandbox of custom functions and tools'],
  why: 'The sandbox (vm2) has been escaped again and again, and nobody keeps this copy of it.',
  wanted: (environment) => environment.FLOWISE_CODE_EXECUTION === 'off',
  files: {
    'flowise-components/dist/src/utils.js': {
      sha256: 'e72bb516655fcc99182e26e10b1bea6cee36af0c10a5368cd103a5a9c4b0de99',
      patch: (exports) => {
        const { executeJavaScriptCode } = exports;
        exports.executeJavaScriptCode = async (/** @type {unknown} */ code, /** @type {unknown[]} */ ...rest) => {
          if (!isFlowises(code)) throw new Error(OFF);
          return executeJavaScriptCode(code, ...rest);
        };
      },
    },
    'flowise-components/dist/nodes/tools/CodeInterpreterE2B/CodeInterpreterE2B.js': {
      sha256: 'fd6a7470b031ca4e5b42e4d5da2680caf43e91265e9d396f6c13193bc8c19661',
      patch: ({ nodeClass }) => {
        nodeClass.prototype.init = async () => {
          throw new Error(OFF);
        };
      },
    },
    'flowise/dist/controllers/nodes/index.js': {
      sha256: '333c3cf5a713fd59ccd1c64243b3db9c18008b41d05416b8d9b7480c6b1081de',
      patch: ({ default: controller }) => {
        controller.executeCustomFunction = async (/** @type {any} */ _, /** @type {any} */ response) =>
          response.status(403).json({ message: OFF });
      },
    },
    'flowise/dist/services/nodes/index.js': {
      sha256: '63d46bfd00c2132fb28339a0ef5cfd17f8a69dcb77d9ba58ec89ce9e2edeb92a',
      patch: ({ default: service }) => {
        for (const name of ['getAllNodes', 'getAllNodesForCategory']) {
          const list = service[name];
          service[name] = async (/** @type {unknown[]} */ ...of) =>
            (await list(...of)).filter((/** @type {{ name: string }} */ node) => !NODES.includes(node.name));
        }
      },
    },
  },
};
