'use strict';

const { once } = require('node:events');

/**
 * Waits for the first words of a child on stdout. A child that ends before is an error with what it wrote to stderr:
 * waiting for words that never come would hold up the tests until somebody stops them.
 *
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child
 * @returns {Promise<string>}
 */
async function firstOutput(child) {
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  const closed = once(child, 'close').then(([code, signal]) => {
    throw new Error(`the process ended (${code ?? signal}) before it said anything\n${errors}`);
  });
  closed.catch(() => {}); // it may end at any time after its first words
  const [chunk] = await Promise.race([once(child.stdout, 'data'), closed]);
  return String(chunk);
}

module.exports = { firstOutput };
