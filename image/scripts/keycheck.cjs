'use strict';

/** Whether the key that Flowise is about to get is the one that the stored credentials were encrypted with. */
const { Stop, fromImage } = require('./postgres.cjs');

/** How many of the newest credentials are tried: one that was damaged alone proves nothing. */
const SAMPLE = 20;

/**
 * Refuses a key that opens none of the stored credentials.
 *
 * With a wrong key Flowise starts, is ready, and answers with empty credentials; what is saved then is encrypted with
 * the wrong key, and the mix cannot be told apart later. A database without credentials takes any key.
 *
 * @param {{ query: (text: string) => Promise<{ rows: Record<string, any>[] }> }} client of Flowise's database
 * @param {string} key FLOWISE_SECRETKEY_OVERWRITE
 * @returns {Promise<string>} what was found, for the log
 */
async function checkEncryptionKey(client, key) {
  const { rows: tables } = await client.query("SELECT to_regclass('credential') AS name");
  if (!tables[0]?.name) return 'no credentials yet';
  const { rows } = await client.query(
    `SELECT "encryptedData" AS data FROM credential ORDER BY "updatedDate" DESC LIMIT ${SAMPLE}`,
  );
  if (rows.length === 0) return 'no credentials yet';
  const opened = rows.filter(({ data }) => opens(String(data), key)).length;
  if (opened > 0) return `the key opens ${opened} of ${rows.length} stored credentials`;
  throw new Stop(
    `FLOWISE_SECRETKEY_OVERWRITE opens none of the ${rows.length} newest stored credentials: they were encrypted with ` +
      'another key. Nothing has been migrated. Give this stack the key that belongs to this database: docs/keys.md, ' +
      '"Bringing an instance with its keys". Without that key the credentials are lost: delete them (DELETE FROM ' +
      'credential) and enter them again.',
  );
}

/**
 * @param {string} data as Flowise stores it
 * @param {string} key
 */
function opens(data, key) {
  const { AES, enc } = fromImage('crypto-js'); // what Flowise itself decrypts with
  try {
    JSON.parse(AES.decrypt(data, key).toString(enc.Utf8));
    return true;
  } catch {
    return false; // neither the text nor the message is shown
  }
}

module.exports = { checkEncryptionKey };
