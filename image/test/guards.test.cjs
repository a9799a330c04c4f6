'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');

const { replaceOnce } = require('../preload/edits.cjs');
const { GUARDS, findMisfits } = require('../preload/guards.cjs');

const INSTALL = path.join(__dirname, '..', 'preload', 'guards.cjs');
const SOURCE = 'module.exports = { answer: () => "upstream" };\n';

describe('guards', () => {
  let home = '';
  let program = '';
  const file = () => path.join(home, 'node_modules', 'flowise', 'dist', 'answer.js');

  before(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'guards-'));
    program = path.join(home, 'node_modules', 'flowise', 'bin', 'run');
    for (const each of [program, file()]) fs.mkdirSync(path.dirname(each), { recursive: true });
    fs.writeFileSync(program, 'console.log(require("../dist/answer.js").answer());');
    // A guard of one file, installed as the preload does it.
    const sha256 = createHash('sha256').update(SOURCE).digest('hex');
    const guard = `{ name: 'answer', closes: [], why: '', decides: ['/here'], files: { 'flowise/dist/answer.js': {
      sha256: '${sha256}',
      edit: (source) => source.replace('upstream', 'edited'),
      patch: (exports) => { const { answer } = exports; exports.answer = () => answer() + ' and patched'; },
    } } }`;
    fs.writeFileSync(path.join(home, 'load.cjs'), `require(${JSON.stringify(INSTALL)}).install([${guard}], []);`);
  });
  after(() => fs.rmSync(home, { recursive: true }));

  /** @param {string} source @param {string} [words] what Flowise is told to run */
  function run(source, words = 'start') {
    fs.writeFileSync(file(), source);
    const done = spawnSync(process.execPath, ['--require', path.join(home, 'load.cjs'), program, words], {
      env: { PATH: process.env.PATH },
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { code: done.status, text: done.stdout + done.stderr };
  }

  test('edit and patch the file that they are made for', () => {
    assert.deepEqual(run(SOURCE), { code: 0, text: 'edited and patched\n' });
  });

  for (const words of ['start', 'worker', 'something-else']) {
    test(`refuse another file (${words})`, () => {
      const { code, text } = run(`${SOURCE}// changed\n`, words);
      assert.equal(code, 1);
      assert.match(text, /guard answer: .*answer\.js is/);
      assert.match(text, /Flowise is not started/);
      assert.doesNotMatch(text, /upstream|edited/);
    });
  }

  test('say which files are missing', () => {
    const misfits = findMisfits(GUARDS(), path.join(home, 'node_modules'));
    assert.equal(misfits.length, GUARDS().flatMap(({ files }) => Object.keys(files)).length);
    assert.match(misfits[0], /^guard speech: flowise\/dist\/index\.js is missing, it must be [\da-f]{64}$/);
  });

  test('decide about their paths instead of DENYLIST_URLS, and leave the rest on it', () => {
    const code = `process.env.DENYLIST_URLS = '/here,/there'; require(${JSON.stringify(path.join(home, 'load.cjs'))});
      console.log(process.env.DENYLIST_URLS);`;
    assert.equal(spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', timeout: 60_000 }).stdout, '/there\n');
  });

  test('edit a text that stands there once', () => {
    assert.equal(replaceOnce('a b', 'a', 'c'), 'c b');
    assert.throws(() => replaceOnce('a a', 'a', 'c'), /2 times/);
    assert.throws(() => replaceOnce('b', 'a', 'c'), /0 times/);
  });

  test('each say what they close, why, and the digest of every file', () => {
    for (const guard of GUARDS()) {
      assert.ok(guard.closes.length > 0 && guard.why, guard.name);
      for (const { sha256 } of Object.values(guard.files)) assert.match(sha256, /^[\da-f]{64}$/);
    }
  });
});
