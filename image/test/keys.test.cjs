'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');

const PRELOAD = path.join(__dirname, '..', 'preload.cjs');
const NAMES = [
  'FLOWISE_SECRETKEY_OVERWRITE',
  'JWT_AUTH_TOKEN_SECRET',
  'JWT_REFRESH_TOKEN_SECRET',
  'EXPRESS_SESSION_SECRET',
  'TOKEN_HASH_SECRET',
];
const STRONG = Object.fromEntries(NAMES.map((name) => [name, randomBytes(32).toString('hex')]));

describe('keys', () => {
  let home = '';
  let program = '';

  before(() => {
    home = mkdtempSync(path.join(tmpdir(), 'keys-'));
    program = path.join(home, 'node_modules', 'flowise', 'bin', 'run');
    mkdirSync(path.dirname(program), { recursive: true });
    writeFileSync(program, 'console.log("flowise runs");');
  });
  after(() => rmSync(home, { recursive: true }));

  /**
   * @param {Record<string, string>} keys
   * @param {string[]} [command] what Node runs
   */
  function run(keys, command = [program, 'start']) {
    const env = { PATH: process.env.PATH, FLOWISE_LOAD_ALL_NODES: 'true', ...keys }; // this Flowise has no index of nodes
    const done = spawnSync(process.execPath, ['--require', PRELOAD, ...command], { env, encoding: 'utf8' });
    return { code: done.status, text: done.stdout + done.stderr };
  }

  test('strong ones let Flowise start', () => {
    assert.deepEqual(run(STRONG), { code: 0, text: 'flowise runs\n' });
    assert.equal(run(STRONG, [program, 'worker']).code, 0);
  });

  for (const name of NAMES) {
    test(`without ${name} neither server nor worker starts`, () => {
      const { [name]: _, ...rest } = STRONG;
      for (const command of ['start', 'worker']) {
        const { code, text } = run(rest, [program, command]);
        assert.equal(code, 1);
        assert.match(text, new RegExp(`${name} is not set`));
        assert.doesNotMatch(text, /flowise runs/);
      }
    });
  }

  for (const [weak, says] of [
    ['flowise', /has 7 characters, at least 32/],
    ['popcorn', /has 7 characters, at least 32/],
    ['AABBCCDDAABBCCDDAABBCCDDAABBCCDDAABBCCDD', /has only 4 different characters/],
    ['', /is not set/],
  ]) {
    test(`a default of older versions is refused: '${weak}'`, () => {
      const { code, text } = run({ ...STRONG, JWT_AUTH_TOKEN_SECRET: String(weak) });
      assert.equal(code, 1);
      assert.match(text, says);
    });
  }

  test('a short encryption key is accepted where the stack says so, no other key is', () => {
    const short = { ...STRONG, FLOWISE_SECRETKEY_OVERWRITE: 'fifteen-letters' };
    assert.match(run(short).text, /FLOWISE_SECRETKEY_OVERWRITE has 15 characters, at least 32/);
    const accepted = { ...short, FLOWISE_SHORT_ENCRYPTION_KEY: 'true' };
    assert.equal(run(accepted).code, 0);
    assert.match(run({ ...accepted, TOKEN_HASH_SECRET: 'short' }).text, /TOKEN_HASH_SECRET has 5 characters/);
    assert.match(run({ ...accepted, FLOWISE_SECRETKEY_OVERWRITE: '' }).text, /SECRETKEY_OVERWRITE is not set/);
  });

  test('all mistakes are named at once, and no key', () => {
    const { code, text } = run({
      ...STRONG,
      TOKEN_HASH_SECRET: 'zebra-in-the-log',
      EXPRESS_SESSION_SECRET: STRONG.JWT_AUTH_TOKEN_SECRET ?? '',
    });
    assert.equal(code, 1);
    assert.match(text, /TOKEN_HASH_SECRET has 16 characters/);
    assert.match(text, /EXPRESS_SESSION_SECRET is the same as JWT_AUTH_TOKEN_SECRET/);
    assert.doesNotMatch(text, /zebra/);
    for (const value of Object.values(STRONG)) assert.ok(!text.includes(value));
  });

  test('migration, owner script and health check need none', () => {
    assert.equal(run({}, ['--eval', 'process.exit(0)']).code, 0);
    assert.equal(run({}, [program, 'user']).code, 0);
  });
});
