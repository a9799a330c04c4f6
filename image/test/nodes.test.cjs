'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');

const IMAGE = path.join(__dirname, '..');
/** The part of the preload that is tested here: the guards refuse a tree that is not Flowise's. */
const PRELOAD = ['compiled', 'modules', 'nodes'].map((name) => `require('./preload/${name}.cjs').install();`).join('\n');

/** A node that says when it is loaded, has a method to load options, and an icon. */
const CHAT = `
  console.log('loads chat');
  exports.nodeClass = class {
    constructor() {
      Object.assign(this, { label: 'Chat', name: 'chat', icon: 'chat.svg', category: 'Chat', credential: { credentialNames: ['key'] } });
      this.secret = 'own';
      this.loadMethods = { async list(data) { return [data, this.secret, this.filePath.endsWith('Chat.js')]; } };
    }
    async init(data) { return 'init ' + data; }
  };
`;
const FROM_ENVIRONMENT = `
  console.log('loads host');
  exports.nodeClass = class { constructor() { this.name = 'host'; this.default = process.env.DEFAULT_HOST ?? 'none'; } };
`;
const COMMUNITY = `exports.nodeClass = class { constructor() { this.name = 'ours'; this.author = 'somebody'; } };`;
const TRACER = `exports.nodeClass = class { constructor() { this.name = 'tracer'; this.category = 'Analytic'; } };`;
const KEY = `exports.credClass = class { constructor() { this.name = 'key'; this.inputs = [{ name: 'token' }]; } };`;
const POOL = `
  exports.NodesPool = class {
    constructor() { this.componentNodes = {}; this.componentCredentials = {}; this.credentialIconPath = {}; }
    async initialize() { console.log('all nodes are loaded'); }
  };
`;
/** Stands for Flowise: fills its pool, shows it, and evaluates what the test gives it. */
const RUN = `
  const payments = require('../dist/payments');
  const { NodesPool } = require('../dist/NodesPool');
  const pool = new NodesPool();
  pool.initialize().then(async () => {
    console.log(JSON.stringify(pool.componentNodes));
    console.log(JSON.stringify(pool.componentCredentials));
    console.log('answer', JSON.stringify(await eval(process.env.ASK || 'null')));
  }).catch((error) => console.log('failed', error.message));
`;

/** @param {import('node:test').TestContext} context @param {Record<string, string>} [changes] */
function makeTree(context, changes = {}) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tree-'));
  context.after(() => fs.rmSync(root, { recursive: true }));
  const files = {
    'bun.lock': 'lock',
    'part.cjs': PRELOAD,
    'node_modules/flowise/package.json': '{"version": "3.1.4"}',
    'node_modules/flowise/bin/run': RUN,
    'node_modules/flowise/dist/NodesPool.js': POOL,
    'node_modules/flowise/dist/AppConfig.js': 'exports.appConfig = { showCommunityNodes: process.env.SHOW_COMMUNITY_NODES === "true" };',
    'node_modules/flowise/dist/payments.js': 'const stripe_1 = { default: require("stripe") }; exports.pay = () => new stripe_1.default("k").charge();',
    'node_modules/flowise/dist/index.js': 'require("./payments");',
    'node_modules/flowise/dist/commands/start.js': '',
    'node_modules/flowise/dist/commands/worker.js': '',
    'node_modules/stripe/index.js': 'console.log("loads stripe"); module.exports = class { constructor(key) { this.key = key; } charge() { return this.key + this.constructor.name.length; } };',
    'node_modules/flowise-components/package.json': '{"version": "3.1.4"}',
    'node_modules/flowise-components/dist/nodes/chat/Chat.js': CHAT,
    'node_modules/flowise-components/dist/nodes/chat/helper.js': 'exports.help = 1;',
    'node_modules/flowise-components/dist/nodes/Host.js': FROM_ENVIRONMENT,
    'node_modules/flowise-components/dist/nodes/Ours.js': COMMUNITY,
    'node_modules/flowise-components/dist/nodes/Tracer.js': TRACER,
    'node_modules/flowise-components/dist/credentials/Key.credential.js': KEY,
    ...changes,
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  for (const name of ['preload', 'scripts']) fs.cpSync(path.join(IMAGE, name), path.join(root, name), { recursive: true });
  return root;
}

/** @param {string} root */
function prepare(root) {
  return execFileSync(process.execPath, [path.join(root, 'scripts', 'prepare.cjs')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** @param {string} root @param {Record<string, string>} [env] @param {string[]} [files] further ones that Node requires */
function run(root, env = {}, files = []) {
  const required = ['part.cjs', ...files].flatMap((file) => ['--require', path.join(root, file)]);
  const program = [...required, path.join(root, 'node_modules/flowise/bin/run'), 'start'];
  const done = spawnSync(process.execPath, program, { env, encoding: 'utf8', timeout: 60_000 });
  const lines = done.stdout.split('\n');
  return { code: done.status, errors: done.stderr, lines, nodes: JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}') };
}

test('the server knows every node and loads none', (context) => {
  const root = makeTree(context);
  assert.match(prepare(root), /4 nodes and 1 credentials are in nodes.json/);
  const { lines, nodes, errors } = run(root);
  assert.deepEqual(lines.filter((line) => line.startsWith('loads')), [], errors);
  const icon = path.join(root, 'node_modules/flowise-components/dist/nodes/chat/chat.svg');
  assert.deepEqual(Object.keys(nodes), ['host', 'chat']);
  assert.deepEqual(Object.keys(nodes.chat), ['label', 'name', 'icon', 'category', 'credential', 'secret', 'loadMethods', 'filePath']);
  assert.equal(nodes.chat.icon, icon);
  assert.deepEqual(JSON.parse(lines[1]), { key: { name: 'key', inputs: [{ name: 'token' }], icon } });
});

test('a node is loaded once, when one of its functions is called, and sees itself', (context) => {
  const root = makeTree(context);
  prepare(root);
  const list = 'pool.componentNodes.chat.loadMethods.list.call(pool.componentNodes.chat, 1)';
  const { lines } = run(root, { ASK: `Promise.all([${list}, ${list}, pool.componentNodes.chat.init(2)])` });
  assert.deepEqual(lines.filter((line) => line.startsWith('loads')), ['loads chat']);
  assert.ok(lines.includes('answer [[1,"own",true],[1,"own",true],"init 2"]'), lines.join('\n'));
});

test('a node that cannot be loaded any more fails where it is used', (context) => {
  const broken = `if (process.env.BROKEN) throw new Error('no such library'); ${CHAT}`;
  const root = makeTree(context, { 'node_modules/flowise-components/dist/nodes/chat/Chat.js': broken });
  prepare(root);
  // The variable is read when the module is loaded, so the node would be made at the start: here it appears later.
  const ask = 'process.env.BROKEN = "1", pool.componentNodes.chat.init(2)';
  assert.ok(run(root, { ASK: ask }).lines.includes('failed no such library'));
});

test('a node whose properties depend on the environment says what this environment makes of it', (context) => {
  const root = makeTree(context);
  prepare(root);
  assert.equal(run(root).nodes.host.default, 'none');
  const set = run(root, { DEFAULT_HOST: 'db' });
  assert.equal(set.nodes.host.default, 'db');
  assert.ok(set.lines.includes('loads host'));
});

test('nodes are left out as Flowise leaves them out', (context) => {
  const root = makeTree(context);
  prepare(root);
  assert.deepEqual(Object.keys(run(root, { SHOW_COMMUNITY_NODES: 'true' }).nodes), ['host', 'ours', 'chat']);
  assert.deepEqual(Object.keys(run(root, { DISABLED_NODES: 'chat,other' }).nodes), ['host']);
});

test('a package that is rarely used is loaded when it is', (context) => {
  const root = makeTree(context);
  prepare(root);
  const { lines } = run(root, { ASK: 'payments.pay()' });
  assert.deepEqual(lines.slice(2, 4), ['loads stripe', 'answer "k0"']);
});

test('what Node itself requires is loaded at once, as an instrumentation must be', (context) => {
  const root = makeTree(context, { 'instrumentation.cjs': 'console.log("instrumented");' });
  prepare(root);
  assert.equal(run(root, {}, ['instrumentation.cjs']).lines[0], 'instrumented');
});

test('an index of another tree stops the start and says what to do', (context) => {
  for (const [name, text, reason] of [
    ['node_modules/flowise-components/package.json', '{"version": "3.1.5"}', 'for flowise-components 3.1.4, and 3.1.5 is installed'],
    ['node_modules/flowise-components/dist/nodes/Host.js', `${FROM_ENVIRONMENT}\n`, 'from other files'],
    ['bun.lock', 'another', 'from other files'],
  ]) {
    const root = makeTree(context);
    prepare(root);
    fs.writeFileSync(path.join(root, name), text);
    const { code, errors } = run(root);
    assert.equal(code, 1);
    assert.match(errors, new RegExp(`nodes.json cannot be used: .*${reason}[^]*scripts/prepare.cjs`));
  }
});

test('Flowise loads all nodes itself without an index, and where it is told to', (context) => {
  const root = makeTree(context);
  const without = run(root);
  assert.ok(without.lines.includes('all nodes are loaded'));
  assert.match(without.errors, /there is no .*nodes.json/);
  prepare(root);
  assert.ok(run(root, { FLOWISE_LOAD_ALL_NODES: 'true' }).lines.includes('all nodes are loaded'));
});

test('modules come compiled, for whatever user, and nothing is written', (context) => {
  const root = makeTree(context);
  prepare(root);
  const compiled = path.join(root, 'compiled');
  const before = fs.readdirSync(compiled);
  assert.equal(fs.statSync(compiled).mode & 0o777, 0o755);
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'pod-'));
  context.after(() => fs.rmSync(temporary, { recursive: true }));
  const ask = "require('../dist/index.js'), process.getuid()";
  const { errors } = run(root, { ASK: ask, TMPDIR: temporary, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
  for (const name of ['payments.js', 'index.js']) {
    assert.match(errors, new RegExp(`V8 code cache for CommonJS .*/flowise/dist/${name} was accepted`));
  }
  assert.deepEqual(fs.readdirSync(compiled), before);
  assert.deepEqual(fs.readdirSync(temporary), []);
});

test('the same packages are compiled to the same bytes', (context) => {
  const root = makeTree(context);
  const contents = [1, 2].map(() => {
    prepare(root);
    const names = fs.readdirSync(path.join(root, 'compiled'));
    return names.map((name) => [name, fs.readFileSync(path.join(root, 'compiled', name), 'base64')]);
  });
  assert.ok(contents[0].length > 10);
  assert.deepEqual(contents[0], contents[1]);
});

test('without a place for the link Flowise starts all the same', (context) => {
  const root = makeTree(context);
  prepare(root);
  const { lines, errors } = run(root, { TMPDIR: path.join(root, 'missing') });
  assert.ok(lines.includes('answer null'));
  assert.match(errors, /compiled modules are not used: ENOENT/);
});

test('the build fails when a node cannot be loaded, or cannot be described', (context) => {
  const file = 'node_modules/flowise-components/dist/nodes/Host.js';
  for (const [text, reason] of [
    ["require('not-installed');", 'not-installed'],
    ['exports.nodeClass = class { constructor() { this.since = new Date(); } };', 'since is a Date'],
    ['exports.region = process.env.REGION;', 'reads REGION when it is loaded'],
  ]) {
    const root = makeTree(context, { [file]: text });
    assert.throws(() => prepare(root), new RegExp(reason));
    assert.equal(fs.existsSync(path.join(root, 'nodes.json')), false);
  }
});
