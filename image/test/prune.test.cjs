'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');

const IMAGE = path.join(__dirname, '..');
const RULES = [
  { why: 'maps', paths: ['**/*.map'] },
  { why: 'types', paths: ['**/*.ts'] },
  { why: 'documents', paths: ['**/*.md'] },
  { why: 'bundle', paths: ['client/dist/web', '@scope/*/build/esm'] },
  { why: 'other machine', machine: process.arch === 'x64' ? 'arm64' : 'x64', paths: ['client/native/this.node'] },
  { why: 'this machine', machine: process.arch, paths: ['client/native/that.node'] },
  { why: 'built from', only_for: 'ui', kept: ['phantom'] },
];
const FILES = {
  'package.json': '{"dependencies": {"server": "1"}}',
  'node_modules/server/package.json': '{"main": "./lib", "dependencies": {"ui": "1", "client": "1"}, "optionalDependencies": {"absent": "1"}}',
  'node_modules/server/lib/index.js': '',
  'node_modules/server/lib/index.js.map': '',
  'node_modules/server/node_modules/client/package.json': '{"exports": {".": {"types": "./client.d.ts", "import": "./dist/client.mjs", "browser": "./dist/web/client.js"}}}',
  'node_modules/server/node_modules/client/client.d.ts': '',
  'node_modules/server/node_modules/client/dist/client.mjs': '',
  'node_modules/server/node_modules/client/dist/web/client.js': '',
  'node_modules/server/node_modules/client/dist/web-socket.js': '',
  'node_modules/server/node_modules/client/native/this.node': '',
  'node_modules/server/node_modules/client/native/that.node': '',
  'node_modules/server/node_modules/client/README.md': '',
  'node_modules/server/node_modules/client/LICENSE.md': '',
  'node_modules/@scope/one/package.json': '{}',
  'node_modules/@scope/one/build/esm/index.js': '',
  'node_modules/@scope/one/build/src/index.js': '',
  'node_modules/ui/package.json': '{"dependencies": {"paint": "1", "@scope/one": "1", "phantom": "1"}, "peerDependencies": {"client": "2"}}',
  'node_modules/ui/build/index.html': '',
  'node_modules/paint/package.json': '{}',
  'node_modules/paint/LICENSE': '',
  'node_modules/client/package.json': '{"version": "2"}',
  'node_modules/phantom/package.json': '{}',
};

/** @param {import('node:test').TestContext} context @param {object[]} rules @param {Record<string, string>} [changes] */
function prune(context, rules, changes = {}) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'packages-'));
  context.after(() => fs.rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries({ ...FILES, ...changes })) {
    fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  for (const name of ['preload', 'scripts']) fs.cpSync(path.join(IMAGE, name), path.join(root, name), { recursive: true });
  fs.writeFileSync(path.join(root, 'scripts', 'unused.json'), JSON.stringify(rules));
  const done = spawnSync(process.execPath, [path.join(root, 'scripts', 'prune.cjs')], { encoding: 'utf8' });
  const left = fs.readdirSync(path.join(root, 'node_modules'), { recursive: true, withFileTypes: true });
  const files = left.filter((entry) => !entry.isDirectory() || fs.readdirSync(path.join(entry.parentPath, entry.name)).length === 0);
  return { ...done, left: files.map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))) };
}

test('what the rules name is removed, at any depth, with the directories that are empty then', (context) => {
  const gone = [
    'server/lib/index.js.map',
    'server/node_modules/client/client.d.ts',
    'server/node_modules/client/dist/web/client.js',
    'server/node_modules/client/native/that.node',
    'server/node_modules/client/README.md',
    '@scope/one/package.json',
    '@scope/one/build/esm/index.js',
    '@scope/one/build/src/index.js',
    'paint/package.json',
    'paint/LICENSE',
    'client/package.json',
  ].map((name) => `node_modules/${name}`);
  const { status, stdout, stderr, left } = prune(context, RULES, { 'node_modules/paint/main.js': 'x'.repeat(3 * 2 ** 20) });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '12 files that nothing loads are removed: 3 MiB\n');
  const expected = Object.keys(FILES).filter((name) => name.startsWith('node_modules/') && !gone.includes(name));
  assert.deepEqual(left.sort(), expected.sort());
});

test('a rule about packages that are not installed fails the build, and nothing is removed', (context) => {
  const { status, stderr, left } = prune(context, [...RULES, { why: 'a package that has left', paths: ['left/dist'] }]);
  assert.equal(status, 1);
  assert.match(stderr, /this rule removes nothing: a package that has left/);
  assert.ok(left.includes('node_modules/server/lib/index.js.map'));
});

test('an entry point of a package is never removed', (context) => {
  for (const [name, text, lost] of [
    ['node_modules/server/package.json', '{"main": "dist/index.js.map"}', 'server/dist/index.js.map'],
    ['node_modules/server/package.json', '{"exports": {"./web": [{"node": "./dist/index.js.map"}]}}', 'server/dist/index.js.map'],
  ]) {
    const rules = [{ why: 'maps', paths: ['**/*.map'] }];
    const { status, stderr, left } = prune(context, rules, { [name]: text, 'node_modules/server/dist/index.js.map': '' });
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`${lost} is the entry point of a package`));
    assert.ok(left.includes(`node_modules/${lost}`));
  }
});

test('each rule of ours says why, and names something', () => {
  for (const { why, paths = [], only_for: served } of require('../scripts/unused.json')) {
    assert.match(why, /^[A-Z].*\.$/);
    assert.ok(paths.length > 0 !== Boolean(served), why);
    for (const each of paths) assert.doesNotMatch(each, /^\/|\\|\?|\.\./);
  }
});
