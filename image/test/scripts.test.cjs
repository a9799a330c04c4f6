'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');

const { ensureDatabase, ensureRole } = require('../scripts/database.cjs');
const { checkVersion } = require('../scripts/migrate.cjs');
const { passwordProblems } = require('../scripts/owner.cjs');
const { explain } = require('../scripts/postgres.cjs');
const { checkSchema } = require('../scripts/schemacheck.cjs');
const { scramVerifier } = require('../scripts/scram.cjs');

describe('SCRAM verifier', () => {
  test('matches the example of RFC 7677', () => {
    // User "user", password "pencil". The RFC gives salt, iterations, proof and server signature; the keys follow
    // from them.
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    assert.equal(
      scramVerifier('pencil', salt, 4096),
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==' +
        '$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  test('has a new salt every time', () => assert.notEqual(scramVerifier('pencil'), scramVerifier('pencil')));

  test('refuses what PostgreSQL would normalise, without showing it', () => {
    assert.throws(
      () => scramVerifier('pässword'),
      (error) => error instanceof Error && !error.message.includes('pässword'),
    );
  });
});

/**
 * A database client that records the statements; identifiers and literals are quoted as pg does.
 *
 * @param {Record<string, any>[]} rows of every query with parameters
 */
function recorder(rows) {
  /** @type {string[]} */
  const statements = [];
  const client = {
    escapeIdentifier: (/** @type {string} */ name) => `"${name.replaceAll('"', '""')}"`,
    escapeLiteral: (/** @type {string} */ text) => `'${text.replaceAll("'", "''")}'`,
    query: (/** @type {string} */ text, /** @type {unknown[] | undefined} */ values) => {
      if (!values) statements.push(text);
      return Promise.resolve(values ? { rowCount: rows.length, rows } : { rowCount: 0, rows: [] });
    },
  };
  return { client: /** @type {any} */ (client), statements };
}

describe('role and database', () => {
  test('names are quoted and the password is in no statement', async () => {
    const { client, statements } = recorder([]);
    assert.equal(await ensureRole(client, 'flow"ise', 'Secret-1'), 'created');
    assert.match(statements[0], /^CREATE ROLE "flow""ise" LOGIN NOSUPERUSER .* PASSWORD 'SCRAM-SHA-256\$4096:/);
    assert.equal(statements[1], 'GRANT "flow""ise" TO CURRENT_USER');
    assert.ok(statements.every((statement) => !statement.includes('Secret-1')));
  });

  test('an existing role gets the password of today', async () => {
    const { client, statements } = recorder([{ rolsuper: false }]);
    assert.equal(await ensureRole(client, 'flowise', 'Secret-1'), 'updated');
    assert.match(statements[0], /^ALTER ROLE "flowise" LOGIN .* PASSWORD 'SCRAM-SHA-256/);
  });

  test('a superuser is never touched', async () => {
    const { client, statements } = recorder([{ rolsuper: true }]);
    await assert.rejects(ensureRole(client, 'postgres', 'Secret-1'), /is a superuser/);
    assert.deepEqual(statements, []);
  });

  test('a new database belongs to the role and is closed to others', async () => {
    const { client, statements } = recorder([]);
    assert.equal(await ensureDatabase(client, 'flowise', 'flowise'), 'created');
    assert.match(statements[0], /^CREATE DATABASE "flowise" OWNER "flowise"/);
    assert.equal(statements[1], 'REVOKE ALL ON DATABASE "flowise" FROM PUBLIC');
  });

  test("somebody else's database is refused", async () => {
    const { client } = recorder([{ owner: 'billing' }]);
    await assert.rejects(ensureDatabase(client, 'flowise', 'flowise'), /belongs to billing, not to flowise/);
  });
});

describe('version of Flowise', () => {
  test('the one of the stack file goes on', () => assert.doesNotThrow(() => checkVersion('3.1.4', '3.1.4')));

  test('another one is refused, with both versions and the way out', () => {
    assert.throws(
      () => checkVersion('3.2.0', '3.1.4'),
      /holds Flowise 3\.1\.4, and app\.flowise_version is 3\.2\.0\. Nothing has been migrated\./,
    );
  });
});

describe('migrations in the database', () => {
  const known = ['Init1', 'Second2'];

  /**
   * A database with these migrations; it takes no statement but the two questions.
   *
   * @param {string[] | undefined} names none: Flowise has never been there
   */
  function database(names) {
    return {
      query: (/** @type {string} */ text) => {
        if (text === "SELECT to_regclass('migrations') AS name")
          return Promise.resolve({ rows: [{ name: names ? 'migrations' : null }] });
        assert.equal(text, 'SELECT DISTINCT name FROM migrations ORDER BY name');
        return Promise.resolve({ rows: (names ?? []).map((name) => ({ name })) });
      },
    };
  }

  test('an empty database, one of before and one of today go on', async () => {
    assert.equal(await checkSchema(database(undefined), known), 'no migrations yet');
    assert.equal(await checkSchema(database(['Init1']), known), '1 of 2 migrations are recorded');
    assert.equal(await checkSchema(database(known), known, ''), '2 of 2 migrations are recorded');
  });

  test('that of a newer Flowise is refused, by the names that are unknown and with what to do', async () => {
    await assert.rejects(
      checkSchema(database([...known, 'Newer3', 'Newer4']), known),
      /holds 2 migrations that the Flowise of this image does not know: Newer3, Newer4\. .*Nothing has been altered\. Set app\.image .*docs\/adopt\.md.*app\.accepted_migrations/,
    );
  });

  test('only names that the stack file accepts go on', async () => {
    const newer = database([...known, 'Newer3', 'Newer4']);
    await assert.rejects(checkSchema(newer, known, 'Newer3'), /holds 1 migrations .* does not know: Newer4\./);
    assert.match(await checkSchema(newer, known, 'Newer3,Newer4'), /2 migrations .* are accepted .*: Newer3, Newer4$/);
  });

  test('a message names 20 of hundreds', async () => {
    const many = Array.from({ length: 120 }, (_, index) => `Fork${1000 + index}`);
    await assert.rejects(checkSchema(database(many), known), /holds 120 .*: Fork1000, .*, Fork1019 and 100 more\. /);
  });
});

describe('messages', () => {
  for (const [code, expected] of [
    ['ECONNREFUSED', /does not answer/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /is not trusted/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /is not trusted/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /is not trusted/],
    ['28P01', /refuses the login/],
    ['3D000', /scripts\/database\.cjs creates it/],
    ['XX000', /failed \(XX000/],
  ]) {
    test(`${code}`, () =>
      assert.match(explain({ code: String(code), message: 'detail' }, 'db:5432'), /** @type {RegExp} */ (expected)));
  }
});

describe('password of the owner', () => {
  for (const password of ['Own3r-password!', 'aA1 aaaa', `aA1-${'x'.repeat(68)}`]) {
    test(`${password.length} characters are accepted`, () => assert.deepEqual(passwordProblems(password), []));
  }
  for (const password of [
    'aA1-aaa',
    'AAAA1111-',
    'aaaa1111-',
    'aaaaAAAA-',
    'aaaaAAAA1',
    `aA1-${'x'.repeat(69)}`,
    'aA1-\naaaa',
  ]) {
    test(`${JSON.stringify(password.slice(0, 12))} is refused`, () =>
      assert.equal(passwordProblems(password).length, 1));
  }
});
