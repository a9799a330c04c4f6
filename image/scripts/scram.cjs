'use strict';

const { createHash, createHmac, pbkdf2Sync, randomBytes } = require('node:crypto');

/** PostgreSQL's own default (scram_iterations). */
const ITERATIONS = 4096;

/**
 * The SCRAM-SHA-256 verifier that PostgreSQL stores for a password (RFC 5802, RFC 7677).
 *
 * Sent instead of the password in `ALTER ROLE ... PASSWORD`, so that the password is in no statement the server could
 * log.
 *
 * @param {string} password printable ASCII: for anything else PostgreSQL normalises (SASLprep), which Node does not have
 * @param {Buffer} [salt]
 * @param {number} [iterations]
 * @returns {string} such as SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>
 */
function scramVerifier(password, salt = randomBytes(16), iterations = ITERATIONS) {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new Error('the password must be printable ASCII and not empty');
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const key = (/** @type {string} */ label) => createHmac('sha256', salted).update(label).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${key('Server Key').toString('base64')}`;
}

module.exports = { scramVerifier };
