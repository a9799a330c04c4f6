'use strict';

/** The guards on the code that the image installs. Every test fails when the guard is left out, but for those that say `still`. */

const assert = require('node:assert/strict');
const { once } = require('node:events');
const http = require('node:http');
const { after, before, describe, test } = require('node:test');

process.env.EXPRESS_SESSION_SECRET = 'only-for-this-test-only-for-this-test';
process.env.FLOWISE_SECRETKEY_OVERWRITE = 'only-for-this-test-as-well-as-the-other';

const { PRIVATE, PUBLIC, UNKNOWN, WORKSPACE, rows, start, tree } = require('./app.cjs');

const REFUSED = '{"error":"Unauthorized Access"}';
const LOGGED_IN = { 'x-test-login': WORKSPACE };
const ELSEWHERE = { 'x-test-login': UNKNOWN };

/** @type {Awaited<ReturnType<typeof start>>} */
let flowise;
before(async () => {
  flowise = await start();
});
after(() => {
  flowise.close();
  setImmediate(() => process.exit()); // Flowise leaves timers behind
});

describe('speech', () => {
  const body = { text: 'hello', provider: 'none', credentialId: UNKNOWN };

  test('with a credential of the request needs a login, before anything is looked up', async () => {
    const answer = await flowise.ask('POST', '/text-to-speech/generate', { body });
    assert.deepEqual([answer.status, answer.text, answer.asked], [401, REFUSED, []]);
  });

  test('uses a credential of the own workspace alone', async () => {
    const answer = await flowise.ask('POST', '/text-to-speech/generate', { body, headers: LOGGED_IN });
    assert.deepEqual([answer.status, answer.asked], [404, ['Credential', 'WorkspaceShared']]);
  });

  test('lists voices for a credential of the own workspace alone', async () => {
    const where = `/text-to-speech/voices?provider=none&credentialId=${UNKNOWN}`;
    assert.equal((await flowise.ask('GET', where, { headers: LOGGED_IN })).status, 404);
  });
});

/** Paths without a login that name a flow: method, path, body. @type {[string, (id: string) => string, ((id: string) => unknown)?][]} */
const OF_A_FLOW = [
  ['POST', () => '/text-to-speech/generate', (chatflowId) => ({ text: 'hello', chatflowId })],
  ['POST', () => '/text-to-speech/abort', (chatflowId) => ({ chatflowId, chatId: 'x', chatMessageId: 'x' })],
  ['GET', (id) => `/chatflows-streaming/${id}`],
  ['GET', (id) => `/chatflows-uploads/${id}`],
  ['GET', (id) => `/public-chatbotConfig/${id}`],
  ['GET', (id) => `/public-chatflows/${id}`],
  ['POST', () => '/leads', (chatflowid) => ({ chatflowid, name: 'x' })],
  ['POST', () => '/openai-assistants-file/download', (chatflowId) => ({ chatflowId, chatId: 'x', fileName: 'x' })],
  ['GET', (id) => `/get-upload-file?chatflowId=${id}&chatId=x&fileName=x`],
  ['POST', (id) => `/attachments/${id}/x`],
  ['POST', () => '/feedback', (chatflowid) => ({ chatflowid, messageId: UNKNOWN })],
  ['PUT', (id) => `/chatmessage/abort/${id}/x`],
];

describe('a path that names a flow', () => {
  for (const [method, where, body] of OF_A_FLOW) {
    test(`${method} ${where('FLOW')} tells an outsider nothing of a private flow, and the same of none`, async () => {
      for (const id of [PRIVATE, UNKNOWN, 'no-id']) {
        const answer = await flowise.ask(method, where(id), { body: body?.(id) });
        assert.deepEqual([answer.status, answer.text], [401, REFUSED], id);
        assert.deepEqual(answer.asked, id === 'no-id' ? [] : ['ChatFlow']);
      }
    });

    test(`${method} ${where('FLOW')} tells the same to people of other workspaces`, async () => {
      for (const id of [PRIVATE, UNKNOWN]) {
        const answer = await flowise.ask(method, where(id), { body: body?.(id), headers: ELSEWHERE });
        assert.deepEqual([answer.status, answer.text], [404, '{"message":"Not found"}'], id);
      }
    });
  }

  for (const where of [`/leads/${PUBLIC}`, `/feedback/${PUBLIC}`]) {
    test(`GET ${where} shows what others wrote to nobody without a login`, async () => {
      const answer = await flowise.ask('GET', where);
      assert.deepEqual([answer.status, answer.text, answer.asked], [401, REFUSED, []]);
    });
  }

  test('PUT /feedback changes feedback of public flows alone', async () => {
    const answer = await flowise.ask('PUT', `/feedback/${UNKNOWN}`, { body: { content: 'x' } });
    assert.deepEqual([answer.status, answer.text], [401, REFUSED]);
  });
});

describe('rights', () => {
  /** What a key that may only look at flows asks for: method, path, body. @type {[string, string, unknown?][]} */
  const ASKED = [
    ['DELETE', `/chatmessage/${PRIVATE}`],
    ['PATCH', '/upsert-history', { ids: [UNKNOWN] }],
    ['POST', `/document-store/upsert/${UNKNOWN}`, { docId: UNKNOWN }],
    ['POST', `/document-store/refresh/${UNKNOWN}`, {}],
    ['GET', '/fetch-links?url=http%3A%2F%2F127.0.0.1%3A9%2F&relativeLinksMethod=none&limit=1'],
  ];
  for (const [method, where, body] of ASKED) {
    test(`to look at flows are not enough for ${method} ${where}`, async () => {
      const headers = { ...LOGGED_IN, 'x-test-rights': 'chatflows:view,agentflows:view' };
      const answer = await flowise.ask(method, where, { body, headers });
      assert.deepEqual([answer.status, answer.asked], [403, []]);
    });
  }

  for (const where of [`/chatmessage/${PRIVATE}`, `/upsert-history/${PRIVATE}`]) {
    test(`of another kind are not enough for GET ${where}`, async () => {
      const headers = { ...LOGGED_IN, 'x-test-rights': 'variables:view' };
      const answer = await flowise.ask('GET', where, { headers });
      assert.deepEqual([answer.status, answer.asked], [403, []]);
    });
  }

  for (const [method, where] of [
    ['GET', `/openai-assistants?credential=${UNKNOWN}`],
    ['GET', `/openai-assistants/x?credential=${UNKNOWN}`],
    ['POST', `/openai-assistants-file/upload?credential=${UNKNOWN}`],
  ]) {
    test(`${method} ${where} uses a credential of the own workspace alone`, async () => {
      const answer = await flowise.ask(method, where, { headers: LOGGED_IN });
      assert.deepEqual([answer.status, answer.asked], [404, ['Credential', 'WorkspaceShared']]);
    });
  }
});

describe('oauth2', () => {
  before(async () => {
    const { encryptCredentialData } = tree('flowise/dist/utils/index.js');
    const plain = { clientId: 'x', clientSecret: 'x', authorizationUrl: 'https://github.com/login/oauth/authorize' };
    rows.Credential[PRIVATE] = { id: PRIVATE, workspaceId: WORKSPACE, encryptedData: await encryptCredentialData(plain) };
  });

  const authorize = async () => {
    const answer = await flowise.ask('POST', `/oauth2-credential/authorize/${PRIVATE}`, { headers: LOGGED_IN });
    const { authorizationUrl } = JSON.parse(answer.text);
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    return { cookie, state: String(new URL(authorizationUrl).searchParams.get('state')) };
  };
  /** @param {string} state @param {string} [cookie] */
  const callBack = (state, cookie = '') => {
    const where = `/oauth2-credential/callback?code=x&state=${encodeURIComponent(state)}`;
    return flowise.ask('GET', where, { headers: { cookie } });
  };

  test('the id of a credential is no state, and nothing is looked up', async () => {
    const answer = await callBack(PRIVATE);
    assert.deepEqual([answer.status, answer.text, answer.asked], [401, REFUSED, []]);
  });

  test('a state is another one each time and names no more than it must', async () => {
    const [first, second] = [await authorize(), await authorize()];
    assert.notEqual(first.state, second.state);
    assert.notEqual(first.state, PRIVATE);
  });

  test('a state works once, in the browser that asked', async () => {
    const { cookie, state } = await authorize();
    assert.equal((await callBack(state)).status, 401, 'no cookie');
    assert.equal((await callBack(state, 'flowise_oauth2=another')).status, 401, 'another browser');
    assert.equal((await callBack(`${state}x`, cookie)).status, 401, 'changed');
    const passed = await callBack(state, cookie);
    assert.deepEqual([passed.status, /token endpoint/i.test(passed.text)], [400, true], 'Flowise itself goes on');
    assert.equal((await callBack(state, cookie)).status, 401, 'again');
  });

  test('a state expires', async (context) => {
    const { cookie, state } = await authorize();
    context.mock.timers.enable({ apis: ['Date'], now: Date.now() + 601_000 });
    assert.equal((await callBack(state, cookie)).status, 401);
  });

  test('a state ends with the credential that it was given for', async () => {
    const { cookie, state } = await authorize();
    const { encryptedData } = rows.Credential[PRIVATE];
    rows.Credential[PRIVATE].encryptedData = `${encryptedData} changed`;
    assert.equal((await callBack(state, cookie)).status, 401);
    rows.Credential[PRIVATE].encryptedData = encryptedData;
  });

  test('a refresh needs a login, before anything is looked up', async () => {
    const answer = await flowise.ask('POST', `/oauth2-credential/refresh/${UNKNOWN}`);
    assert.deepEqual([answer.status, answer.text, answer.asked], [401, REFUSED, []]);
  });

  test('a refresh is for credentials of the own workspace', async () => {
    const answer = await flowise.ask('POST', `/oauth2-credential/refresh/${PRIVATE}`, { headers: ELSEWHERE });
    assert.deepEqual([answer.status, answer.text], [404, '{"message":"Not found"}']);
  });

  test('still a node refreshes the token of its credential in a run', async (context) => {
    const asked = [];
    const provider = http.createServer((request, response) => {
      asked.push(request.method);
      response.setHeader('content-type', 'application/json').end('{"access_token":"new","expires_in":3600}');
    });
    provider.listen(0, '127.0.0.1');
    await once(provider, 'listening');
    Object.assign(process.env, { OAUTH2_SECURITY_CHECK: 'false', HTTP_SECURITY_CHECK: 'false' }); // for a provider on loopback
    context.after(() => {
      provider.close();
      delete process.env.OAUTH2_SECURITY_CHECK;
      delete process.env.HTTP_SECURITY_CHECK;
    });
    const { port } = /** @type {import('node:net').AddressInfo} */ (provider.address());
    const expired = {
      ...{ clientId: 'x', clientSecret: 'x', access_token: 'old', refresh_token: 'x', expires_at: '2020-01-01T00:00:00Z' },
      accessTokenUrl: `http://127.0.0.1:${port}/`,
    };
    const { encryptCredentialData } = tree('flowise/dist/utils/index.js');
    rows.Credential[PUBLIC] = { id: PUBLIC, workspaceId: WORKSPACE, encryptedData: await encryptCredentialData(expired) };
    const { refreshOAuth2Token } = tree('flowise-components/dist/src/utils.js');
    const options = {
      baseURL: flowise.url,
      appDataSource: tree('flowise/dist/index.js').getInstance().AppDataSource,
      databaseEntities: { Credential: tree('flowise/dist/database/entities/Credential.js').Credential },
    };
    const data = await refreshOAuth2Token(PUBLIC, expired, options);
    assert.deepEqual([data.access_token, data.refresh_token, asked], ['new', 'x', ['POST']]);
    assert.ok(new Date(data.expires_at).getTime() > Date.now());
  });

  test("a run's own refresh is good for one credential", async () => {
    const headers = tree('flowise-components/dist/src/utils.js').signRefresh(PUBLIC);
    const answer = await flowise.ask('POST', `/oauth2-credential/refresh/${PRIVATE}`, { headers });
    assert.deepEqual([answer.status, answer.text, answer.asked], [401, REFUSED, []]);
  });
});

describe('fetches', () => {
  /** @type {http.Server} */
  let server;
  let requests = 0;
  let url = '';
  before(async () => {
    server = http.createServer((_, response) => {
      requests += 1;
      response.end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`;
  });
  after(() => server.close());

  /** Calls that reach `url` without the guard. @type {[string, () => unknown][]} */
  const CALLS = [
    [
      'the GET API chain',
      () => {
        const { APIChain } = tree('@langchain/classic/dist/chains/api/api_chain.cjs');
        const predict = { predict: async () => url };
        const fields = { apiAnswerChain: predict, apiDocs: '', apiRequestChain: predict };
        return APIChain.prototype._call.call({ ...fields, headers: {}, inputKey: 'q', outputKey: 'a' }, { q: 'x' });
      },
    ],
    [
      'the OpenAPI chain',
      () => {
        const { convertOpenAPISpecToOpenAIFunctions } = tree('@langchain/classic/dist/chains/openai_functions/openapi.cjs');
        const operation = { operationId: 'read', responses: {} };
        const spec = {
          baseUrl: url,
          document: { paths: { '/x': { get: operation } } },
          getMethodsForPath: () => ['get'],
          getParametersForPath: () => [],
          getParametersForOperation: () => [],
          getOperation: () => operation,
          getRequestBodyForOperation: () => undefined,
        };
        return convertOpenAPISpecToOpenAIFunctions(spec).defaultExecutionMethod('read', {});
      },
    ],
    [
      'the web browser',
      () => {
        const { WebBrowser } = tree('@langchain/classic/dist/tools/webbrowser.cjs');
        return new WebBrowser({ embeddings: {}, model: {} }).invoke(`"${url}","x"`);
      },
    ],
    [
      'the Unstructured loader',
      () => {
        const file = 'flowise-components/dist/nodes/documentloaders/Unstructured/Unstructured.js';
        return new (tree(file).UnstructuredLoader)({ apiUrl: url })._partition(Buffer.from('x'), 'x.txt');
      },
    ],
  ];

  for (const [name, call] of CALLS) {
    test(`${name} asks Flowise's deny list first`, async () => {
      requests = 0;
      await Promise.resolve(call()).catch(() => {});
      assert.equal(requests, 0);
    });
  }

  for (const file of Object.keys(require('../../preload/guards/fetches.cjs').files)) {
    if (file.endsWith('httpSecurity.js')) continue;
    test(`${file} follows redirects through the deny list`, async (context) => {
      const { checkedFetch } = tree(file);
      const first = http.createServer((_, response) => {
        response.writeHead(302, { location: url.replace('127.0.0.1', '127.0.0.2') }).end();
      });
      context.after(() => first.close());
      first.listen(0, '127.0.0.1');
      await once(first, 'listening');
      const { port } = /** @type {import('node:net').AddressInfo} */ (first.address());
      process.env.HTTP_SECURITY_CHECK = 'false';
      process.env.HTTP_DENY_LIST = '127.0.0.2';
      context.after(() => {
        delete process.env.HTTP_SECURITY_CHECK;
        delete process.env.HTTP_DENY_LIST;
      });
      await assert.rejects(checkedFetch(`http://127.0.0.1:${port}/`), /denied by policy/);
      assert.equal(await (await checkedFetch(url)).text(), '{}');
    });
  }
});

describe('mcp', () => {
  test('names that decide what a child loads are refused in any case', (context) => {
    process.env.CUSTOM_MCP_ALLOWED_ENV_VARS = 'API_URL,api_url,Node_Options';
    context.after(() => delete process.env.CUSTOM_MCP_ALLOWED_ENV_VARS);
    const { validateMCPServerConfig } = tree('flowise-components/dist/nodes/tools/MCP/core.js');
    validateMCPServerConfig({ env: { API_URL: 'x' } });
    assert.throws(() => validateMCPServerConfig({ env: { Node_Options: '' } }), /is not allowed/);
    assert.throws(() => validateMCPServerConfig({ env: { API_URL: 'x', api_url: 'y' } }), /differ by case/);
  });
});

describe('imports', () => {
  test('an assistant whose id is none is refused before the database is asked', async () => {
    const { importAssistants } = tree('flowise/dist/services/assistants/index.js').default;
    await assert.rejects(importAssistants([{ id: 'no-id' }], UNKNOWN), /an id is no UUID/);
  });
});
