'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');

const { GUARDS } = require('../preload/guards.cjs');
const { TRIPS, edits, isHeard, once, silence } = require('../preload/trips.cjs');

describe('edits that save round trips', () => {
  test('each say why, and the digest of every file', () => {
    for (const { name, why, closes, files } of TRIPS) {
      assert.ok(why, name);
      assert.deepEqual(closes, [], `${name} closes nothing, and is left out for a fork that it does not fit`);
      for (const { sha256 } of Object.values(files)) assert.match(sha256, /^[\da-f]{64}$/);
    }
  });

  test('agree with the guards on every file that both change', () => {
    const guarded = new Map(GUARDS().flatMap(({ files }) => Object.entries(files).map(([file, { sha256 }]) => [file, sha256])));
    for (const { files } of TRIPS) {
      for (const [file, { sha256 }] of Object.entries(files)) assert.equal(guarded.get(file) ?? sha256, sha256, file);
    }
  });

  test('replace each text once, and fail on a source that has it not', () => {
    const edit = edits([
      ['one', 'two'],
      ['three', ''],
    ]);
    assert.equal(edit('one three'), 'two ');
    assert.throws(() => edit('one'), /0 times in the source/);
  });

  test('run a function once, whoever asks meanwhile', async () => {
    let runs = 0;
    const exports = { version: async () => `3.1.${++runs}` };
    once(exports, 'version');
    assert.deepEqual(await Promise.all([exports.version(), exports.version()]), ['3.1.1', '3.1.1']);
    assert.equal(await exports.version(), '3.1.1');
  });
});

describe('steps of a job', () => {
  for (const [data, heard] of /** @type {[any, boolean][]} */ ([
    [{ incomingInput: { streaming: true } }, true],
    [{ incomingInput: { streaming: 'true' } }, true],
    [{ incomingInput: {}, chatType: 'WEBHOOK' }, true],
    [{ incomingInput: { streaming: false } }, false],
    [{ incomingInput: { question: 'hi' } }, false],
    [{ isExecuteCustomFunction: true }, false],
  ])) {
    test(`${JSON.stringify(data)} ${heard ? 'are told' : 'are told to nobody'}`, () => assert.equal(isHeard(data), heard));
  }

  test('are told to nobody by a silent publisher, which is a publisher otherwise', () => {
    class Publisher {
      /** @type {string[]} */
      told = [];
      isConnected() {
        return true;
      }
      streamTokenEvent(/** @type {string} */ _chat, /** @type {string} */ text) {
        this.told.push(text);
      }
    }
    const publisher = new Publisher();
    const silent = /** @type {Publisher} */ (silence(publisher, Publisher));
    silent.streamTokenEvent('chat', 'word');
    assert.equal(silent.isConnected(), true);
    assert.deepEqual(publisher.told, []);
    publisher.streamTokenEvent('chat', 'word');
    assert.deepEqual(publisher.told, ['word']);
  });
});
