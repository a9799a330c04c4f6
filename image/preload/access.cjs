'use strict';

/**
 * Who asks, and what is theirs: the questions that guards ask before Flowise looks anything up. Answers come from
 * Flowise's own session, API keys and tables.
 *
 * @typedef {(request: any, response: any, next: (error?: unknown) => void) => unknown} Handler
 * @typedef {(name: string) => any} Tree requires a file of the tree
 */

const DIST = 'flowise/dist';
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The files of the tree that are asked here. @type {Record<string, { sha256: string }>} */
const ASKED = {
  [`${DIST}/index.js`]: { sha256: '75234484d3002958c4598b273e6a52cd23bd5e145f79d1d40f4a68378d15f2ee' },
  [`${DIST}/enterprise/middleware/passport/index.js`]: {
    sha256: '81af78b6a4490757bcd0c9698293e2139d69f29f35574f8fff85883d3bc60aee',
  },
  [`${DIST}/utils/validateKey.js`]: { sha256: 'cef1ed3d24db0eef7a0efc56a631b8af36e496f072bb545b6dc696ea56fdb9d3' },
};

/** @param {unknown} value @returns {value is string} */
const isId = (value) => typeof value === 'string' && UUID.test(value);

/** What Flowise itself answers. @param {any} response */
const refuse = (response) => response.status(401).json({ error: 'Unauthorized Access' });

/** The same for what does not exist and for what is another workspace's. @param {any} response */
const notFound = (response) => response.status(404).json({ message: 'Not found' });

/** @param {Tree} tree @param {string} entity file of the entity @param {string} name */
function repository(tree, entity, name) {
  const { AppDataSource } = tree(`${DIST}/utils/getRunningExpressApp.js`).getRunningExpressApp();
  return AppDataSource.getRepository(tree(`${DIST}/${entity}`)[name]);
}

/**
 * Finds out who asks, as Flowise does for paths that need a login: the session, or an API key. Nothing that the request
 * names is looked up.
 *
 * @param {Tree} tree
 * @param {any} request its `user` is set
 * @param {any} response answered with 401 when nobody is known
 * @returns {Promise<boolean>} whether somebody is
 */
async function identify(tree, request, response) {
  if (request.user?.activeWorkspaceId) return true;
  if (request.headers.authorization) {
    const { isValid, apiKey } = await tree(`${DIST}/utils/validateKey.js`).validateAPIKey(request);
    const workspace = isValid && apiKey ? await findWorkspace(tree, apiKey.workspaceId) : undefined;
    if (workspace) {
      request.user = {
        permissions: apiKey.permissions,
        activeOrganizationId: workspace.organizationId,
        activeWorkspaceId: workspace.id,
        activeWorkspace: workspace.name,
        isOrganizationAdmin: false,
      };
      return true;
    }
  } else if (request.cookies?.token) {
    await new Promise((resolve, reject) => {
      response.once('finish', resolve); // answered by Flowise: the token has expired, and the UI is told to renew it
      const { verifyToken } = tree(`${DIST}/enterprise/middleware/passport/index.js`);
      verifyToken(request, response, (/** @type {unknown} */ error) => (error ? reject(error) : resolve(undefined)));
    });
    if (request.user?.activeWorkspaceId) return true;
  }
  if (!response.headersSent) refuse(response);
  return false;
}

/** @param {Tree} tree @param {string} id */
const findWorkspace = (tree, id) =>
  repository(tree, 'enterprise/database/entities/workspace.entity.js', 'Workspace').findOne({ where: { id } });

/** @param {any} user @param {string} workspaceId */
function isMember(user, workspaceId) {
  if (user.activeWorkspaceId === workspaceId) return true;
  return (user.assignedWorkspaces ?? []).some((/** @type {{ id: string }} */ each) => each.id === workspaceId);
}

/**
 * @param {Tree} tree
 * @param {unknown} id
 * @returns {Promise<{ id: string, isPublic?: boolean, workspaceId: string } | null>} nothing as well for what is no id
 */
async function findFlow(tree, id) {
  if (!isId(id)) return null;
  const flows = repository(tree, 'database/entities/ChatFlow.js', 'ChatFlow');
  return flows.findOne({ select: ['id', 'isPublic', 'workspaceId'], where: { id } });
}

/**
 * Lets everybody pass to a public flow, and to another one who is logged in to its workspace. A visitor cannot tell a
 * private flow from none.
 *
 * @param {Tree} tree
 * @param {Handler} handler
 * @param {(request: any) => unknown} idOf the flow that a request is about; may look it up
 * @param {boolean} [publicPasses] false where even visitors of a public flow may not pass
 * @returns {Handler}
 */
function flowOnly(tree, handler, idOf, publicPasses = true) {
  return async (request, response, next) => {
    try {
      const flow = publicPasses ? await findFlow(tree, await idOf(request)) : undefined;
      if (flow?.isPublic === true) return await handler(request, response, next);
      if (!(await identify(tree, request, response))) return undefined;
      const wanted = publicPasses ? flow : await findFlow(tree, await idOf(request));
      if (!wanted || !isMember(request.user, wanted.workspaceId)) return notFound(response);
      return await handler(request, response, next);
    } catch (error) {
      return next(error);
    }
  };
}

/**
 * Whether a credential belongs to a workspace or is shared with it.
 *
 * @param {Tree} tree
 * @param {string} workspaceId
 * @param {unknown} id
 */
async function ownsCredential(tree, workspaceId, id) {
  if (!isId(id)) return false;
  if (await repository(tree, 'database/entities/Credential.js', 'Credential').findOneBy({ id, workspaceId })) return true;
  const shares = repository(tree, 'enterprise/database/entities/EnterpriseEntities.js', 'WorkspaceShared');
  return (await shares.findOneBy({ workspaceId, sharedItemId: id, itemType: 'credential' })) !== null;
}

/**
 * Lets those pass who are logged in to a workspace that has the credential.
 *
 * @param {Tree} tree
 * @param {Handler} handler
 * @param {(request: any) => unknown} idOf
 * @returns {Handler}
 */
function credentialOnly(tree, handler, idOf) {
  return async (request, response, next) => {
    try {
      if (!(await identify(tree, request, response))) return undefined;
      if (!(await ownsCredential(tree, request.user.activeWorkspaceId, idOf(request)))) return notFound(response);
      return await handler(request, response, next);
    } catch (error) {
      return next(error);
    }
  };
}

module.exports = { ASKED, credentialOnly, flowOnly, isId, refuse, repository };
