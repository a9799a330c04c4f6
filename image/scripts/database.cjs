'use strict';

/**
 * Makes the role and the database that Flowise lives in, and where a stack has one, the database for vectors. Safe to run again, and by several at once.
 *
 * Runs in an init container of the migration Job, the only pod that may read the master secret of RDS.
 */
const { Stop, connect, fromImage, required, run } = require('./postgres.cjs');
const { scramVerifier } = require('./scram.cjs');

/** Any fixed number: everybody who creates roles or databases here takes this lock. */
const LOCK = 5_734_102;

/**
 * @param {string} arn of the secret that RDS manages (`manage_master_user_password`)
 * @returns {Promise<{ user: string, password: string }>}
 */
async function readMasterSecret(arn) {
  const { GetSecretValueCommand, SecretsManagerClient } = fromImage('@aws-sdk/client-secrets-manager');
  // The region is in the ARN, so a pod without AWS_REGION works too. Credentials: Pod Identity, by the SDK's default
  // chain.
  const client = new SecretsManagerClient({ region: arn.split(':')[3] });
  /** @type {string | undefined} */
  let text;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString;
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    throw new Stop(
      `The master secret ${arn} cannot be read (${name}: ${message}). Check that DATABASE_MASTER_SECRET_ARN is the ` +
        `instance's and that the pod's role allows secretsmanager:GetSecretValue and kms:Decrypt on its key.`,
    );
  }
  try {
    const { username, password } = JSON.parse(text ?? '');
    if (typeof username === 'string' && typeof password === 'string') return { user: username, password };
  } catch {
    // Neither the text nor the parser's message may be shown: both hold the password.
  }
  throw new Stop(`The secret ${arn} is not JSON with "username" and "password": it is not a secret managed by RDS.`);
}

/**
 * @param {import('pg').Client} client logged in as master
 * @param {string} user
 * @param {string} password
 * @returns {Promise<'created' | 'updated'>}
 */
async function ensureRole(client, user, password) {
  const role = client.escapeIdentifier(user);
  const login = `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${client.escapeLiteral(scramVerifier(password))}`;
  const known = await client.query('SELECT rolsuper FROM pg_roles WHERE rolname = $1', [user]);
  if (known.rows[0]?.rolsuper)
    throw new Stop(`The role ${user} is a superuser: DATABASE_USER must be a role of Flowise's own.`);
  if (known.rowCount === 0) {
    await client.query(`CREATE ROLE ${role} ${login}`);
  } else {
    // NOSUPERUSER is left out here: only a superuser may mention it, and RDS's master is none.
    await client.query(`ALTER ROLE ${role} ${login.replace(' NOSUPERUSER', '')}`);
  }
  // RDS's master is no superuser: it must be a member of a role to give that role a database. From PostgreSQL 16
  // creating a role gives its creator the right to grant it, not the membership.
  await client.query(`GRANT ${role} TO CURRENT_USER`);
  return known.rowCount === 0 ? 'created' : 'updated';
}

/**
 * @param {import('pg').Client} client logged in as master
 * @param {string} name
 * @param {string} owner
 * @returns {Promise<'created' | 'kept'>}
 */
async function ensureDatabase(client, name, owner) {
  const database = client.escapeIdentifier(name);
  const known = await client.query('SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1', [
    name,
  ]);
  if (known.rowCount === 0) {
    await client.query(
      `CREATE DATABASE ${database} OWNER ${client.escapeIdentifier(owner)} ENCODING 'UTF8' TEMPLATE template0`,
    );
  } else if (known.rows[0].owner !== owner) {
    throw new Stop(
      `The database ${name} belongs to ${known.rows[0].owner}, not to ${owner}. If that is meant to change: ` +
        `ALTER DATABASE ... OWNER TO and REASSIGN OWNED as the master, then run this again.`,
    );
  }
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  return known.rowCount === 0 ? 'created' : 'kept';
}

/**
 * A database of its own for vectors: a flow's queries never touch the tables of Flowise.
 *
 * @param {{ user: string, password: string }} master
 * @param {string} name
 */
async function ensureVectors(master, name) {
  const user = required('POSTGRES_VECTORSTORE_USER');
  const client = await connect({ ...master, database: 'postgres' });
  const role = await ensureRole(client, user, required('POSTGRES_VECTORSTORE_PASSWORD'));
  const database = await ensureDatabase(client, name, user);
  await client.end();
  const inside = await connect({ ...master, database: name });
  try {
    // Flowise asks for both with IF NOT EXISTS; its role may not create the first.
    await inside.query('CREATE EXTENSION IF NOT EXISTS vector');
    await inside.query('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"');
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Stop(
      `The database ${name} cannot hold vectors (${message}). It needs the extensions vector and uuid-ossp, which ` +
        `RDS offers from PostgreSQL 15.2 on: check rds.allowed_extensions, or set database.vectors to false.`,
    );
  }
  await inside.end();
  console.log(`database: role ${user} ${role}, database ${name} ${database}, with pgvector`);
}

async function main() {
  const user = required('DATABASE_USER');
  const password = required('DATABASE_PASSWORD');
  const name = required('DATABASE_NAME');
  const master = await readMasterSecret(required('DATABASE_MASTER_SECRET_ARN'));
  if (master.user === user)
    throw new Stop(`DATABASE_USER is the master user ${user}: Flowise needs a role of its own.`);
  const client = await connect({ ...master, database: 'postgres' });
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  const role = await ensureRole(client, user, password);
  const database = await ensureDatabase(client, name, user);
  console.log(`database: role ${user} ${role}, database ${name} ${database}`);
  const vectors = process.env.POSTGRES_VECTORSTORE_DATABASE;
  if (vectors) await ensureVectors(master, vectors);
  await client.end(); // gives the lock back
}

if (require.main === module) run('database', main);

module.exports = { ensureDatabase, ensureRole };
