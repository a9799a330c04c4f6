'use strict';

const { isFlowise, log } = require('./settings.cjs');

/** What Flowise encrypts, signs and hashes with. Every server and worker of an instance has the same. */
const KEYS = [
  'FLOWISE_SECRETKEY_OVERWRITE',
  'JWT_AUTH_TOKEN_SECRET',
  'JWT_REFRESH_TOKEN_SECRET',
  'EXPRESS_SESSION_SECRET',
  'TOKEN_HASH_SECRET',
];

/** Flowise's own generated key has 32. */
const SHORTEST = 32;

/** Any random key of that length has more; the defaults of older versions (`AABBCCDD...`, `flowise`) have 4 to 7. */
const FEWEST_DIFFERENT = 8;

/** Encrypts what is stored: an instance that moves here cannot change it, so a stack may accept a short one. */
const ENCRYPTION_KEY = 'FLOWISE_SECRETKEY_OVERWRITE';

/**
 * @param {string | undefined} value
 * @param {boolean} short whether a weak key is accepted; a missing one never is
 * @returns {string} what is wrong with a key, without a word of the key; empty when nothing is
 */
function weakness(value, short) {
  if (!value) return 'is not set';
  if (short) return '';
  if (value.length < SHORTEST) return `has ${value.length} characters, at least ${SHORTEST} are needed`;
  const different = new Set(value).size;
  if (different < FEWEST_DIFFERENT) return `has only ${different} different characters, it is no random key`;
  return '';
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string[]} every mistake, a line each
 */
function findWeakKeys(environment) {
  const short = environment.FLOWISE_SHORT_ENCRYPTION_KEY === 'true';
  const mistakes = KEYS.map((name) => [name, weakness(environment[name], short && name === ENCRYPTION_KEY)]).filter(
    ([, problem]) => problem !== '',
  );
  const lines = mistakes.map(([name, problem]) => `${name} ${problem}`);
  for (const [index, name] of KEYS.entries()) {
    const twin = KEYS.slice(0, index).find((other) => environment[name] && environment[other] === environment[name]);
    if (twin) lines.push(`${name} is the same as ${twin}, each needs its own`);
  }
  return lines;
}

/**
 * Ends a server or worker whose keys are missing or weak.
 *
 * Flowise itself makes up what is missing and keeps it in its home directory, which is another one in each pod and gone
 * with it: people are logged out at random, and stored credentials can never be read again.
 */
function install() {
  if (!isFlowise()) return;
  const lines = findWeakKeys(process.env);
  if (lines.length === 0) return;
  for (const line of lines) log(line);
  log('Flowise is not started. Correct the Secret that the pod takes its keys from, e.g. with `openssl rand -hex 32`.');
  process.exit(1);
}

module.exports = { findWeakKeys, install };
