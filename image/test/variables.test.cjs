'use strict';

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');

const PRELOAD = path.join(__dirname, '..', 'preload.cjs');
const KEYS = Object.fromEntries(
  [
    'FLOWISE_SECRETKEY_OVERWRITE',
    'JWT_AUTH_TOKEN_SECRET',
    'JWT_REFRESH_TOKEN_SECRET',
    'EXPRESS_SESSION_SECRET',
    'TOKEN_HASH_SECRET',
  ].map((name) => [name, randomBytes(32).toString('hex')]),
);

/** Stands for the SDK: it knows one secret with text, one without, and refuses others. */
const SDK = `
exports.GetSecretValueCommand = class { constructor(input) { this.input = input; } };
exports.SecretsManagerClient = class {
  constructor({ region }) { this.region = region; }
  async send({ input: { SecretId } }) {
    if (SecretId.endsWith('known')) return { SecretString: 'text of ' + this.region };
    if (SecretId.endsWith('binary')) return { SecretBinary: Buffer.from('x') };
    throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
  }
};`;
const arn = (/** @type {string} */ name) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}`;

describe('variables from Secrets Manager', () => {
  let home = '';

  before(() => {
    home = mkdtempSync(path.join(tmpdir(), 'variables-'));
    for (const [file, text] of Object.entries({
      'node_modules/flowise/bin/run': 'console.log(`flowise runs with ${process.env.LANGFUSE_SECRET_KEY}`);',
      'node_modules/@aws-sdk/client-secrets-manager/index.js': SDK,
      'package.json': '{}',
    })) {
      mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
      writeFileSync(path.join(home, file), text);
    }
  });
  after(() => rmSync(home, { recursive: true }));

  /**
   * @param {Record<string, string>} arns
   * @param {string} [command] of Flowise
   */
  function run(arns, command = 'start') {
    const done = spawnSync(
      process.execPath,
      ['--require', PRELOAD, path.join(home, 'node_modules', 'flowise', 'bin', 'run'), command],
      {
        cwd: home,
        env: {
          PATH: process.env.PATH,
          ...KEYS,
          FLOWISE_ENVIRONMENT_ARNS: JSON.stringify(arns),
          FLOWISE_LOAD_ALL_NODES: 'true', // this Flowise has no index of nodes
        },
        encoding: 'utf8',
      },
    );
    return { code: done.status, text: done.stdout + done.stderr };
  }

  for (const command of ['start', 'worker']) {
    test(`are there before Flowise starts (${command})`, () => {
      assert.deepEqual(run({ LANGFUSE_SECRET_KEY: arn('known') }, command), {
        code: 0,
        text: 'flowise runs with text of eu-central-1\n',
      });
    });
  }

  test('are asked for by servers and workers only', () => {
    assert.match(run({ LANGFUSE_SECRET_KEY: arn('denied') }, 'export').text, /runs with undefined/);
  });

  for (const [secret, problem] of [
    ['denied', /LANGFUSE_SECRET_KEY: the secret arn:\S+denied cannot be read \(AccessDeniedException: not authorized\)/],
    ['binary', /LANGFUSE_SECRET_KEY: the secret arn:\S+binary holds no text/],
  ]) {
    test(`stop the start when one cannot be read (${secret}), without a word of the others`, () => {
      const { code, text } = run({ OTHER: arn('known'), LANGFUSE_SECRET_KEY: arn(String(secret)) });
      assert.equal(code, 1);
      assert.match(text, /** @type {RegExp} */ (problem));
      assert.match(text, /Flowise is not started/);
      assert.doesNotMatch(text, /text of|flowise runs/);
    });
  }
});
