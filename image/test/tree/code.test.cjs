'use strict';

/** `app.code_execution: off` on the code that the image installs. All but "still" fail when the guard is left out. */

const assert = require('node:assert/strict');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');

process.env.EXPRESS_SESSION_SECRET = 'only-for-this-test-only-for-this-test';
process.env.FLOWISE_CODE_EXECUTION = 'off';

const { ROOT, WORKSPACE, start, tree } = require('./app.cjs');

const UTILS = 'flowise-components/dist/src/utils.js';
const OFF = /Code execution is off/;
const CODE = [
  ...['codeInterpreterE2B', 'customDocumentLoader', 'customFunction', 'customFunctionAgentflow'],
  ...['customTool', 'ifElseFunction', 'seqCustomFunction'],
];

/** @param {string} directory @returns {string[]} every program file below it */
const programs = (directory) =>
  fs
    .readdirSync(path.join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => path.join(directory, file));

describe('code execution off', () => {
  /** @type {Awaited<ReturnType<typeof start>>} */
  let flowise;
  before(async () => {
    flowise = await start();
  });
  after(() => {
    flowise.close();
    setImmediate(() => process.exit()); // Flowise leaves timers behind
  });

  test('refuses code of flows and tools', async () => {
    await assert.rejects(tree(UTILS).executeJavaScriptCode('return 1 + 1', {}), OFF);
    await assert.rejects(tree('flowise-components').executeJavaScriptCode('return 1 + 1', {}), OFF);
  });

  test('refuses the interpreter of E2B', async () => {
    const { nodeClass } = tree('flowise-components/dist/nodes/tools/CodeInterpreterE2B/CodeInterpreterE2B.js');
    await assert.rejects(new nodeClass().init({ inputs: {} }, '', {}), OFF);
  });

  test('refuses a custom function of a request before it looks at it', async () => {
    const body = { javascriptFunction: 'return 1 + 1' };
    const headers = { 'x-test-login': WORKSPACE };
    const answer = await flowise.ask('POST', '/node-custom-function', { body, headers });
    assert.deepEqual([answer.status, answer.asked], [403, []]);
    assert.match(answer.text, OFF);
  });

  test('offers no node that is nothing but code', async () => {
    const { componentNodes } = tree('flowise/dist/utils/getRunningExpressApp.js').getRunningExpressApp().nodesPool;
    const names = [...CODE, 'httpAgentflow'];
    for (const name of names) componentNodes[name] = { name, category: 'Agent Flows' };
    const service = tree('flowise/dist/services/nodes/index.js').default;
    for (const offered of [await service.getAllNodes(), await service.getAllNodesForCategory('Agent Flows')]) {
      assert.deepEqual(
        offered.map((/** @type {{ name: string }} */ node) => node.name),
        ['httpAgentflow'],
      );
    }
  });

  test('still knows these nodes by the names that Flowise gives them', () => {
    const sources = programs('flowise-components/dist/nodes').map((file) => fs.readFileSync(path.join(ROOT, file), 'utf8'));
    for (const name of CODE) assert.ok(sources.some((source) => source.includes(`this.name = '${name}'`)), name);
  });

  test('still lets a flow call a flow', async (context) => {
    const server = http.createServer((_, response) => response.end('{"text":"called"}'));
    context.after(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    process.env.HTTP_SECURITY_CHECK = 'false';
    context.after(() => delete process.env.HTTP_SECURITY_CHECK);
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    for (const name of ['tools/ChatflowTool/ChatflowTool', 'tools/AgentAsTool/AgentAsTool', 'sequentialagents/ExecuteFlow/ExecuteFlow']) {
      const source = fs.readFileSync(path.join(ROOT, `flowise-components/dist/nodes/${name}.js`), 'utf8');
      const code = /const code = `([^`]*)`/.exec(source)?.[1];
      const sandbox = { $apiURL: `http://127.0.0.1:${port}/`, $callBody: {}, $callOptions: { method: 'POST', body: '{}' }, console };
      assert.equal(await tree(UTILS).executeJavaScriptCode(code, sandbox, { useSandbox: false }), 'called', name);
    }
  });

  test('still is one place in Flowise that evaluates code', () => {
    const evaluating = ['flowise-components/dist', 'flowise/dist'].flatMap(programs).filter((file) => {
      const source = fs.readFileSync(path.join(ROOT, file), 'utf8');
      return /@flowiseai\/nodevm|require\("vm2?"\)|require\("node:vm"\)|new Function\(|[^.\w]eval\(/.test(source);
    });
    assert.deepEqual(evaluating, [UTILS]);
  });
});
