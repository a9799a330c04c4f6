'use strict';

/**
 * The package sqlite3 by Node's own SQLite, for a Flowise with a database file.
 *
 * The image has no binary of that package, because nothing there uses it. What TypeORM and the store of sessions call is
 * here; the SQL, the migrations and the file are those of Flowise.
 */
const Module = require('node:module');
const { DatabaseSync } = require('node:sqlite');

/** @param {unknown} value as sqlite3 takes it */
function bound(value) {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return Number(value);
  return value instanceof Date ? value.getTime() : value;
}

class Database {
  /** @param {any[]} given file, and at the end a function to call */
  constructor(file, ...given) {
    this.database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
    this.answer(given.at(-1), () => undefined);
  }

  answer(callback, work) {
    let [error, result] = [null, undefined];
    try {
      result = work();
    } catch (thrown) {
      error = thrown;
    }
    if (typeof callback !== 'function') return this;
    setImmediate(() => callback.call({ lastID: result?.lastInsertRowid, changes: result?.changes }, error, result?.rows));
    return this;
  }

  ask(query, given, work) {
    const parameters = Array.isArray(given[0]) ? given[0] : [];
    return this.answer(given.at(-1), () => work(this.database.prepare(query), parameters.map(bound)));
  }

  run(query, ...given) {
    return this.ask(query, given, (statement, values) => statement.run(...values));
  }

  all(query, ...given) {
    return this.ask(query, given, (statement, values) => ({ rows: statement.all(...values) }));
  }

  get(query, ...given) {
    return this.ask(query, given, (statement, values) => ({ rows: statement.get(...values) }));
  }

  exec(query, callback) {
    return this.answer(callback, () => this.database.exec(query));
  }

  close(callback) {
    return this.answer(callback, () => this.database.close());
  }
}

const replaced = { Database, OPEN_URI: 0x40, verbose: () => replaced };
const load = Module._load;
Module._load = function (name, ...rest) {
  return name === 'sqlite3' ? replaced : load.call(this, name, ...rest);
};
