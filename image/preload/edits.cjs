'use strict';

/**
 * Replaces a text that must stand in a source exactly once.
 *
 * @param {string} source
 * @param {string} before
 * @param {string} after
 */
function replaceOnce(source, before, after) {
  const parts = source.split(before);
  if (parts.length !== 2) throw new Error(`${parts.length - 1} times in the source, expected once: ${before}`);
  return parts.join(after);
}

module.exports = { replaceOnce };
