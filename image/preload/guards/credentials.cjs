'use strict';

/** @param {any} options of a run @returns {string | undefined} the workspace that it belongs to */
const workspaceOf = (options) => options?.workspaceId ?? options?.searchOptions?.workspaceId?._value;

/**
 * Whether a credential is another workspace's and not shared with this one. What has no workspace belongs to all.
 *
 * @param {(name: string) => any} tree
 * @param {any} options
 * @param {string} workspaceId
 * @param {string} id
 */
async function isForeign(tree, { appDataSource, databaseEntities }, workspaceId, id) {
  const credential = await appDataSource.getRepository(databaseEntities.Credential).findOneBy({ id });
  if (!credential?.workspaceId || credential.workspaceId === workspaceId) return false;
  const { WorkspaceShared } = tree('flowise/dist/enterprise/database/entities/EnterpriseEntities.js');
  const shares = appDataSource.getRepository(WorkspaceShared);
  return (await shares.findOneBy({ workspaceId, sharedItemId: id, itemType: 'credential' })) === null;
}

/**
 * Credentials that a flow names. Flowise looks them up by their id alone; in a run for a workspace those of another one
 * are as if they did not exist, unless they are shared with it.
 *
 * Tested by image/test/tree/runs.test.cjs on the installed code.
 *
 * @type {import('../guards.cjs').Guard}
 */
module.exports = {
  name: 'credentials',
  closes: ['GHSA-27w2-26m5-x82c'],
  why: 'A flow used the credentials of every workspace, by their id.',
  files: {
    'flowise-components/dist/src/utils.js': {
      sha256: 'e72bb516655fcc99182e26e10b1bea6cee36af0c10a5368cd103a5a9c4b0de99',
      patch: (exports, tree) => {
        const { getCredentialData } = exports;
        exports.getCredentialData = async (/** @type {string} */ id, /** @type {any} */ options) => {
          const workspace = workspaceOf(options);
          if (id && workspace && (await isForeign(tree, options, workspace, id))) return {};
          return getCredentialData(id, options);
        };
      },
    },
  },
};
