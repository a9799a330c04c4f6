'use strict';

/** Whether the database was migrated by a newer Flowise, or by a fork, than the one in the image. */
const { Stop } = require('./postgres.cjs');

/** Names that one message may hold: a fork can have hundreds. */
const SHOWN = 20;

/**
 * Refuses a database with migrations that the image's Flowise does not know, before anything in it is altered.
 *
 * Flowise itself starts on such a database: TypeORM applies what it knows and is silent about the rest. Whether the older
 * code can work with the newer tables is known by nobody until somebody's data is read or written.
 *
 * @param {{ query: (text: string) => Promise<{ rows: Record<string, any>[] }> }} client of Flowise's database
 * @param {string[]} known migrations of the Flowise in the image
 * @param {string} [accepted] names that the stack file accepts (`app.accepted_migrations`), with commas between them
 * @returns {Promise<string>} what was found, for the log
 */
async function checkSchema(client, known, accepted = '') {
  const { rows: tables } = await client.query("SELECT to_regclass('migrations') AS name");
  if (!tables[0]?.name) return 'no migrations yet';
  const { rows } = await client.query('SELECT DISTINCT name FROM migrations ORDER BY name');
  const names = rows.map(({ name }) => String(name));
  const unknown = names.filter((name) => !known.includes(name));
  const refused = unknown.filter((name) => !accepted.split(',').includes(name));
  if (refused.length > 0) throw new Stop(refusal(refused));
  return unknown.length > 0
    ? `${unknown.length} migrations of a newer Flowise are accepted by app.accepted_migrations: ${list(unknown)}`
    : `${names.length} of ${known.length} migrations are recorded`;
}

/** @param {string[]} names */
function list(names) {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return names.slice(0, SHOWN).join(', ') + more;
}

/** @param {string[]} names */
function refusal(names) {
  return (
    `The database holds ${names.length} migrations that the Flowise of this image does not know: ${list(names)}. It was ` +
    'used by a newer Flowise or by a fork. Nothing has been altered. Set app.image and app.flowise_version to that ' +
    'version; or bring a database of the version in this image (docs/adopt.md; after an upgrade: ' +
    'docs/upgrade-flowise.md, "Go back"). Only when you know that this version works with those tables: name the ' +
    'migrations in app.accepted_migrations.'
  );
}

module.exports = { checkSchema };
