'use strict';

/** What database.cjs and migrate.cjs share: settings from the environment and a verified connection. */
const { createRequire } = require('node:module');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

/** Packages are those of the working directory (/opt/flowise in the image), wherever this file lies. */
const fromImage = createRequire(path.resolve('package.json'));

/** How long a database may be starting or failing over before the script gives up. */
const CONNECT_LIMIT_MILLISECONDS = 60_000;
const CONNECT_PAUSE_MILLISECONDS = 2_000;

/** Failures that pass by themselves: not listening yet, no DNS record yet, network not there yet, still starting. */
const TRANSIENT = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  '57P03',
]);

/** A failure that is already a sentence for a person: printed without a stack. */
class Stop extends Error {}

/**
 * @param {string} name environment variable
 * @returns {string}
 */
function required(name) {
  const value = process.env[name];
  if (value) return value;
  throw new Stop(`${name} is not set. The pod gets it from its ConfigMap or Secret: see image/README.md.`);
}

/**
 * What went wrong with a connection, and what to do.
 *
 * @param {{ code?: string, message: string }} error as thrown by pg
 * @param {string} where host:port
 * @returns {string} without any secret
 */
function explain(error, where) {
  const { code = '', message } = error;
  if (TRANSIENT.has(code) || message === 'timeout expired') {
    return (
      `PostgreSQL at ${where} does not answer (${code || message}). ` +
      'Check that the instance is available and that its security group admits the pods.'
    );
  }
  if (code.startsWith('ERR_TLS') || code.includes('CERT') || code.includes('ISSUER') || code.includes('SIGNATURE')) {
    return (
      `The certificate of ${where} is not trusted (${code}: ${message}). Check that NODE_EXTRA_CA_CERTS names a file ` +
      "with the database's authority and that DATABASE_HOST is the name in the certificate."
    );
  }
  if (message.includes('does not support SSL')) {
    return `PostgreSQL at ${where} speaks no TLS, and nothing is sent to it without. Turn TLS on in the server.`;
  }
  if (code === '28P01' || code === '28000') return `PostgreSQL at ${where} refuses the login (${message}).`;
  if (code === '3D000')
    return `PostgreSQL at ${where} answers, but ${message}. scripts/database.cjs creates it: did it run?`;
  return `Connecting to PostgreSQL at ${where} failed (${code || 'no code'}: ${message}).`;
}

/**
 * Connects with verified TLS; waits for a database that is not up yet.
 *
 * @param {{ user: string, password: string, database: string }} login
 * @returns {Promise<import('pg').Client>}
 */
async function connect(login) {
  const { Client } = fromImage('pg');
  const host = required('DATABASE_HOST');
  const port = Number(process.env.DATABASE_PORT ?? '5432');
  const where = `${host}:${port}`;
  const deadline = Date.now() + CONNECT_LIMIT_MILLISECONDS;
  for (;;) {
    const client = new Client({
      host,
      port,
      ...login,
      // Said here, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment must not turn verification off.
      ssl: { rejectUnauthorized: true },
      application_name: 'flowise-migration',
      connectionTimeoutMillis: 10_000,
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      const failure = /** @type {{ code?: string, message: string }} */ (error);
      const transient = TRANSIENT.has(failure.code ?? '') || failure.message === 'timeout expired';
      if (!transient || Date.now() >= deadline) throw new Stop(explain(failure, where));
      console.log(`waiting for PostgreSQL at ${where} (${failure.code ?? failure.message})`);
      await sleep(CONNECT_PAUSE_MILLISECONDS);
    }
  }
}

/**
 * Runs a script's main function: one line and exit code 1 when it fails.
 *
 * @param {string} name for the log
 * @param {() => Promise<void>} main
 */
function run(name, main) {
  main().then(
    () => process.exit(0),
    (/** @type {unknown} */ error) => {
      console.error(
        `${name}: ${error instanceof Stop ? error.message : error instanceof Error ? error.stack : String(error)}`,
      );
      process.exit(1);
    },
  );
}

module.exports = { Stop, connect, explain, fromImage, required, run };
