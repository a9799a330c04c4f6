'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');

const IMAGE = path.join(__dirname, '..');
const MAJOR = Number(process.versions.node.split('.')[0]);

/** A fork: another package, program and version, and none of Flowise's files. */
const FORK = {
  package: '@acme/flow',
  componentsPackage: '@acme/flow-nodes',
  version: '1.0.2',
  program: 'node_modules/@acme/flow/bin/serve',
  nodeMajor: MAJOR,
  guards: 'aside',
  livenessPath: '/api/v1/alive',
};

/** Keys of this run, without which nothing starts. */
const KEYS = Object.fromEntries(
  ['FLOWISE_SECRETKEY_OVERWRITE', 'JWT_AUTH_TOKEN_SECRET', 'JWT_REFRESH_TOKEN_SECRET', 'EXPRESS_SESSION_SECRET', 'TOKEN_HASH_SECRET'].map(
    (name) => [name, randomBytes(32).toString('hex')],
  ),
);

describe('a fork', () => {
  let root = '';
  before(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'fork-'));
    fs.cpSync(path.join(IMAGE, 'preload'), path.join(root, 'preload'), { recursive: true });
    fs.cpSync(path.join(IMAGE, 'scripts'), path.join(root, 'scripts'), { recursive: true });
    fs.copyFileSync(path.join(IMAGE, 'preload.cjs'), path.join(root, 'preload.cjs'));
    const server = path.join(root, 'node_modules', '@acme', 'flow');
    fs.mkdirSync(path.join(server, 'bin'), { recursive: true });
    fs.writeFileSync(path.join(server, 'package.json'), JSON.stringify({ name: '@acme/flow', version: '1.0.2' }));
    fs.writeFileSync(path.join(server, 'bin', 'serve.js'), 'console.log("the fork runs, closed: " + process.env.DENYLIST_URLS)');
    fs.writeFileSync(path.join(root, 'package.json'), '{}');
  });
  after(() => fs.rmSync(root, { recursive: true }));

  /** @param {object} different @param {Record<string, string>} [environment] @param {string[]} [words] */
  function run(different, environment = {}, words) {
    const done = spawnSync(
      process.execPath,
      words ?? ['--require', path.join(root, 'preload.cjs'), 'node_modules/@acme/flow/bin/serve', 'start'],
      {
        cwd: root,
        env: {
          PATH: process.env.PATH,
          ...KEYS,
          DENYLIST_URLS: '/api/v1/text-to-speech/generate',
          FLOWISE_CODE_EXECUTION: 'sandbox',
          FLOWISE_DISTRIBUTION: JSON.stringify({ ...FORK, ...different }),
          ...environment,
        },
        encoding: 'utf8',
        timeout: 120_000,
      },
    );
    return { code: done.status, text: done.stdout + done.stderr };
  }

  test('starts, and every guard that stands aside is named with what it leaves open', () => {
    const { code, text } = run({});
    assert.equal(code, 0, text);
    assert.match(text, /@acme\/flow 1\.0\.2, described by app\.distribution/);
    for (const { name, wanted } of require('../preload/guards.cjs').GUARDS()) {
      if (!wanted) assert.match(text, new RegExp(`guard ${name} stands aside, .* must be closed by @acme/flow`));
    }
    assert.match(text, /the fork runs, closed: \/api\/v1\/text-to-speech\/generate/, 'nobody decides on that path');
  });

  test('is refused with guards: refuse, and the choice is named', () => {
    const { code, text } = run({ guards: 'refuse' });
    assert.equal(code, 1);
    assert.match(text, /guard \S+: @acme\/flow\/dist\/\S+ is missing/);
    assert.match(text, /app\.distribution\.guards: aside/);
    assert.doesNotMatch(text, /the fork runs/);
  });

  test('is refused where the stack asks for code to be off and that guard does not fit', () => {
    const { code, text } = run({}, { FLOWISE_CODE_EXECUTION: 'off' });
    assert.equal(code, 1);
    assert.match(text, /guard \S*code\S* is asked for by a setting of the stack/);
    assert.doesNotMatch(text, /the fork runs/);
  });

  for (const [different, said] of /** @type {[object, RegExp][]} */ ([
    [{ version: '1.0.3' }, /app\.flowise_version is 1\.0\.3, and the image holds @acme\/flow 1\.0\.2/],
    [{ package: '@acme/other' }, /app\.distribution\.package is @acme\/other, and .* does not exist/],
    [{ nodeMajor: MAJOR + 2 }, new RegExp(`node_major is ${MAJOR + 2}, and the image has Node.js ${MAJOR}`)],
  ])) {
    test(`that is not as described is refused (${Object.keys(different)})`, () => {
      const { code, text } = run(different);
      assert.equal(code, 1, text);
      assert.match(text, said);
      assert.match(text, /the image is not what app\.distribution describes/);
      assert.doesNotMatch(text, /the fork runs/);
    });
  }

  test('migrates nothing when the image holds another package', () => {
    const { code, text } = run({ package: '@acme/other' }, { FLOWISE_VERSION: '1.0.2' }, ['scripts/migrate.cjs']);
    assert.notEqual(code, 0);
    assert.match(text, /The image holds no package @acme\/other.*Nothing has been migrated/);
  });

  test('migrates nothing when the image holds another version', () => {
    const { code, text } = run({}, { FLOWISE_VERSION: '1.0.3' }, ['scripts/migrate.cjs']);
    assert.notEqual(code, 0);
    assert.match(text, /1\.0\.2, and app\.flowise_version is 1\.0\.3\. Nothing has been migrated/);
  });
});
