'use strict';

/** Names, in any case, that decide what a child process loads or runs. */
const LOADERS = /^(node_|npm_|ld_|dyld_|python|perl|ruby|java_tool|bash_env$|env$|path$|ifs$|shell$|home$)/i;

/**
 * Variables that a Custom MCP server gives to its child process. Flowise compares them with a list of the operator
 * (`CUSTOM_MCP_ALLOWED_ENV_VARS`, empty by default) letter by letter; names that decide what is loaded are refused in
 * any case and whatever that list says. With `CUSTOM_MCP_PROTOCOL=sse`, which this program sets, no child is started.
 *
 * Tested by image/test/tree/guards.test.cjs on the installed code.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'mcp',
  closes: ['CVE-2026-58057'],
  why: 'A list of names that is compared by case does not see the same name in another one.',
  files: {
    'flowise-components/dist/nodes/tools/MCP/core.js': {
      sha256: 'b976824e21d83268f7f89a951a809ae7a083dacfdc1ef8aba9a11a730bc577c5',
      patch: (exports) => {
        const { validateEnvironmentVariables } = exports;
        exports.validateEnvironmentVariables = (/** @type {Record<string, unknown>} */ env) => {
          const names = Object.keys(env);
          const loader = names.find((name) => LOADERS.test(name));
          if (loader !== undefined) throw new Error(`Environment variable '${loader}' is not allowed.`);
          if (new Set(names.map((name) => name.toUpperCase())).size !== names.length) {
            throw new Error('Environment variables must not differ by case alone.');
          }
          return validateEnvironmentVariables(env);
        };
      },
    },
  },
};
