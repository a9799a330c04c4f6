'use strict';

/**
 * Registers the owner of a new Flowise instance. Safe to run again.
 *
 * The first to register owns the instance, so this runs before the edge is opened. An owner who exists is never
 * changed: the password in Secrets Manager is the first one, and people are free to change theirs.
 */
const { setTimeout: sleep } = require('node:timers/promises');

const { distribution, isDescribed } = require('../preload/distribution.cjs');
const { Stop, required, run } = require('./postgres.cjs');

/** A server migrates and loads its nodes before it listens: 20 s on an idle machine, minutes on a busy one. */
const READY_LIMIT_MILLISECONDS = 300_000;
const READY_PAUSE_MILLISECONDS = 2_000;
const REQUEST_LIMIT_MILLISECONDS = 30_000;

/** What Flowise 3.1.4 answers to a registration when there is an owner. */
const OWNED = 'You can only have one organization';

/**
 * Flowise's own rule (enterprise/utils/validation.util.js), told before the request because its answer does not say it.
 *
 * @param {string} password
 * @returns {string[]} what is missing, empty when the password is accepted
 */
function passwordProblems(password) {
  const problems = [];
  if (password.length < 8) problems.push('at least 8 characters');
  // Flowise itself allows 128 characters, but bcrypt ignores what comes after the 72nd byte.
  if (Buffer.byteLength(password) > 72) problems.push('at most 72 bytes');
  if (!/[a-z]/.test(password)) problems.push('a lower-case letter');
  if (!/[A-Z]/.test(password)) problems.push('an upper-case letter');
  if (!/\d/.test(password)) problems.push('a digit');
  if (!/[^a-zA-Z0-9]/.test(password)) problems.push('a character that is neither a letter nor a digit');
  if (/[\r\n]/.test(password)) problems.push('no line break');
  return problems;
}

/** @param {string} url base URL */
async function waitForPing(url) {
  const { livenessPath } = distribution();
  const deadline = Date.now() + READY_LIMIT_MILLISECONDS;
  for (;;) {
    let seen;
    try {
      const response = await fetch(`${url}${livenessPath}`, { signal: AbortSignal.timeout(5_000) });
      const text = await response.text();
      // The status alone says nothing: Flowise answers 200 with its page to every path it does not know.
      if (response.ok && (text === 'pong' || isDescribed())) return;
      seen = `HTTP ${response.status}`;
    } catch (error) {
      const { message, cause } = /** @type {Error & { cause?: { code?: string } }} */ (error);
      seen = cause?.code ?? message;
    }
    if (Date.now() >= deadline) {
      throw new Stop(`Flowise at ${url} does not answer its ping (${seen}). Look at the logs of the server pods.`);
    }
    console.log(`waiting for Flowise at ${url} (${seen})`);
    await sleep(READY_PAUSE_MILLISECONDS);
  }
}

/**
 * @param {string} url
 * @param {unknown} body
 * @returns {Promise<{ status: number, message: string }>} the message is empty when the answer has none
 */
async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_LIMIT_MILLISECONDS),
  });
  const answer = /** @type {{ message?: unknown } | undefined} */ (await response.json().catch(() => undefined));
  return { status: response.status, message: typeof answer?.message === 'string' ? answer.message : '' };
}

async function main() {
  const url = required('FLOWISE_URL').replace(/\/+$/, '');
  const name = required('FLOWISE_OWNER_NAME');
  const email = required('FLOWISE_OWNER_EMAIL');
  const credential = required('FLOWISE_OWNER_PASSWORD');
  const problems = passwordProblems(credential);
  if (problems.length > 0)
    throw new Stop(`FLOWISE_OWNER_PASSWORD is refused by Flowise: it needs ${problems.join(', ')}.`);

  await waitForPing(url);
  const registration = await post(`${url}/api/v1/account/register`, { user: { name, email, credential } });
  if (registration.status === 201) {
    console.log(`owner: ${email} registered`);
    return;
  }
  if (registration.status !== 400 || registration.message !== OWNED) {
    throw new Stop(`Registering ${email} failed: HTTP ${registration.status} ${registration.message}.`);
  }
  const login = await post(`${url}/api/v1/auth/login`, { email, password: credential });
  if (login.status === 200) {
    console.log(`owner: ${email} exists, the login works`);
  } else if (login.status === 401 && login.message === 'Incorrect Email or Password') {
    console.log(`owner: ${email} exists with another password than the generated one: left as it is`);
  } else if (login.status === 404) {
    throw new Stop(
      `The instance has an owner, and no account is called ${email}. Either the owner's address was changed (put the new ` +
        `one into the stack's settings) or somebody else registered first (restore or empty the database).`,
    );
  } else {
    throw new Stop(
      `The instance has an owner, but the login of ${email} failed: HTTP ${login.status} ${login.message}.`,
    );
  }
}

if (require.main === module) run('owner', main);

module.exports = { passwordProblems };
