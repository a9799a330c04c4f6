'use strict';

/** What a run of a flow may use, on the code of the image. Without the guard every test fails, but for those that say `still`. */

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');

process.env.FLOWISE_SECRETKEY_OVERWRITE = 'only-for-this-test-as-well-as-the-other';

const { UNKNOWN, WORKSPACE, tree } = require('./app.cjs');

const OURS = '55555555-5555-4555-8555-555555555555';

after(() => setImmediate(() => process.exit())); // Flowise leaves timers behind

describe('credentials', () => {
  const plain = { name: 'kept' };
  /** @type {any} */
  let credential;
  before(async () => {
    const encryptedData = await tree('flowise/dist/utils/index.js').encryptCredentialData(plain);
    credential = { id: OURS, workspaceId: WORKSPACE, encryptedData };
  });

  /** @param {Record<string, unknown>} options @param {boolean} [shared] */
  function read(options, shared = false) {
    const answers = { Credential: () => credential, WorkspaceShared: () => (shared ? {} : null) };
    const appDataSource = {
      getRepository: (/** @type {{ name: keyof typeof answers }} */ entity) => ({ findOneBy: async () => answers[entity.name]() }),
    };
    const databaseEntities = { Credential: { name: 'Credential' } };
    return tree('flowise-components/dist/src/utils.js').getCredentialData(OURS, { appDataSource, databaseEntities, ...options });
  }

  test('of another workspace are not there', async () => {
    assert.deepEqual(await read({ workspaceId: UNKNOWN }), {});
    assert.deepEqual(await read({ searchOptions: { workspaceId: { _value: UNKNOWN } } }), {});
  });

  test('still open in their own workspace, where they are shared, and where Flowise names none', async () => {
    assert.deepEqual(await read({ workspaceId: WORKSPACE }), plain);
    assert.deepEqual(await read({ workspaceId: UNKNOWN }, true), plain);
    assert.deepEqual(await read({}), plain);
  });
});

describe('overrides', () => {
  /** @param {unknown} asked @param {string[]} enabled */
  function replaced(asked, enabled) {
    const data = { id: 'one_0', name: 'one', label: 'One', inputs: { temperature: 'kept', prompt: 'kept', list: ['kept'] } };
    const nodes = { One: ['temperature', 'prompt', 'list'].map((name) => ({ name, enabled: enabled.includes(name) })) };
    return tree('flowise/dist/utils/index.js').replaceInputsWithConfig(data, asked, nodes, []).inputs;
  }

  test('leave what nobody has opened as it is, in every form', () => {
    for (const value of ['other', ['other'], { other: 'other' }, { one_0: 'other' }]) {
      assert.deepEqual(replaced({ temperature: value, unknown: value }, []), { temperature: 'kept', prompt: 'kept', list: ['kept'] });
    }
  });

  test('still change what is open', () => {
    assert.equal(replaced({ temperature: 'other' }, ['temperature']).temperature, 'other');
    assert.equal(replaced({ prompt: { one_0: 'other' } }, ['prompt']).prompt, 'other');
    assert.deepEqual(replaced({ list: ['other'] }, ['list']).list, ['kept', 'other']);
  });

  test('still leave the variables that are open, for the whole run', () => {
    const asked = { vars: { closed: 'other' } };
    replaced(asked, []);
    assert.deepEqual(asked, { vars: {} });
  });

  /** @param {Record<string, unknown>} words of a request about traces */
  function traced(words) {
    const { AnalyticHandler } = tree('flowise-components/dist/src/handler.js');
    const options = { chatId: JSON.stringify(words), analytic: '{}' };
    return AnalyticHandler.getInstance({ inputs: { analytics: { langFuse: words } } }, options).nodeData.inputs.analytics.langFuse;
  }

  test('say neither address nor key of a tracing service', () => {
    assert.deepEqual(traced({ userId: 'ada', baseUrl: 'http://127.0.0.1:1', publicKey: 'x' }), { userId: 'ada' });
  });

  test('still say whose trace it is', () => {
    assert.deepEqual(traced({ userId: 'ada', tags: ['a'] }), { userId: 'ada', tags: ['a'] });
  });
});
