'use strict';

/**
 * Gives an account a new password, which it reads from standard input: nobody sees it in a list of processes.
 *
 * For an owner who can neither log in nor get a mail. It does what Flowise's own reset does (3.1.4,
 * enterprise/services/account.service.js, resetPassword): the password's bcrypt hash, no open reset, an active account,
 * and every session of the account ended. Run it in a server's container (docs/runbooks/password-lost.md).
 */
const { passwordProblems } = require('./owner.cjs');
const { Stop, connect, fromImage, required, run } = require('./postgres.cjs');

const SESSIONS = 'sess:';
/** What the names of sessions in Redis begin with: connect-redis' own default, which Flowise leaves as it is. */

/** @returns {Promise<string>} standard input without the line break that `echo` or a prompt leaves */
async function passwordFromInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const password = Buffer.concat(chunks).toString('utf8').replace(/\r?\n$/, '');
  const problems = passwordProblems(password);
  if (problems.length > 0) throw new Stop(`The new password is refused by Flowise: it needs ${problems.join(', ')}.`);
  return password;
}

/**
 * @param {import('pg').Client} database
 * @param {string | undefined} email
 * @returns {Promise<{ id: string, email: string }>}
 */
async function findAccount(database, email) {
  const { rows } = await database.query('SELECT id, email FROM "user" ORDER BY "createdDate"');
  const found = email ? rows.filter((/** @type {any} */ row) => row.email === email) : rows;
  if (found.length === 1) return found[0];
  const emails = rows.map((/** @type {any} */ row) => row.email).join(', ') || 'none';
  throw new Stop(email ? `No account is called ${email}. Accounts: ${emails}.` : `Say whose password: ${emails}.`);
}

/**
 * Ends the sessions where Flowise keeps them: in Redis with a queue, otherwise in the database.
 *
 * @param {import('pg').Client} database
 * @param {string} userId
 * @returns {Promise<number>} how many there were
 */
async function endSessions(database, userId) {
  if (process.env.MODE !== 'queue') {
    const sessions = await database.query("SELECT to_regclass('public.login_sessions') AS there");
    if (!sessions.rows[0].there) return 0;
    const ended = await database.query("DELETE FROM login_sessions WHERE sess->'passport'->'user'->>'id' = $1", [userId]);
    return ended.rowCount ?? 0;
  }
  const { Redis } = fromImage('ioredis');
  const redis = new Redis({
    host: required('REDIS_HOST'),
    port: Number(process.env.REDIS_PORT ?? '6379'),
    username: process.env.REDIS_USERNAME || undefined,
    password: process.env.REDIS_PASSWORD,
    tls: process.env.REDIS_TLS === 'true' ? {} : undefined,
    connectTimeout: 10_000,
    maxRetriesPerRequest: 3,
  });
  redis.on('error', () => {}); // the command that waits for it says what is wrong
  let ended = 0;
  try {
    for await (const keys of redis.scanStream({ match: `${SESSIONS}*`, count: 1000 })) {
      for (const key of keys) {
        const session = JSON.parse((await redis.get(key)) ?? '{}');
        if (session.passport?.user?.id === userId) ended += await redis.del(key);
      }
    }
  } finally {
    redis.disconnect();
  }
  return ended;
}

async function main() {
  const [email] = process.argv.slice(2);
  const password = await passwordFromInput();
  const database = await connect({
    user: required('DATABASE_USER'),
    password: required('DATABASE_PASSWORD'),
    database: required('DATABASE_NAME'),
  });
  try {
    const account = await findAccount(database, email);
    const rounds = Number(process.env.PASSWORD_SALT_HASH_ROUNDS || '10');
    const hash = await fromImage('bcryptjs').hash(password, rounds);
    await database.query(
      `UPDATE "user" SET credential = $1, "tempToken" = NULL, "tokenExpiry" = NULL, status = 'active',
         "updatedDate" = now() WHERE id = $2`,
      [hash, account.id],
    );
    console.log(`password: ${account.email} has a new password`);
    console.log(`password: sessions ended: ${await endSessions(database, account.id)}`);
  } finally {
    await database.end();
  }
}

run('password', main);
