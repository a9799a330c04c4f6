'use strict';

require('../preload/compiled.cjs').install();

/**
 * Runs Flowise's own migrations, one runner at a time. Safe to run again, and by several at once.
 *
 * Flowise migrates when it starts, without a lock: two servers on an empty database apply the same migration twice.
 * Once this has run, starting servers and workers find nothing to do.
 */
const fs = require('node:fs');
const path = require('node:path');

const { distribution, here } = require('../preload/distribution.cjs');
const { checkEncryptionKey } = require('./keycheck.cjs');
const { Stop, connect, fromImage, required, run } = require('./postgres.cjs');
const { checkSchema } = require('./schemacheck.cjs');

/** Any fixed number: everybody who migrates this database takes this lock. */
const LOCK = 5_734_103;

/**
 * Refuses an image that holds another Flowise than the stack file says: the wrong migrations cannot be taken back.
 *
 * @param {string} wanted version of the stack file (`app.flowise_version`)
 * @param {string} held version in the image
 */
function checkVersion(wanted, held) {
  if (held === wanted) return;
  throw new Stop(
    `The image holds Flowise ${held}, and app.flowise_version is ${wanted}. Nothing has been migrated. ` +
      `Set app.image to the digest of an image with ${wanted}, or app.flowise_version to ${held} if that is what you ` +
      'want; read docs/upgrade-flowise.md first.',
  );
}

/** @returns {string} version of the Flowise, or of the fork, in the image */
function heldVersion() {
  const name = distribution().package;
  const file = path.resolve('node_modules', name, 'package.json');
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')).version;
  throw new Stop(
    `The image holds no package ${name}: ${file} does not exist. Nothing has been migrated. Set ` +
      'app.distribution.package and app.distribution.root to what the image holds (docs/fork.md).',
  );
}

async function main() {
  checkVersion(required('FLOWISE_VERSION'), heldVersion());
  if (process.env.DATABASE_TYPE !== 'postgres')
    throw new Stop('DATABASE_TYPE must be postgres: Flowise takes anything else for SQLite.');
  if (process.env.DATABASE_SSL !== 'true')
    throw new Stop('DATABASE_SSL must be true: the database accepts no plain connection.');
  if (process.env.DATABASE_SSL_KEY_BASE64) {
    throw new Stop(
      'DATABASE_SSL_KEY_BASE64 must not be set: with it Flowise verifies no certificate. Use NODE_EXTRA_CA_CERTS.',
    );
  }
  const key = required('FLOWISE_SECRETKEY_OVERWRITE');
  const lock = await connect({
    user: required('DATABASE_USER'),
    password: required('DATABASE_PASSWORD'),
    database: required('DATABASE_NAME'),
  });
  // Loading takes seconds, so it is done before anybody else has to wait for the lock.
  console.log('migrate: connected, loading the migrations of Flowise');
  const flowise = fromImage(here('flowise/dist/DataSource'));
  await flowise.init();
  /** @type {import('typeorm').DataSource} */
  const source = flowise.getDataSource();
  await source.initialize();
  await lock.query('SELECT pg_advisory_lock($1)', [LOCK]);
  const knownNames = source.migrations.map(({ name, constructor }) => name ?? constructor.name);
  console.log(`migrate: ${await checkSchema(lock, knownNames, process.env.FLOWISE_ACCEPTED_MIGRATIONS)}`);
  console.log(`migrate: ${await checkEncryptionKey(lock, key)}`);
  const applied = await source.runMigrations({ transaction: 'each' });
  const recorded = await lock.query(
    'SELECT count(*)::int AS rows, count(DISTINCT name)::int AS names FROM migrations WHERE name = ANY($1)',
    [knownNames],
  );
  const { rows, names } = recorded.rows[0];
  await source.destroy();
  await lock.end();
  const known = knownNames.length;
  console.log(`migrate: ${applied.length} applied, ${names} of ${known} recorded`);
  if (rows !== names || names < known) {
    throw new Stop(
      `The table "migrations" holds ${rows} rows for ${names} names and Flowise knows ${known}: somebody migrated without ` +
        `the lock. Restore the database from before the upgrade.`,
    );
  }
}

if (require.main === module) run('migrate', main);

module.exports = { checkVersion };
