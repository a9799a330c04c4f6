'use strict';

const { isProgram } = require('./distribution.cjs');

/**
 * A whole number of seconds from the environment, in milliseconds.
 *
 * Nonsense stops the process: a pod that starts with half a setting is harder to find than one that does not start.
 *
 * @param {string} name environment variable
 * @param {number} fallbackSeconds used when the variable is not set or empty
 * @returns {number} milliseconds
 */
function milliseconds(name, fallbackSeconds) {
  const text = process.env[name];
  if (text === undefined || text === '') return fallbackSeconds * 1000;
  if (!/^\d{1,6}$/.test(text)) {
    throw new Error(
      `${name} is ${JSON.stringify(text)}: it must be a whole number of seconds, such as ${fallbackSeconds}`,
    );
  }
  return Number(text) * 1000;
}

/** @param {string} line one line for the log of the pod; stderr, because Flowise owns stdout */
function log(line) {
  process.stderr.write(`[preload] ${line}\n`);
}

/** @returns {boolean} whether this process is a server or a worker of Flowise, and no script */
function isFlowise() {
  const [, program = '', command = ''] = process.argv;
  return isProgram(program) && ['start', 'worker'].includes(command);
}

module.exports = { isFlowise, log, milliseconds };
